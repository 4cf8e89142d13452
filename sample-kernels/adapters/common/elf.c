#include "elf.h"

#include "bytes.h"
#include "memory.h"

#include <stdbool.h>

#define MAGIC             0x464C457F
#define CLASS             4
#define CLASS_64          2
#define LITTLE_ENDIAN_1   1 /* at offset 5 */
#define MACHINE_X86_64    62
#define PROGRAM_LOAD      1
#define PROGRAM_DYNAMIC   2
#define PROGRAM_NOTE      4
#define HEADER_SIZE_64    64
#define HEADER_SIZE_32    52
#define PROGRAM_SIZE_64   56
#define PROGRAM_SIZE_32   32
#define NOTE_HEADER       12
#define VALUE_SIZE        4
#define SEGMENT_SIZE_MOST (UINT64_C(1) << 40)

/* The same fields, at other places in files of 32 bits. */
static uint64_t get(const struct elf *elf, uint64_t base, uint32_t at_64, uint32_t at_32)
{
    return elf->is_64 ? field(elf->file, base + at_64, 8) : field(elf->file, base + at_32, 4);
}

static struct refusal read_header(struct elf *elf)
{
    const uint8_t *file = elf->file;
    if (elf->file_size < HEADER_SIZE_64) {
        return refused("the file is too short for an ELF header; its bytes:", elf->file_size);
    }
    if (field(file, 0, 4) != MAGIC) {
        return refused("not an ELF file: 0x464c457f expected at its start, found",
                       field(file, 0, 4));
    }
    elf->is_64 = file[CLASS] == CLASS_64;
    elf->type = (uint32_t)field(file, 16, 2);
    elf->machine = (uint32_t)field(file, 18, 2);
    if (file[5] != LITTLE_ENDIAN_1 ||
        (elf->machine != ELF_MACHINE_386 && elf->machine != MACHINE_X86_64)) {
        return refused("an ELF file for another machine: e_machine 3 or 62 expected, found",
                       elf->machine);
    }
    if (elf->type != ELF_TYPE_EXEC && elf->type != ELF_TYPE_DYN) {
        return refused("no executable: e_type 2 or 3 expected, found", elf->type);
    }
    uint32_t half = elf->is_64 ? 54 : 42; /* e_phentsize, with the fields after it */
    elf->entry = get(elf, 0, 24, 24);
    elf->programs = get(elf, 0, 32, 28);
    elf->sections = get(elf, 0, 40, 32);
    elf->program_size = (uint32_t)field(file, half, 2);
    elf->program_count = (uint32_t)field(file, half + 2, 2);
    elf->section_size = (uint32_t)field(file, half + 4, 2);
    elf->section_count = (uint32_t)field(file, half + 6, 2);
    elf->section_names = (uint32_t)field(file, half + 8, 2);
    return accepted();
}

static struct refusal check_table(const struct elf *elf)
{
    uint64_t size = (uint64_t)elf->program_size * elf->program_count;
    if (elf->program_size < (elf->is_64 ? PROGRAM_SIZE_64 : PROGRAM_SIZE_32)) {
        return refused("program headers of an unknown size; e_phentsize:", elf->program_size);
    }
    if (elf->programs > elf->file_size || size > elf->file_size - elf->programs) {
        return refused("program headers beyond the end of the file, at", elf->programs);
    }
    return accepted();
}

static struct refusal add_segment(struct elf *elf, uint64_t at)
{
    struct elf_segment segment = {
        .offset = get(elf, at, 8, 4),
        .virtual_address = get(elf, at, 16, 8),
        .physical = get(elf, at, 24, 12),
        .file_size = get(elf, at, 32, 16),
        .memory_size = get(elf, at, 40, 20),
        .flags = (uint32_t)field(elf->file, at + (elf->is_64 ? 4 : 24), 4),
    };
    if (segment.memory_size == 0) {
        return accepted();
    }
    if (segment.file_size > segment.memory_size || segment.memory_size > SEGMENT_SIZE_MOST) {
        return refused("a segment with more bytes in the file than in memory, or too many:",
                       segment.memory_size);
    }
    if (segment.offset > elf->file_size || segment.file_size > elf->file_size - segment.offset) {
        return refused("a segment beyond the end of the file, at", segment.offset);
    }
    if (segment.virtual_address + segment.memory_size < segment.virtual_address ||
        segment.physical + segment.memory_size < segment.physical) {
        return refused("a segment beyond the last address, at", segment.virtual_address);
    }
    if (elf->segment_count == ELF_SEGMENTS_MAX) {
        return refused("too many segments; at most", ELF_SEGMENTS_MAX);
    }
    elf->segments[elf->segment_count++] = segment;
    return accepted();
}

