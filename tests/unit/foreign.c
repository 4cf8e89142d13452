/* Kernels of other protocols are known by marks where their protocols have them, by nothing
 * less. */
#include "core/image/foreign.h"

#include <string.h>

#include "suite.h"

#define SIZE 40000

static uint8_t bytes[SIZE];

static const struct elf low_elf = {.address = 0x100000, .physical = 0x100000};
static const struct elf high_elf = {.address = UINT64_C(0xFFFFFFFF80000000), .physical = 0x100000};
static const struct elf pie_elf = {.position_independent = true};

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
    size_t step;
    const char *what;
    const char *next;
} marks[] = {
    {{0xDF4C8B88, 0xC7B1DD30}, 8, "a kernel of the Limine protocol: ", "Add 'adapter = limine' "},
    {{0x5C95A6C8, 0xF9562B2D}, 8, "a kernel of the Limine protocol: ", "Add 'adapter = limine' "},
    {{0x3D0F7971, 0x3ECC1BC4}, 8, "a stivale2 kernel, ", "Build it for BootInfo: "},
    {{0x1823BE72, 0xA85D499B}, 8, "a stivale2 kernel, ", "Build it for BootInfo: "},
    {{18, 0x006E6558}, 4, "a PVH kernel: its entry is 32-bit code", multiboot},
};

/* Anywhere in kernels that are linked as Limine's are; in others within the first 32 KiB. */
START_TEST(marks_are_found_where_kernels_have_them)
{
    for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++) {
        for (size_t at = 36000; at < 36032; at++) {
            put(at, marks[i].words, 2);
            bool aligned = at % marks[i].step == 0;
            ck_assert_int_eq(is_refused(&high_elf, SIZE, marks[i].what, marks[i].next), aligned);
            ck_assert_int_eq(is_refused(&pie_elf, SIZE, marks[i].what, marks[i].next), aligned);
            ck_assert(!is_refused(&low_elf, SIZE, "", ""));
            ck_assert(!is_refused(NULL, SIZE, "", ""));
        }
        put(32760, marks[i].words, 2);
        ck_assert(is_refused(&low_elf, SIZE, marks[i].what, marks[i].next));
        ck_assert(is_refused(NULL, 32768, marks[i].what, marks[i].next));
        ck_assert(!is_refused(NULL, 32767, "", ""));
        put(64, (const uint32_t[]){marks[i].words[0], marks[i].words[1] ^ 1}, 2);
        ck_assert(!is_refused(&high_elf, SIZE, "", ""));
        put(64, (const uint32_t[]){marks[i].words[0] ^ 1, marks[i].words[1]}, 2);
        ck_assert(!is_refused(&high_elf, SIZE, "", ""));
    }
}
END_TEST

START_TEST(bootboot_is_known_by_its_address)
{
    struct elf elf = {.address = UINT64_C(0xFFFFFFFFFFE02000)};
    memset(bytes, 0, sizeof(bytes));
    ck_assert(is_refused(&elf, SIZE,
                         "a BOOTBOOT kernel: it expects its structure at 0xffffffffffe00000",
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
    tcase_add_test(tcase, marks_are_found_where_kernels_have_them);
    tcase_add_test(tcase, bootboot_is_known_by_its_address);
    suite_add_tcase(suite, tcase);
    return suite_main(suite, "unit-foreign");
}
