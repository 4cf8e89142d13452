/* Load options as firmware has them: bytes in, text and words out. */
#include "core/config/load_options.h"

#include "suite.h"

#include <stdlib.h>
#include <string.h>

static char buffer[LOAD_OPTIONS_READ * 2];

static void expect_at(const void *bytes, size_t size, const char *expected)
{
    struct text text = load_options_decode(bytes, size, buffer, sizeof(buffer));
    ck_assert_msg(text.size == strlen(expected) && memcmp(text.bytes, expected, text.size) == 0,
                  "'%.*s', not '%s'", (int)text.size, text.bytes, expected);
}

/* Memory that ends where the bytes do: AddressSanitizer sees what is read past them. */
static void *exactly(const void *bytes, size_t size)
{
    void *copy = malloc(size);
    ck_assert_ptr_nonnull(copy);
    return memcpy(copy, bytes, size);
}

static void expect(const void *bytes, size_t size, const char *expected)
{
    void *copy = exactly(bytes, size);
    expect_at(copy, size, expected);
    free(copy);
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
    expect_at(odd + 1, 4, "e=");
}
END_TEST

/* A mark is two bytes: the first of them in another place, or the second alone, is a character. */
START_TEST(half_a_mark_is_no_mark)
{
    expect("\xFE\xFF", 2, "");
    expect("\xFE", 1, "");
    expect("\1\xFF"
           "a\0",
           4,
           "\xEF\xBC\x81"
           "a");
    expect("!\xFE"
           "a\0",
           4,
           "\xEF\xB8\xA1"
           "a");
    expect("\xEF\xBB\xBF", 3, "");
}
END_TEST

/* A NUL as the first of two bytes: no text in the other order begins so. */
START_TEST(utf_16_of_the_other_order_is_known_by_its_first_nul)
{
    expect("\0e\0n\0t\0r\0y\0=\0b", 14, "entry=b");
    expect("\0e", 2, "e");
    expect("\0\0\0e", 4, "");
    expect("\0\1", 2, "\1");
    expect("\0", 1, "");
}
END_TEST

START_TEST(printable_utf_8_is_read_as_it_is)
{
    static const char bytes[] = "entry=debug ~\t!\r\n";
    expect(bytes, sizeof(bytes) - 1, bytes);
    expect(bytes, sizeof(bytes), bytes);
    expect("entry=a\0b", 9, "entry=a");
    expect("\xEF\xBB\xBF"
           "entry=a",
           10, "entry=a");
    expect("ab", 2, "ab");
    expect("config=/\xC3\xA4.cfg", 14, "config=/\xC3\xA4.cfg");
    expect("entry=\xC2\x9F", 8, "\xE6\xB9\xA5\xE7\x89\xB4\xE3\xB5\xB9\xE9\xBF\x82 ?entry=");
}
END_TEST

/* Two bytes that are no text are a character of UTF-16. */
START_TEST(what_is_not_printable_is_utf_16)
{
    expect("entry=\x7F"
           "b",
           8, "\xE6\xB9\xA5\xE7\x89\xB4\xE3\xB5\xB9\xE6\x89\xBF ?entry=");
    expect("ab\x7F", 3, "\xE6\x89\xA1");
    expect("a\0", 2, "a");
    expect("a", 1, "");
}
END_TEST

/* All of an EFI_LOAD_OPTION, as some firmware passes on; a description; an option after a NUL. */
START_TEST(an_option_among_other_bytes_is_not_lost)
{
    static const char whole[] = "\1\0\0\0\x2C\0B\0a\0t\0o\0n\0\0\0\x7F\xFF\4\0"
                                "E\0n\0t\0r\0y\0=\0b\0\0\0";
    expect(whole, sizeof(whole) - 1, "\1 ?Entry=b");
    expect("F\0J\0\0\0c\0o\0n\0f\0i\0g\0=\0", 20, "FJ ?config=");
    expect("FJ\0 entry=b", 11, "FJ ?entry=b");
    expect("FJ\0entr", 7, "FJ");
    expect("FJ\0conf", 7, "FJ");
    expect("FJ\0entry\0b", 10, "FJ ?entry");
    expect("FJ\0entry=~b c", 14, "FJ ?entry=~b");
    expect("FJ\0e..n..t..r..y..=..b", 22, "FJ");
    expect("entry=a\0entry=b", 15, "entry=a");
    struct load_options options = load_options_parse(TEXT("FJ ?entry=b"));
    ck_assert(text_equal(options.unclear, TEXT("?entry=b")));
}
END_TEST

