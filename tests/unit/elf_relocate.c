/* Relocations: which words of an image move, and what is refused. */
#include "core/image/elf.h"
#include "suite.h"

#include <string.h>

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))
#define LINKED          UINT64_C(0x40000)
#define HIGH            UINT64_C(0xFFFFFFFF80200000)
#define DISTANCE        UINT64_C(0x123456000)
#define SIZE            0x1000 /* of the image */
#define DYNAMIC         0x100  /* places in it */
#define RELA            0x200
#define RELR            0x300

enum {
    DT_NULL,
    DT_NEEDED,
    DT_PLTRELSZ,
    DT_RELA = 7,
    DT_RELASZ,
    DT_RELAENT,
    DT_REL = 17,
    DT_RELSZ,
    DT_JMPREL = 23,
    DT_RELRSZ = 35,
    DT_RELR,
    DT_RELRENT,
    DT_NEXT,
};

static const struct target x86_64 = {.elf_relative = 8, .elf_relative_name = "R_X86_64_RELATIVE"};

/* Two segments, at different distances from their places; the second one has a .bss. */
static const struct elf kernel = {
    .address = LINKED,
    .physical = LINKED,
    .memory_size = SIZE + 0x100,
    .loaded_size = SIZE,
    .dynamic = DYNAMIC,
    .segment_count = 2,
    .segments = {{.file_size = 0x800, .memory_size = 0x800, .address = LINKED},
                 {.at = 0x800, .file_size = 0x800, .memory_size = 0x900, .address = HIGH}},
};

/* A dynamic section and two tables: DT_RELA at RELA, DT_RELR at RELR. */
struct request {
    uint64_t dynamic[8][2]; /* tag, value */
    uint64_t dynamic_size;  /* bytes */
    uint64_t rela[3][3];    /* address, type, addend */
    uint64_t relr[4];
    const char *sentence; /* NULL: it is not refused */
    /* Where in the image words become a value, and are moved; a place of 0 is none. */
    uint64_t become[2][2];
    uint64_t moved[4];
};

/* The sanitizer watches the ends of the image. */
static uint8_t *image_of(const struct request *request)
{
    uint8_t *image = malloc(SIZE);
    for (uint64_t at = 0; at < SIZE; at++) {
        image[at] = (uint8_t)(at * 37 + at / 256 * 11 + 1);
    }
    memcpy(image + DYNAMIC, request->dynamic, sizeof(request->dynamic));
    memcpy(image + RELA, request->rela, sizeof(request->rela));
    memcpy(image + RELR, request->relr, sizeof(request->relr));
    return image;
}

/* The stack is not clear when the loader comes here. */
static __attribute__((noinline)) void fill_stack(void)
{
    volatile uint8_t garbage[4096];
    for (size_t i = 0; i < sizeof(garbage); i++) {
        garbage[i] = 0xA5;
    }
}

static enum status relocate(const struct request *request, uint8_t *image, uint64_t distance,
                            struct failure *failure)
{
    struct elf elf = kernel;
    elf.dynamic_size = request->dynamic_size;
    fill_stack();
    return elf_relocate(&elf, image, (struct elf_move){&x86_64, distance}, failure);
}

#define RELA_AT(at, size)                        \
    {DT_RELA, LINKED + (at)}, {DT_RELASZ, size}, \
    {                                            \
        DT_RELAENT, 24                           \
    }
#define RELR_AT(at, size)                        \
    {DT_RELR, LINKED + (at)}, {DT_RELRSZ, size}, \
    {                                            \
        DT_RELRENT, 8                            \
    }
#define ALL (8 * 16)
/* A word of DT_RELR that moves the Nth word after the last one, for each mark N from 1 to 63. */
#define MARK(n)       (UINT64_C(1) << (n))
#define MARKED(marks) (1 | (marks))

