/* The archive of a sealed loader, whole and damaged, and the section that it lies in. */
#include "core/trust/archive.h"

#include "archives.h"
#include "core/base/path.h"
#include "suite.h"

#include <string.h>

static char *archive;
static size_t archive_size;

static char *add(const char *prefix, const char *name, const char *bytes)
{
    char *header = archive_add(prefix, name, text_of(bytes));
    archive = (char *)archive_whole().bytes;
    archive_size = archive_whole().size - 2 * (size_t)ARCHIVE_UNIT;
    return header;
}

static struct text whole(void)
{
    return archive_whole();
}

static bool find(struct text in, const char *path, struct text *out_found)
{
    const struct text text = text_of(path);
    return archive_find(in, &text, out_found);
}

static void begin(void)
{
    archive_begin();
    (void)add("", "loader.cfg", "kernel = /boot/k.bin\n");
}

static void given_three(void)
{
    begin();
    (void)add("", "boot/k.bin", "the kernel");
    (void)add("", "boot/a/long/prefix/module", "");
}

static void expect_found(const char *path, const char *bytes)
{
    struct text found;
    ck_assert_msg(find(whole(), path, &found), "%s", path);
    ck_assert_uint_eq(found.size, strlen(bytes));
    ck_assert(memcmp(found.bytes, bytes, found.size) == 0);
}

START_TEST(members_are_found_by_their_paths)
{
    struct text found;
    given_three();
    ck_assert(archive_is_sound(whole()));
    expect_found("\\loader.cfg", "kernel = /boot/k.bin\n");
    expect_found("\\boot\\k.bin", "the kernel");
    expect_found("\\BOOT\\K.Bin", "the kernel");
    expect_found("\\boot\\a\\long\\prefix\\module", "");
    ck_assert(!find(whole(), "\\boot\\k.bi", &found));
    ck_assert(!find(whole(), "\\boot\\k.bin2", &found));
    ck_assert(!find(whole(), "\\k.bin", &found));
    ck_assert(!find((struct text){NULL, 0}, "\\k.bin", &found));
}
END_TEST

/* A member's bytes are those in the archive, at every length of the last unit. */
START_TEST(sizes_around_a_unit)
{
    static const size_t sizes[] = {0, 1, 511, 512, 513, 1023, 1024, 1025};
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        static char bytes[2000];
        memset(bytes, 0, sizeof(bytes));
        memset(bytes, 'x', sizes[i]);
        begin();
        (void)add("", "a", bytes);
        (void)add("", "b", "behind it");
        ck_assert(archive_is_sound(whole()));
        expect_found("\\a", bytes);
        expect_found("\\b", "behind it");
    }
}
END_TEST

START_TEST(a_member_that_reaches_behind_the_end_is_none)
{
    struct text found;
    given_three();
    char *header = archive + 2 * (size_t)ARCHIVE_UNIT;
    static const char *const sizes[] = {"00000004001", "77777777777", "00000010000"};
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        memcpy(header + 124, sizes[i], 11);
        archive_set_checksum(header);
        ck_assert(!archive_is_sound(whole()));
        ck_assert(!find(whole(), "\\boot\\k.bin", &found));
    }
    given_three();
    for (size_t size = 0; size < whole().size; size++) {
        char *memory = malloc(size + 1); /* the copy lies at its end: a byte too far is noticed */
        memcpy(memory + 1, archive, size);
        struct text text = {memory + 1, size};
        bool ends_well = size >= archive_size + ARCHIVE_UNIT;
        ck_assert_msg(archive_is_sound(text) == ends_well, "%zu bytes", size);
        free(memory);
    }
}
END_TEST

/* Whatever number is read in their stead, the member would have that size. */
START_TEST(a_size_that_is_not_octal_is_refused)
{
    static const struct {
        const char *bytes, *size;
    } members[] = {
        {"", "0000000000x"}, {"x", "0000000000x"}, {"12345678", "00000000008"},
        {"", "0000000000 "}, {"x", "          1"}, {"", "\0\0\0\0\0\0\0\0\0\0\0"},
    };
    for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
        begin();
        char *header = add("", "a", members[i].bytes);
        ck_assert(archive_is_sound(whole()));
        memcpy(header + 124, members[i].size, 11);
        archive_set_checksum(header);
        ck_assert_msg(!archive_is_sound(whole()), "member %zu", i);
    }
}
END_TEST