/* Garbage or a long command line, with an option or two beyond what is read. */
START_TEST(an_option_beyond_what_is_read_is_not_lost)
{
    static char bytes[LOAD_OPTIONS_READ + 64];
    static const struct {
        const char *first, *second;
        size_t at, stride;
        const char *unclear;
    } cases[] = {
        {"", "entry=b", LOAD_OPTIONS_READ, 1, "?entry=b"},
        {"", "entry=b", LOAD_OPTIONS_READ - 3, 1, "?entry=b"},
        {"entry=a", "config=/b", LOAD_OPTIONS_READ, 1, "?config=/b"},
        {"", "config=/b", LOAD_OPTIONS_READ, 2, "?config=/b"},
        {"entry=a", "", LOAD_OPTIONS_READ, 1, ""},
    };
    memset(bytes, ' ', sizeof(bytes));
    memcpy(bytes, cases[_i].first, strlen(cases[_i].first));
    for (size_t i = 0; i < strlen(cases[_i].second); i++) {
        char *at = bytes + cases[_i].at + i * cases[_i].stride;
        memcpy(at, (char[]){cases[_i].second[i], 0}, cases[_i].stride);
    }
    struct text text = load_options_decode(bytes, sizeof(bytes), buffer, sizeof(buffer));
    struct load_options options = load_options_parse(text);
    ck_assert_msg(text_equal(options.unclear, text_of(cases[_i].unclear)), "%.*s",
                  (int)options.unclear.size, options.unclear.bytes);
    ck_assert_uint_eq(options.entry.size, cases[_i].first[0] != 0);
}
END_TEST

START_TEST(what_has_no_room_is_cut_off)
{
    char small[5];
    struct text text = load_options_decode("entry=b", 7, small, sizeof(small));
    ck_assert_uint_le(text.size, sizeof(small));
}
END_TEST

static void words(const char *text, const char *entry, const char *config, const char *unclear)
{
    char *copy = exactly(text, strlen(text));
    struct load_options options = load_options_parse((struct text){copy, strlen(text)});
    ck_assert_msg(text_equal(options.entry, text_of(entry)), "%s: entry '%.*s'", text,
                  (int)options.entry.size, options.entry.bytes);
    ck_assert_msg(text_equal(options.config, text_of(config)), "%s: config '%.*s'", text,
                  (int)options.config.size, options.config.bytes);
    ck_assert_msg(text_equal(options.unclear, text_of(unclear)), "%s: unclear '%.*s'", text,
                  (int)options.unclear.size, options.unclear.bytes);
    free(copy);
}

static void word(const char *text, const char *entry, const char *config)
{
    words(text, entry, config, "");
}

START_TEST(values_may_have_quotes_and_blanks_in_them)
{
    word("entry=\"my kernel\" config='/a b/c.cfg'", "my kernel", "/a b/c.cfg");
    word("\"entry=my kernel\" \"config=/a b/c.cfg\"", "my kernel", "/a b/c.cfg");
    word("'entry=it\"s'", "it\"s", "");
    word("entry=\"open to the end", "open to the end", "");
    word("config = /x.cfg entry = b", "b", "/x.cfg");
    words("entry= config=/x.cfg", "", "/x.cfg", "entry=");
    word("config=x", "", "x");
    word("\"", "", "");
    words("entry=\"", "", "", "entry=\"");
    word("", "", "");
}
END_TEST

START_TEST(a_word_with_a_key_in_it_that_is_no_option_is_unclear)
{
    words("entry", "", "", "entry");
    words("entryb", "", "", "entryb");
    words("xntry=b", "", "", "");
    words("config=entry=", "", "", "config=entry=");
    words("xconfig=/b entry=c", "c", "", "xconfig=/b");
}
END_TEST

/* The shell passes the loader's own path on, which may hold anything. */
START_TEST(the_path_of_the_loader_is_no_option)
{
    word("entry.efi entry=b", "b", "");
    word("\\entry.efi", "", "");
    word("FS0:\\CONFIG\\BOOTX64.EFI", "", "");
    words("entry=", "", "", "entry=");
    words("xentry=a.efi", "", "", "xentry=a.efi");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("load_options");
    TCase *tests = tcase_create("load_options");
    tcase_add_test(tests, utf_16_is_read_with_and_without_a_mark);
    tcase_add_test(tests, utf_16_of_the_other_order_is_known_by_its_first_nul);
    tcase_add_test(tests, printable_utf_8_is_read_as_it_is);
    tcase_add_test(tests, an_option_among_other_bytes_is_not_lost);
    tcase_add_test(tests, what_is_not_printable_is_utf_16);
    tcase_add_loop_test(tests, an_option_beyond_what_is_read_is_not_lost, 0, 5);
    tcase_add_test(tests, what_has_no_room_is_cut_off);
    tcase_add_test(tests, values_may_have_quotes_and_blanks_in_them);
    tcase_add_test(tests, half_a_mark_is_no_mark);
    tcase_add_test(tests, a_word_with_a_key_in_it_that_is_no_option_is_unclear);
    tcase_add_test(tests, the_path_of_the_loader_is_no_option);
    suite_add_tcase(suite, tests);
    return suite_main(suite, "unit-load_options");
}
