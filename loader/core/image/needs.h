/* What a kernel asks for: its header, loader.cfg and the defaults brought together. Pure. */
#ifndef BATON_IMAGE_NEEDS_H
#define BATON_IMAGE_NEEDS_H

#include "abi/bootinfo.h"
#include "core/base/bytes.h"
#include "core/config/config.h"
#include "core/image/elf.h"

/* What the machine can give. */
struct image_limits {
    uint64_t lowest_address; /* no kernel lies lower; the default address of a raw one */
    uint64_t address_limit;  /* the first address that an identity map cannot reach */
    uint64_t higher_half;    /* the first address of the upper half of virtual addresses */
};

struct image_needs {
    uint64_t address;
    uint64_t memory_size; /* bytes, at least the image */
    uint64_t entry;       /* address */
    uint64_t stack_size;  /* bytes, whole pages */
    uint64_t alignment;   /* 0: only address will do; else any multiple of this from linked */
    uint64_t linked;      /* address that the kernel is linked for */
    uint64_t direct_map;  /* virtual address of physical 0; 0: none */
    uint64_t last;        /* the highest address of what the loader takes for it; 0: any */
};

/* What image_resolve brings together. */
struct image_request {
    const struct entry *entry;
    const struct BootInfoKernelHeader *header; /* NULL: the kernel has none */
    uint64_t image_size;                       /* bytes; 0: not known (zlib only) */
    struct image_limits limits;
};

/* Where the entry wants a raw kernel: 'address =', else the default. */
uint64_t image_address(const struct entry *entry, const struct image_limits *limits);

/* Copies the first kernel header at a multiple of 8 that ends within head and within
 * BOOTINFO_KERNEL_HEADER_LIMIT; false: there is no header. image_resolve checks its values. */
bool image_header(struct bytes head, struct BootInfoKernelHeader *out_header);

/* The same for a header at at, anywhere in an image: it is one only if its first fields make sense.
 * at is at most image.size. */
bool image_header_at(struct bytes image, uint64_t at, struct BootInfoKernelHeader *out_header);

/* Refuses contradictions between them, with both values. Afterwards address and memory_size are
 * sound: aligned, at or above lowest_address, no wrap-around, the end of the last page at most
 * address_limit. */
MUST_CHECK enum status image_resolve(const struct image_request *request, struct failure *failure,
                                     struct image_needs *out_needs);

/* The same for an ELF file, whose own header says most of it. request->image_size is not read. */
MUST_CHECK enum status image_resolve_elf(const struct image_request *request, const struct elf *elf,
                                         struct failure *failure, struct image_needs *out_needs);

#endif
