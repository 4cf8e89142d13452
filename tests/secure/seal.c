/* Sealing as a change of a PE32+ file (PE format revision 8.3): what lay in the sections lies there
 * afterwards, also where the headers had no room for one more and everything moved on. */
#include "secure_pe.h"
#include "suite.h"
#include "vm/files.h"

#include <string.h>

enum {
    PE = 0x40,
    OPTIONAL = PE + 24,
    TABLE = OPTIONAL + 240,
    SECTION_SIZE = 40,
    SECTIONS = 2,
    TABLE_END = TABLE + SECTIONS * SECTION_SIZE,
    SECTION_ALIGNMENT = 0x1000,
    FILE_ALIGNMENT = 32,
    CONTENTS = 0x60, /* bytes of each section */
    DEBUG_AT = 0x10, /* in the second one: the debug directory, then what it names */
    NAMED_AT = 0x50,
    DEBUG_DIRECTORY = OPTIONAL + 112 + 6 * 8,
    DEBUG_ENTRY = 28,
    HEADERS_SIZE = OPTIONAL + 60,
    FILE_MAX = 0x4000,
};

static uint8_t file[FILE_MAX];
static size_t made_size;
static struct message message;
static struct bytes sealed;

static uint32_t get(struct text from, size_t at, size_t size)
{
    uint32_t value = 0;
    ck_assert_uint_le(at + size, from.size);
    memcpy(&value, from.bytes + at, size);
    return value;
}

static void put(size_t at, uint32_t value, size_t size)
{
    ck_assert_uint_le(at + size, sizeof(file));
    memcpy(file + at, &value, size);
}

static void put_section(size_t at, const char *name, uint32_t address, uint32_t offset)
{
    memcpy(file + at, name, strlen(name));
    put(at + 8, CONTENTS, 4);
    put(at + 12, address, 4);
    put(at + 16, CONTENTS, 4);
    put(at + 20, offset, 4);
    memset(file + offset, address >> 12, CONTENTS);
}

/* A loader of two sections, with so many bytes of headers. */
static void make(uint32_t headers_size)
{
    memset(file, 0, sizeof(file));
    put(0x3C, PE, 4);
    put(PE, 0x4550, 4);
    put(PE + 6, SECTIONS, 2);
    put(PE + 20, 240, 2);
    put(OPTIONAL, 0x20B, 2);
    put(OPTIONAL + 8, 2 * CONTENTS, 4);
    put(OPTIONAL + 32, SECTION_ALIGNMENT, 4);
    put(OPTIONAL + 36, FILE_ALIGNMENT, 4);
    put(OPTIONAL + 56, 3 * SECTION_ALIGNMENT, 4);
    put(HEADERS_SIZE, headers_size, 4);
    put(OPTIONAL + 64, 0x12345678, 4);
    put(OPTIONAL + 108, 16, 4);
    put_section(TABLE, ".text", 0x1000, headers_size);
    put_section(TABLE + SECTION_SIZE, ".rdata", 0x2000, headers_size + CONTENTS);
    const uint32_t second = headers_size + CONTENTS;
    put(DEBUG_DIRECTORY, 0x2000 + DEBUG_AT, 4);
    put(DEBUG_DIRECTORY + 4, DEBUG_ENTRY, 4);
    put(second + DEBUG_AT + 16, 8, 4);
    put(second + DEBUG_AT + 20, 0x2000 + NAMED_AT, 4);
    put(second + DEBUG_AT + 24, second + NAMED_AT, 4);
    memcpy(file + second + NAMED_AT, "codeview", 8);
    made_size = second + CONTENTS;
}

static struct text made(void)
{
    return (struct text){(const char *)file, made_size};
}

static struct text result(void)
{
    return (struct text){bytes_text(&sealed), sealed.size};
}

static size_t table_of(struct text pe)
{
    size_t header = get(pe, 0x3C, 4);
    return header + 24 + get(pe, header + 20, 2);
}

/* Offset in the file of an address in memory; it must lie in one section. */
static size_t offset_of(struct text pe, uint32_t address)
{
    uint32_t count = get(pe, get(pe, 0x3C, 4) + 6, 2);
    for (uint32_t i = 0; i < count; i++) {
        size_t section = table_of(pe) + (size_t)i * SECTION_SIZE;
        uint32_t begin = get(pe, section + 12, 4);
        if (address >= begin && address - begin < get(pe, section + 16, 4)) {
            return get(pe, section + 20, 4) + address - begin;
        }
    }
    ck_abort_msg("no section has 0x%x", address);
}

