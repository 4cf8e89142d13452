/* The adapter multiboot reads any file, and tells a kernel that it accepts what it promises. */
#include "fuzz.h"
#include "inform.h"

static struct BootInfoRegion regions[] = {{0, 0x1000, BOOTINFO_MEMORY_RESERVED, 0, 0xF},
                                          {0x1000, 0x9F000, BOOTINFO_MEMORY_USABLE, 0, 0xF},
                                          {0x100000, 0x700000, BOOTINFO_MEMORY_USABLE, 0, 0xF}};
static const uint8_t rsdp[36] = {'R', 'S', 'D', ' ', 'P', 'T', 'R', ' ', [15] = 2};
static const uint8_t smbios[24] = {'_', 'S', 'M', '3', '_', 0, 24, 3, 2};
static const struct BootInfoFramebuffer screen = {.address = 0x80000000, .width = 640};

static struct BootInfoSpan text(const char *bytes)
{
    return (struct BootInfoSpan){(uintptr_t)bytes, strlen(bytes)};
}

static void check_kernel(const struct multiboot *kernel, size_t file_size)
{
    CHECK(kernel->part_count > 0 && kernel->part_count <= MULTIBOOT_PARTS_MAX);
    CHECK(kernel->first <= kernel->entry && kernel->entry <= kernel->last);
    CHECK(kernel->last < UINT64_C(0x100000000));
    for (uint32_t i = 0; i < kernel->part_count; i++) {
        const struct multiboot_part *part = &kernel->parts[i];
        uint64_t size = part->size + part->zeros;
        CHECK(part->offset <= file_size && part->size <= file_size - part->offset);
        CHECK(part->target >= kernel->first && part->target + (size - 1) <= kernel->last);
    }
}

/* The block has room for all, with each of the three kinds of information. */
static void tell(const struct multiboot *kernel)
{
    static struct range ranges[RANGES_MAX];
    static uint32_t (*const inform[])(const struct facts *) = {inform_1, inform_2, inform_pvh};
    const struct module module = {0x200000, 5, text("a module")};
    struct BootInfo info = {
        .size = sizeof(info),
        .memory_map = {(uintptr_t)regions, 3, sizeof(regions[0])},
        .framebuffers = {(uintptr_t)&screen, 1, sizeof(screen)},
        .command_line = text("one two"),
        .loader_name = text("a loader"),
        .acpi_rsdp = (uintptr_t)rsdp,
        .smbios = (uintptr_t)smbios,
        .efi_system_table = 1,
        .efi_memory_map = text("firmware's map"),
    };
    for (size_t i = 0; i < 3; i++) {
        struct block block = {0};
        struct facts facts = {&info, kernel, &module, 1, ranges, 0, &block};
        facts.range_count = ranges_fill(&info, (struct low_memory){0, 0}, ranges);
        block.size = inform_size(&facts);
        block.bytes = calloc(1, block.size);
        (void)inform[i](&facts);
        CHECK(block.used <= block.size);
        free(block.bytes);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct multiboot kernel;
    struct BootInfoSpan file = {(uintptr_t)data, size};
    struct refusal refusal = multiboot_read(file, &kernel);
    if (refusal.text == NULL) {
        check_kernel(&kernel, size);
        tell(&kernel);
    }
    return 0;
}
