#include "suite.h"

#include "core/base/writer.h"

#include <string.h>

#define COUNT_OF(array) (int)(sizeof(array) / sizeof((array)[0]))
#define BYTES(literal)               \
    {                                \
        literal, sizeof(literal) - 1 \
    }

START_TEST(a_text_knows_its_size_and_equals_only_its_like)
{
    ck_assert_uint_eq(text_of("").size, 0);
    ck_assert_uint_eq(text_of("kernel").size, 6);
    ck_assert(text_equal(TEXT("kernel"), text_of("kernel")));
    ck_assert(!text_equal(TEXT("kernel"), TEXT("kernal")));
    ck_assert(!text_equal(TEXT("kernel"), TEXT("kerne")));
    ck_assert(text_equal((struct text){NULL, 0}, TEXT("")));
    ck_assert(!text_equal(TEXT("a\0b"), TEXT("a\0c")));
}
END_TEST

/* As parts of longer texts, whose other bytes differ, and as they are. */
START_TEST(texts_are_compared_up_to_their_ends)
{
    static const struct {
        struct text a, b;
        bool same;
    } rows[] = {
        {BYTES("Kernel"), BYTES("kERNEL"), true},
        {BYTES("AZ@[`{"), BYTES("az@[`{"), true},
        {BYTES("@"), BYTES("`"), false},
        {BYTES("["), BYTES("{"), false},
        {BYTES("kernel"), BYTES("kernal"), false},
        {BYTES("kernel"), BYTES("kernels"), false},
        {BYTES("kernels"), BYTES("kernel"), false},
        {{"kernel", 5}, {"kernal", 5}, false},
        {{"kernel", 4}, {"kernal", 4}, true},
        {BYTES(""), BYTES("k"), false},
        {{"a", 0}, {"b", 0}, true},
    };
    for (int i = 0; i < COUNT_OF(rows); i++) {
        ck_assert_int_eq(text_equal_any_case(rows[i].a, rows[i].b), rows[i].same);
    }
    ck_assert(text_ends_with(TEXT(".gz"), TEXT(".gz")));
    ck_assert(text_ends_with(TEXT("k.gz"), TEXT(".gz")));
    ck_assert(!text_ends_with(TEXT("gz"), TEXT(".gz")));
    ck_assert(!text_ends_with(TEXT("k.gz"), TEXT(".xz")));
    ck_assert(text_begins_with(TEXT("k.gz"), TEXT("k.gz")));
    ck_assert(!text_begins_with(TEXT("k.g"), TEXT("k.gz")));
}
END_TEST

struct decoding {
    const char *bytes;
    size_t given;
    size_t size; /* 0: refused */
    uint32_t character;
};

#define DECODE(literal, size, character)              \
    {                                                 \
        literal, sizeof(literal) - 1, size, character \
    }

static const struct decoding decodings[] = {
    DECODE("", 0, 0),
    DECODE("a", 1, 'a'),
    DECODE("\x00", 1, 0),
    DECODE("\x7F", 1, 0x7F),
    DECODE("\xC2\x80", 2, 0x80),
    DECODE("\xDF\xBF", 2, 0x7FF),
    DECODE("\xE0\xA0\x80", 3, 0x800),
    DECODE("\xED\x9F\xBF", 3, 0xD7FF),
    DECODE("\xEE\x80\x80", 3, 0xE000),
    DECODE("\xEF\xBF\xBF", 3, 0xFFFF),
    DECODE("\xF0\x90\x80\x80", 4, 0x10000),
    DECODE("\xF4\x8F\xBF\xBF", 4, 0x10FFFF),
    DECODE("\xC3\xA4xyz", 2, 0xE4),
    /* a byte that only continues, one that never occurs */
    DECODE("\x80", 0, 0),
    DECODE("\xBF\xBF", 0, 0),
    DECODE("\xF8\x88\x80\x80\x80", 0, 0),
    DECODE("\xF8\x90\x80\x80", 0, 0),
    DECODE("\xF7\xBF\xBF\xBF", 0, 0),
    DECODE("\xF8\x80\x80\x80", 0, 0),
    DECODE("\xFC\x80\x80\x80\x80\x80", 0, 0),
    DECODE("\xFF\xBF\xBF\xBF", 0, 0),
    DECODE("\xFF", 0, 0),
    /* longer than it need be */
    DECODE("\xC0\x80", 0, 0),
    DECODE("\xC1\xBF", 0, 0),
    DECODE("\xE0\x9F\xBF", 0, 0),
    DECODE("\xF0\x8F\xBF\xBF", 0, 0),
    /* surrogates, and above the last character */
    DECODE("\xED\xA0\x80", 0, 0),
    DECODE("\xED\xBF\xBF", 0, 0),
    DECODE("\xF4\x90\x80\x80", 0, 0),
    DECODE("\xF5\x80\x80\x80", 0, 0),
    /* cut off, and broken off */
    DECODE("\xC3", 0, 0),
    DECODE("\xE2\x82", 0, 0),
    DECODE("\xF0\x9F\x98", 0, 0),
    DECODE("\xC3y", 0, 0),
    DECODE("\xE2\x82y", 0, 0),
    DECODE("\xF0\x9Fy\x80", 0, 0),
};

