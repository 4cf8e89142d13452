/* The menu's state and what it shows. */
#include "core/screen/menu.h"
#include "fake_platform.h"
#include "suite.h"

#include <string.h>

static struct config config;
static struct menu menu;
static char names[CONFIG_ENTRIES_MAX][16];

static void given(uint32_t entries, uint32_t columns, uint32_t rows)
{
    memset(&config, 0, sizeof(config));
    memset(&menu, 0, sizeof(menu));
    config.entry_count = entries;
    for (uint32_t i = 0; i < entries; i++) {
        (void)snprintf(names[i], sizeof(names[i]), "entry-%u", i + 1);
        config.entries[i] = (struct entry){.name = text_of(names[i]),
                                           .kernel = TEXT("/boot/k.bin"),
                                           .cmdline = TEXT("a=1 \xC3\xA4\xE2\x82\xAC")};
    }
    menu.config = &config;
    menu_open(&menu, columns, rows);
}

static void press(uint32_t key)
{
    ck_assert_int_eq(menu_key(&menu, key), MENU_STAY);
}

static const char *row(uint32_t number, bool *marked)
{
    static char text[MENU_ROW_SIZE];
    struct writer writer = writer_on(text, sizeof(text));
    bool is_marked = menu_row(&menu, number, &writer);
    if (marked != NULL) {
        *marked = is_marked;
    }
    ck_assert_uint_eq(text_characters(writer_text(&writer)), menu.columns - 1);
    return text;
}

static bool shows(uint32_t number, const char *begin)
{
    return strncmp(row(number, NULL), begin, strlen(begin)) == 0;
}

/* Whatever the state: one entry is marked, the selected one, and it can be seen. */
static void check_rows(void)
{
    int marks = 0;
    int selected = 0;
    char expected[32];
    (void)snprintf(expected, sizeof(expected), " > %2u  ", menu.selected + 1);
    for (uint32_t i = 1; i < menu.rows; i++) {
        bool marked;
        const char *text = row(i, &marked);
        marks += marked;
        selected += strncmp(text, expected, strlen(expected)) == 0;
    }
    ck_assert_int_eq(marks, 1);
    ck_assert_int_eq(selected, 1);
    if (menu.editing) {
        uint32_t column;
        uint32_t at;
        menu_cursor(&menu, &column, &at);
        ck_assert_uint_lt(column, menu.columns - 1);
        ck_assert_uint_lt(at, menu.rows);
    }
}

START_TEST(arrows_go_round_and_pages_stop)
{
    given(40, 80, 24);
    press(KEY_UP);
    ck_assert_uint_eq(menu.selected, 39);
    press(KEY_DOWN);
    ck_assert_uint_eq(menu.selected, 0);
    press(KEY_PAGE_DOWN);
    ck_assert_uint_eq(menu.selected, 13);
    press(KEY_PAGE_DOWN);
    press(KEY_PAGE_DOWN);
    press(KEY_PAGE_DOWN);
    ck_assert_uint_eq(menu.selected, 39);
    press(KEY_UP);
    ck_assert_uint_eq(menu.selected, 38);
    press(KEY_PAGE_UP);
    ck_assert_uint_eq(menu.selected, 25);
    press(KEY_PAGE_UP);
    press(KEY_PAGE_UP);
    ck_assert_uint_eq(menu.selected, 0);
    press(KEY_END);
    ck_assert_uint_eq(menu.selected, 39);
    press(KEY_HOME);
    ck_assert_uint_eq(menu.selected, 0);
    check_rows();
}
END_TEST

START_TEST(digits_select_by_number)
{
    static const struct {
        const char *digits;
        uint32_t selected; /* from 1 */
    } cases[] = {{"1", 1},  {"7", 7},  {"10", 10}, {"12", 12}, {"64", 64},
                 {"65", 5}, {"0", 64}, {"128", 8}, {"99", 9}};
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        given(64, 80, 24);
        press(KEY_END);
        for (const char *digit = cases[i].digits; *digit != '\0'; digit++) {
            press((uint32_t)*digit);
            check_rows();
        }
        ck_assert_uint_eq(menu.selected + 1, cases[i].selected);
    }
    given(64, 80, 24);
    press('1');
    press(KEY_OTHER);
    press('2');
    ck_assert_uint_eq(menu.selected, 1);
}
END_TEST

