#include "core/image/elf.h"

#include "core/base/apart.h"
#include "core/base/span.h"

#include <string.h>

#define ALIGNMENT_MAX (UINT64_C(1) << 30)
#define ELF_RIGHTS    (ELF_WRITE | ELF_EXECUTE)

enum {
    EV_CURRENT = 1,
    ET_EXEC = 2,
    ET_DYN = 3,
    PT_LOAD = 1,
    PT_DYNAMIC = 2,
    PT_NOTE = 4,
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
    uint64_t dynamic; /* PT_DYNAMIC's p_vaddr */
    struct elf elf;   /* its segments' at is their p_paddr until all are known */
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
    if (program->file_size > 0 && (program->offset > parser->file_size ||
                                   program->file_size > parser->file_size - program->offset)) {
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
    if ((program->address - program->physical) % PAGE_SIZE != 0) {
        return refuse_program(failure, "has p_vaddr and p_paddr at different places of a page",
                              program->address, program->physical);
    }
    return STATUS_OK;
}

/* Whether the two share a byte. Neither wraps around; an empty one shares none. */
static bool overlap(uint64_t a, uint64_t a_size, uint64_t b, uint64_t b_size)
{
    return a_size > 0 && b_size > 0 && a < b + b_size && b < a + a_size;
}

/* Whether the two are on one virtual page that is two physical ones. */
static bool pages_collide(const struct program *program, const struct elf_segment *other)
{
    uint64_t last = (program->address + program->memory_size - 1) / PAGE_SIZE;
    uint64_t other_last = (other->address + other->memory_size - 1) / PAGE_SIZE;
    return program->address - program->physical != other->address - other->at &&
           program->address / PAGE_SIZE <= other_last && other->address / PAGE_SIZE <= last;
}

/* Two segments of one file. */
static enum status check_pair(const struct parser *parser, const struct program *program,
                              const struct elf_segment *other)
{
    struct failure *failure = parser->failure;
    if ((program->physical ^ other->at) >> 63 != 0) {
        return refuse_program(failure, "has a p_paddr in another half of all addresses than others",
                              program->physical, other->at);
    }
    if (overlap(program->physical, program->memory_size, other->at, other->memory_size)) {
        return refuse_program(failure, "overlaps another one by p_paddr", program->physical,
                              other->at);
    }
    if (pages_collide(program, other)) {
        return refuse_program(failure, "shares a page with another one by p_vaddr only",
                              program->address, other->address);
    }
    if (overlap(program->offset, program->file_size, other->offset, other->file_size)) {
        return refuse_program(failure, "overlaps another one by p_offset", program->offset,
                              other->offset);
    }
    return STATUS_OK;
}

static enum status add_segment(struct parser *parser, const struct program *program)
{
    struct elf *elf = &parser->elf;
    uint32_t i = elf->segment_count;
    if (i == ELF_SEGMENTS_MAX) {
        return refuse_header(parser->failure, "PT_LOAD segments, at least", ELF_SEGMENTS_MAX + 1,
                             "1 to ", ELF_SEGMENTS_MAX);
    }
    TRY(check_program(parser, program));
    for (uint32_t j = 0; j < i; j++) {
        TRY(check_pair(parser, program, &elf->segments[j]));
    }
    for (; i > 0 && elf->segments[i - 1].at > program->physical; i--) {
        elf->segments[i] = elf->segments[i - 1];
    }
    elf->segments[i] = (struct elf_segment){
        .offset = program->offset,
        .file_size = program->file_size,
        .at = program->physical,
        .memory_size = program->memory_size,
        .address = program->address,
        .flags = program->flags & ELF_RIGHTS,
        .program = (uint32_t)parser->failure->number[0],
    };
    elf->segment_count++;
    elf->alignment = most(elf->alignment, program->alignment);
    return STATUS_OK;
}

/* From the first note to the last: most files have all of them in one piece. */
static void add_note(struct elf *elf, const struct program *program)
{
    uint64_t start = program->address;
    uint64_t end = start + program->file_size;
    if (elf->notes_size > 0) {
        start = least(start, elf->notes);
        end = most(end, elf->notes + elf->notes_size);
    }
    elf->notes = start;
    elf->notes_size = end > start ? end - start : 0;
}

APART static enum status read_program(struct parser *parser, const struct program *program)
{
    struct elf *elf = &parser->elf;
    switch (program->type) {
    case PT_LOAD:
        return program->memory_size == 0 ? STATUS_OK : add_segment(parser, program);
    case PT_INTERP:
        return fail_hint(parser->failure, STATUS_ELF_DYNAMIC, "an interpreter (PT_INTERP)");
    case PT_DYNAMIC:
        parser->dynamic = program->address;
        elf->dynamic_size = program->file_size;
        return STATUS_OK;
    case PT_NOTE:
        add_note(elf, program);
        return STATUS_OK;
    default:
        return STATUS_OK;
    }
}

static enum status check_entry(const struct elf *elf, struct failure *failure)
{
    for (uint32_t i = 0; i < elf->segment_count; i++) {
        const struct elf_segment *segment = &elf->segments[i];
        uint64_t physical = elf->physical + segment->at;
        if ((segment->flags & ELF_EXECUTE) != 0 &&
            (elf->entry - segment->address < segment->file_size ||
             elf->entry - physical < segment->file_size)) {
            return STATUS_OK;
        }
    }
    return fail_numbers(failure, STATUS_ELF_ENTRY, elf->entry, 0);
}

const struct elf_segment *elf_next_in_file(const struct elf *elf, uint64_t offset)
{
    const struct elf_segment *next = NULL;
    for (uint32_t i = 0; i < elf->segment_count; i++) {
        const struct elf_segment *segment = &elf->segments[i];
        if (segment->file_size > 0 && segment->offset >= offset &&
            (next == NULL || segment->offset < next->offset)) {
            next = segment;
        }
    }
    return next;
}

bool elf_find(const struct elf *elf, uint64_t address, uint64_t size, uint64_t *out_at)
{
    for (uint32_t i = 0; i < elf->segment_count; i++) {
        const struct elf_segment *segment = &elf->segments[i];
        uint64_t offset = address - segment->address;
        if (offset < segment->memory_size && size <= segment->memory_size - offset) {
            *out_at = segment->at + offset;
            return *out_at <= elf->loaded_size && size <= elf->loaded_size - *out_at;
        }
    }
    return false;
}

/* From p_paddr to places in the image. */
static void lay_out(struct elf *elf)
{
    uint64_t distance = 0;
    elf->physical = elf->segments[0].at / PAGE_SIZE * PAGE_SIZE;
    for (uint32_t i = 0; i < elf->segment_count; i++) {
        struct elf_segment *segment = &elf->segments[i];
        distance = distance != 0 ? distance : segment->address - segment->at;
        segment->at -= elf->physical;
        elf->memory_size = segment->at + segment->memory_size;
        if (segment->file_size > 0) {
            elf->loaded_size = segment->at + segment->file_size;
        }
    }
    elf->address = elf->physical + distance;
}

/* The checks that need all program headers. */
static enum status finish(struct parser *parser)
{
    struct elf *elf = &parser->elf;
    struct failure *failure = parser->failure;
    if (elf->segment_count == 0) {
        return refuse_header(failure, "PT_LOAD segments:", 0, "1 to ", ELF_SEGMENTS_MAX);
    }
    lay_out(elf);
    if (elf->dynamic_size == 0 && elf->position_independent) {
        return fail_with(failure, STATUS_ELF_NO_DYNAMIC);
    }
    if (elf->dynamic_size > 0 &&
        !elf_find(elf, parser->dynamic, elf->dynamic_size, &elf->dynamic)) {
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
