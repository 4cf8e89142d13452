/* Load options as firmware has them: bytes in, text and words out. */
#include "core/config/load_options.h"

#include "suite.h"

#include <string.h>

static char buffer[LOAD_OPTIONS_MAX / 2 * 3 + 1];

static void expect(const void *bytes, size_t size, const char *expected)
{
    struct text text = load_options_decode(bytes, size, buffer, sizeof(buffer));
    ck_assert_msg(text.size == strlen(expected) && memcmp(text.bytes, expected, text.size) == 0,
                  "'%.*s', not '%s'", (int)text.size, text.bytes, expected);
}

START_TEST(utf_16_is_read_with_and_without_a_mark)
{
    static const char bytes[] = "e\0=\0\xE4\0\xAC\x20\0\0x\0";
    static const char marked[] = "\xFF\xFE"
                                 "e\0=\0\xE4\0\xAC\x20\0\0x\0";
    static const char swapped[] = "\xFE\xFF\0e\0=\0\xE4\x20\xAC\0\0\0x";
    expect(bytes, sizeof(bytes) - 1, "e=\xC3\xA4\xE2\x82\xAC");
    expect(bytes, 4, "e=");
    expect(bytes, 5, "e=");
    expect(marked, sizeof(marked) - 1, "e=\xC3\xA4\xE2\x82\xAC");
    expect(swapped, sizeof(swapped) - 1, "e=\xC3\xA4\xE2\x82\xAC");
    expect(marked, 2, "");
    expect(marked, 1, "");
    expect(marked, 0, "");
    /* Not where a short is aligned. */
    static _Alignas(2) char odd[] = "xe\0=\0";
    expect(odd + 1, 4, "e=");
}
END_TEST

START_TEST(printable_ascii_is_read_as_it_is)
{
    static const char bytes[] = "entry=debug ~\t!\r\n";
    expect(bytes, sizeof(bytes) - 1, bytes);
    expect(bytes, sizeof(bytes), bytes);
    expect("entry=a\0b", 9, "entry=a");
    expect("\xEF\xBB\xBF"
           "entry=a",
           10, "entry=a");
    expect("ab", 2, "ab");
}
END_TEST

/* Two bytes that are no text are a character of UTF-16. */
START_TEST(what_is_not_printable_is_utf_16)
{
    expect("entry=\x7F"
           "b",
           8, "\xE6\xB9\xA5\xE7\x89\xB4\xE3\xB5\xB9\xE6\x89\xBF");
    expect("a\0", 2, "a");
    expect("a", 1, "");
}
END_TEST

START_TEST(what_has_no_room_is_cut_off)
{
    char small[5];
    struct text text = load_options_decode("entry=b", 7, small, sizeof(small));
    ck_assert_uint_le(text.size, sizeof(small));
}
END_TEST

static void word(const char *text, const char *entry, const char *config)
{
    struct load_options options = load_options_parse(text_of(text));
    ck_assert_msg(text_equal(options.entry, text_of(entry)), "%s: entry '%.*s'", text,
                  (int)options.entry.size, options.entry.bytes);
    ck_assert_msg(text_equal(options.config, text_of(config)), "%s: config '%.*s'", text,
                  (int)options.config.size, options.config.bytes);
}

START_TEST(values_may_have_quotes_and_blanks_in_them)
{
    word("entry=\"my kernel\" config='/a b/c.cfg'", "my kernel", "/a b/c.cfg");
    word("\"entry=my kernel\" \"config=/a b/c.cfg\"", "my kernel", "/a b/c.cfg");
    word("'entry=it\"s'", "it\"s", "");
    word("entry=\"open to the end", "open to the end", "");
    word("config = /x.cfg entry = b", "b", "/x.cfg");
    word("entry= config=/x.cfg", "", "/x.cfg");
    word("\"", "", "");
    word("entry=\"", "", "");
    word("", "", "");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("load_options");
    TCase *tests = tcase_create("load_options");
    tcase_add_test(tests, utf_16_is_read_with_and_without_a_mark);
    tcase_add_test(tests, printable_ascii_is_read_as_it_is);
    tcase_add_test(tests, what_is_not_printable_is_utf_16);
    tcase_add_test(tests, what_has_no_room_is_cut_off);
    tcase_add_test(tests, values_may_have_quotes_and_blanks_in_them);
    suite_add_tcase(suite, tests);
    return suite_main(suite, "unit-load_options");
}
