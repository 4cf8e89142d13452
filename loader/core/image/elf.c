#include "core/image/elf.h"

#include "core/memory/map.h"

#include <string.h>

#define ALIGNMENT_MAX (UINT64_C(1) << 30)
#define ELF_RIGHTS    (ELF_WRITE | ELF_EXECUTE)

enum {
    EV_CURRENT = 1,
    ET_EXEC = 2,
    ET_DYN = 3,
    PT_LOAD = 1,
    PT_DYNAMIC = 2,
    PT_INTERP = 3,
};

struct elf_header {
    uint8_t ident[16];
    uint16_t type;
    uint16_t machine;
    uint32_t version;
    uint64_t entry;
    uint64_t program_offset;
    uint64_t section_offset;
    uint32_t flags;
    uint16_t header_size;
    uint16_t program_size; /* of one program header */
    uint16_t program_count;
    uint16_t section_size;
    uint16_t section_count;
    uint16_t section_names;
};

struct program {
    uint32_t type;
    uint32_t flags;
    uint64_t offset;
    uint64_t address;
    uint64_t physical;
    uint64_t file_size;
    uint64_t memory_size;
    uint64_t alignment;
};

_Static_assert(sizeof(struct elf_header) == 64, "System V ABI, ELF-64 Object File Format");
_Static_assert(sizeof(struct program) == 56, "System V ABI, program header");

/* "its ELF header has WHAT FOUND; expected WORDS EXPECTED". */
static enum status refuse_header(struct failure *failure, const char *what, uint64_t found,
                                 const char *words, uint64_t expected)
{
    failure->found = text_of(words);
    failure->number[0] = found;
    failure->number[1] = expected;
    return fail_hint(failure, STATUS_ELF_HEADER, what);
}

static enum status read_header(struct bytes head, struct failure *failure,
                               struct elf_header *out_header)
{
    struct elf_header header;
    if (head.size < sizeof(header)) {
        return refuse_header(failure, "a size of", head.size, "", sizeof(header));
    }
    memcpy(&header, head.data, sizeof(header));
    if (header.version != EV_CURRENT) {
        return refuse_header(failure, "e_version", header.version, "", EV_CURRENT);
    }
    if (header.type != ET_EXEC && header.type != ET_DYN) {
        return refuse_header(failure, "e_type", header.type, "2 or ", ET_DYN);
    }
    if (header.program_size != sizeof(struct program)) {
        return refuse_header(failure, "e_phentsize", header.program_size, "",
                             sizeof(struct program));
    }
    uint64_t head_size = least(head.size, ELF_HEAD_SIZE);
    uint64_t size = header.program_count * sizeof(struct program);
    if (size > head_size) {
        return refuse_header(failure, "e_phnum", header.program_count, "at most ",
                             head_size / sizeof(struct program));
    }
    if (header.program_offset > head_size - size) {
        return refuse_header(failure, "e_phoff", header.program_offset, "at most ",
                             head_size - size);
    }
    *out_header = header;
    return STATUS_OK;
}

/* The result so far, and what the checks of the next program header need. */
struct parser {
    struct failure *failure;
    uint64_t file_size;
    uint64_t file_end; /* where the last segment ends in the file */
    uint64_t end;      /* where the last segment ends in memory, virtual */
    struct elf elf;
};

/* "its program header N WORDS: FIRST, SECOND"; the caller has set N. */
static enum status refuse_program(struct failure *failure, const char *words, uint64_t first,
                                  uint64_t second)
{
    failure->number[1] = first;
    failure->number[2] = second;
    return fail_hint(failure, STATUS_ELF_SEGMENT, words);
}

/* Whether whole pages of it end before 2^64. */
static bool has_end(uint64_t address, uint64_t size)
{
    uint64_t end;
    return !__builtin_add_overflow(address, size, &end) && end <= -PAGE_SIZE;
}

static enum status check_program(const struct parser *parser, const struct program *program)
{
    struct failure *failure = parser->failure;
    if (program->file_size > program->memory_size) {
        return refuse_program(failure, "has a p_filesz above p_memsz", program->file_size,
                              program->memory_size);
    }
    if (program->offset > parser->file_size ||
        program->file_size > parser->file_size - program->offset) {
        return refuse_program(failure, "reaches beyond the file with p_offset and p_filesz",
                              program->offset, program->file_size);
    }
    if ((program->alignment & (program->alignment - 1)) != 0 ||
        program->alignment > ALIGNMENT_MAX) {
        return refuse_program(failure, "has a p_align that is no power of two, or too large",
                              program->alignment, ALIGNMENT_MAX);
    }
    if (!has_end(program->address, program->memory_size)) {
        return refuse_program(failure, "wraps around with p_vaddr and p_memsz", program->address,
                              program->memory_size);
    }
    if (!has_end(program->physical, program->memory_size)) {
        return refuse_program(failure, "wraps around with p_paddr and p_memsz", program->physical,
                              program->memory_size);
    }
    return STATUS_OK;
}

/* Segments must lie in the same order in file and memory: only then one pass over the file can load
 * them. */
