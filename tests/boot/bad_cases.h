/* The bad inputs of the boot test bad_input, as data. */
#ifndef BATON_BAD_CASES_H
#define BATON_BAD_CASES_H

#include "vm/message.h"

#include <stddef.h>
#include <stdint.h>

#define BAD_CASES_MAX 80
#define BAD_LINES_MAX 8

/* What stands at /cases/NN/k.bin. */
enum bad_kernel {
    KERNEL_NONE,
    KERNEL_RAW, /* 4 KiB of code */
    KERNEL_EMPTY,
    KERNEL_FOLDER,
    KERNEL_TEXT,
    KERNEL_ELF_MACHINE,
    KERNEL_ELF, /* a good one at 2 MiB: each of the next has one thing wrong */
    KERNEL_ELF_OBJECT,
    KERNEL_ELF_CUT,
    KERNEL_ELF_OVERLAP,
    KERNEL_ELF_ENTRY,
    KERNEL_ELF_INTERPRETER,
    KERNEL_ELF_TTEXT,
    KERNEL_ELF_NO_DYNAMIC,
    KERNEL_ELF_RELOCATION,
    KERNEL_ELF_NOWHERE,
    KERNEL_ELF_VIRTUAL,
    KERNEL_PE,
    KERNEL_GZIP, /* a good one of RAW, 4,119 bytes: each of the next has one thing wrong */
    KERNEL_GZIP_TRUNCATED,
    KERNEL_GZIP_CORRUPT,
    KERNEL_GZIP_CRC,
    KERNEL_GZIP_LENGTH,
    KERNEL_GZIP_BOMB,
    KERNEL_GZIP_TRAILING,
    KERNEL_GZIP_SECOND,
    KERNEL_ZLIB,
    KERNEL_HEADER_ABI, /* RAW with a kernel header: each has one thing wrong */
    KERNEL_HEADER_SIZE,
    KERNEL_HEADER_FLAGS,
    KERNEL_HEADER_ADDRESS,
    KERNEL_HEADER_STACK,
    KERNEL_HEADER_ENTRY,
    KERNEL_HEADER_MEMORY,
    KERNEL_HEADER_MISPLACED, /* a good one, beyond the first 4 KiB */
};

/* In the texts, @ stands for the two digits of the case. */
struct bad_case {
    const char *name;
    const char *config; /* loader.cfg beside the loader; NULL: none; "/": a folder */
    size_t config_size; /* 0: up to its NUL */
    enum bad_kernel kernel;
    const char *lines[BAD_LINES_MAX]; /* whole lines the loader must show, in this order */
    uint64_t status;                  /* what it returns: EFI_LOAD_ERROR where 0 */
};

extern const struct bad_case bad_cases[];
extern const size_t bad_case_count;

/* The bytes of a kernel that is a file. */
void bad_kernel_make(enum bad_kernel kernel, struct bytes *out_bytes);

/* Appends one of KERNEL_ELF and those after it. */
void bad_elf_make(enum bad_kernel kernel, struct bytes *bytes);

#endif
