/* The line of loader.cfg that a message shows, and the carets below it. */
#include "suite.h"

#include "core/base/status.h"

#include <string.h>

#define COUNT_OF(array) (int)(sizeof(array) / sizeof((array)[0]))
#define PLAIN(literal)               \
    {                                \
        literal, sizeof(literal) - 1 \
    }

static const char *written(const struct failure *failure)
{
    static char buffer[4096];
    struct writer writer = writer_on(buffer, sizeof(buffer));
    failure_write(&writer, failure);
    return buffer;
}

/* A line of loader.cfg with something wrong at column, width characters wide. */
static struct failure at_line(const char *source, uint32_t column, uint32_t width)
{
    return (struct failure){
        .status = STATUS_CONFIG_EMPTY_KEY,
        .path = PLAIN("loader.cfg"),
        .source = text_of(source),
        .line = 12,
        .column = column,
        .width = width,
    };
}

START_TEST(the_line_number_is_right_aligned)
{
    struct failure failure = at_line("= x", 1, 1);
    static const struct {
        uint32_t line;
        const char *excerpt;
    } rows[] = {
        {1, "\n    1 | = x\n      | ^\n"},
        {1000, "\n 1000 | = x\n      | ^\n"},
        {65536, "\n65536 | = x\n      | ^\n"},
        {100000, "\n100000 | = x\n      | ^\n"},
        {UINT32_MAX, "\n4294967295 | = x\n      | ^\n"},
    };
    for (int i = 0; i < COUNT_OF(rows); i++) {
        failure.line = rows[i].line;
        ck_assert_ptr_nonnull(strstr(written(&failure), rows[i].excerpt));
    }
}
END_TEST

START_TEST(carets_count_characters_and_tabs_are_one_wide)
{
    struct failure failure = at_line("\t\xC3\xA4\xC3\xB6 =\x1B\xFF= x", 5, 3);
    ck_assert_ptr_nonnull(strstr(written(&failure), "\n   12 |  \xC3\xA4\xC3\xB6 =\?\?= x\n"
                                                    "      |     ^~~\n"));
}
END_TEST

START_TEST(a_caret_can_stand_behind_the_end)
{
    for (uint32_t width = 0; width <= 5; width++) {
        struct failure failure = at_line("kernel =", 9, width);
        ck_assert_ptr_nonnull(strstr(written(&failure), "\n   12 | kernel =\n"
                                                        "      |         ^\n"));
        failure.column = 10;
        ck_assert_ptr_nonnull(strstr(written(&failure), "\n      |          ^\n"));
    }
}
END_TEST

START_TEST(there_are_as_many_carets_as_characters)
{
    static const char *const carets[] = {"^\n", "^\n", "^~\n", "^~~\n", "^~~\n"};
    for (int width = 0; width < COUNT_OF(carets); width++) {
        struct failure failure = at_line("a = b", 3, (uint32_t)width);
        ck_assert_int_eq(
            strncmp(strchr(written(&failure), '^'), carets[width], strlen(carets[width])), 0);
    }
}
END_TEST

START_TEST(without_a_column_there_are_no_carets)
{
    struct failure failure = at_line("kernel =", 0, 0);
    ck_assert_str_eq(written(&failure), "loader.cfg:12: error: expected a key before '='\n"
                                        "   12 | kernel =\n"
                                        "      Write 'key = value'.\n");
}
END_TEST

#define TEN     "abcdefghij"
#define HUNDRED TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN

START_TEST(a_line_of_100_characters_is_shown_whole)
{
    struct failure failure = at_line(HUNDRED, 100, 5);
    ck_assert_ptr_nonnull(strstr(written(&failure), " | " HUNDRED "\n      | "));
    ck_assert_ptr_nonnull(strstr(written(&failure), " ^\n      Write"));
}
END_TEST

START_TEST(a_long_line_is_cut_behind_its_first_100_characters)
{
    struct failure failure = at_line(HUNDRED "k", 1, 200);
    char carets[101];
    memset(carets, '~', 100);
    carets[0] = '^';
    carets[100] = '\0';
    ck_assert_ptr_nonnull(strstr(written(&failure), " | " HUNDRED "...\n      | "));
    ck_assert_ptr_nonnull(strstr(written(&failure), carets));
    ck_assert_ptr_null(strstr(written(&failure), "~" HUNDRED));
    ck_assert_ptr_nonnull(strstr(strstr(written(&failure), carets), "~\n      Write"));
    ck_assert_uint_eq(strcspn(strstr(written(&failure), carets), "\n"), 100);
}
END_TEST

/* The character at the column is found above the caret, wherever the window is. */
START_TEST(a_long_line_is_cut_around_the_column)
{
    char source[401];
    for (size_t i = 0; i < 400; i++) {
        source[i] = "0123456789abcdefghijklmnopqrstuvwxyz#"[i % 37];
    }
    source[400] = '\0';
    for (uint32_t column = 1; column <= 400; column++) {
        struct failure failure = at_line(source, column, 1);
        const char *shown = strstr(written(&failure), " | ") + 3;
        size_t shown_size = strcspn(shown, "\n");
        size_t offset = strcspn(shown + shown_size, "^") - strlen("\n      | ");
        ck_assert_uint_lt(offset, shown_size);
        ck_assert_int_eq(shown[offset], source[column - 1]);
        ck_assert_uint_le(shown_size, 106);
        ck_assert_uint_ge(shown_size, 103);
        ck_assert_int_eq(strncmp(shown, "...", 3) != 0, column <= 40);
        ck_assert_int_eq(strncmp(shown + shown_size - 3, "...", 3) != 0, column >= 340);
    }
}
END_TEST

START_TEST(a_long_find_is_cut_where_the_line_is_shown_as_well)
{
    struct failure failure = at_line(HUNDRED, 1, 100);
    failure.status = STATUS_CONFIG_EXPECTED_EQUALS;
    failure.found = (struct text)PLAIN(HUNDRED);
    ck_assert_ptr_nonnull(strstr(written(&failure), " found '" TEN TEN TEN TEN TEN TEN "...'\n"));
    failure.line = 0;
    ck_assert_ptr_nonnull(strstr(written(&failure), " found '" HUNDRED "'\n"));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("status_excerpt");
    TCase *tcase = tcase_create("excerpt");
    tcase_add_test(tcase, the_line_number_is_right_aligned);
    tcase_add_test(tcase, carets_count_characters_and_tabs_are_one_wide);
    tcase_add_test(tcase, a_caret_can_stand_behind_the_end);
    tcase_add_test(tcase, there_are_as_many_carets_as_characters);
    tcase_add_test(tcase, without_a_column_there_are_no_carets);
    tcase_add_test(tcase, a_line_of_100_characters_is_shown_whole);
    tcase_add_test(tcase, a_long_line_is_cut_behind_its_first_100_characters);
    tcase_add_test(tcase, a_long_line_is_cut_around_the_column);
    tcase_add_test(tcase, a_long_find_is_cut_where_the_line_is_shown_as_well);
    suite_add_tcase(suite, tcase);
    return suite_main(suite, "unit-status_excerpt");
}