START_TEST(enter_boots_and_escape_leaves)
{
    given(2, 80, 25);
    ck_assert_int_eq(menu_key(&menu, KEY_ENTER), MENU_BOOT);
    ck_assert_int_eq(menu_key(&menu, KEY_ESCAPE), MENU_LEAVE);
    press('e');
    press(KEY_ESCAPE);
    ck_assert(!menu.editing);
    press('E');
    ck_assert_int_eq(menu_key(&menu, KEY_ENTER), MENU_BOOT);
    ck_assert(menu.editing);
}
END_TEST

START_TEST(the_countdown_ends_as_it_should_or_with_a_key)
{
    given(2, 80, 25);
    menu.seconds = 3;
    menu.when_time_is_up = MENU_LEAVE;
    ck_assert(shows(menu.rows - 1, " Back to the firmware in 3 s; any key"));
    ck_assert_int_eq(menu_second(&menu), MENU_STAY);
    ck_assert_int_eq(menu_second(&menu), MENU_STAY);
    ck_assert_int_eq(menu_second(&menu), MENU_LEAVE);
    menu.seconds = 1;
    menu.when_time_is_up = MENU_BOOT;
    ck_assert(shows(menu.rows - 1, " Booting the selected entry in 1 s; any key"));
    press('x');
    ck_assert(shows(menu.rows - 1, "    "));
    for (int i = 0; i < 1000; i++) {
        ck_assert_int_eq(menu_second(&menu), MENU_STAY);
    }
}
END_TEST

static const char *line(void)
{
    menu.line[menu.size] = '\0';
    return menu.line;
}

START_TEST(the_editor_edits_whole_characters)
{
    given(1, 80, 25);
    press('e');
    ck_assert_str_eq(line(), "a=1 \xC3\xA4\xE2\x82\xAC");
    press(KEY_LEFT);
    press('x');
    ck_assert_str_eq(line(), "a=1 \xC3\xA4x\xE2\x82\xAC");
    press(KEY_DELETE);
    ck_assert_str_eq(line(), "a=1 \xC3\xA4x");
    press(KEY_BACKSPACE);
    press(KEY_BACKSPACE);
    ck_assert_str_eq(line(), "a=1 ");
    press(KEY_HOME);
    press(KEY_BACKSPACE);
    press(KEY_LEFT);
    press(0x20AC);
    press(KEY_RIGHT);
    press(KEY_DELETE);
    ck_assert_str_eq(line(), "\xE2\x82\xAC"
                             "a1 ");
    press(5); /* Ctrl-E */
    press(KEY_RIGHT);
    press(KEY_DELETE); /* as Backspace */
    ck_assert_str_eq(line(), "\xE2\x82\xAC"
                             "a1");
    press(1); /* Ctrl-A */
    press('0');
    press(KEY_UP);
    press(KEY_OTHER);
    press(0x1B);
    press(0x7F);
    press(0x9F);
    press(0xD800);
    ck_assert_str_eq(line(), "0?\xE2\x82\xAC"
                             "a1");
}
END_TEST

START_TEST(the_ends_of_a_line_are_one_key_away)
{
    given(1, 80, 25);
    config.entries[0].cmdline = TEXT("ab");
    press('e');
    press(KEY_HOME);
    press('1');
    press(KEY_END);
    press('2');
    press(1); /* Ctrl-A */
    press('3');
    press(5); /* Ctrl-E */
    press('4');
    ck_assert_str_eq(line(), "31ab24");
}
END_TEST

static bool any_row_shows(const char *words)
{
    bool shown = false;
    for (uint32_t i = 0; i < menu.rows; i++) {
        shown = shown || strstr(row(i, NULL), words) != NULL;
    }
    return shown;
}

START_TEST(a_locked_menu_says_that_nothing_can_be_edited)
{
    given(2, 80, 25);
    ck_assert(any_row_shows("e: edit cmdline"));
    ck_assert(!any_row_shows("Secure Boot"));
    menu.locked = true;
    ck_assert(!any_row_shows("e: edit cmdline"));
    ck_assert(any_row_shows("Esc: firmware"));
    ck_assert(any_row_shows("Secure Boot is on: command lines cannot be edited."));
    press('e');
    press('E');
    ck_assert(!menu.editing);
    strcpy(menu.reasons[0], "no such file");
    ck_assert(any_row_shows("no such file"));
}
END_TEST

