/* Kernels of other protocols are known by marks where their protocols have them, by nothing
 * less. */
#include "core/image/foreign.h"

#include <string.h>

#include "suite.h"

#define SIZE 40000

static uint8_t bytes[SIZE];

#define HIGH UINT64_C(0xFFFFFFFF80000000)
/* Code without marks, data, and notes at NOTES_AT of it. */
#define DATA_AT  16384
#define NOTES_AT 36000
#define ELF_AT(linked)                                                                            \
    .address = (linked), .physical = 0x100000, .loaded_size = SIZE, .memory_size = SIZE,          \
    .segment_count = 2, .notes = (linked) + NOTES_AT, .notes_size = 32,                           \
    .segments = {                                                                                 \
        {.at = 0, .address = (linked), .file_size = DATA_AT, .memory_size = DATA_AT, .flags = 1}, \
        {.at = DATA_AT,                                                                           \
         .address = (linked) + DATA_AT,                                                           \
         .file_size = SIZE - DATA_AT,                                                             \
         .memory_size = SIZE - DATA_AT,                                                           \
         .flags = ELF_WRITE}}

static const struct elf low_elf = {ELF_AT(0x100000)};
static const struct elf high_elf = {ELF_AT(HIGH)};
static const struct elf pie_elf = {ELF_AT(0), .position_independent = true};

static void put(size_t at, const uint32_t *words, size_t count)
{
    memset(bytes, 0, sizeof(bytes));
    memcpy(bytes + at, words, count * sizeof(*words));
}

static void put_1(size_t at)
{
    put(at, (const uint32_t[]){0x1BADB002, 3, 0 - (0x1BADB002U + 3)}, 3);
}

static void put_2(size_t at)
{
    put(at, (const uint32_t[]){0xE85250D6, 0, 24, 0 - (0xE85250D6U + 24)}, 4);
}

/* A copy as large as stated, so that a sanitizer sees what lies beyond. */
static bool is_refused(const struct elf *elf, size_t size, const char *what, const char *next)
{
    struct failure failure = {0};
    uint8_t *copy = malloc(size != 0 ? size : 1);
    memcpy(copy, bytes, size);
    enum status status = foreign_check((struct bytes){copy, size}, elf, &failure);
    free(copy);
    if (status == STATUS_OK) {
        return false;
    }
    ck_assert_int_eq(status, STATUS_IMAGE_FOREIGN);
    ck_assert_int_eq(failure.status, status);
    ck_assert(text_begins_with(failure.hint, text_of(what)));
    ck_assert(text_begins_with(failure.next, text_of(next)));
    return true;
}

static const char multiboot[] = "Add 'adapter = multiboot' to loader.cfg: docs/adapters.md.";

START_TEST(multiboot_is_found_where_it_may_be)
{
    static const struct elf *const elves[] = {NULL, &low_elf, &high_elf};
    for (size_t i = 0; i < 3; i++) {
        for (size_t at = 8100; at < 8300; at++) {
            put_1(at);
            ck_assert_int_eq(is_refused(elves[i], SIZE, "a Multiboot kernel: ", multiboot),
                             at % 4 == 0 && at + 12 <= 8192);
        }
        for (size_t at = 32700; at < 32800; at++) {
            put_2(at);
            ck_assert_int_eq(is_refused(elves[i], SIZE, "a Multiboot2 kernel: ", multiboot),
                             at % 8 == 0 && at + 16 <= 32768);
        }
        put_1(0);
        ck_assert(is_refused(elves[i], SIZE, "a Multiboot kernel: ", multiboot));
    }
}
END_TEST

START_TEST(a_header_that_does_not_add_up_is_none)
{
    for (size_t at = 0; at < 16; at++) {
        put_2(64);
        bytes[64 + at] ^= 1;
        ck_assert(!is_refused(NULL, SIZE, "", ""));
        put_1(64);
        bytes[64 + at % 12] ^= 1;
        ck_assert(!is_refused(NULL, SIZE, "", ""));
    }
}
END_TEST

START_TEST(a_header_that_is_cut_is_none)
{
    put_2(64);
    for (size_t size = 0; size < 90; size++) {
        ck_assert_int_eq(is_refused(NULL, size, "a Multiboot2 kernel: ", multiboot), size >= 80);
    }
    put_1(64);
    for (size_t size = 0; size < 90; size++) {
        ck_assert_int_eq(is_refused(NULL, size, "a Multiboot kernel: ", multiboot), size >= 76);
    }
}
END_TEST

/* Little-endian: the second word of each is the upper half. */
static const struct {
    uint32_t words[2];
    const char *what;
    const char *next;
} marks[] = {
    {{0xDF4C8B88, 0xC7B1DD30}, "a kernel of the Limine protocol: ", "Add 'adapter = limine' "},
    {{0x5C95A6C8, 0xF9562B2D}, "a kernel of the Limine protocol: ", "Add 'adapter = limine' "},
    {{0x3D0F7971, 0x3ECC1BC4}, "a stivale2 kernel, ", "Build it for BootInfo: "},
    {{0x1823BE72, 0xA85D499B}, "a stivale2 kernel, ", "Build it for BootInfo: "},
};
#define REQUESTS (sizeof(marks) / sizeof(marks[0]))

