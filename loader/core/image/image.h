/* What is this file, and what does it ask for? Pure: looks at bytes and an entry. */
#ifndef BATON_IMAGE_H
#define BATON_IMAGE_H

#include "core/config/config.h"
#include "core/memory/map.h"

#define IMAGE_ADDRESS_MIN UINT64_C(0x100000) /* firmware and BIOS tables live below */

enum image_format {
    IMAGE_RAW,
    IMAGE_GZIP,
    IMAGE_ZLIB,
};

/* What an image needs, from loader.cfg, its header and the defaults. */
struct image_needs {
    uint64_t address;
    uint64_t memory_size; /* bytes, at least the image */
    uint64_t entry;       /* address */
    uint64_t stack_size;  /* bytes, whole pages */
    uint64_t alignment;   /* 0: address it must be; else any multiple of this will do */
    uint64_t direct_map;  /* virtual address of physical 0; 0: none */
};

/* Decides by the first bytes of the file (all of it, or its first 4 KiB or more) and by what
 * entry->compression says. Known formats that cannot be booted are refused by name. */
MUST_CHECK enum status image_recognise(struct text file_head, const struct entry *entry,
                                       struct failure *failure, enum image_format *out_format);

/* The same for the first bytes of what was inflated: a raw image or an ELF file may be there. */
MUST_CHECK enum status image_recognise_inflated(struct text head, struct failure *failure);

/* Whether what was recognised as a kernel is an ELF64 file for x86-64. */
bool image_is_elf(struct text head);

/* Copies the first kernel header at a multiple of 8 that ends within head and within
 * BOOTINFO_KERNEL_HEADER_LIMIT; false: none. What is in it is image_settle's business. */
bool image_header(const void *head, uint64_t size, struct BootInfoKernelHeader *out_header);

/* Brings entry, header (may be NULL) and the image's size (0: not known, zlib only) together.
 * Contradictions are refused with both values. address and memory_size are sane afterwards: aligned,
 * at or above 1 MiB, no wrap-around, the end of the last page at most address_limit. */
MUST_CHECK enum status image_settle(const struct entry *entry,
                                    const struct BootInfoKernelHeader *header, uint64_t image_size,
                                    uint64_t address_limit, struct failure *failure,
                                    struct image_needs *out_needs);

#endif
