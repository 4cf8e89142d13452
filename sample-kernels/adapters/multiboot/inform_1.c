/* Multiboot 0.6.96, chapter 3.3. */
#include "bytes.h"
#include "inform.h"
#include "memory.h"

#define INFO_SIZE       116
#define HAS_MEMORY      0x001
#define HAS_COMMAND     0x004
#define HAS_MODULES     0x008
#define HAS_SECTIONS    0x020
#define HAS_MAP         0x040
#define HAS_LOADER      0x200
#define HAS_FRAMEBUFFER 0x1000

#define MEMORY_LOWER 4
#define MEMORY_UPPER 8
#define COMMAND      16
#define MODULE_COUNT 20
#define MODULES      24
#define SECTIONS     28
#define MAP_SIZE     44
#define MAP          48
#define LOADER       64
#define SCREEN       88
#define MODULE_SIZE  16
#define ENTRY_SIZE   24 /* with the size in front, which does not count itself */
#define DIRECT_RGB   1

static int fits(const struct facts *facts)
{
    return facts->block->used <= facts->block->size;
}

static void put_modules(const struct facts *facts, uint8_t *to)
{
    uint8_t *list = block_add(facts->block, (uint64_t)facts->module_count * MODULE_SIZE);
    set_field(to, MODULE_COUNT, 4, facts->module_count);
    set_field(to, MODULES, 4, (uintptr_t)list);
    for (uint32_t i = 0; fits(facts) && i < facts->module_count; i++) {
        const struct module *module = &facts->modules[i];
        uint32_t text = block_text(facts->block, module->text);
        set_field(list, MODULE_SIZE * i, 4, module->address);
        set_field(list, MODULE_SIZE * i + 4, 4, module->address + module->size);
        set_field(list, MODULE_SIZE * i + 8, 4, text);
    }
}

static void put_map(const struct facts *facts, uint8_t *to)
{
    uint64_t size = (uint64_t)facts->range_count * ENTRY_SIZE;
    uint8_t *map = block_add(facts->block, size);
    set_field(to, MAP_SIZE, 4, size);
    set_field(to, MAP, 4, (uintptr_t)map);
    for (uint32_t i = 0; fits(facts) && i < facts->range_count; i++) {
        const struct range *range = &facts->ranges[i];
        uint64_t at = (uint64_t)i * ENTRY_SIZE;
        set_field(map, at, 4, ENTRY_SIZE - 4);
        set_field(map, at + 4, 8, range->base);
        set_field(map, at + 12, 8, range->end - range->base);
        set_field(map, at + 20, 4, range->type);
    }
}

static void put_screen(const struct BootInfoFramebuffer *screen, uint8_t *to)
{
    set_field(to, SCREEN, 8, screen->address);
    set_field(to, SCREEN + 8, 4, screen->pitch);
    set_field(to, SCREEN + 12, 4, screen->width);
    set_field(to, SCREEN + 16, 4, screen->height);
    set_field(to, SCREEN + 20, 1, screen->bits_per_pixel);
    set_field(to, SCREEN + 21, 1, DIRECT_RGB);
    memcpy(to + SCREEN + 22, &screen->red_position, 6);
}

uint32_t inform_1(const struct facts *facts)
{
    const struct BootInfo *info = facts->info;
    const struct BootInfoFramebuffer *screen = bootinfo_framebuffer(info, 0);
    const struct elf *elf = &facts->kernel->elf;
    uint32_t flags = HAS_MEMORY | HAS_COMMAND | HAS_MODULES | HAS_MAP | HAS_LOADER;
    uint32_t lower;
    uint32_t upper;
    uint8_t *to = block_add(facts->block, INFO_SIZE);
    ranges_sizes(facts->ranges, facts->range_count, &lower, &upper);
    set_field(to, MEMORY_LOWER, 4, lower);
    set_field(to, MEMORY_UPPER, 4, upper);
    set_field(to, COMMAND, 4, block_text(facts->block, info->command_line));
    set_field(to, LOADER, 4, block_text(facts->block, info->loader_name));
    put_modules(facts, to);
    put_map(facts, to);
    uint8_t *sections = block_sections(facts);
    if (sections != NULL) {
        flags |= HAS_SECTIONS;
        set_field(to, SECTIONS, 4, elf->section_count);
        set_field(to, SECTIONS + 4, 4, elf->section_size);
        set_field(to, SECTIONS + 8, 4, (uintptr_t)sections);
        set_field(to, SECTIONS + 12, 4, elf->section_names);
    }
    if (screen != NULL) {
        flags |= HAS_FRAMEBUFFER;
        put_screen(screen, to);
    }
    set_field(to, 0, 4, flags);
    return (uint32_t)(uintptr_t)to;
}
