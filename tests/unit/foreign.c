/* Kernels of other protocols are known by marks where their protocols have them, by nothing
 * less. */
#include "core/image/foreign.h"

#include <string.h>

#include "phrase.h"
#include "suite.h"

#define SIZE 40000

static uint8_t bytes[SIZE];
static uint64_t revision; /* of the last kernel of the Limine protocol that was refused */

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
static const struct elf lower_elf = {ELF_AT(HIGH - 1)};
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

static uint64_t finds; /* calls of find */

/* What a CPU may have one instruction for. */
static uint64_t find(const void *words, uint64_t count, uint32_t value)
{
    uint64_t i = 0;
    uint32_t word = ~value;
    finds++;
    for (; i < count; i++) {
        memcpy(&word, (const uint8_t *)words + 4 * i, sizeof(word));
        if (word == value) {
            break;
        }
    }
    return i;
}

/* A search by the CPU gives what the plain one has given. */
static void search_again(struct header_search search, enum status status, uint64_t number)
{
    struct failure failure = {0};
    uint64_t before = finds;
    search.find = find;
    ck_assert_int_eq(header_search(&search, &failure), status);
    ck_assert_uint_eq(failure.number[0], number);
    ck_assert(finds > before);
}

/* A copy as large as stated, so that a sanitizer sees what lies beyond. */
static bool is_refused(const struct elf *elf, size_t size, const char *what, const char *next)
{
    struct failure failure = {0};
    uint8_t *copy = malloc(size != 0 ? size : 1);
    memcpy(copy, bytes, size);
    struct header_search search = {.image = {copy, size}, .elf = elf};
    enum status status = header_search(&search, &failure);
    ck_assert(!search.found);
    search_again(search, status, failure.number[0]);
    search.native_only = true;
    ck_assert_int_eq(header_search(&search, &(struct failure){0}), STATUS_OK);
    free(copy);
    if (status == STATUS_OK) {
        return false;
    }
    ck_assert_int_eq(failure.status, status);
    if (status == STATUS_IMAGE_LIMINE) {
        revision = failure.number[0];
        return text_equal(text_of(what), TEXT("Limine"));
    }
    ck_assert_int_eq(status, STATUS_IMAGE_FOREIGN);
    ck_assert(phrase_begins_with(failure.hint, what));
    ck_assert(phrase_begins_with(failure.next, next));
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
        size_t end = elves[i] == NULL ? 32768 : DATA_AT;
        for (size_t at = end - 70; at < end + 1; at++) {
            put_2(at);
            ck_assert_int_eq(is_refused(elves[i], SIZE, "a Multiboot2 kernel: ", multiboot),
                             at % 8 == 0 && (at + 16 <= end || at == DATA_AT));
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
    {{0xDF4C8B88, 0xC7B1DD30}, "Limine", ""},
    {{0x5C95A6C8, 0xF9562B2D}, "Limine", ""},
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
        ck_assert(!is_refused(&high_elf, DATA_AT - 1, "", ""));
        ck_assert(!is_refused(&lower_elf, SIZE, "", ""));
        put(DATA_AT, (const uint32_t[]){marks[i].words[0], marks[i].words[1] ^ 1}, 2);
        ck_assert(!is_refused(&high_elf, SIZE, "", ""));
        put(DATA_AT, (const uint32_t[]){marks[i].words[0] ^ 1, marks[i].words[1]}, 2);
        ck_assert(!is_refused(&high_elf, SIZE, "", ""));
    }
}
END_TEST

START_TEST(requests_far_into_a_large_segment_are_not_looked_for)
{
    static uint8_t image[REQUESTS_SEARCHED + 8];
    const struct elf elf = {
        .address = HIGH,
        .segment_count = 1,
        .segments = {{.address = HIGH, .file_size = sizeof(image), .flags = ELF_WRITE}},
    };
    struct header_search search = {.image = {image, sizeof(image)}, .elf = &elf};
    struct failure failure = {0};
    memcpy(image + REQUESTS_SEARCHED, marks[0].words, 8);
    ck_assert_int_eq(header_search(&search, &failure), STATUS_OK);
    memcpy(image + REQUESTS_SEARCHED - 8, marks[0].words, 8);
    ck_assert_int_eq(header_search(&search, &failure), STATUS_IMAGE_LIMINE);
}
END_TEST

/* The tag of the base revision; a kernel without one has revision 0. */
START_TEST(limines_base_revision_is_named)
{
    static const uint64_t tag[] = {0xF9562B2D5C95A6C8, 0x6A7B384944536BDC, 0x500000003};
    put(DATA_AT, marks[0].words, 2);
    ck_assert(is_refused(&high_elf, SIZE, "Limine", ""));
    ck_assert_uint_eq(revision, 0);
    memcpy(bytes + DATA_AT + 64, tag, sizeof(tag));
    ck_assert(is_refused(&high_elf, SIZE, "Limine", ""));
    ck_assert_uint_eq(revision, tag[2]);
    ck_assert(is_refused(&pie_elf, DATA_AT + 64 + 24, "Limine", ""));
    ck_assert_uint_eq(revision, tag[2]);
    ck_assert(is_refused(&pie_elf, DATA_AT + 64 + 23, "Limine", ""));
    ck_assert_uint_eq(revision, 0);
}
END_TEST

static struct BootInfoKernelHeader native_header(void)
{
    return (struct BootInfoKernelHeader){
        .magic = BOOTINFO_KERNEL_MAGIC,
        .size = BOOTINFO_KERNEL_HEADER_SIZE_1_1,
        .abi_major = 1,
        .stack_size = 0x1234567,
    };
}

