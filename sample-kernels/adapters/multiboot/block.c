#include "bytes.h"
#include "inform.h"
#include "memory.h"

#include <stdbool.h>

#define SECTION_NONE   0
#define SECTION_NOBITS 8
#define TAGS_SIZE      4096 /* all that has no size of its own */
#define PER_MODULE     64
#define PER_RANGE      32

uint8_t *block_add(struct block *block, uint64_t size)
{
    uint64_t at = (block->used + 7) & ~UINT64_C(7);
    if (block->used > block->size || at > block->size || size > block->size - at) {
        block->used = block->size + 1;
        return block->bytes;
    }
    block->used = at + size;
    return block->bytes + at;
}

uint32_t block_text(struct block *block, struct BootInfoSpan text)
{
    uint8_t *to = block_add(block, text.size + 1);
    if (block->used <= block->size) {
        memcpy(to, bootinfo_text(text), text.size);
    }
    return (uint32_t)(uintptr_t)to;
}

/* Where a section header of this class has its fields. */
struct section_layout {
    uint32_t address, offset, size, width;
};

static struct section_layout layout_of(const struct elf *elf)
{
    const struct section_layout wide = {16, 24, 32, 8};
    const struct section_layout narrow = {12, 16, 20, 4};
    return elf->is_64 ? wide : narrow;
}

static bool has_sections(const struct multiboot *kernel)
{
    const struct elf *elf = &kernel->elf;
    uint64_t size = (uint64_t)elf->section_count * elf->section_size;
    return kernel->has_elf && elf->section_count > 0 &&
           elf->section_size >= (elf->is_64 ? 64U : 40U) && elf->sections < elf->file_size &&
           size <= elf->file_size - elf->sections;
}

/* Bytes of a section that wants an address; 0: it does not. */
static uint64_t homeless_size(const struct elf *elf, const uint8_t *header)
{
    struct section_layout layout = layout_of(elf);
    uint64_t type = field(header, 4, 4);
    uint64_t offset = field(header, layout.offset, layout.width);
    uint64_t size = field(header, layout.size, layout.width);
    bool inside = offset <= elf->file_size && size <= elf->file_size - offset;
    bool homeless = field(header, layout.address, layout.width) == 0;
    return type != SECTION_NONE && type != SECTION_NOBITS && inside && homeless ? size : 0;
}

uint8_t *block_sections(const struct facts *facts)
{
    const struct elf *elf = &facts->kernel->elf;
    struct section_layout layout = layout_of(elf);
    struct block *block = facts->block;
    if (!has_sections(facts->kernel)) {
        return NULL;
    }
    uint64_t size = (uint64_t)elf->section_count * elf->section_size;
    uint8_t *headers = block_add(block, size);
    if (block->used > block->size) {
        return NULL;
    }
    memcpy(headers, elf->file + elf->sections, size);
    for (uint32_t i = 0; i < elf->section_count; i++) {
        uint8_t *header = headers + (uint64_t)i * elf->section_size;
        uint64_t bytes = homeless_size(elf, header);
        uint8_t *copy = bytes != 0 ? block_add(block, bytes) : NULL;
        if (copy != NULL && block->used <= block->size) {
            memcpy(copy, elf->file + field(header, layout.offset, layout.width), bytes);
            set_field(header, layout.address, layout.width, (uintptr_t)copy);
        }
    }
    return headers;
}

uint64_t inform_size(const struct facts *facts)
{
    const struct BootInfo *info = facts->info;
    const struct elf *elf = &facts->kernel->elf;
    uint64_t size = TAGS_SIZE + info->command_line.size + info->loader_name.size;
    size += info->efi_memory_map.size + (uint64_t)facts->range_count * PER_RANGE;
    for (uint32_t i = 0; i < facts->module_count; i++) {
        size += PER_MODULE + facts->modules[i].text.size;
    }
    if (has_sections(facts->kernel)) {
        size += 2 * (uint64_t)elf->section_count * elf->section_size;
        for (uint32_t i = 0; i < elf->section_count; i++) {
            uint64_t at = elf->sections + (uint64_t)i * elf->section_size;
            uint64_t bytes = homeless_size(elf, elf->file + at);
            size += bytes != 0 ? bytes + 8 : 0;
        }
    }
    return size;
}
