#include "judge_world.h"

#include <stdalign.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK_PAGES 3
#define TABLE_PAGES 24
#define LARGE_SHIFT 21
#define SMALL_SHIFT 12
#define LOW_CHUNKS  2048 /* of 2 MiB: 4 GiB */

#define PLAIN   UINT64_C(0xF) /* EFI_MEMORY_UC WC WT WB */
#define RUNTIME (UINT64_C(1) << 63)

static alignas(4096) uint8_t block[BLOCK_PAGES * PAGE_SIZE];
static alignas(4096) uint8_t tables[TABLE_PAGES * PAGE_SIZE]; /* the GDT's page is the first */
static alignas(4096) uint8_t runtime[PAGE_SIZE];
static uint64_t tables_used;

static const uint8_t acpi_guid[16] = {0x71, 0xE8, 0x68, 0x88, 0xF1, 0xE4, 0xD3, 0x11,
                                      0xBC, 0x22, 0x00, 0x80, 0xC7, 0x3C, 0x88, 0x81};
static const uint8_t smbios_guid[16] = {0x44, 0x15, 0xFD, 0xF2, 0x94, 0x97, 0x2C, 0x4A,
                                        0x99, 0x2E, 0xE5, 0xBB, 0xCF, 0x20, 0xE3, 0x94};

/* The first gives the firmware's view, the second what the loader makes of it. */
static void make_descriptors(struct world *world)
{
    const struct firmware_descriptor descriptors[WORLD_DESCRIPTORS] = {
        {7, 0, 0, 0, 0xA0, PLAIN},                          /* conventional */
        {7, 0, WORLD_KERNEL, 0, 0x700, PLAIN},              /* conventional */
        {9, 0, 0xB00000, 0, 0x10, PLAIN},                   /* ACPI: out of order */
        {10, 0, WORLD_NVS, 0, 8, PLAIN},                    /* ACPI NVS */
        {4, 0, WORLD_SERVICES, 0, 0xF8, PLAIN},             /* boot services data */
        {2, 0, 0x900000, 0, 0x20, PLAIN},                   /* loader data */
        {7, 0, 0x920000, 0, 0xE0, PLAIN | 0x4000},          /* conventional, read-only capable */
        {6, 0, WORLD_RUNTIME, 0, 0x100, PLAIN | RUNTIME},   /* runtime services data */
        {2, 0, (uintptr_t)block, 0, BLOCK_PAGES, PLAIN},    /* loader data */
        {2, 0, (uintptr_t)tables, 0, TABLE_PAGES, PLAIN},   /* loader data */
        {6, 0, (uintptr_t)runtime, 0, 1, PLAIN | RUNTIME}}; /* runtime services data */
    world->info->efi_memory_map.address = (uintptr_t)block + 0x1000;
    world->info->efi_memory_map.size = (uint64_t)WORLD_DESCRIPTORS * WORLD_STRIDE;
    world->info->efi_descriptor_size = WORLD_STRIDE;
    world->info->efi_descriptor_version = 1;
    memset(block + 0x1000, 0xA5, world->info->efi_memory_map.size);
    for (uint32_t i = 0; i < WORLD_DESCRIPTORS; i++) {
        *world_descriptor(world, i) = descriptors[i];
    }
}

static int by_base(const void *left, const void *right)
{
    const struct BootInfoRegion *a = left;
    const struct BootInfoRegion *b = right;
    return a->base < b->base ? -1 : a->base > b->base;
}