static enum status check_order(const struct parser *parser, const struct program *program)
{
    struct failure *failure = parser->failure;
    const struct elf *elf = &parser->elf;
    const struct elf_segment *before = &elf->segments[elf->segment_count - 1];
    if (program->address - program->physical != elf->address - elf->physical) {
        return refuse_program(failure, "is not as far from p_vaddr to p_paddr as the first",
                              program->address, program->physical);
    }
    if (program->address < parser->end) {
        return refuse_program(failure, "has a p_vaddr below the end of the one before",
                              program->address, parser->end);
    }
    if (program->file_size > 0 && program->offset < parser->file_end) {
        return refuse_program(failure, "has a p_offset below the end of the one before",
                              program->offset, parser->file_end);
    }
    if (program->address / PAGE_SIZE == (parser->end - 1) / PAGE_SIZE &&
        (program->flags & ELF_RIGHTS) != before->flags) {
        return refuse_program(failure, "has other p_flags than the one before on the same page",
                              program->flags, program->address / PAGE_SIZE * PAGE_SIZE);
    }
    return STATUS_OK;
}

static enum status add_segment(struct parser *parser, const struct program *program)
{
    struct elf *elf = &parser->elf;
    if (elf->segment_count == ELF_SEGMENTS_MAX) {
        return refuse_header(parser->failure, "PT_LOAD segments, at least", ELF_SEGMENTS_MAX + 1,
                             "1 to ", ELF_SEGMENTS_MAX);
    }
    TRY(check_program(parser, program));
    if (elf->segment_count == 0) {
        elf->address = program->address / PAGE_SIZE * PAGE_SIZE;
        elf->physical = program->physical - (program->address - elf->address);
    } else {
        TRY(check_order(parser, program));
    }
    uint64_t at = program->address - elf->address;
    elf->segments[elf->segment_count++] = (struct elf_segment){
        .offset = program->offset,
        .file_size = program->file_size,
        .at = at,
        .memory_size = program->memory_size,
        .flags = program->flags & ELF_RIGHTS,
    };
    parser->end = program->address + program->memory_size;
    elf->memory_size = at + program->memory_size;
    if (program->file_size > 0) {
        parser->file_end = program->offset + program->file_size;
        elf->loaded_size = at + program->file_size;
    }
    if (program->alignment > elf->alignment) {
        elf->alignment = program->alignment;
    }
    return STATUS_OK;
}

static enum status read_program(struct parser *parser, const struct program *program)
{
    struct elf *elf = &parser->elf;
    switch (program->type) {
    case PT_LOAD:
        return program->memory_size == 0 ? STATUS_OK : add_segment(parser, program);
    case PT_INTERP:
        return fail_hint(parser->failure, STATUS_ELF_DYNAMIC, "an interpreter (PT_INTERP)");
    case PT_DYNAMIC:
        elf->dynamic = program->address; /* finish() makes it an offset in the image */
        elf->dynamic_size = program->file_size;
        return STATUS_OK;
    default:
        return STATUS_OK;
    }
}

static enum status check_entry(const struct elf *elf, struct failure *failure)
{
    uint64_t entry = elf->entry - elf->address;
    for (uint32_t i = 0; i < elf->segment_count; i++) {
        const struct elf_segment *segment = &elf->segments[i];
        if ((segment->flags & ELF_EXECUTE) != 0 && entry >= segment->at &&
            entry - segment->at < segment->file_size) {
            return STATUS_OK;
        }
    }
    return fail_numbers(failure, STATUS_ELF_ENTRY, elf->entry, 0);
}

bool elf_is_loaded(const struct elf *elf, uint64_t at, uint64_t size)
{
    return at <= elf->loaded_size && size <= elf->loaded_size - at;
}

/* The checks that need all program headers. */
static enum status finish(struct parser *parser)
{
    struct elf *elf = &parser->elf;
    struct failure *failure = parser->failure;
    if (elf->segment_count == 0) {
        return refuse_header(failure, "PT_LOAD segments:", 0, "1 to ", ELF_SEGMENTS_MAX);
    }
    if (elf->physical % PAGE_SIZE != 0) {
        failure->number[0] = 0;
        return refuse_program(failure, "has p_vaddr and p_paddr at different places of a page",
                              elf->address, elf->physical);
    }
    elf->dynamic -= elf->address;
    if (elf->dynamic_size > 0 && !elf_is_loaded(elf, elf->dynamic, elf->dynamic_size)) {
        return fail_hint(failure, STATUS_ELF_DYNAMIC, "a PT_DYNAMIC outside of what is loaded");
    }
    return check_entry(elf, failure);
}

enum status elf_parse(struct bytes head, uint64_t file_size, struct failure *failure,
                      struct elf *out_elf)
{
    struct elf_header header;
    struct parser parser = {.failure = failure, .file_size = file_size};
    TRY(read_header(head, failure, &header));
    parser.elf.position_independent = header.type == ET_DYN;
    parser.elf.entry = header.entry;
    parser.elf.alignment = PAGE_SIZE;
    for (uint32_t i = 0; i < header.program_count; i++) {
        struct program program;
        memcpy(&program, head.data + header.program_offset + i * sizeof(program), sizeof(program));
        failure->number[0] = i;
        TRY(read_program(&parser, &program));
    }
    TRY(finish(&parser));
    *out_elf = parser.elf;
    return STATUS_OK;
}