/* Requests: in writable segments of kernels that are linked as Limine's are. */
START_TEST(requests_are_found_where_kernels_have_them)
{
    for (size_t i = 0; i < REQUESTS; i++) {
        for (size_t at = NOTES_AT; at < NOTES_AT + 32; at++) {
            put(at, marks[i].words, 2);
            bool aligned = at % 8 == 0;
            ck_assert_int_eq(is_refused(&high_elf, SIZE, marks[i].what, marks[i].next), aligned);
            ck_assert_int_eq(is_refused(&pie_elf, SIZE, marks[i].what, marks[i].next), aligned);
            ck_assert(!is_refused(&low_elf, SIZE, "", ""));
            ck_assert(!is_refused(NULL, SIZE, "", ""));
        }
        put(DATA_AT - 8, marks[i].words, 2);
        ck_assert(!is_refused(&high_elf, SIZE, "", ""));
        put(DATA_AT, marks[i].words, 2);
        ck_assert(is_refused(&high_elf, SIZE, marks[i].what, marks[i].next));
        ck_assert(!is_refused(&high_elf, DATA_AT + 7, "", ""));
        put(DATA_AT, (const uint32_t[]){marks[i].words[0], marks[i].words[1] ^ 1}, 2);
        ck_assert(!is_refused(&high_elf, SIZE, "", ""));
        put(DATA_AT, (const uint32_t[]){marks[i].words[0] ^ 1, marks[i].words[1]}, 2);
        ck_assert(!is_refused(&high_elf, SIZE, "", ""));
    }
}
END_TEST

START_TEST(requests_far_into_a_large_segment_are_not_looked_for)
{
    static uint8_t image[FOREIGN_REQUESTS_SIZE + 8];
    const struct elf elf = {
        .address = HIGH,
        .segment_count = 1,
        .segments = {{.address = HIGH, .file_size = sizeof(image), .flags = ELF_WRITE}},
    };
    const struct bytes all = {image, sizeof(image)};
    struct failure failure = {0};
    memcpy(image + FOREIGN_REQUESTS_SIZE, marks[0].words, 8);
    ck_assert_int_eq(foreign_check(all, &elf, &failure), STATUS_OK);
    memcpy(image + FOREIGN_REQUESTS_SIZE - 8, marks[0].words, 8);
    ck_assert_int_eq(foreign_check(all, &elf, &failure), STATUS_IMAGE_FOREIGN);
}
END_TEST

START_TEST(pvh_is_found_in_the_notes)
{
    static const struct elf *const elves[] = {&low_elf, &high_elf, &pie_elf};
    static const uint32_t note[] = {18, 0x006E6558};
    for (size_t i = 0; i < 3; i++) {
        for (size_t at = NOTES_AT - 8; at < NOTES_AT + 40; at++) {
            bool inside = at >= NOTES_AT && at + 8 <= NOTES_AT + 32;
            put(at, note, 2);
            ck_assert_int_eq(is_refused(elves[i], SIZE, "a PVH kernel: ", multiboot),
                             inside && at % 4 == 0);
        }
    }
    struct elf bare = low_elf;
    bare.notes_size = 0;
    put(NOTES_AT, note, 2);
    ck_assert(!is_refused(&bare, SIZE, "", ""));
    /* A 32-bit ELF file, whose program headers nobody has read. */
    put(32760, note, 2);
    ck_assert(!is_refused(NULL, SIZE, "", ""));
    memcpy(bytes, "\177ELF", 4);
    ck_assert(is_refused(NULL, SIZE, "a PVH kernel: ", multiboot));
    ck_assert(!is_refused(NULL, 32767, "", ""));
}
END_TEST

START_TEST(bootboot_is_known_by_its_address)
{
    struct elf elf = {.address = UINT64_C(0xFFFFFFFFFFE02000)};
    memset(bytes, 0, sizeof(bytes));
    ck_assert(is_refused(&elf, SIZE, "a BOOTBOOT kernel: its structure is at a fixed address",
                         "Build it for BootInfo: docs/migrating.md"));
    elf.address += 0x1000;
    ck_assert(!is_refused(&elf, SIZE, "", ""));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("foreign");
    TCase *tcase = tcase_create("foreign");
    tcase_add_test(tcase, multiboot_is_found_where_it_may_be);
    tcase_add_test(tcase, a_header_that_does_not_add_up_is_none);
    tcase_add_test(tcase, a_header_that_is_cut_is_none);
    tcase_add_test(tcase, requests_are_found_where_kernels_have_them);
    tcase_add_test(tcase, requests_far_into_a_large_segment_are_not_looked_for);
    tcase_add_test(tcase, pvh_is_found_in_the_notes);
    tcase_add_test(tcase, bootboot_is_known_by_its_address);
    suite_add_tcase(suite, tcase);
    return suite_main(suite, "unit-foreign");
}