static void make_regions(struct world *world)
{
    const struct BootInfoRegion regions[] = {
        {0, PAGE_SIZE, BOOTINFO_MEMORY_RESERVED, 0, PLAIN},
        {PAGE_SIZE, 0x9F000, BOOTINFO_MEMORY_USABLE, 0, PLAIN},
        {WORLD_KERNEL, 0x2000, BOOTINFO_MEMORY_KERNEL, 0, PLAIN},
        {0x102000, 0x6FE000, BOOTINFO_MEMORY_USABLE, 0, PLAIN},
        {WORLD_NVS, 0x8000, BOOTINFO_MEMORY_ACPI_NVS, 0, PLAIN},
        {WORLD_SERVICES, 0xF8000, BOOTINFO_MEMORY_BOOT_SERVICES, 0, PLAIN},
        {0x900000, 0x11000, BOOTINFO_MEMORY_STACK, 0, PLAIN},
        {0x911000, 0xF000, BOOTINFO_MEMORY_USABLE, 0, PLAIN},
        {0x920000, 0xE0000, BOOTINFO_MEMORY_USABLE, 0, PLAIN | 0x4000},
        {WORLD_RUNTIME, 0x100000, BOOTINFO_MEMORY_EFI_RUNTIME_DATA, 0, PLAIN | RUNTIME},
        {0xB00000, 0x10000, BOOTINFO_MEMORY_ACPI_RECLAIMABLE, 0, PLAIN},
        {(uintptr_t)block, sizeof(block), BOOTINFO_MEMORY_INFO, 0, PLAIN},
        {(uintptr_t)tables, sizeof(tables), BOOTINFO_MEMORY_LOADER, 0, PLAIN},
        {(uintptr_t)runtime, PAGE_SIZE, BOOTINFO_MEMORY_EFI_RUNTIME_DATA, 0, PLAIN | RUNTIME},
    };
    world->regions = (struct BootInfoRegion *)(block + 0x240);
    memcpy(world->regions, regions, sizeof(regions));
    qsort(world->regions, COUNT(regions), sizeof(regions[0]), by_base);
    world->info->memory_map = (struct BootInfoArray){(uintptr_t)world->regions, COUNT(regions),
                                                     sizeof(struct BootInfoRegion)};
}

static struct BootInfoSpan put_text(uint32_t offset, const char *text)
{
    memcpy(block + offset, text, strlen(text) + 1);
    return (struct BootInfoSpan){(uintptr_t)block + offset, strlen(text)};
}

static void make_arrays(struct world *world)
{
    world->timeline = (struct BootInfoTimestamp *)(block + 0x800);
    for (uint32_t i = 0; i < BOOTINFO_STAGE_EXIT; i++) {
        world->timeline[i] = (struct BootInfoTimestamp){.tsc = 1000 + i, .stage = i + 1};
    }
    world->info->timeline =
        (struct BootInfoArray){(uintptr_t)world->timeline, BOOTINFO_STAGE_EXIT, 16};
    world->screen = (struct BootInfoFramebuffer *)(block + 0x900);
    *world->screen = (struct BootInfoFramebuffer){.address = WORLD_SCREEN,
                                                  .size = UINT64_C(4096) * 768,
                                                  .width = 1024,
                                                  .height = 768,
                                                  .pitch = 4096,
                                                  .bits_per_pixel = 32,
                                                  .red_position = 16,
                                                  .red_size = 8,
                                                  .green_position = 8,
                                                  .green_size = 8,
                                                  .blue_size = 8};
    world->info->framebuffers = (struct BootInfoArray){(uintptr_t)world->screen, 1, 56};
    world->cpus = (struct BootInfoCpu *)(block + 0x780);
    world->cpus[0] = (struct BootInfoCpu){2, 1, BOOTINFO_CPU_ENABLED | BOOTINFO_CPU_BOOT, 0, 0};
    world->cpus[1] = (struct BootInfoCpu){0, 0, BOOTINFO_CPU_ENABLED, 0, 0};
    world->cpus[2] = (struct BootInfoCpu){3, 3, BOOTINFO_CPU_LATER, 0, 0};
    world->info->boot_cpu = 2;
    world->info->cpus = (struct BootInfoArray){(uintptr_t)world->cpus, 3, 32};
    world->module = (struct BootInfoModule *)(block + 0xA00);
    world->info->modules = (struct BootInfoArray){0, 0, sizeof(struct BootInfoModule)};
    world->info->command_line = put_text(0x2000, INSPECT_COMMAND_LINE);
    world->info->loader_name = put_text(0x2100, "Baton 0.1.0");
    world->info->log = put_text(0x2140, "one\ntwo\n");
    world->info->kernel_file.name = put_text(0x2180, "/boot/inspect.bin");
}

