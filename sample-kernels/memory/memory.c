/* Prints the memory map as a table, the total of each type, and the timeline of the boot. */
#include "console.h"
#include "finish.h"

BOOTINFO_KERNEL_HEADER(kernel_main, 0x4000);

#define TYPE_WIDTH 17 /* characters */
#define BAR_WIDTH  40 /* characters of the slowest stage */

static const char *const type_names[BOOTINFO_MEMORY_TYPE_COUNT] = {
    [BOOTINFO_MEMORY_RESERVED] = "reserved",
    [BOOTINFO_MEMORY_USABLE] = "usable",
    [BOOTINFO_MEMORY_BOOT_SERVICES] = "boot services",
    [BOOTINFO_MEMORY_LOADER] = "loader",
    [BOOTINFO_MEMORY_INFO] = "info",
    [BOOTINFO_MEMORY_KERNEL] = "kernel",
    [BOOTINFO_MEMORY_STACK] = "stack",
    [BOOTINFO_MEMORY_MODULE] = "module",
    [BOOTINFO_MEMORY_ACPI_RECLAIMABLE] = "ACPI reclaimable",
    [BOOTINFO_MEMORY_ACPI_NVS] = "ACPI NVS",
    [BOOTINFO_MEMORY_EFI_RUNTIME_CODE] = "EFI runtime code",
    [BOOTINFO_MEMORY_EFI_RUNTIME_DATA] = "EFI runtime data",
    [BOOTINFO_MEMORY_MMIO] = "MMIO",
    [BOOTINFO_MEMORY_MMIO_PORT] = "MMIO ports",
    [BOOTINFO_MEMORY_UNUSABLE] = "unusable",
    [BOOTINFO_MEMORY_PERSISTENT] = "persistent",
    [BOOTINFO_MEMORY_UNACCEPTED] = "unaccepted",
    [BOOTINFO_MEMORY_SPECIAL_PURPOSE] = "special purpose",
};

static const char *const stage_names[] = {
    [BOOTINFO_STAGE_START] = "start", [BOOTINFO_STAGE_CONFIG] = "config",
    [BOOTINFO_STAGE_IMAGE] = "image", [BOOTINFO_STAGE_PLACEMENT] = "placement",
    [BOOTINFO_STAGE_LOAD] = "load",   [BOOTINFO_STAGE_INFO] = "info",
    [BOOTINFO_STAGE_EXIT] = "exit",   [BOOTINFO_STAGE_MODULES] = "modules",
};

static const char *name_of_type(uint32_t type)
{
    return type < BOOTINFO_MEMORY_TYPE_COUNT ? type_names[type] : "unknown: reserved";
}

static const char *name_of_stage(uint32_t stage)
{
    uint32_t count = sizeof(stage_names) / sizeof(stage_names[0]);
    return stage > 0 && stage < count ? stage_names[stage] : "unknown";
}

static void print_map(const struct BootInfo *info)
{
    print("first byte          last byte                    KiB  type              attributes\n");
    for (uint32_t i = 0; i < info->memory_map.count; i++) {
        const struct BootInfoRegion *region = bootinfo_region(info, i);
        print_hex(region->base, 16);
        print("  ");
        print_hex(region->base + (region->size - 1), 16);
        print_decimal(region->size / 1024, 14);
        print("  ");
        print_padded(name_of_type(region->type), TYPE_WIDTH + 1);
        print_hex(region->efi_attributes, 0);
        print("\n");
    }
}

static void print_totals(const struct BootInfo *info)
{
    print("total by type\n");
    for (uint32_t type = 0; type < BOOTINFO_MEMORY_TYPE_COUNT; type++) {
        uint64_t total = 0;
        for (uint32_t i = 0; i < info->memory_map.count; i++) {
            const struct BootInfoRegion *region = bootinfo_region(info, i);
            total += region->type == type ? region->size : 0;
        }
        if (total > 0) {
            print("  ");
            print_padded(type_names[type], TYPE_WIDTH);
            print_decimal(total / 1024, 14);
            print(" KiB\n");
        }
    }
}

static uint64_t ticks_of(const struct BootInfo *info, uint32_t i)
{
    return i == 0 ? 0 : bootinfo_timestamp(info, i)->tsc - bootinfo_timestamp(info, i - 1)->tsc;
}

/* As long as the stage took, compared with the slowest one. */
static void print_bar(uint64_t ticks, uint64_t most)
{
    for (uint64_t i = 0; i < BAR_WIDTH && most > 0 && i * most < ticks * BAR_WIDTH; i++) {
        print("#");
    }
}

/* What each stage took: microseconds where the clock's rate is known, else its ticks. */
static void print_timeline(const struct BootInfo *info)
{
    uint64_t ticks_per_us = info->tsc_frequency / 1000000;
    uint32_t count = info->timeline.count;
    uint64_t most = 0;
    for (uint32_t i = 0; i < count; i++) {
        most = ticks_of(info, i) > most ? ticks_of(info, i) : most;
    }
    print(count > 0 ? "timeline\n" : "");
    for (uint32_t i = 0; i < count; i++) {
        uint64_t ticks = ticks_of(info, i);
        print("  ");
        print_padded(name_of_stage(bootinfo_timestamp(info, i)->stage), TYPE_WIDTH);
        print_decimal(ticks_per_us > 0 ? ticks / ticks_per_us : ticks, 14);
        print(ticks_per_us > 0 ? " us  " : " ticks  ");
        print_bar(ticks, most);
        print("\n");
    }
    print(ticks_per_us > 0 ? "" : "the rate of the time stamp counter is not known\n");
}

void kernel_main(const struct BootInfo *info, uint64_t magic)
{
    if (magic != BOOTINFO_MAGIC || !bootinfo_valid(info)) {
        finish(0);
    }
    console_use(&info->serial);
    print_map(info);
    print_totals(info);
    print_timeline(info);
    finish(1);
}