static const struct request sound[] = {
    /* nothing to do */
    {.dynamic_size = 0},
    {.dynamic_size = ALL},
    {.dynamic = {{DT_REL, 1}, {DT_RELSZ, 0}, {DT_JMPREL, 2}, {DT_PLTRELSZ, 0}},
     .dynamic_size = ALL},
    {.dynamic = {{5, 1}, {DT_NEXT, 24}, {DT_NEXT + 1, 24}, {0x6FFFFFF9, 2}, {UINT64_MAX, 1}},
     .dynamic_size = ALL},
    {.dynamic = {RELA_AT(RELA, 0), RELR_AT(RELR, 0)},
     .dynamic_size = ALL,
     .rela = {{LINKED + 0x10, 8, 0}},
     .relr = {LINKED + 0x10}},
    {.dynamic = {{DT_RELA, 0}, {DT_RELASZ, 0}, {DT_RELAENT, 0}}, .dynamic_size = ALL},
    /* DT_RELA: its first and last one, at any place of the image, and one of no type */
    {.dynamic = {RELA_AT(RELA, 72)},
     .dynamic_size = ALL,
     .rela = {{LINKED + 0x7F8, 8, LINKED + 0x555}, {0, 0, 0}, {HIGH + 0x7F8, 8, HIGH}},
     .become = {{0x7F8, LINKED + 0x555}, {0xFF8, HIGH}}},
    {.dynamic = {RELA_AT(RELA, 24)},
     .dynamic_size = ALL,
     .rela = {{LINKED + 0x403, 8, UINT64_MAX}, {1, 1, 1}},
     .become = {{0x403, UINT64_MAX}}},
    /* What ends the dynamic section: its size, to the entry, or a DT_NULL. */
    {.dynamic = {{DT_RELASZ, 24}, {DT_RELAENT, 24}, {DT_RELA, LINKED + RELA}, {DT_NEEDED, 1}},
     .dynamic_size = 3 * 16,
     .rela = {{LINKED + 0x400, 8, 7}},
     .become = {{0x400, 7}}},
    {.dynamic = {RELA_AT(RELA, 24), {DT_NEEDED, 1}},
     .dynamic_size = 3 * 16 + 15,
     .rela = {{LINKED + 0x400, 8, 7}},
     .become = {{0x400, 7}}},
    {.dynamic = {RELA_AT(RELA, 24), {DT_NULL, 1}, {DT_NEEDED, 1}, {DT_RELASZ, 1}},
     .dynamic_size = ALL,
     .rela = {{LINKED + 0x400, 8, 7}},
     .become = {{0x400, 7}}},
    /* DT_RELR: addresses, and marks of what follows */
    {.dynamic = {RELR_AT(RELR, 16)},
     .dynamic_size = ALL,
     .relr = {LINKED + 0x7F8, HIGH + 0x7F8, HIGH},
     .moved = {0x7F8, 0xFF8}},
    {.dynamic = {RELR_AT(RELR, 16)},
     .dynamic_size = ALL,
     .relr = {LINKED + 0x402, MARKED(MARK(1) | MARK(2) | MARK(63)), LINKED},
     .moved = {0x402, 0x40A, 0x412, 0x402 + 63 * 8}},
    {.dynamic = {RELR_AT(RELR, 32)},
     .dynamic_size = ALL,
     .relr = {LINKED + 0x400, MARKED(MARK(2)), MARKED(MARK(1)), HIGH + 8},
     .moved = {0x400, 0x410, 0x400 + 64 * 8, 0x808}},
    {.dynamic = {RELR_AT(RELR, 32)},
     .dynamic_size = ALL,
     .relr = {LINKED + 0x400, MARKED(0), MARKED(MARK(63)), HIGH + 8},
     .moved = {0x400, 0x400 + 126 * 8, 0x808}},
    {.dynamic = {RELR_AT(RELR, 24), RELA_AT(RELA, 24)},
     .dynamic_size = ALL,
     .rela = {{LINKED + 0x400, 8, 7}},
     .relr = {LINKED + 0x400, HIGH, LINKED + 0x408},
     .become = {{0x400, 7}},
     .moved = {0x400, 0x800, 0x408}},
};

static void add(uint8_t *image, uint64_t at, uint64_t value)
{
    uint64_t word;
    memcpy(&word, image + at, sizeof(word));
    word += value;
    memcpy(image + at, &word, sizeof(word));
}