/* Makes the bytes add up to 0. */
static void balance(uint8_t *bytes, uint32_t size, uint32_t checksum_at)
{
    for (uint32_t i = 0; i < size; i++) {
        bytes[checksum_at] = (uint8_t)(bytes[checksum_at] - (i == checksum_at ? 0 : bytes[i]));
    }
}

/* EFI_TABLE_HEADER */
static void make_header(uint8_t *table, const char *signature, uint32_t size)
{
    memcpy(table, signature, 8);
    memcpy(table + 12, &size, sizeof(size));
    uint32_t crc = bootinfo_crc32(0, table, size);
    memcpy(table + 16, &crc, sizeof(crc));
}

static void make_tables(struct world *world)
{
    static const uint8_t madt_size = 44;
    static const uint8_t rsdp_size = 36;
    static const uint8_t smbios_size = 24;
    memcpy(world->rsdp, "RSD PTR ", 8);
    world->rsdp[15] = 2;
    world->rsdp[20] = rsdp_size;
    balance(world->rsdp, 20, 8);
    balance(world->rsdp, rsdp_size, 32);
    memcpy(world->smbios, "_SM3_", 5);
    world->smbios[6] = smbios_size;
    balance(world->smbios, smbios_size, 5);
    memcpy(world->madt, "APIC", 4);
    world->madt[4] = madt_size;
    balance(world->madt, madt_size, 9);
    make_header(world->services, "RUNTSERV", 136);
}

static void make_firmware(struct world *world)
{
    const uint64_t count = 2;
    world->system_table = runtime;
    world->rsdp = runtime + 512;
    world->smbios = runtime + 1024;
    world->services = runtime + 2048;
    world->madt = runtime + 3072;
    uint64_t configuration = (uintptr_t)runtime + 256;
    uint64_t rsdp = (uintptr_t)world->rsdp;
    uint64_t smbios = (uintptr_t)world->smbios;
    uint64_t services = (uintptr_t)world->services;
    memcpy(runtime + 88, &services, sizeof(services));
    memcpy(runtime + 104, &count, sizeof(count));
    memcpy(runtime + 112, &configuration, sizeof(configuration));
    memcpy(runtime + 256, smbios_guid, sizeof(smbios_guid));
    memcpy(runtime + 272, &smbios, sizeof(smbios));
    memcpy(runtime + 280, acpi_guid, sizeof(acpi_guid));
    memcpy(runtime + 296, &rsdp, sizeof(rsdp));
    make_header(runtime, "IBI SYST", 120);
    make_tables(world);
    world->info->efi_system_table = (uintptr_t)runtime;
    world->info->acpi_rsdp = rsdp;
    world->info->smbios = smbios;
    world->info->madt = (uintptr_t)world->madt;
}

static uint64_t *table_below(uint64_t *entry)
{
    if ((*entry & 1) == 0) {
        *entry = ((uintptr_t)tables + tables_used++ * PAGE_SIZE) | 3;
    }
    return (uint64_t *)(uintptr_t)(*entry & ~(PAGE_SIZE - 1));
}

static uint64_t *entry_for(uint64_t address, uint32_t last_shift)
{
    uint64_t *table = (uint64_t *)(void *)(tables + PAGE_SIZE);
    for (uint32_t shift = 39; shift > last_shift; shift -= 9) {
        table = table_below(&table[address >> shift & 511]);
    }
    return &table[address >> last_shift & 511];
}

uint64_t *world_page(struct world *world, uint64_t address)
{
    (void)world;
    uint64_t *large = entry_for(address, LARGE_SHIFT);
    if (*large == 0) {
        *large = (address >> LARGE_SHIFT << LARGE_SHIFT) | 0x83;
    }
    return (*large & 0x80) != 0 ? large : entry_for(address, SMALL_SHIFT);
}

