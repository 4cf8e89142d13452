#include "symbols.h"

#include "vm/files.h"

#include <elf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool read_at(const struct bytes *file, uint64_t position, void *data, size_t size)
{
    if (position > file->size || file->size - position < size) {
        return false;
    }
    memcpy(data, file->data + position, size);
    return true;
}

bool symbols_is_elf(const char *path)
{
    char start[SELFMAG] = {0};
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        return false;
    }
    bool whole = fread(start, 1, sizeof(start), file) == sizeof(start);
    fclose(file);
    return whole && memcmp(start, ELFMAG, SELFMAG) == 0;
}

/* Where the section lies in memory: its load (physical) address. */
static uint64_t load_address(const struct bytes *file, const Elf64_Ehdr *header,
                             const Elf64_Shdr *section)
{
    for (unsigned i = 0; i < header->e_phnum; i++) {
        Elf64_Phdr segment;
        if (read_at(file, header->e_phoff + (uint64_t)i * header->e_phentsize, &segment,
                    sizeof(segment)) &&
            segment.p_type == PT_LOAD && section->sh_addr >= segment.p_vaddr &&
            section->sh_addr - segment.p_vaddr < segment.p_memsz) {
            return segment.p_paddr + (section->sh_addr - segment.p_vaddr);
        }
    }
    return section->sh_addr;
}

/* A name that does not fit is cut. */
static void read_name(const struct bytes *file, const Elf64_Ehdr *header, uint32_t at,
                      char *out_name, size_t capacity)
{
    Elf64_Shdr names;
    out_name[0] = '\0';
    if (!read_at(file, header->e_shoff + (uint64_t)header->e_shstrndx * header->e_shentsize, &names,
                 sizeof(names)) ||
        names.sh_offset > file->size || at >= file->size - names.sh_offset) {
        return;
    }
    snprintf(out_name, capacity, "%s", file->data + names.sh_offset + at);
}

/* Offsets are load addresses still. Returns the page of the lowest that has bytes in the file:
 * there the kernel begins, raw or not. */
static uint64_t read_sections(const struct bytes *file, const Elf64_Ehdr *header,
                              struct symbols *symbols)
{
    uint64_t lowest = UINT64_MAX;
    for (unsigned i = 0; i < header->e_shnum && symbols->count < SYMBOLS_SECTIONS_MAX; i++) {
        Elf64_Shdr section;
        if (!read_at(file, header->e_shoff + (uint64_t)i * header->e_shentsize, &section,
                     sizeof(section)) ||
            (section.sh_flags & SHF_ALLOC) == 0 || section.sh_size == 0) {
            continue;
        }
        uint64_t load = load_address(file, header, &section);
        struct symbols_section *known = &symbols->sections[symbols->count++];
        *known = (struct symbols_section){.offset = load,
                                          .address = section.sh_addr,
                                          .size = section.sh_size,
                                          .code = (section.sh_flags & SHF_EXECINSTR) != 0};
        read_name(file, header, section.sh_name, known->name, sizeof(known->name));
        if (section.sh_type != SHT_NOBITS && load < lowest) {
            lowest = load;
        }
    }
    return lowest == UINT64_MAX ? lowest : lowest / 4096 * 4096;
}

static bool read_elf(const char *path, const struct bytes *file, struct message *message,
                     struct symbols *out_symbols)
{
    Elf64_Ehdr header;
    if (!read_at(file, 0, &header, sizeof(header)) ||
        memcmp(header.e_ident, ELFMAG, SELFMAG) != 0 || header.e_ident[EI_CLASS] != ELFCLASS64 ||
        header.e_ident[EI_DATA] != ELFDATA2LSB) {
        return message_add(message, "%s is not a 64-bit ELF file", path);
    }
    *out_symbols = (struct symbols){.entry = header.e_entry};
    uint64_t lowest = read_sections(file, &header, out_symbols);
    if (lowest == UINT64_MAX) {
        return message_add(message, "%s has no section that is loaded", path);
    }
    for (size_t i = 0; i < out_symbols->count; i++) {
        out_symbols->sections[i].offset -= lowest;
    }
    out_symbols->elf = string_copy(path);
    return true;
}

bool symbols_open(const char *elf, struct message *message, struct symbols *out_symbols)
{
    struct bytes file = {0};
    bool good = file_read(elf, message, &file) && read_elf(elf, &file, message, out_symbols);
    bytes_free(&file);
    return good;
}

void symbols_free(struct symbols *symbols)
{
    string_free(&symbols->elf);
    bytes_free(&symbols->table);
}

bool symbols_offset(const struct symbols *symbols, uint64_t address, uint64_t *out_offset)
{
    for (size_t i = 0; i < symbols->count; i++) {
        const struct symbols_section *section = &symbols->sections[i];
        if (address >= section->address && address - section->address < section->size) {
            *out_offset = section->offset + (address - section->address);
            return true;
        }
    }
    return false;
}

const struct symbols_section *symbols_section_of(const struct symbols *symbols, uint64_t offset,
                                                 uint64_t *out_address)
{
    for (size_t i = 0; i < symbols->count; i++) {
        const struct symbols_section *section = &symbols->sections[i];
        if (offset >= section->offset && offset - section->offset < section->size) {
            *out_address = section->address + (offset - section->offset);
            return section;
        }
    }
    return NULL;
}

/* binutils come with every gcc, LLVM's program with every clang; their output is the same. */
static void read_table(struct symbols *symbols)
{
    static const char *const programs[] = {"nm", "llvm-nm"};
    struct message ignored = {0};
    bool good = symbols->table.size > 0;
    for (size_t i = 0; i < sizeof(programs) / sizeof(programs[0]) && !good; i++) {
        const char *const argv[] = {programs[i], "-C", "-n", "--defined-only", symbols->elf, NULL};
        good = program_output(argv, &ignored, &symbols->table);
    }
    message_free(&ignored);
}

/* A line of nm, "0000000000100000 T name", for an address of code or data. */
static bool read_symbol(const char *line, uint64_t *out_address, const char **out_name)
{
    char *rest;
    *out_address = strtoull(line, &rest, 16);
    if (rest == line || rest[0] != ' ' || strchr("tTwWdDbBrRvV", rest[1]) == NULL ||
        rest[2] != ' ') {
        return false;
    }
    *out_name = rest + 3;
    return true;
}

static const struct symbols_section *section_at(const struct symbols *symbols, uint64_t address)
{
    for (size_t i = 0; i < symbols->count; i++) {
        const struct symbols_section *section = &symbols->sections[i];
        if (address >= section->address && address - section->address < section->size) {
            return section;
        }
    }
    return NULL;
}

char *symbols_name(struct symbols *symbols, uint64_t address, uint64_t *out_distance)
{
    static const char scripts_own[] = "bootinfo_kernel_entry\n";
    const struct symbols_section *section = section_at(symbols, address);
    const char *found = NULL;
    uint64_t found_at = 0;
    read_table(symbols);
    const char *line = section == NULL ? "" : bytes_text(&symbols->table);
    while (*line != '\0') {
        uint64_t at;
        const char *name;
        bool fits = read_symbol(line, &at, &name) && at >= section->address && at <= address;
        bool weaker = fits && found != NULL && at == found_at &&
                      strncmp(name, scripts_own, strlen(scripts_own)) == 0;
        if (fits && !weaker) {
            found = name;
            found_at = at;
        }
        line += strcspn(line, "\n");
        line += *line == '\n';
    }
    if (found == NULL) {
        return NULL;
    }
    *out_distance = address - found_at;
    return string_format("%.*s", (int)strcspn(found, "\n"), found);
}
