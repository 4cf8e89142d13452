/* What the tests of elf.c share: a file in, segments or a sentence out. */
#ifndef BATON_ELF_PARSE_H
#define BATON_ELF_PARSE_H

#include "elves.h"
#include "kernels.h"
#include "suite.h"

#include <string.h>

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))
#define LINKED          UINT64_C(0x200000)
#define HIGH            UINT64_C(0xFFFFFFFF80200000)
#define UNTOUCHED       0x5A

static struct elf elf;
static struct failure failure;

static inline enum status parse(struct text file, uint64_t file_size)
{
    struct text head = {file.bytes, file.size < ELF_HEAD_SIZE ? file.size : ELF_HEAD_SIZE};
    /* The sanitizer watches the end of head. */
    struct text copy = kernel_cut(head, head.size);
    failure = (struct failure){.path = TEXT("/k")};
    memset(&elf, UNTOUCHED, sizeof(elf));
    return elf_parse(bytes_of(copy), file_size, &failure, &elf);
}

static inline void accepts(struct text file)
{
    enum status status = parse(file, file.size);
    ck_assert_msg(status == STATUS_OK, "%s: %.*s", status_name(status), (int)failure.hint.size,
                  failure.hint.bytes);
}

static inline void refuses_size(struct text file, uint64_t file_size, const char *sentence)
{
    char buffer[1000];
    struct writer writer = writer_on(buffer, sizeof(buffer));
    enum status status = parse(file, file_size);
    ck_assert_msg(status != STATUS_OK, "not refused: %s", sentence);
    ck_assert_int_eq(failure.status, status);
    for (size_t i = 0; i < sizeof(elf); i++) {
        if (((const uint8_t *)&elf)[i] != UNTOUCHED) {
            ck_abort_msg("byte %zu was touched", i);
        }
    }
    failure_write(&writer, &failure);
    ck_assert_msg(strstr(buffer, sentence) != NULL, "'%s' was not said, but:\n%s", sentence,
                  buffer);
}

static inline void refuses(struct text file, const char *sentence)
{
    refuses_size(file, file.size, sentence);
}

/* So many pages, each a segment of its own. */
static inline struct text file_of_pages(uint32_t count)
{
    struct elf_plan plan = {.entry = LINKED, .size = (count + 2) * PAGE_SIZE};
    struct text file = elf_file(&plan);
    for (uint32_t i = 0; i < count; i++) {
        uint64_t at = LINKED + i * PAGE_SIZE;
        struct elf_program program = {PT_LOAD, PF_R | PF_X, PAGE_SIZE * (i + 2), at,
                                      at,      PAGE_SIZE,   PAGE_SIZE,           PAGE_SIZE};
        elf_put_program(file, i, &program);
    }
    elf_poke(file, E_PHNUM, count, 2);
    return file;
}

#endif
