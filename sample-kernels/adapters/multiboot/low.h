/* What a kernel for PCs with a BIOS expects of memory, above and below 1 MiB. */
#ifndef MULTIBOOT_LOW_H
#define MULTIBOOT_LOW_H

#include "bootinfo.h"

#define RANGES_MAX 1024
#define EBDA       UINT64_C(0x9FC00) /* where BIOSes have theirs: the last KiB below 640 KiB */
#define EBDA_SIZE  UINT64_C(1024)

struct range {
    uint64_t base;
    uint64_t end;
    uint32_t type; /* 1 RAM, 2 reserved, 3 ACPI tables, 4 ACPI NVS, 5 faulty */
};

/* The kernel is written to [first, last]: what lies there is not touched. */
struct low_memory {
    int page_0; /* nonzero: it is the firmware's free memory, and the kernel may have it */
    int ebda;   /* nonzero: so is the place of the EBDA */
};

struct low_memory low_memory_of(const struct BootInfo *info, uint64_t first, uint64_t last);

/* Ranges in ascending order, neighbours of one type merged. Returns how many there are; those
 * beyond RANGES_MAX are not written. */
uint32_t ranges_fill(const struct BootInfo *info, struct low_memory low, struct range *ranges);

/* KiB of RAM from 0 on, at most 640, and from 1 MiB on. */
void ranges_sizes(const struct range *ranges, uint32_t count, uint32_t *out_lower,
                  uint32_t *out_upper);

/* An EBDA with a copy of the RSDP, where systems look that know no other way to it. */
void ebda_make(const struct BootInfo *info);

#endif