struct refusal elf_read(struct BootInfoSpan file, struct elf *out_elf)
{
    struct elf *elf = out_elf;
    memset(elf, 0, sizeof(*elf));
    elf->file = bytes_of(file);
    elf->file_size = file.size;
    ACCEPT(read_header(elf));
    ACCEPT(check_table(elf));
    for (uint32_t i = 0; i < elf->program_count; i++) {
        uint64_t at = elf->programs + (uint64_t)i * elf->program_size;
        uint64_t type = field(elf->file, at, 4);
        if (type == PROGRAM_LOAD) {
            ACCEPT(add_segment(elf, at));
        } else if (type == PROGRAM_DYNAMIC) {
            elf->dynamic = (struct BootInfoSpan){get(elf, at, 8, 4), get(elf, at, 32, 16)};
        }
    }
    if (elf->dynamic.address > file.size || elf->dynamic.size > file.size - elf->dynamic.address) {
        return refused("a dynamic segment beyond the end of the file, at", elf->dynamic.address);
    }
    return elf->segment_count != 0 ? accepted()
                                   : refused("no segment to load; headers:", elf->program_count);
}

uint64_t elf_physical(const struct elf *elf, uint64_t virtual_address)
{
    for (uint32_t i = 0; i < elf->segment_count; i++) {
        const struct elf_segment *segment = &elf->segments[i];
        if (virtual_address - segment->virtual_address < segment->memory_size) {
            return segment->physical + (virtual_address - segment->virtual_address);
        }
    }
    return virtual_address;
}

static uint64_t step_up(uint64_t size)
{
    return (size + 3) & ~UINT64_C(3);
}

/* In [at, end) of the file. */
static int find_note(const struct elf *elf, struct BootInfoSpan notes, struct BootInfoSpan name,
                     uint32_t type, uint64_t *out_value)
{
    uint64_t at = notes.address;
    uint64_t end = at + notes.size;
    while (end - at >= NOTE_HEADER) {
        uint64_t name_size = field(elf->file, at, 4);
        uint64_t value_size = field(elf->file, at + 4, 4);
        uint64_t size = NOTE_HEADER + step_up(name_size) + step_up(value_size);
        if (size > end - at) {
            return 0;
        }
        if (field(elf->file, at + 8, 4) == type && name_size == name.size &&
            value_size >= VALUE_SIZE &&
            memcmp(elf->file + at + NOTE_HEADER, bytes_of(name), name.size) == 0) {
            *out_value = field(elf->file, at + NOTE_HEADER + step_up(name_size), VALUE_SIZE);
            return 1;
        }
        at += size;
    }
    return 0;
}

int elf_note(const struct elf *elf, const char *name, uint32_t type, uint64_t *out_value)
{
    struct BootInfoSpan wanted = {(uintptr_t)name, 1}; /* the NUL is counted */
    while (name[wanted.size - 1] != '\0') {
        wanted.size++;
    }
    for (uint32_t i = 0; i < elf->program_count; i++) {
        uint64_t at = elf->programs + (uint64_t)i * elf->program_size;
        struct BootInfoSpan notes = {get(elf, at, 8, 4), get(elf, at, 32, 16)};
        bool inside =
            notes.address <= elf->file_size && notes.size <= elf->file_size - notes.address;
        if (field(elf->file, at, 4) == PROGRAM_NOTE && inside &&
            find_note(elf, notes, wanted, type, out_value)) {
            return 1;
        }
    }
    return 0;
}