/* One bit of any header. */
START_TEST(a_damaged_header_is_noticed)
{
    given_three();
    for (size_t i = 0; i < 8 * (size_t)ARCHIVE_UNIT; i++) {
        size_t at = (i / 8) + 2 * (size_t)ARCHIVE_UNIT;
        bool unread = i / 8 >= 148 + 6 && i / 8 < 148 + 8; /* what follows the checksum's digits */
        archive[at] ^= (char)(1 << i % 8);
        ck_assert_msg(archive_is_sound(whole()) == unread, "bit %zu of byte %zu", i % 8, i / 8);
        archive[at] ^= (char)(1 << i % 8);
    }
    ck_assert(archive_is_sound(whole()));
}
END_TEST

static void expect_unsound(const char *what)
{
    ck_assert_msg(!archive_is_sound(whole()), "%s", what);
}

START_TEST(what_cannot_be_used_is_refused)
{
    static const char name_100[] = "nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn"
                                   "nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn";
    const char *long_name = name_100 + 1;
    static const char types[] = "\0001234567xgLK";
    static const char *const names[] = {"..", "a/../b", "a//../b", "a:b",        "a/",        "/",
                                        "a.", "a\tb",   "\xFF",    "LOADER.cfg", "loader.cfg"};
    for (size_t i = 0; i < sizeof(types) - 1; i++) {
        begin();
        char *header = add("", "link", "");
        ck_assert(archive_is_sound(whole()));
        header[156] = types[i];
        archive_set_checksum(header);
        expect_unsound("type");
    }
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        begin();
        (void)add("", names[i], "x");
        expect_unsound(names[i]);
    }
    begin();
    (void)add("", "boot/k", "x");
    (void)add("", "a", "x");
    (void)add("", "boot/K", "x");
    expect_unsound("two names of one file");
    begin();
    (void)add("", long_name, "x"); /* 99 bytes */
    ck_assert(archive_is_sound(whole()));
    (void)add("", long_name - 1, "x");
    expect_unsound("a name that fills its field");
    begin();
    (void)add("b", "k", "x");
    expect_unsound("a prefix");
    begin();
    archive[archive_size + ARCHIVE_UNIT + 7] = 1;
    expect_unsound("something behind the end");
    archive_begin();
    expect_unsound("an empty archive");
    (void)add("", "other.cfg", "x");
    (void)add("", "loader.cfg", "x");
    expect_unsound("another file first");
}
END_TEST

/* A PE32+ image in memory: a header, a section table, sections. Headers are in the first page. */
#define HEADERS 4096
static uint8_t image[2 * HEADERS];

static void put(size_t at, uint32_t value, size_t size)
{
    memcpy(image + at, &value, size);
}

static void add_section(unsigned number, const char *name, uint32_t address, uint32_t size)
{
    size_t header = 0x80 + 24 + 240 + 40 * (size_t)number;
    memcpy(image + header, name, strlen(name));
    put(header + 8, size, 4);
    put(header + 12, address, 4);
}

static struct text given_image(void)
{
    memset(image, 0, sizeof(image));
    put(0x3C, 0x80, 4);
    put(0x80, 0x4550, 4);
    put(0x80 + 6, 2, 2);
    put(0x80 + 20, 240, 2);
    add_section(0, ".baton12", 0x800, 0x100);
    add_section(1, SEAL_SECTION, 0xC00, 0x234);
    return (struct text){(const char *)image, HEADERS};
}