START_TEST(utf8_is_decoded_strictly)
{
    for (int i = 0; i < COUNT_OF(decodings); i++) {
        const struct decoding *expected = &decodings[i];
        /* Of exact size, so that the sanitizer sees a byte too many being read. */
        char *bytes = malloc(expected->given + 1);
        memcpy(bytes + 1, expected->bytes, expected->given);
        struct text text = {bytes + 1, expected->given};
        uint32_t character = 0xA5A5;
        ck_assert_uint_eq(text_decode(text, &character), expected->size);
        ck_assert_uint_eq(character, expected->size == 0 ? 0xA5A5 : expected->character);
        if (text.size > 0) {
            ck_assert_uint_eq(text_step(text), expected->size == 0 ? 1 : expected->size);
        }
        free(bytes);
    }
}
END_TEST

START_TEST(characters_are_counted_and_stray_bytes_count_as_one)
{
    ck_assert_uint_eq(text_characters(TEXT("")), 0);
    ck_assert_uint_eq(text_characters(TEXT("stra\xC3\x9F"
                                           "e")),
                      6);
    ck_assert_uint_eq(text_characters(TEXT("\xE2\x82\xAC\xF0\x9F\x98\x80")), 2);
    ck_assert_uint_eq(text_characters(TEXT("a\xFF\xFE"
                                           "b\xE2\x82")),
                      6);
}
END_TEST

START_TEST(control_characters_are_those_of_ascii_and_latin_1)
{
    ck_assert(character_is_control(0));
    ck_assert(character_is_control(0x1F));
    ck_assert(!character_is_control(' '));
    ck_assert(!character_is_control('~'));
    ck_assert(character_is_control(0x7F));
    ck_assert(character_is_control(0x9F));
    ck_assert(!character_is_control(0xA0));
}
END_TEST

/* White space other than a blank and a line's end, and what only steers how text is shown. */
START_TEST(invisible_characters_are_those_listed_and_no_others)
{
    static const uint32_t invisible[][2] = {
        {0xA0, 0xA0},     {0xAD, 0xAD},     {0x2000, 0x200F}, {0x2028, 0x202F},
        {0x205F, 0x2064}, {0x3000, 0x3000}, {0xFEFF, 0xFEFF},
    };
    for (uint32_t character = 0; character <= 0x10FFFF; character++) {
        bool listed = false;
        for (int i = 0; i < COUNT_OF(invisible); i++) {
            listed |= character >= invisible[i][0] && character <= invisible[i][1];
        }
        if (character_is_invisible(character) != listed) {
            ck_abort_msg("U+%04X", character);
        }
    }
}
END_TEST

START_TEST(a_writer_drops_what_does_not_fit_and_ends_in_nul)
{
    char buffer[8];
    memset(buffer, 'x', sizeof(buffer));
    struct writer writer = writer_on(buffer, 6);
    ck_assert_str_eq(buffer, "");
    write_string(&writer, "abc");
    ck_assert_str_eq(buffer, "abc");
    write_char(&writer, 'd');
    write_text(&writer, (struct text){NULL, 0});
    write_string(&writer, "efgh");
    ck_assert_str_eq(buffer, "abcde");
    write_char(&writer, 'z');
    ck_assert_str_eq(buffer, "abcde");
    ck_assert_int_eq(buffer[6], 'x');
    ck_assert(text_equal(writer_text(&writer), TEXT("abcde")));
}
END_TEST

START_TEST(a_writer_of_one_byte_holds_only_the_nul)
{
    char buffer[2] = {'x', 'x'};
    struct writer writer = writer_on(buffer, 1);
    write_decimal(&writer, 12);
    ck_assert_str_eq(buffer, "");
    ck_assert_int_eq(buffer[1], 'x');
}
END_TEST

enum form { DECIMAL, HEX, SIZE };

static const struct {
    enum form form;
    uint64_t value;
    const char *written;
} numbers[] = {
    {DECIMAL, 0, "0"},
    {DECIMAL, 10, "10"},
    {DECIMAL, 1234567, "1234567"},
    {DECIMAL, UINT64_MAX, "18446744073709551615"},
    {HEX, 0, "0x0"},
    {HEX, 0x100000, "0x100000"},
    {HEX, UINT64_MAX, "0xffffffffffffffff"},
    {SIZE, 0, "0 bytes"},
    {SIZE, 1, "1 byte"},
    {SIZE, 999, "999 bytes"},
    {SIZE, 1000, "1,000 bytes"},
    {SIZE, 1023, "1,023 bytes"},
    {SIZE, 1024, "1 KiB"},
    {SIZE, 1025, "1,025 bytes"},
    {SIZE, 65537, "65,537 bytes"},
    {SIZE, 65536, "64 KiB"},
    {SIZE, 1572864, "1,536 KiB"},
    {SIZE, 3 << 20, "3 MiB"},
    {SIZE, UINT64_C(5) << 30, "5 GiB"},
    {SIZE, UINT64_C(1) << 40, "1 TiB"},
    {SIZE, UINT64_C(1) << 63, "8,388,608 TiB"},
    {SIZE, UINT64_MAX, "18,446,744,073,709,551,615 bytes"},
};

