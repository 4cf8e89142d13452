/* The firmware's final memory map, as BootInfo passes it on, read a second time and independently
 * of the loader: docs/abi.md, "The memory map". */
#ifndef BATON_FIRMWARE_MAP_H
#define BATON_FIRMWARE_MAP_H

#include "bootinfo.h"

#include <stdbool.h>

/* EFI_MEMORY_DESCRIPTOR (UEFI 2.10 section 7.2.3), efi_descriptor_size bytes apart. */
struct firmware_descriptor {
    uint32_t type;
    uint32_t padding;
    uint64_t physical_start;
    uint64_t virtual_start;
    uint64_t page_count;
    uint64_t attributes;
};

struct extent {
    uint64_t base;
    uint64_t end;
};

/* What all descriptors together say about [address, end). Page 0 is always a piece of its own. */
struct firmware_view {
    bool covered;
    uint32_t type;           /* BOOTINFO_MEMORY_* of the most restrictive one */
    uint64_t attributes;     /* those common to all descriptors of that type */
    uint64_t all_attributes; /* those common to all descriptors */
    uint64_t end;
};

uint64_t descriptor_count(const struct BootInfo *info);
const struct firmware_descriptor *descriptor_at(const struct BootInfo *info, uint64_t i);
/* In whole pages: free memory loses what is not a whole page, everything else gains it. */
struct extent descriptor_extent(const struct firmware_descriptor *descriptor);
struct firmware_view firmware_view(const struct BootInfo *info, uint64_t address);

/* Types of memory that a kernel may take sooner or later. */
bool becomes_free(uint32_t type);
bool is_write_back(uint64_t efi_attributes);

#endif
