/* struct hvm_start_info of Xen (xen/include/public/arch-x86/hvm/start_info.h), version 1. */
#include "bytes.h"
#include "inform.h"

#define MAGIC_VALUE 0x336EC578
#define INFO_SIZE   56
#define MODULE_SIZE 32
#define ENTRY_SIZE  24

static uint32_t put_modules(const struct facts *facts)
{
    struct block *block = facts->block;
    uint8_t *list = block_add(block, (uint64_t)facts->module_count * MODULE_SIZE);
    for (uint32_t i = 0; block->used <= block->size && i < facts->module_count; i++) {
        const struct module *module = &facts->modules[i];
        uint32_t text = block_text(block, module->text);
        set_field(list, MODULE_SIZE * i, 8, module->address);
        set_field(list, MODULE_SIZE * i + 8, 8, module->size);
        set_field(list, MODULE_SIZE * i + 16, 8, text);
    }
    return (uint32_t)(uintptr_t)list;
}

static uint32_t put_map(const struct facts *facts)
{
    struct block *block = facts->block;
    uint8_t *map = block_add(block, (uint64_t)facts->range_count * ENTRY_SIZE);
    for (uint32_t i = 0; block->used <= block->size && i < facts->range_count; i++) {
        const struct range *range = &facts->ranges[i];
        set_field(map, ENTRY_SIZE * i, 8, range->base);
        set_field(map, ENTRY_SIZE * i + 8, 8, range->end - range->base);
        set_field(map, ENTRY_SIZE * i + 16, 4, range->type);
    }
    return (uint32_t)(uintptr_t)map;
}

uint32_t inform_pvh(const struct facts *facts)
{
    uint8_t *to = block_add(facts->block, INFO_SIZE);
    set_field(to, 0, 4, MAGIC_VALUE);
    set_field(to, 4, 4, 1); /* version */
    set_field(to, 12, 4, facts->module_count);
    set_field(to, 16, 8, put_modules(facts));
    set_field(to, 24, 8, block_text(facts->block, facts->info->command_line));
    set_field(to, 32, 8, facts->info->acpi_rsdp);
    set_field(to, 40, 8, put_map(facts));
    set_field(to, 48, 4, facts->range_count);
    return (uint32_t)(uintptr_t)to;
}
