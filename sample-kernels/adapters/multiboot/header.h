/* What a kernel's file says of itself: a Multiboot2 header (Multiboot2 specification 2.0, chapter
 * 3.1), one of Multiboot 0.6.96 (chapter 3.1), or the ELF note of PVH. */
#ifndef MULTIBOOT_HEADER_H
#define MULTIBOOT_HEADER_H

#include "elf.h"

#define MULTIBOOT_PARTS_MAX ELF_SEGMENTS_MAX

enum multiboot_protocol {
    MULTIBOOT_1 = 1,
    MULTIBOOT_2 = 2,
    MULTIBOOT_PVH = 3,
};

/* size bytes of the file at offset go to target, and zeros after them. */
struct multiboot_part {
    uint64_t target;
    uint64_t offset;
    uint64_t size;
    uint64_t zeros;
};

struct multiboot {
    enum multiboot_protocol protocol;
    uint64_t header; /* offset in the file */
    struct multiboot_part parts[MULTIBOOT_PARTS_MAX];
    uint32_t part_count;
    uint64_t first; /* of all targets, 0 to below 4 GiB */
    uint64_t last;  /* the last byte */
    uint64_t entry; /* physical */
    int relocatable;
    uint64_t target_min; /* of a relocatable kernel's first byte; */
    uint64_t target_max; /* and of its last */
    uint64_t target_alignment;
    int target_highest; /* it prefers the highest place */
    int wants_text;     /* it asks for VGA text, and for no framebuffer */
    int wants_efi;      /* it has an entry for boot services: tag 9 */
    uint32_t width;     /* of the mode it would like; 0: any */
    uint32_t height;    /* likewise */
    int has_elf;        /* then there are section headers */
    struct elf elf;
};

/* Refuses a kernel that insists on what an adapter cannot give. */
struct refusal multiboot_read(struct BootInfoSpan file, struct multiboot *out_kernel);

#endif
