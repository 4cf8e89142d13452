#include "symbols.h"

#include "vm/files.h"

#include <elf.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

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
        symbols->sections[symbols->count++] =
            (struct symbols_section){.offset = load,
                                     .address = section.sh_addr,
                                     .size = section.sh_size,
                                     .code = (section.sh_flags & SHF_EXECINSTR) != 0};
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
    struct symbols symbols = {.entry = header.e_entry};
    uint64_t lowest = read_sections(file, &header, &symbols);
    if (lowest == UINT64_MAX) {
        return message_add(message, "%s has no section that is loaded", path);
    }
    for (size_t i = 0; i < symbols.count; i++) {
        symbols.sections[i].offset -= lowest;
    }
    symbols.elf = string_copy(path);
    *out_symbols = symbols;
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

static bool find_code(const struct symbols *symbols, uint64_t offset, uint64_t *out_address)
{
    for (size_t i = 0; i < symbols->count; i++) {
        const struct symbols_section *section = &symbols->sections[i];
        if (section->code && offset >= section->offset &&
            offset - section->offset < section->size) {
            *out_address = section->address + (offset - section->offset);
            return true;
        }
    }
    return false;
}

/* As seen from the folder the user is in. */
static const char *shorter(const char *file)
{
    static char folder[PATH_MAX];
    if (getcwd(folder, sizeof(folder)) == NULL) {
        return file;
    }
    size_t length = strlen(folder);
    bool below = strncmp(file, folder, length) == 0 && file[length] == '/';
    return below ? file + length + 1 : file;
}

/* One function and its place, as addr2line shows them in two lines. True: a name is known. */
static bool add_words(struct place *place, const char *function, char *position)
{
    if (strcmp(function, "??") == 0) {
        return false;
    }
    char *colon = strrchr(position, ':');
    unsigned line = colon == NULL ? 0 : (unsigned)strtoul(colon + 1, NULL, 10);
    AUTO_STRING before =
        place->words == NULL ? string_copy("") : string_format("%s, inlined into ", place->words);
    string_free(&place->words);
    if (line == 0) {
        place->words = string_format("%s%s", before, function);
        return true;
    }
    *colon = '\0';
    place->words = string_format("%s%s at %s:%u", before, function, shorter(position), line);
    if (place->file == NULL && before[0] == '\0') {
        place->file = string_copy(position);
        place->line = line;
    }
    return true;
}

/* binutils come with every gcc, LLVM's program with every clang; their output is the same. */
static bool ask(const char *elf, uint64_t address, struct bytes *out_answer)
{
    static const char *const programs[] = {"addr2line", "llvm-addr2line"};
    AUTO_STRING where = string_format("0x%llx", (unsigned long long)address);
    struct message ignored = {0};
    bool good = false;
    for (size_t i = 0; i < sizeof(programs) / sizeof(programs[0]) && !good; i++) {
        const char *const argv[] = {programs[i], "-f", "-i", "-C", "-e", elf, where, NULL};
        good = program_output(argv, &ignored, out_answer);
    }
    message_free(&ignored);
    return good;
}

bool symbols_find(const struct symbols *symbols, uint64_t offset, struct place *out_place)
{
    uint64_t address;
    struct bytes answer = {0};
    if (symbols->elf == NULL || !find_code(symbols, offset, &address) ||
        !ask(symbols->elf, address, &answer)) {
        return false;
    }
    struct place place = {0};
    char *rest = answer.data;
    char *function;
    bool known = answer.size > 0;
    while (known && (function = strsep(&rest, "\n")) != NULL && rest != NULL) {
        char *position = strsep(&rest, "\n");
        known = add_words(&place, function, position);
    }
    bytes_free(&answer);
    if (place.words == NULL) {
        return false;
    }
    *out_place = place;
    return true;
}

char *place_source(const struct place *place)
{
    FILE *file = place->file == NULL ? NULL : fopen(place->file, "r");
    char *line = NULL;
    size_t capacity = 0;
    unsigned number = 0;
    ssize_t length = 0;
    if (file == NULL) {
        return NULL;
    }
    while (number < place->line && (length = getline(&line, &capacity, file)) >= 0) {
        number++;
    }
    fclose(file);
    char *source = NULL;
    if (number == place->line && length > 0) {
        line[strcspn(line, "\r\n")] = '\0';
        source = string_format("%5u | %s", number, line);
    }
    free(line);
    return source;
}

void place_free(struct place *place)
{
    string_free(&place->words);
    string_free(&place->file);
}
