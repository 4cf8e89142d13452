/* Questions to the firmware: pages and the memory map. */
#ifndef BATON_PLATFORM_MEMORY_H
#define BATON_PLATFORM_MEMORY_H

#include "core/base/status.h"

enum plat_use {
    PLAT_DATA, /* EfiLoaderData */
    PLAT_CODE, /* EfiLoaderCode */
};

/* last: the highest address that may be theirs; 0: any. */
MUST_CHECK enum firmware plat_pages_allocate(enum plat_use use, uint64_t page_count, uint64_t last,
                                             uint64_t *out_address);
/* At address and nowhere else. */
MUST_CHECK enum firmware plat_pages_allocate_at(enum plat_use use, uint64_t page_count,
                                                uint64_t address);
void plat_pages_free(uint64_t address, uint64_t page_count);

/* GetMemoryMap (UEFI 2.10 section 7.2.3). */
struct plat_map {
    void *buffer;
    uint64_t capacity; /* bytes of buffer */
    uint64_t size;     /* bytes of the map; with FIRMWARE_BUFFER_TOO_SMALL those it would take */
    uint64_t key;
    uint64_t descriptor_size;
    uint32_t descriptor_version;
};

/* Fills in all but buffer and capacity. */
MUST_CHECK enum firmware plat_memory_map(struct plat_map *map);

#endif