static void check_move(const struct request *request, uint64_t distance)
{
    struct failure failure = {0};
    uint8_t *image = image_of(request);
    uint8_t *expected = image_of(request);
    for (size_t i = 0; i < 2 && request->become[i][0] != 0; i++) {
        uint64_t value = request->become[i][1] + distance;
        memcpy(expected + request->become[i][0], &value, sizeof(value));
    }
    for (size_t i = 0; i < 4 && request->moved[i] != 0; i++) {
        add(expected, request->moved[i], distance);
    }
    ck_assert_str_eq(status_name(relocate(request, image, distance, &failure)), "OK");
    for (uint64_t at = 0; at < SIZE; at++) {
        if (image[at] != expected[at]) {
            ck_abort_msg("byte %#lx", at);
        }
    }
    free(image);
    free(expected);
}

START_TEST(what_the_relocations_name_is_moved_and_nothing_else)
{
    check_move(&sound[_i], DISTANCE);
    check_move(&sound[_i], -DISTANCE);
    check_move(&sound[_i], 0);
}
END_TEST

/* All of a dynamic section, and what is said about it. */
#define SECTION(words, ...)                                              \
    {                                                                    \
        .dynamic = {__VA_ARGS__}, .dynamic_size = ALL, .sentence = words \
    }
#define NEEDED      "it is linked dynamically: it has shared libraries (DT_NEEDED)\n"
#define UNSUPPORTED "it is linked dynamically: it has DT_REL or DT_JMPREL relocations\n"
#define DAMAGED     "it is linked dynamically: it has relocations that are damaged or not loaded\n"

/* Relocations in sound tables, and what is said about one of them. */
#define RELA_OF(words, ...)                                                                \
    {                                                                                      \
        .dynamic = {RELA_AT(RELA, 48)}, .dynamic_size = ALL, .rela = {{0}, {__VA_ARGS__}}, \
        .sentence = words                                                                  \
    }
#define RELR_OF(words, ...)                                                         \
    {                                                                               \
        .dynamic = {RELR_AT(RELR, 16)}, .dynamic_size = ALL, .relr = {__VA_ARGS__}, \
        .sentence = words                                                           \
    }
#define WRONG(place, type)                        \
    "its relocation for " place " has type " type \
    "; expected 8 (R_X86_64_RELATIVE), within the image\n"

static const struct request refused[] = {
    SECTION(NEEDED, {DT_NEEDED, 0}),
    SECTION(UNSUPPORTED, {DT_RELSZ, 1}),
    SECTION(UNSUPPORTED, {DT_PLTRELSZ, 1}),
    SECTION(DAMAGED, RELA_AT(RELA, 1)),
    SECTION(DAMAGED, RELA_AT(RELA, 23)),
    SECTION(DAMAGED, RELA_AT(RELA, 25)),
    SECTION(DAMAGED, RELA_AT(RELA, 0x618)),
    SECTION(DAMAGED, RELA_AT(RELA, UINT64_MAX / 24 * 24)),
    SECTION(DAMAGED, RELA_AT(0x7F0, 24)),
    SECTION(DAMAGED, RELA_AT(-UINT64_C(1), 24)),
    SECTION(DAMAGED, {DT_RELASZ, 24}, {DT_RELAENT, 24}),
    SECTION(DAMAGED, {DT_RELASZ, 24}, {DT_RELA, LINKED + RELA}),
    SECTION(DAMAGED, RELA_AT(RELA, 24), {DT_RELAENT, 25}),
    SECTION(DAMAGED, RELA_AT(RELA, 48), {DT_RELAENT, 48}),
    SECTION(DAMAGED, RELR_AT(RELR, 1)),
    SECTION(DAMAGED, RELR_AT(RELR, 9)),
    SECTION(DAMAGED, RELR_AT(RELR, 0x508)),
    SECTION(DAMAGED, RELR_AT(RELR, 8), {DT_RELRENT, 16}),
    SECTION(DAMAGED, {DT_RELRSZ, 8}, {DT_RELRENT, 8}),
    SECTION(DAMAGED, {DT_RELRSZ, 8}, {DT_RELR, LINKED + RELR}),
    RELA_OF(WRONG("0x40400", "1"), LINKED + 0x400, 1, 0),
    RELA_OF(WRONG("0x40400", "4294967304"), LINKED + 0x400, MARK(32) | 8, 0),
    RELA_OF(WRONG("0x407f9", "8"), LINKED + 0x7F9, 8, 0),
    RELA_OF(WRONG("0x3ffff", "8"), LINKED - 1, 8, 0),
    RELA_OF(WRONG("0xffffffff802007f9", "8"), HIGH + 0x7F9, 8, 0),
    RELA_OF(WRONG("0xffffffff80200800", "8"), HIGH + 0x800, 8, 0),
    RELA_OF(WRONG("0xffffffffffffffff", "8"), UINT64_MAX, 8, 0),
    RELR_OF(WRONG("0x407fa", "8"), LINKED + 0x7FA),
    RELR_OF(WRONG("0xffffffff80200800", "8"), HIGH + 0x800),
    RELR_OF(WRONG("0xffffffff80200800", "8"), HIGH + 0x7F0, MARKED(MARK(1) | MARK(2) | MARK(3))),
    RELR_OF(WRONG("0x40800", "8"), LINKED + 0x608, MARKED(MARK(63))),
};

