/* Memory maps: the firmware's descriptors in, BootInfo regions out. Pure.
 * The rules are docs/abi.md, "The memory map". */
#ifndef BATON_MEMORY_MAP_H
#define BATON_MEMORY_MAP_H

#include "core/base/span.h"
#include "core/base/status.h"

/* EFI_MEMORY_DESCRIPTOR (UEFI 2.10 section 7.2.3). In an array they lie descriptor_size apart. */
struct firmware_descriptor {
    uint32_t type; /* EFI_MEMORY_TYPE */
    uint32_t padding;
    uint64_t physical_start;
    uint64_t virtual_start;
    uint64_t page_count;
    uint64_t attributes; /* EFI_MEMORY_* */
};

_Static_assert(sizeof(struct firmware_descriptor) == 40, "UEFI 2.10 section 7.2.3");
_Static_assert(offsetof(struct firmware_descriptor, physical_start) == 8, "UEFI 2.10 7.2.3");
_Static_assert(offsetof(struct firmware_descriptor, page_count) == 24, "UEFI 2.10 7.2.3");
_Static_assert(offsetof(struct firmware_descriptor, attributes) == 32, "UEFI 2.10 7.2.3");

/* Spelt as in gnu-efi, so that both headers may be included. */
#define EFI_MEMORY_WB      0x0000000000000008
#define EFI_MEMORY_SP      0x0000000000040000
#define EFI_MEMORY_RUNTIME 0x8000000000000000

/* A map as GetMemoryMap wrote it. */
struct firmware_map {
    const void *descriptors;
    uint64_t size;            /* bytes */
    uint64_t descriptor_size; /* bytes from one descriptor to the next */
};

/* A range the loader placed: cut out of whatever the firmware's map says there. Whole pages. */
struct placed {
    uint64_t base;
    uint64_t page_count;
    uint32_t type; /* BOOTINFO_MEMORY_* */
};

/* Sets *out_stride to the bytes from one descriptor to the next: descriptor_size, or 40 where the
 * firmware wrote 0. Anything but a multiple of 8 from 40 to 1024 is MAP_BAD_STRIDE. */
MUST_CHECK enum status memory_map_stride(uint64_t descriptor_size, uint64_t *out_stride);

/* BOOTINFO_MEMORY_* of one descriptor, by type and attributes. */
uint32_t memory_map_type(uint32_t efi_type, uint64_t efi_attributes);
/* The whole pages of a descriptor that is of this BOOTINFO_MEMORY_* type, clipped so that their end
 * does not wrap; size 0: no whole page. */
struct BootInfoSpan memory_map_extent(uint32_t type, uint64_t start, uint64_t page_count);

/* How many descriptors a map of that many bytes has. More than 2^32 count as 2^32, which is more
 * than any memory holds, so that no size computed from it wraps around. */
uint64_t memory_map_count(uint64_t map_size, uint64_t stride);

/* How many regions map and placed_count ranges can become at most, for sizing buffers. */
uint64_t memory_map_regions_max(uint64_t descriptor_count, uint64_t placed_count);
/* Bytes of scratch that memory_map_convert needs for as many; 8-byte aligned. */
uint64_t memory_map_scratch_size(uint64_t descriptor_count, uint64_t placed_count);

/* Converts map to regions: sorted by base, disjoint, page-aligned, merged, complete, the placed
 * ranges cut out. O(n log n) for maps with few overlaps. map.descriptor_size is a valid stride;
 * regions and scratch have the sizes the two functions above give for this map; the placed ranges
 * are disjoint. Returns how many regions were written. */
uint64_t memory_map_convert(struct firmware_map map, const struct placed *placed,
                            uint64_t placed_count, struct BootInfoRegion *regions, void *scratch);

/* Whether the loader's page tables map the region wherever it lies (docs/abi.md). */
static inline bool memory_region_is_mapped(const struct BootInfoRegion *region)
{
    uint32_t type = region->type;
    if ((region->efi_attributes & EFI_MEMORY_RUNTIME) != 0) {
        return true;
    }
    return type != BOOTINFO_MEMORY_RESERVED && type != BOOTINFO_MEMORY_MMIO &&
           type != BOOTINFO_MEMORY_MMIO_PORT && type != BOOTINFO_MEMORY_UNUSABLE &&
           type != BOOTINFO_MEMORY_UNACCEPTED;
}

#endif
