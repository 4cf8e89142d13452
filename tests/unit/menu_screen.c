/* What the menu shows, character by character. */
#include "core/base/version.h"
#include "core/screen/menu.h"

#include "suite.h"

#include <string.h>

#define ROWS_BELOW_LIST 9
#define HELP            " Arrows, digits: select   Enter: boot   Esc: firmware   e: edit cmdline"

static struct config config;
static struct menu menu;
static char names[CONFIG_ENTRIES_MAX][16];
/* 300 characters, each of which tells where it is. */
static char ruler[301];

static void given(uint32_t entries, uint32_t columns)
{
    memset(&config, 0, sizeof(config));
    memset(&menu, 0, sizeof(menu));
    config.entry_count = entries;
    for (uint32_t i = 0; i < entries; i++) {
        (void)snprintf(names[i], sizeof(names[i]), "entry-%u", i + 1);
        config.entries[i] = (struct entry){.name = text_of(names[i]),
                                           .kernel = TEXT("/boot/release.bin"),
                                           .cmdline = TEXT("root=disk0 verbose")};
    }
    menu.config = &config;
    menu_open(&menu, columns, 24);
    for (uint32_t i = 0; i < sizeof(ruler) - 1; i++) {
        ruler[i] = (char)('0' + i * 7 % 75);
    }
}

static struct text part(uint32_t first, uint32_t size)
{
    return (struct text){ruler + first, size};
}

static void press(uint32_t key)
{
    ck_assert_int_eq(menu_key(&menu, key), MENU_STAY);
}

/* Row number is start, then rest, then end, then blanks to one before the last column. */
static void row_has(uint32_t number, const char *start, struct text rest, const char *end)
{
    char is[MENU_ROW_SIZE];
    char expected[MENU_ROW_SIZE];
    struct writer writer = writer_on(is, sizeof(is));
    (void)menu_row(&menu, number, &writer);
    (void)snprintf(expected, sizeof(expected), "%s%.*s%s", start, (int)rest.size, rest.bytes, end);
    size_t size = strlen(expected);
    ck_assert_uint_lt(size, menu.columns);
    memset(expected + size, ' ', menu.columns - 1 - size);
    expected[menu.columns - 1] = '\0';
    ck_assert_str_eq(is, expected);
}

static void row_is(uint32_t number, const char *start)
{
    row_has(number, start, TEXT(""), "");
}

static void stands_out(uint32_t number)
{
    char text[MENU_ROW_SIZE];
    for (uint32_t i = 0; i < menu.rows; i++) {
        struct writer writer = writer_on(text, sizeof(text));
        ck_assert_int_eq(menu_row(&menu, i, &writer), i == 0 || i == number);
    }
}

/* The picture in docs/menu.md. */
START_TEST(a_menu_of_three_entries_looks_like_this)
{
    static const char *const rows[] = {
        " " BATON_NAME,
        "",
        " >  1  release  (default)",
        "    2  debug",
        "    3  old  (cannot boot)",
        "",
        " kernel   /boot/release.bin",
        " cmdline  root=disk0 verbose",
        "",
        "",
        "",
        "",
        HELP,
        " Booting the selected entry in 5 s; any key stops that",
    };
    given(3, 80);
    config.entries[0].name = TEXT("release");
    config.entries[1].name = TEXT("debug");
    config.entries[2].name = TEXT("old");
    strcpy(menu.reasons[2], "no such file");
    menu.seconds = 5;
    menu.when_time_is_up = MENU_BOOT;
    ck_assert_uint_eq(menu.rows, sizeof(rows) / sizeof(rows[0]));
    for (uint32_t i = 0; i < menu.rows; i++) {
        row_is(i, rows[i]);
    }
    stands_out(2);
}
END_TEST

/* Entries first to last, from 1, the selected one marked, and dots where there are more of them. */
static void list_is(uint32_t first, uint32_t last)
{
    char text[32];
    row_is(1, first > 1 ? "       ..." : "");
    for (uint32_t i = first; i <= last; i++) {
        (void)snprintf(text, sizeof(text), " %c %2u  entry-%u%s",
                       i == menu.selected + 1 ? '>' : ' ', i, i, i == 1 ? "  (default)" : "");
        row_is(2 + i - first, text);
    }
    row_is(menu.rows - ROWS_BELOW_LIST, last < config.entry_count ? "       ..." : "");
    row_is(menu.rows - ROWS_BELOW_LIST + 1, " kernel   /boot/release.bin");
    row_is(menu.rows - 3, "");
    row_is(menu.rows - 2, HELP);
    stands_out(2 + menu.selected + 1 - first);
}

START_TEST(a_long_list_moves_no_further_than_it_must)
{
    static const struct {
        uint32_t key;
        uint32_t first, last;
    } steps[] = {
        {KEY_END, 28, 40},    {KEY_UP, 28, 40},       {KEY_PAGE_UP, 26, 38},  {KEY_DOWN, 26, 38},
        {KEY_HOME, 1, 13},    {KEY_DOWN, 1, 13},      {KEY_PAGE_DOWN, 3, 15}, {KEY_UP, 3, 15},
        {KEY_PAGE_UP, 1, 13}, {KEY_PAGE_DOWN, 2, 14}, {KEY_HOME, 1, 13},      {KEY_UP, 28, 40},
    };
    given(40, 80);
    list_is(1, 13);
    for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
        press(steps[i].key);
        list_is(steps[i].first, steps[i].last);
    }
}
END_TEST

