/* Multiboot2 specification 2.0, chapter 3.6. Tags follow each other at multiples of 8. */
#include "bytes.h"
#include "inform.h"
#include "memory.h"

#include <stdbool.h>

#define TAG_END         0
#define TAG_COMMAND     1
#define TAG_LOADER      2
#define TAG_MODULE      3
#define TAG_MEMORY      4
#define TAG_MAP         6
#define TAG_FRAMEBUFFER 8
#define TAG_SECTIONS    9
#define TAG_EFI_64      12
#define TAG_SMBIOS      13
#define TAG_ACPI_1      14
#define TAG_ACPI_2      15
#define TAG_EFI_MAP     17
#define TAG_BASE        21
#define ENTRY_SIZE      24
#define DIRECT_RGB      1
#define RSDP_1_SIZE     20
#define RSDP_2_SIZE     36

/* A tag with room for size bytes after its head; returns where they go. */
static uint8_t *add(struct block *block, uint32_t type, uint64_t size)
{
    uint8_t *tag = block_add(block, 8 + size);
    set_field(tag, 0, 4, type);
    set_field(tag, 4, 4, 8 + size);
    return tag + 8;
}

/* A tag with skip bytes of numbers, then bytes. */
static uint8_t *add_bytes(const struct facts *facts, uint32_t type, uint32_t skip,
                          struct BootInfoSpan bytes)
{
    uint8_t *to = add(facts->block, type, skip + bytes.size);
    if (facts->block->used <= facts->block->size) {
        memcpy(to + skip, bytes_of(bytes), bytes.size);
    }
    return to;
}

/* Texts have their NUL within the tag. */
static uint8_t *add_text(const struct facts *facts, uint32_t type, uint32_t skip,
                         struct BootInfoSpan text)
{
    text.size++;
    return add_bytes(facts, type, skip, text);
}

static void add_memory(const struct facts *facts)
{
    uint32_t lower;
    uint32_t upper;
    ranges_sizes(facts->ranges, facts->range_count, &lower, &upper);
    uint8_t *to = add(facts->block, TAG_MEMORY, 8);
    set_field(to, 0, 4, lower);
    set_field(to, 4, 4, upper);
    to = add(facts->block, TAG_MAP, 8 + (uint64_t)facts->range_count * ENTRY_SIZE);
    set_field(to, 0, 4, ENTRY_SIZE);
    for (uint32_t i = 0; facts->block->used <= facts->block->size && i < facts->range_count; i++) {
        const struct range *range = &facts->ranges[i];
        uint64_t at = 8 + (uint64_t)i * ENTRY_SIZE;
        set_field(to, at, 8, range->base);
        set_field(to, at + 8, 8, range->end - range->base);
        set_field(to, at + 16, 4, range->type);
    }
}

static void add_screen(const struct facts *facts)
{
    const struct BootInfoFramebuffer *screen = bootinfo_framebuffer(facts->info, 0);
    if (screen == NULL) {
        return;
    }
    uint8_t *to = add(facts->block, TAG_FRAMEBUFFER, 30);
    set_field(to, 0, 8, screen->address);
    set_field(to, 8, 4, screen->pitch);
    set_field(to, 12, 4, screen->width);
    set_field(to, 16, 4, screen->height);
    set_field(to, 20, 1, screen->bits_per_pixel);
    set_field(to, 21, 1, DIRECT_RGB);
    memcpy(to + 24, &screen->red_position, 6);
}

static void add_sections(const struct facts *facts, const uint8_t *headers)
{
    const struct elf *elf = &facts->kernel->elf;
    if (headers == NULL) {
        return;
    }
    struct BootInfoSpan bytes = {(uintptr_t)headers,
                                 (uint64_t)elf->section_count * elf->section_size};
    uint8_t *to = add_bytes(facts, TAG_SECTIONS, 12, bytes);
    set_field(to, 0, 4, elf->section_count);
    set_field(to, 4, 4, elf->section_size);
    set_field(to, 8, 4, elf->section_names);
}

/* Not for kernels with an entry for boot services: they take the system table for a promise of
 * these. */
static void add_efi(const struct facts *facts)
{
    const struct BootInfo *info = facts->info;
    if (info->efi_system_table == 0 || facts->kernel->wants_efi) {
        return;
    }
    set_field(add(facts->block, TAG_EFI_64, 8), 0, 8, info->efi_system_table);
    uint8_t *to = add_bytes(facts, TAG_EFI_MAP, 8, info->efi_memory_map);
    set_field(to, 0, 4, info->efi_descriptor_size);
    set_field(to, 4, 4, info->efi_descriptor_version);
}

/* A copy of the entry point, whose length, major and minor version lie elsewhere in SMBIOS 3. */
static void add_smbios(const struct facts *facts)
{
    const uint8_t *smbios = (const uint8_t *)(uintptr_t)facts->info->smbios;
    if (smbios == NULL) {
        return;
    }
    uint32_t at = smbios[3] == '3' ? 6 : 5;
    struct BootInfoSpan bytes = {facts->info->smbios, smbios[at]};
    uint8_t *to = add_bytes(facts, TAG_SMBIOS, 8, bytes);
    to[0] = smbios[at + 1];
    to[1] = smbios[at + 2];
}

static void add_acpi(const struct facts *facts)
{
    const uint8_t *rsdp = (const uint8_t *)(uintptr_t)facts->info->acpi_rsdp;
    if (rsdp == NULL) {
        return;
    }
    (void)add_bytes(facts, TAG_ACPI_1, 0, (struct BootInfoSpan){(uintptr_t)rsdp, RSDP_1_SIZE});
    if (rsdp[15] >= 2) {
        (void)add_bytes(facts, TAG_ACPI_2, 0, (struct BootInfoSpan){(uintptr_t)rsdp, RSDP_2_SIZE});
    }
}

uint32_t inform_2(const struct facts *facts)
{
    const struct BootInfo *info = facts->info;
    struct block *block = facts->block;
    const uint8_t *sections = block_sections(facts); /* not within the tags */
    uint8_t *head = block_add(block, 8);
    (void)add_text(facts, TAG_COMMAND, 0, info->command_line);
    (void)add_text(facts, TAG_LOADER, 0, info->loader_name);
    for (uint32_t i = 0; i < facts->module_count; i++) {
        const struct module *module = &facts->modules[i];
        uint8_t *to = add_text(facts, TAG_MODULE, 8, module->text);
        set_field(to, 0, 4, module->address);
        set_field(to, 4, 4, module->address + module->size);
    }
    add_memory(facts);
    add_screen(facts);
    add_sections(facts, sections);
    add_efi(facts);
    add_smbios(facts);
    add_acpi(facts);
    if (facts->kernel->relocatable) {
        set_field(add(block, TAG_BASE, 4), 0, 4, facts->kernel->first);
    }
    (void)add(block, TAG_END, 0);
    set_field(head, 0, 4, (uint64_t)(block->bytes + block->used - head));
    return (uint32_t)(uintptr_t)head;
}
