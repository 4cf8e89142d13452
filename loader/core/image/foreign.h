/* Kernels of other loaders. Pure: looks at bytes that have no BootInfo header. */
#ifndef BATON_IMAGE_FOREIGN_H
#define BATON_IMAGE_FOREIGN_H

#include "core/base/bytes.h"
#include "core/image/elf.h"

/* What a file is instead of a kernel that can be booted, and what to do about it. */
struct foreign {
    const char *phrase; /* follows "this is "; NULL: nothing is known */
    const char *next;   /* a sentence */
};

/* By Multiboot headers (magic and checksum) where loaders look for them in a file. */
struct foreign foreign_of_file(struct bytes file);

/* All of a loaded ELF image: Multiboot, PVH, BOOTBOOT; Limine and stivale2 where it is linked as
 * theirs are, since it takes a look at each word. */
struct foreign foreign_of_elf(struct bytes image, const struct elf *elf);

/* The first multiple of 8 in bytes, below its last word, where this word is; its size: nowhere. */
uint64_t foreign_find_word(struct bytes bytes, uint64_t from, uint64_t word);

#endif