/* Each section lies whole behind the headers, none over another, at its address as before. */
static void expect_sections(struct text before, struct text after)
{
    size_t header = get(after, 0x3C, 4);
    uint32_t count = get(before, header + 6, 2);
    size_t end = get(after, header + 24 + 60, 4);
    ck_assert_uint_eq(get(after, header + 6, 2), count + 1);
    ck_assert_uint_le(table_of(after) + (size_t)(count + 1) * SECTION_SIZE, end);
    ck_assert_uint_eq(end % FILE_ALIGNMENT, 0);
    for (uint32_t i = 0; i <= count; i++) {
        size_t at = table_of(after) + (size_t)i * SECTION_SIZE;
        uint32_t offset = get(after, at + 20, 4);
        uint32_t size = get(after, at + 16, 4);
        ck_assert_uint_ge(offset, end);
        ck_assert_uint_eq(offset % FILE_ALIGNMENT, 0);
        ck_assert_uint_le((size_t)offset + size, after.size);
        ck_assert_uint_ge(get(after, at + 12, 4), i == 0 ? end : 1);
        end = (size_t)offset + size;
        if (i < count) {
            ck_assert_mem_eq(after.bytes + at, before.bytes + at, 20); /* name, sizes, address */
            ck_assert_uint_eq(get(after, at + 36, 4), get(before, at + 36, 4));
        }
    }
    ck_assert_uint_eq(end, after.size);
}

/* As memory: all that a section of the loader's had, apart from offsets in the debug directory. */
static void expect_contents(struct text before, struct text after)
{
    uint32_t count = get(before, get(before, 0x3C, 4) + 6, 2);
    uint32_t debug = get(before, get(before, 0x3C, 4) + 24 + 112 + 6 * 8, 4);
    uint32_t debug_size = get(before, get(before, 0x3C, 4) + 24 + 112 + 6 * 8 + 4, 4);
    for (uint32_t i = 0; i < count; i++) {
        size_t section = table_of(before) + (size_t)i * SECTION_SIZE;
        uint32_t address = get(before, section + 12, 4);
        for (uint32_t at = 0; at < get(before, section + 16, 4); at++) {
            if (address + at < debug || address + at >= debug + debug_size) {
                ck_assert_uint_eq(get(after, offset_of(after, address + at), 1),
                                  get(before, offset_of(before, address + at), 1));
            }
        }
    }
}

/* Each of its entries says where in the file lies what it names. */
static void expect_debug_directory(struct text after)
{
    size_t header = get(after, 0x3C, 4);
    uint32_t address = get(after, header + 24 + 112 + 6 * 8, 4);
    uint32_t size = get(after, header + 24 + 112 + 6 * 8 + 4, 4);
    ck_assert_uint_gt(size, 0);
    for (uint32_t at = 0; at < size; at += DEBUG_ENTRY) {
        size_t entry = offset_of(after, address + at);
        uint32_t named = get(after, entry + 20, 4);
        uint32_t offset = get(after, entry + 24, 4);
        ck_assert_uint_eq(offset, named == 0 ? 0 : offset_of(after, named));
    }
}

static void expect_sealed(struct text before, struct text archive)
{
    struct text inside;
    struct text after;
    ck_assert_msg(secure_pe_seal(before, archive, &message, &sealed), "%s", message_text(&message));
    after = result();
    expect_sections(before, after);
    expect_contents(before, after);
    expect_debug_directory(after);
    ck_assert(secure_pe_archive(after, &inside));
    ck_assert_uint_eq(inside.size, archive.size);
    ck_assert_mem_eq(inside.bytes, archive.bytes, archive.size);
    size_t header = get(after, 0x3C, 4);
    size_t last = table_of(after) + (size_t)(get(after, header + 6, 2) - 1U) * SECTION_SIZE;
    uint32_t end = get(after, last + 12, 4) + get(after, last + 8, 4);
    ck_assert_mem_eq(after.bytes + last, ".baton\0", 8);
    ck_assert_uint_eq(get(after, last + 36, 4), 0x40000040); /* initialised data, readable */
    ck_assert_uint_eq(get(after, last + 12, 4), get(before, header + 24 + 56, 4));
    ck_assert_uint_eq(get(after, header + 24 + 56, 4), (end + 0xFFF) / 0x1000 * 0x1000);
    ck_assert_uint_eq(get(after, header + 24 + 8, 4),
                      get(before, header + 24 + 8, 4) + get(after, last + 16, 4));
    ck_assert_uint_eq(get(after, header + 24 + 64, 4), 0); /* the checksum; nobody looks at it */
}

static void tear_down(void)
{
    bytes_free(&sealed);
    message_free(&message);
}