/* In 4 KiB pages, all but the one at missing. */
static void make_small_pages(uint64_t chunk, uint64_t missing)
{
    for (uint64_t page = chunk; page < chunk + (UINT64_C(1) << LARGE_SHIFT); page += PAGE_SIZE) {
        *entry_for(page, SMALL_SHIFT) = page == missing ? 0 : page | 3;
    }
}

static void make_pages(struct world *world)
{
    uint64_t guard = WORLD_STACK - PAGE_SIZE;
    tables_used = 2;
    make_small_pages(0, 0);
    make_small_pages(guard >> LARGE_SHIFT << LARGE_SHIFT, guard);
    for (uint64_t chunk = 0; chunk < LOW_CHUNKS; chunk++) {
        (void)world_page(world, chunk << LARGE_SHIFT);
    }
    for (uint32_t i = 0; i < world->info->memory_map.count; i++) {
        const struct BootInfoRegion *region = &world->regions[i];
        (void)world_page(world, region->base);
        (void)world_page(world, region->base + region->size - 1);
    }
    world->machine.cr3 = (uintptr_t)tables + PAGE_SIZE;
    world->machine.cr4 = 0x620;
}

static void make_machine(struct world *world)
{
    uint64_t tss = (uintptr_t)tables + 256;
    world->gdt = (uint64_t *)(void *)tables;
    world->gdt[1] = UINT64_C(0x00AF9B000000FFFF);
    world->gdt[2] = UINT64_C(0x00CF93000000FFFF);
    world->gdt[3] =
        UINT64_C(0x00008B0000000067) | (tss & 0xFFFFFF) << 16 | (tss >> 24 & 0xFF) << 56;
    world->gdt[4] = tss >> 32;
    struct machine *machine = &world->machine;
    machine->rip = WORLD_KERNEL + 0x40;
    machine->gdt_base = (uintptr_t)tables;
    machine->gdt_limit = 39;
    machine->cs = 8;
    machine->ds = machine->es = machine->ss = machine->fs = machine->gs = 16;
    machine->tr = 24;
}

void world_make(struct world *world)
{
    memset(block, 0, sizeof(block));
    memset(tables, 0, sizeof(tables));
    memset(runtime, 0, sizeof(runtime));
    *world = (struct world){.info = (struct BootInfo *)(void *)block};
    *world->info = (struct BootInfo){
        .magic = BOOTINFO_MAGIC,
        .version_major = 1,
        .version_minor = 2,
        .size = BOOTINFO_SIZE_1_2,
        .flags = BOOTINFO_FLAG_FRAMEBUFFER_LINEAR,
        .kernel = {WORLD_KERNEL, 0x1234},
        .stack = {WORLD_STACK, 0x10000},
        .info = {(uintptr_t)block, sizeof(block)},
        .boot_time = INT64_C(1700000000),
        .tsc_frequency = UINT64_C(2000000000),
        .serial = {0x3F8, BOOTINFO_SERIAL_16550_PORT, 115200, 1, 0},
        .kernel_file = {.size = 0x1000},
        .kernel_virtual = WORLD_KERNEL,
        .machine = BOOTINFO_MACHINE_X86_64,
        .cpus = {.entry_size = sizeof(struct BootInfoCpu)},
    };
    make_descriptors(world);
    make_regions(world);
    make_arrays(world);
    make_firmware(world);
    make_pages(world);
    make_machine(world);
    world_seal(world);
    world->clocks =
        (struct clocks){world->info->boot_time + 10, UINT64_C(20000000000), UINT64_C(2000000000)};
    world->evidence = (struct evidence){world->info, &world->machine, &world->clocks};
}

void world_seal(struct world *world)
{
    world->info->checksum = bootinfo_checksum(world->info);
}

struct firmware_descriptor *world_descriptor(struct world *world, uint32_t i)
{
    uint64_t address = world->info->efi_memory_map.address + (uint64_t)i * WORLD_STRIDE;
    return (struct firmware_descriptor *)(uintptr_t)address;
}

struct BootInfoRegion *world_region(struct world *world, uint64_t address)
{
    struct BootInfoRegion *region = world->regions;
    while (address - region->base >= region->size) {
        region++;
    }
    return region;
}