START_TEST(a_menu_opens_with_its_entry_in_sight_and_nothing_left_of_before)
{
    given(40, 80);
    press(KEY_END);
    press('e');
    menu.selected = 4;
    menu_open(&menu, 80, 24);
    ck_assert(!menu.editing);
    list_is(1, 13);
    press('1');
    menu_open(&menu, 80, 24);
    press('2');
    ck_assert_uint_eq(menu.selected, 1);
    menu.selected = 20;
    menu_open(&menu, 80, 24);
    list_is(9, 21);
}
END_TEST

/* In 80 columns a name has 52, a kernel and a command line 68. */
START_TEST(what_just_fits_is_shown_and_what_does_not_is_cut)
{
    given(1, 80);
    config.entries[0].name = part(0, 52);
    config.entries[0].kernel = part(0, 68);
    config.entries[0].cmdline = part(1, 68);
    row_has(2, " >  1  ", part(0, 52), "  (default)");
    row_has(menu.rows - 8, " kernel   ", part(0, 68), "");
    row_has(menu.rows - 7, " cmdline  ", part(1, 68), "");
    config.entries[0].name = part(0, 53);
    config.entries[0].kernel = part(0, 69);
    config.entries[0].cmdline = part(1, 69);
    row_has(2, " >  1  ", part(0, 49), "...  (default)");
    row_has(menu.rows - 8, " kernel   ", part(0, 65), "...");
    row_has(menu.rows - 7, " cmdline  ", part(1, 65), "...");
    config.entries[0].name = part(0, 1);
    row_has(2, " >  1  ", part(0, 1), "  (default)");
    given(1, 40);
    config.entries[0].name = part(0, 13);
    config.entries[0].cmdline = part(0, 29);
    row_has(2, " >  1  ", part(0, 9), "...  (default)");
    row_has(menu.rows - 7, " cmdline  ", part(0, 25), "...");
}
END_TEST

START_TEST(a_reason_takes_three_rows_with_all_of_their_columns)
{
    given(1, 80);
    memcpy(menu.reasons[0], ruler, MENU_REASON_SIZE - 1);
    row_is(2, " >  1  entry-1  (cannot boot)");
    row_has(menu.rows - 6, " ", part(0, 78), "");
    row_has(menu.rows - 5, " ", part(78, 78), "");
    row_has(menu.rows - 4, " ", part(156, 78), "");
    row_is(menu.rows - 3, "");
    memset(menu.reasons, 0, sizeof(menu.reasons));
    menu.reasons[0][0] = '?';
    menu.locked = true;
    row_is(2, " >  1  entry-1  (cannot boot)");
    row_is(menu.rows - 6, " ?");
    menu.reasons[0][0] = '\0';
    row_is(menu.rows - 6, " Secure Boot is on: command lines cannot be edited.");
}
END_TEST

/* A line that is edited moves by half its width, so that the cursor can be seen. */
START_TEST(the_part_of_a_line_with_the_cursor_is_shown)
{
    static const struct {
        uint32_t columns, cursor;
        uint32_t first, size, column;
    } cases[] = {
        {80, 0, 0, 68, 10},    {80, 67, 0, 68, 77},   {80, 68, 34, 68, 44},
        {80, 101, 34, 68, 77}, {80, 102, 68, 68, 44}, {80, 300, 238, 62, 72},
        {40, 27, 0, 28, 37},   {40, 28, 14, 28, 24},  {40, 42, 28, 28, 24},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        uint32_t column;
        uint32_t row;
        given(1, cases[i].columns);
        config.entries[0].cmdline = part(0, 300);
        press('e');
        press(KEY_HOME);
        for (uint32_t n = 0; n < cases[i].cursor; n++) {
            press(KEY_RIGHT);
        }
        row_has(menu.rows - 7, " cmdline  ", part(cases[i].first, cases[i].size), "");
        row_is(menu.rows - 2, menu.columns == 80
                                  ? " Enter: boot with this command line   Esc: cancel"
                                  : " Enter: boot with this command line   E");
        stands_out(menu.rows - 7);
        menu_cursor(&menu, &column, &row);
        ck_assert_uint_eq(column, cases[i].column);
        ck_assert_uint_eq(row, menu.rows - 7);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("menu_screen");
    TCase *tcase = tcase_create("screen");
    tcase_add_test(tcase, a_menu_of_three_entries_looks_like_this);
    tcase_add_test(tcase, a_long_list_moves_no_further_than_it_must);
    tcase_add_test(tcase, a_menu_opens_with_its_entry_in_sight_and_nothing_left_of_before);
    tcase_add_test(tcase, what_just_fits_is_shown_and_what_does_not_is_cut);
    tcase_add_test(tcase, a_reason_takes_three_rows_with_all_of_their_columns);
    tcase_add_test(tcase, the_part_of_a_line_with_the_cursor_is_shown);
    suite_add_tcase(suite, tcase);
    return suite_main(suite, "unit-menu_screen");
}