START_TEST(a_line_has_4096_bytes_at_most)
{
    given(1, 80, 25);
    config.entries[0].cmdline = TEXT("");
    strcpy(menu.reasons[0], "what lies after the line");
    press('e');
    for (int i = 0; i < 5000; i++) {
        press(i % 3 == 0 ? 0xE4 : 'x');
    }
    ck_assert_uint_ge(menu.size, CONFIG_LINE_MAX - 1);
    ck_assert_uint_le(menu.size, CONFIG_LINE_MAX);
    press('x');
    ck_assert_uint_eq(menu.size, CONFIG_LINE_MAX);
    press('x');
    ck_assert_uint_eq(menu.size, CONFIG_LINE_MAX);
    check_rows();
    press(KEY_HOME);
    press(KEY_DELETE);
    ck_assert_str_eq(menu.reasons[0], "what lies after the line");
    ck_assert_uint_eq(menu.size, CONFIG_LINE_MAX - 2);
    press(KEY_END);
    for (int i = 0; i < 5000; i++) {
        press(KEY_BACKSPACE);
    }
    ck_assert_uint_eq(menu.size, 0);
}
END_TEST

START_TEST(long_names_are_cut_and_long_errors_take_three_rows)
{
    static const char name[] = "a2345678901234567890123456789012345678901234567890123456789";
    given(2, 80, 25);
    config.entries[0].name = text_of(name);
    config.entries[1].kernel = (struct text){name, sizeof(name) - 1};
    memset(menu.reasons[0], 'n', MENU_REASON_SIZE - 1);
    ck_assert(strstr(row(2, NULL), "...  (cannot boot)   ") != NULL);
    for (uint32_t i = 0; i < 3; i++) {
        ck_assert(shows(menu.rows - 6 + i, " nnnnnnnnnn"));
    }
    press(KEY_DOWN);
    ck_assert(shows(menu.rows - 6, "     "));
    ck_assert(strstr(row(menu.rows - 8, NULL), name) != NULL);
    check_rows();
}
END_TEST

START_TEST(an_entry_without_a_name_shows_its_kernel)
{
    given(1, 80, 25);
    config.entries[0].name = TEXT("");
    ck_assert(shows(2, " >  1  /boot/k.bin  (default)"));
}
END_TEST

static uint32_t next_random(uint32_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 17;
    *state ^= *state << 5;
    return *state;
}

/* Any keys on any screen. */
START_TEST(every_state_can_be_shown)
{
    static const uint32_t keys[] = {KEY_UP,     KEY_DOWN,      KEY_LEFT,      KEY_RIGHT,
                                    KEY_HOME,   KEY_END,       'e',           '4',
                                    KEY_DELETE, KEY_BACKSPACE, 0x20AC,        'x',
                                    ' ',        KEY_PAGE_UP,   KEY_PAGE_DOWN, KEY_OTHER};
    uint32_t state = 2463534242;
    for (int round = 0; round < 30; round++) {
        given(1 + next_random(&state) % 64, next_random(&state) % 200, next_random(&state) % 60);
        for (int i = 0; i < 100; i++) {
            uint32_t key = keys[next_random(&state) % (sizeof(keys) / sizeof(keys[0]))];
            press(menu.editing && next_random(&state) % 20 == 0 ? KEY_ESCAPE : key);
            check_rows();
        }
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("menu");
    TCase *tcase = tcase_create("menu");
    tcase_add_test(tcase, arrows_go_round_and_pages_stop);
    tcase_add_test(tcase, digits_select_by_number);
    tcase_add_test(tcase, enter_boots_and_escape_leaves);
    tcase_add_test(tcase, the_countdown_ends_as_it_should_or_with_a_key);
    tcase_add_test(tcase, the_editor_edits_whole_characters);
    tcase_add_test(tcase, the_ends_of_a_line_are_one_key_away);
    tcase_add_test(tcase, a_locked_menu_says_that_nothing_can_be_edited);
    tcase_add_test(tcase, a_line_has_4096_bytes_at_most);
    tcase_add_test(tcase, long_names_are_cut_and_long_errors_take_three_rows);
    tcase_add_test(tcase, an_entry_without_a_name_shows_its_kernel);
    tcase_add_test(tcase, every_state_can_be_shown);
    suite_add_tcase(suite, tcase);
    return suite_main(suite, "unit-menu");
}