/* i: bytes that the headers have left; a section takes 40 of them. */
START_TEST(sections_move_on_where_the_headers_have_no_room)
{
    const uint32_t size = TABLE_END + (uint32_t)_i + FILE_ALIGNMENT - 1;
    make(size / FILE_ALIGNMENT * FILE_ALIGNMENT);
    const uint32_t before = get(made(), HEADERS_SIZE, 4);
    expect_sealed(made(), TEXT("an archive"));
    const uint32_t after = get(result(), HEADERS_SIZE, 4);
    const uint32_t needed = TABLE_END + SECTION_SIZE;
    ck_assert_uint_eq(after, needed <= before
                                 ? before
                                 : (needed + FILE_ALIGNMENT - 1) / FILE_ALIGNMENT * FILE_ALIGNMENT);
}
END_TEST

START_TEST(the_loader_that_was_built_can_be_sealed)
{
    struct bytes loader = {0};
    ck_assert_msg(file_read(BATON_BUILD_DIR "/BOOTX64.EFI", &message, &loader), "%s",
                  message_text(&message));
    expect_sealed((struct text){bytes_text(&loader), loader.size}, TEXT("an archive"));
    ck_assert(file_write("sealed-by-test.efi", sealed.data, sealed.size, &message));
    static const char *const lint[] = {BATON_BUILD_DIR "/tests/lint/lint-pe", "sealed-by-test.efi",
                                       NULL};
    ck_assert_msg(program_run(lint, &message), "%s", message_text(&message));
    remove("sealed-by-test.efi");
    bytes_free(&loader);
}
END_TEST

/* The headers would reach into the first section's page. */
START_TEST(headers_that_cannot_grow_are_refused)
{
    make(SECTION_ALIGNMENT);
    ck_assert(secure_pe_seal(made(), TEXT("x"), &message, &sealed));
    bytes_free(&sealed);
    /* a table that ends with the page: the PE header lies later */
    const uint32_t later = SECTION_ALIGNMENT - TABLE_END;
    memmove(file + PE + later, file + PE, TABLE_END - PE);
    put(0x3C, PE + later, 4);
    ck_assert(!secure_pe_seal(made(), TEXT("x"), &message, &sealed));
    ck_assert_ptr_nonnull(strstr(message_text(&message), "have no room for a section"));
    ck_assert_uint_eq(sealed.size, 0);
}
END_TEST

/* i: what is wrong with the file. A damaged one is refused, and nothing outside of it is read. */
START_TEST(what_is_no_loader_is_refused)
{
    make(0x200);
    put(PE, 0x4550, 4);
    switch (_i) {
    case 0:
        put(PE, 0x4551, 4);
        break;
    case 1:
        put(0x3C, UINT32_MAX, 4);
        break;
    case 2:
        put(PE + 6, 97, 2);
        break;
    case 3:
        put(OPTIONAL + 36, 33, 4); /* no power of two */
        break;
    case 4:
        put(HEADERS_SIZE, UINT32_MAX, 4);
        break;
    case 5:
        put(OPTIONAL + 112 + 4 * 8 + 4, 8, 4); /* signed */
        break;
    case 6:
        put(HEADERS_SIZE, SECTION_ALIGNMENT, 4); /* the file is shorter */
        break;
    default:
        memcpy(file + TABLE, ".baton\0", 8); /* sealed */
        break;
    }
    ck_assert(!secure_pe_seal(made(), TEXT("x"), &message, &sealed));
    ck_assert_uint_gt(strlen(message_text(&message)), 20);
    ck_assert_uint_eq(sealed.size, 0);
}
END_TEST

/* i: the debug directory is past its section, past the file, of no whole entry. */
START_TEST(a_debug_directory_that_makes_no_sense_is_left_alone)
{
    make(TABLE_END / FILE_ALIGNMENT * FILE_ALIGNMENT + FILE_ALIGNMENT);
    put(DEBUG_DIRECTORY, _i == 1 ? 0xFFFFFFF0 : 0x2000 + DEBUG_AT, 4);
    put(DEBUG_DIRECTORY + 4, _i == 0 ? 0x10000 : _i == 1 ? 0x1C : 20, 4);
    ck_assert(secure_pe_seal(made(), TEXT("x"), &message, &sealed));
    expect_sections(made(), result());
    expect_contents(made(), result());
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("secure-seal");
    TCase *tests = tcase_create("seal");
    tcase_add_checked_fixture(tests, NULL, tear_down);
    tcase_set_timeout(tests, 60);
    tcase_add_loop_test(tests, sections_move_on_where_the_headers_have_no_room, 0, 100);
    tcase_add_test(tests, the_loader_that_was_built_can_be_sealed);
    tcase_add_test(tests, headers_that_cannot_grow_are_refused);
    tcase_add_loop_test(tests, what_is_no_loader_is_refused, 0, 8);
    tcase_add_loop_test(tests, a_debug_directory_that_makes_no_sense_is_left_alone, 0, 3);
    suite_add_tcase(suite, tests);
    return suite_main(suite, "secure-seal");
}