START_TEST(numbers_are_written_as_people_read_them)
{
    for (int i = 0; i < COUNT_OF(numbers); i++) {
        char buffer[64];
        struct writer writer = writer_on(buffer, sizeof(buffer));
        switch (numbers[i].form) {
        case DECIMAL:
            write_decimal(&writer, numbers[i].value);
            break;
        case HEX:
            write_hex(&writer, numbers[i].value);
            break;
        case SIZE:
            write_size(&writer, numbers[i].value);
            break;
        }
        ck_assert_str_eq(buffer, numbers[i].written);
    }
}
END_TEST

static const struct {
    struct text text;
    const char *written;
} quotes[] = {
    {BYTES("plain"), "plain"},
    {BYTES("\xC3\xA4 \xF0\x9F\x98\x80"), "\xC3\xA4 \xF0\x9F\x98\x80"},
    {BYTES("a\tb"), "a b"},
    {BYTES("\x1B[2J\r\n\x7F"), "?[2J???"},
    {BYTES("nul\0nul"), "nul?nul"},
    {BYTES("\xC2\x9B"
           "2J"),
     "?2J"}, /* U+009B begins an escape sequence as well */
    {BYTES("\xFF\xC3"), "??"},
    {BYTES("\xED\xA0\x80"), "???"},
    {BYTES("64K\xE2\x80\x8B\xC2\xA0\xEF\xBB\xBF\xC2\xAD"), "64K????"},
    {BYTES("\xC2\xA1\xE2\x80\x90\xE2\x80\xA7\xE2\x80\xB0\xE2\x81\xA5"),
     "\xC2\xA1\xE2\x80\x90\xE2\x80\xA7\xE2\x80\xB0\xE2\x81\xA5"}, /* their neighbours */
};

START_TEST(quoted_text_cannot_steer_a_terminal)
{
    for (int i = 0; i < COUNT_OF(quotes); i++) {
        char buffer[64];
        struct writer writer = writer_on(buffer, sizeof(buffer));
        write_quoted(&writer, quotes[i].text);
        ck_assert_str_eq(buffer, quotes[i].written);
        ck_assert_uint_eq(text_characters(writer_text(&writer)), text_characters(quotes[i].text));
    }
}
END_TEST

/* One byte of each value at each position of texts of all lengths up to three words. */
START_TEST(the_plain_bytes_of_a_text_are_counted_up_to_the_first_other_one)
{
    char bytes[24];
    for (size_t size = 0; size <= sizeof(bytes); size++) {
        memset(bytes, '~', sizeof(bytes));
        ck_assert_uint_eq(text_plain((struct text){bytes, size}), size);
        for (size_t at = 0; at < size; at++) {
            for (unsigned value = 0; value < 256; value++) {
                memset(bytes, at % 2 == 0 ? ' ' : '~', sizeof(bytes));
                memset(bytes + at + 1, 0xFF, size - at - 1);
                bytes[at] = (char)value;
                size_t plain = value >= ' ' && value < 0x7F ? at + 1 : at;
                ck_assert_uint_eq(text_plain((struct text){bytes, size}), plain);
            }
        }
    }
}
END_TEST

START_TEST(a_set_has_its_characters_and_no_others)
{
    static const struct ascii_set set = {{1 | UINT64_C(1) << '?', 1 | UINT64_C(1) << (0x7F - 64)}};
    for (unsigned value = 0; value < 256; value++) {
        ck_assert_int_eq(is_in_set(&set, (char)value),
                         value == 0 || value == '?' || value == '@' || value == 0x7F);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("text");
    TCase *tcase = tcase_create("text");
    tcase_add_test(tcase, a_text_knows_its_size_and_equals_only_its_like);
    tcase_add_test(tcase, texts_are_compared_up_to_their_ends);
    tcase_add_test(tcase, utf8_is_decoded_strictly);
    tcase_add_test(tcase, characters_are_counted_and_stray_bytes_count_as_one);
    tcase_add_test(tcase, control_characters_are_those_of_ascii_and_latin_1);
    tcase_add_test(tcase, invisible_characters_are_those_listed_and_no_others);
    tcase_add_test(tcase, a_writer_drops_what_does_not_fit_and_ends_in_nul);
    tcase_add_test(tcase, a_writer_of_one_byte_holds_only_the_nul);
    tcase_add_test(tcase, numbers_are_written_as_people_read_them);
    tcase_add_test(tcase, quoted_text_cannot_steer_a_terminal);
    tcase_add_test(tcase, the_plain_bytes_of_a_text_are_counted_up_to_the_first_other_one);
    tcase_add_test(tcase, a_set_has_its_characters_and_no_others);
    suite_add_tcase(suite, tcase);
    return suite_main(suite, "unit-text");
}
