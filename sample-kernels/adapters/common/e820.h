/* BootInfo's memory map in the types of e820, which Linux, Multiboot and PVH share. docs/linux.md
 * has the table. */
#ifndef ADAPTER_E820_H
#define ADAPTER_E820_H

#include "bootinfo.h"

#define E820_RAM           1
#define E820_RESERVED      2
#define E820_ACPI          3
#define E820_NVS           4
#define E820_UNUSABLE      5
#define E820_PMEM          7
#define E820_SOFT_RESERVED 0xEFFFFFFF

#define E820_ENTRY_SIZE 20 /* bytes: base and size of 8, type of 4 */

struct e820_table {
    uint8_t *entries;
    uint32_t count;
    uint32_t capacity;
};

uint32_t e820_type(uint32_t bootinfo_type);
/* "usable" and the like, as Linux's own log has it. */
const char *e820_name(uint32_t type);

/* One entry for each run of regions that become the same type. count is what there should be: more
 * than capacity where that was too small. */
void e820_fill(const struct BootInfo *info, struct e820_table *table);

#endif