START_TEST(a_section_is_found_by_its_name)
{
    struct text section;
    struct text whole_image = given_image();
    ck_assert(image_section(whole_image, SEAL_SECTION, &section));
    ck_assert_ptr_eq(section.bytes, (const char *)image + 0xC00);
    ck_assert_uint_eq(section.size, 0x234);
    ck_assert(image_section(whole_image, ".baton12", &section));
    ck_assert_uint_eq(section.size, 0x100);
    ck_assert(image_section(whole_image, ".sbat\0\0", &section));
    ck_assert_ptr_null(section.bytes);
    ck_assert_uint_eq(section.size, 0);
    ck_assert(image_section(whole_image, ".bat\0\0\0", &section));
    ck_assert_ptr_null(section.bytes);
}
END_TEST

START_TEST(a_section_may_be_anything_up_to_the_end_of_the_image)
{
    static const uint32_t places[][2] = {{0xC00, 0x400}, {0xFFF, 1}, {0xC00, 1}, {0, 0x1000}};
    for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
        struct text whole_image = given_image();
        struct text section;
        add_section(1, SEAL_SECTION, places[i][0], places[i][1]);
        ck_assert_msg(image_section(whole_image, SEAL_SECTION, &section), "place %zu", i);
        ck_assert_ptr_eq(section.bytes, (const char *)image + places[i][0]);
        ck_assert_uint_eq(section.size, places[i][1]);
    }
}
END_TEST

/* The image goes on, and a section's header lies there, too. */
START_TEST(headers_end_within_the_first_page)
{
    const struct text whole_image = {(const char *)image, sizeof(image)};
    struct text section;
    (void)given_image();
    put(0x80 + 20, HEADERS - 40 - 0x80 - 24, 2);
    memcpy(image + HEADERS - 40, image + 0x80 + 24 + 240, 80);
    ck_assert(image_section(whole_image, ".baton12", &section));
    ck_assert_uint_eq(section.size, 0x100);
    ck_assert(!image_section(whole_image, SEAL_SECTION, &section));
    for (uint32_t at = HEADERS - 24; at <= HEADERS - 23; at++) {
        put(0x3C, at, 4);
        memset(image + at, 0, 24 + 40);
        ck_assert_int_eq(image_section(whole_image, SEAL_SECTION, &section), at == HEADERS - 24);
    }
}
END_TEST

START_TEST(a_section_outside_of_the_image_is_refused)
{
    struct text section;
    static const uint32_t places[][2] = {
        {0xC00, 0x401}, {0x1001, 1}, {UINT32_MAX, 1}, {1, UINT32_MAX}, {0xC00, 0}, {0x1000, 1},
    };
    for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
        struct text whole_image = given_image();
        add_section(1, SEAL_SECTION, places[i][0], places[i][1]);
        ck_assert_msg(!image_section(whole_image, SEAL_SECTION, &section), "place %zu", i);
    }
    struct text whole_image = given_image();
    put(0x80 + 6, 0xFFFF, 2);
    ck_assert(!image_section(whole_image, ".sbat\0\0", &section));
    whole_image = given_image();
    put(0x3C, UINT32_MAX, 4);
    ck_assert(!image_section(whole_image, SEAL_SECTION, &section));
    whole_image = given_image();
    put(0x80 + 20, 0xFFFF, 2);
    ck_assert(!image_section(whole_image, SEAL_SECTION, &section));
    ck_assert(!image_section((struct text){NULL, 0}, SEAL_SECTION, &section));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("archive");
    TCase *members = tcase_create("members");
    tcase_add_test(members, members_are_found_by_their_paths);
    tcase_add_test(members, sizes_around_a_unit);
    tcase_add_test(members, a_member_that_reaches_behind_the_end_is_none);
    tcase_add_test(members, a_size_that_is_not_octal_is_refused);
    tcase_add_test(members, a_damaged_header_is_noticed);
    tcase_add_test(members, what_cannot_be_used_is_refused);
    suite_add_tcase(suite, members);
    TCase *sections = tcase_create("sections");
    tcase_add_test(sections, a_section_is_found_by_its_name);
    tcase_add_test(sections, a_section_may_be_anything_up_to_the_end_of_the_image);
    tcase_add_test(sections, headers_end_within_the_first_page);
    tcase_add_test(sections, a_section_outside_of_the_image_is_refused);
    suite_add_tcase(suite, sections);
    return suite_main(suite, "unit-archive");
}