/* Whether the header at at is found; it is native, whatever else the image has. */
static bool is_native(const struct elf *elf, size_t at)
{
    struct BootInfoKernelHeader header = native_header();
    struct header_search search = {.image = {bytes, SIZE}, .elf = elf};
    put_2(64);
    memcpy(bytes + 96, &header.magic, sizeof(header.magic)); /* by chance */
    memcpy(bytes + at, &header, BOOTINFO_KERNEL_HEADER_SIZE_1_1);
    enum status status = header_search(&search, &(struct failure){0});
    ck_assert_int_eq(status, search.found ? STATUS_OK : STATUS_IMAGE_FOREIGN);
    if (search.found) {
        ck_assert_uint_eq(search.at, at);
        ck_assert_mem_eq(&search.header, &header, sizeof(header));
    }
    return search.found;
}

START_TEST(a_kernel_header_is_found_anywhere_in_an_image)
{
    for (size_t at = 104; at < SIZE - 80; at += at % 1024 < 1000 ? 4 : 1) {
        ck_assert_int_eq(is_native(NULL, at), at % 8 == 0);
        ck_assert_int_eq(is_native(&low_elf, at), at % 8 == 0);
    }
}
END_TEST

START_TEST(a_kernel_header_is_one_if_its_first_fields_make_sense)
{
    static const struct {
        uint32_t size;
        uint16_t major;
        bool found;
    } rows[] = {{55, 1, false},   {56, 1, true},  {4096, 1, true},
                {4097, 1, false}, {64, 0, false}, {64, 2, false}};
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct BootInfoKernelHeader header = native_header();
        struct header_search search = {.image = {bytes, SIZE}, .native_only = true};
        header.size = rows[i].size;
        header.abi_major = rows[i].major;
        memset(bytes, 0, sizeof(bytes));
        memcpy(bytes + 0x1280, &header, sizeof(header));
        ck_assert_int_eq(header_search(&search, &(struct failure){0}), STATUS_OK);
        ck_assert_int_eq(search.found, rows[i].found);
    }
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
}
END_TEST

START_TEST(notes_are_where_the_file_says)
{
    static const uint32_t note[] = {18, 0x006E6558};
    struct elf elf = {.address = 0x100000, .notes = 0x100000 + 64, .notes_size = 32};
    elf.loaded_size = elf.memory_size = SIZE;
    elf.segment_count = 1;
    elf.segments[0] = (struct elf_segment){.address = 0x100000, .file_size = SIZE};
    elf.segments[0].memory_size = SIZE;
    put(64, note, 2);
    ck_assert(is_refused(&elf, SIZE, "a PVH kernel: ", multiboot));
    put(0, note, 2);
    ck_assert(!is_refused(&elf, SIZE, "", ""));
    ck_assert(!is_refused(&low_elf, SIZE, "", ""));
    elf.notes = 0x900000; /* nowhere in the image */
    ck_assert(!is_refused(&elf, SIZE, "", ""));
}
END_TEST

/* Nobody has read its program headers. */
START_TEST(pvh_is_found_anywhere_in_an_elf32_file)
{
    static const uint32_t note[] = {18, 0x006E6558};
    static const char *const no_elf[] = {"\177ELX\1", "\177EL", "EL"};
    put(32760, note, 2);
    ck_assert(!is_refused(NULL, SIZE, "", ""));
    memcpy(bytes, "\177ELF\1", 5);
    ck_assert(is_refused(NULL, SIZE, "a PVH kernel: ", multiboot));
    ck_assert(!is_refused(NULL, 32767, "", ""));
    for (size_t size = 0; size < 5; size++) {
        ck_assert(!is_refused(NULL, size, "", ""));
    }
    for (size_t i = 0; i < 3; i++) {
        put(32760, note, 2);
        memcpy(bytes, no_elf[i], strlen(no_elf[i]));
        ck_assert(!is_refused(NULL, SIZE, "", ""));
    }
}
END_TEST

/* Bytes of memory that the image does not have, and of segments that the file does not have. */
START_TEST(nothing_beyond_the_image_is_looked_at)
{
    struct elf elf = high_elf;
    struct header_search search = {.image = {bytes, 64}, .elf = &elf};
    put(DATA_AT, marks[0].words, 2);
    ck_assert_int_eq(header_search(&search, &(struct failure){0}), STATUS_OK);
    search.image.size = SIZE;
    ck_assert_int_eq(header_search(&search, &(struct failure){0}), STATUS_IMAGE_LIMINE);
    elf.segment_count = 1;
    ck_assert_int_eq(header_search(&search, &(struct failure){0}), STATUS_OK);
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
    tcase_add_test(tcase, limines_base_revision_is_named);
    tcase_add_test(tcase, a_kernel_header_is_found_anywhere_in_an_image);
    tcase_add_test(tcase, a_kernel_header_is_one_if_its_first_fields_make_sense);
    tcase_add_test(tcase, pvh_is_found_in_the_notes);
    tcase_add_test(tcase, notes_are_where_the_file_says);
    tcase_add_test(tcase, pvh_is_found_anywhere_in_an_elf32_file);
    tcase_add_test(tcase, nothing_beyond_the_image_is_looked_at);
    tcase_add_test(tcase, bootboot_is_known_by_its_address);
    suite_add_tcase(suite, tcase);
    return suite_main(suite, "unit-foreign");
}