START_TEST(what_cannot_be_relocated_is_refused)
{
    const struct request *request = &refused[_i];
    struct failure failure = {.path = TEXT("/k")};
    char buffer[1000];
    struct writer writer = writer_on(buffer, sizeof(buffer));
    uint8_t *image = image_of(request);
    enum status status = relocate(request, image, DISTANCE, &failure);
    ck_assert_msg(status != STATUS_OK, "not refused: %s", request->sentence);
    ck_assert_int_eq(failure.status, status);
    failure_write(&writer, &failure);
    ck_assert_msg(strstr(buffer, request->sentence) != NULL, "'%s' was not said, but:\n%s",
                  request->sentence, buffer);
    free(image);
}
END_TEST

/* Of another architecture, whose relocation of no type has a number. */
START_TEST(the_target_says_which_relocations_move_the_kernel)
{
    static const struct target target = {
        .elf_none = 256, .elf_relative = 1027, .elf_relative_name = "R_AARCH64_RELATIVE"};
    struct request request = {.dynamic = {RELA_AT(RELA, 48)},
                              .dynamic_size = ALL,
                              .rela = {{0, 256, 0}, {LINKED + 0x400, 1027, LINKED}}};
    struct elf elf = kernel;
    struct failure failure = {.path = TEXT("/k")};
    char buffer[1000];
    struct writer writer = writer_on(buffer, sizeof(buffer));
    uint64_t word;
    elf.dynamic_size = ALL;
    uint8_t *image = image_of(&request);
    ck_assert_int_eq(elf_relocate(&elf, image, (struct elf_move){&target, DISTANCE}, &failure),
                     STATUS_OK);
    memcpy(&word, image + 0x400, sizeof(word));
    ck_assert_uint_eq(word, LINKED + DISTANCE);
    memset(image + RELA, 0, 24);
    ck_assert_int_eq(elf_relocate(&elf, image, (struct elf_move){&target, DISTANCE}, &failure),
                     STATUS_ELF_RELOCATION);
    failure_write(&writer, &failure);
    ck_assert_ptr_nonnull(strstr(buffer, "its relocation for 0x0 has type 0; expected 1027 "
                                         "(R_AARCH64_RELATIVE), within the image\n"));
    free(image);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("elf_relocate");
    TCase *tcase = tcase_create("relocating");
    tcase_add_loop_test(tcase, what_the_relocations_name_is_moved_and_nothing_else, 0,
                        COUNT_OF(sound));
    tcase_add_loop_test(tcase, what_cannot_be_relocated_is_refused, 0, COUNT_OF(refused));
    tcase_add_test(tcase, the_target_says_which_relocations_move_the_kernel);
    suite_add_tcase(suite, tcase);
    return suite_main(suite, "unit-elf_relocate");
}
