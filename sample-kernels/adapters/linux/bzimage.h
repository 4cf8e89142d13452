/* A Linux kernel's file: what its setup header says (Documentation/arch/x86/boot.rst of Linux, "The
 * Real-Mode Kernel Header"). */
#ifndef LINUX_BZIMAGE_H
#define LINUX_BZIMAGE_H

#include "bytes.h"
#include "refusal.h"

#include <stdbool.h>

/* Offsets in the file and, alike, in the boot parameters */
#define SETUP_HEADER     0x1F1
#define SETUP_HEADER_MAX 0x290 /* where the boot parameters go on with something else */

struct bzimage {
    const uint8_t *file;
    uint32_t header_end;  /* offset after the setup header */
    const uint8_t *code;  /* the protected-mode kernel: its first byte goes to the target */
    uint64_t code_size;   /* bytes of it in the file */
    uint64_t memory_size; /* bytes it needs from the target on, while it unpacks itself */
    uint64_t preferred;   /* target it is linked for */
    uint64_t alignment;   /* of any other target */
    bool relocatable;     /* it may have another target */
    bool is_64;           /* else it is entered in 32-bit mode */
    bool above_4g;        /* kernel, initrd and command line may lie above 4 GiB */
    uint64_t initrd_last; /* last address that an initrd may occupy */
    uint32_t command_line_max;
};

struct refusal bzimage_read(struct BootInfoSpan file, struct bzimage *out_image);

#endif
