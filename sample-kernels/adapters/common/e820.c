#include "e820.h"

#include "bytes.h"

uint32_t e820_type(uint32_t bootinfo_type)
{
    switch (bootinfo_type) {
    /* Nobody else uses these once Linux runs. It keeps what it was given (modules, parameters) and
     * the firmware's boot services, until it no longer needs them, by itself. */
    case BOOTINFO_MEMORY_USABLE:
    case BOOTINFO_MEMORY_BOOT_SERVICES:
    case BOOTINFO_MEMORY_LOADER:
    case BOOTINFO_MEMORY_INFO:
    case BOOTINFO_MEMORY_KERNEL:
    case BOOTINFO_MEMORY_STACK:
    case BOOTINFO_MEMORY_MODULE:
        return E820_RAM;
    case BOOTINFO_MEMORY_ACPI_RECLAIMABLE:
        return E820_ACPI;
    case BOOTINFO_MEMORY_ACPI_NVS:
        return E820_NVS;
    case BOOTINFO_MEMORY_UNUSABLE:
        return E820_UNUSABLE;
    case BOOTINFO_MEMORY_PERSISTENT:
        return E820_PMEM;
    case BOOTINFO_MEMORY_SPECIAL_PURPOSE:
        return E820_SOFT_RESERVED;
    default:
        return E820_RESERVED;
    }
}

const char *e820_name(uint32_t type)
{
    switch (type) {
    case E820_RAM:
        return "usable";
    case E820_ACPI:
        return "ACPI data";
    case E820_NVS:
        return "ACPI NVS";
    case E820_UNUSABLE:
        return "unusable";
    case E820_PMEM:
        return "persistent";
    case E820_SOFT_RESERVED:
        return "soft reserved";
    default:
        return "reserved";
    }
}

struct run {
    uint64_t base;
    uint64_t end;
    uint32_t type;
};

static void add(struct e820_table *table, const struct run *run)
{
    if (run->base == run->end) {
        return;
    }
    if (table->count < table->capacity) {
        uint8_t *entry = table->entries + (uint64_t)table->count * E820_ENTRY_SIZE;
        set_field(entry, 0, 8, run->base);
        set_field(entry, 8, 8, run->end - run->base);
        set_field(entry, 16, 4, run->type);
    }
    table->count++;
}

void e820_fill(const struct BootInfo *info, struct e820_table *table)
{
    struct run run = {0};
    table->count = 0;
    for (uint32_t i = 0; i < info->memory_map.count; i++) {
        const struct BootInfoRegion *region = bootinfo_region(info, i);
        uint32_t type = e820_type(region->type);
        if (type != run.type || region->base != run.end) {
            add(table, &run);
            run = (struct run){region->base, region->base, type};
        }
        run.end = region->base + region->size;
    }
    add(table, &run);
}
