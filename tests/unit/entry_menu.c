/* Which entry boots where there is a user: the menu before a boot and after a failure. */
#include "suite.h"
#include "two_kernels.h"

#include <string.h>

#define TWO                                       \
    "[entry a]\nkernel = /a.bin\ncmdline = one\n" \
    "[entry b]\nkernel = /b.bin\ncmdline = two\n"

static void press(const uint32_t *keys)
{
    fake.keys = keys;
}

START_TEST(without_a_fallback_the_menu_comes_and_goes)
{
    given_two(TWO);
    lose("\\a.bin");
    refuses(STATUS_FILE_NOT_FOUND, "/a.bin: error: no such file");
    ck_assert_uint_eq(fake.waited_ms, 100 + 10000);
    ck_assert(the_boot.choice.menu_shown);
    ck_assert(strstr(fake.screen[2], " >  1  a") != NULL);
    ck_assert(strstr(fake.screen[2], "(cannot boot)") != NULL);
    ck_assert(strstr(fake.screen[7], " /a.bin: error: no such file (EFI_NOT_FOUND) Check") != NULL);
}
END_TEST

static bool was_watched(void)
{
    for (uint32_t i = 0; i < fake.event_count; i++) {
        if (fake_event(i)->call == FAKE_WATCHDOG && fake_event(i)->argument == WATCHDOG_SECONDS) {
            return true;
        }
    }
    return false;
}

/* The firmware's own five minutes may have gone by. */
START_TEST(the_watchdog_begins_anew_after_a_menu_and_after_a_failure)
{
    given_two(TWO);
    boots_with("one");
    ck_assert(!was_watched());
    given_two("timeout = 1\n" TWO);
    boots_with("one");
    ck_assert(was_watched());
    given_two("fallback = b\n" TWO);
    lose("\\a.bin");
    boots_with("two");
    ck_assert(was_watched());
}
END_TEST

START_TEST(somebody_can_choose_another_after_a_failure)
{
    /* Six looks for a key that is held down, then the menu. */
    static const uint32_t keys[] = {KEY_NONE, KEY_NONE, KEY_NONE, KEY_NONE,  KEY_NONE, KEY_NONE,
                                    KEY_NONE, KEY_DOWN, KEY_NONE, KEY_ENTER, KEY_LAST};
    given_two(TWO);
    lose("\\a.bin");
    press(keys);
    boots_with("two");
}
END_TEST

START_TEST(after_a_choice_by_hand_no_fallback_follows_but_the_menu)
{
    static const uint32_t keys[] = {KEY_ENTER, '2', KEY_ENTER, KEY_LAST};
    given_two("timeout = 5\nfallback = c\n" TWO "[entry c]\nkernel=/b.bin\n");
    lose("\\a.bin");
    press(keys);
    boots_with("two");
    ck_assert_uint_eq(fake.waited_ms, 0);
}
END_TEST

START_TEST(what_was_chosen_and_cannot_boot_is_marked)
{
    static const uint32_t keys[] = {'2', KEY_ENTER, KEY_ESCAPE, KEY_LAST};
    given_two("timeout = no\n" TWO);
    lose("\\b.bin");
    press(keys);
    ck_assert_int_eq(fake_boot(&the_boot), FAKE_RETURNED);
    ck_assert_str_ne(fake.screen[0], ""); /* the console was cleared, and is drawn anew */
    ck_assert_ptr_null(strstr(fake.screen[2], "(cannot boot)"));
    ck_assert_ptr_nonnull(strstr(fake.screen[3], " >  2  b"));
    ck_assert_ptr_nonnull(strstr(fake.screen[3], "(cannot boot)"));
}
END_TEST

START_TEST(who_has_pressed_a_key_is_not_thrown_out)
{
    static uint32_t keys[203];
    keys[0] = KEY_ENTER;
    for (int i = 1; i < 201; i++) {
        keys[i] = KEY_NONE;
    }
    keys[201] = KEY_ESCAPE;
    keys[202] = KEY_LAST;
    given_two("timeout = 5\n" TWO);
    lose("\\a.bin");
    press(keys);
    ck_assert_int_eq(fake_boot(&the_boot), FAKE_RETURNED);
    ck_assert_int_eq(fake.returned, STATUS_OK);
    ck_assert_uint_eq(fake.waited_ms, 200000);
}
END_TEST

START_TEST(the_default_boots_when_the_time_is_up)
{
    given_two("timeout = 5\ndefault = b\n" TWO);
    boots_with("two");
    ck_assert_uint_eq(fake.waited_ms, 5000);
    ck_assert_uint_eq(fake.cursor_row, 0); /* nothing is edited: the cursor is not moved */
    ck_assert_ptr_nonnull(strstr(fake.shown, "\nexit       "));
    given_two("timeout = 3\ndefault = b\nfallback = a\n" TWO);
    lose("\\b.bin");
    boots_with("one");
    ck_assert_uint_eq(fake.waited_ms, 3000);
}
END_TEST

START_TEST(any_key_stops_the_countdown)
{
    static const uint32_t keys[] = {KEY_NONE, KEY_NONE, 'x',      KEY_NONE,  KEY_NONE,
                                    KEY_NONE, KEY_NONE, KEY_NONE, KEY_ENTER, KEY_LAST};
    given_two("timeout = 3\n" TWO);
    press(keys);
    boots_with("one");
    ck_assert_uint_eq(fake.waited_ms, 7000);
}
END_TEST

START_TEST(escape_goes_back_to_the_firmware)
{
    static const uint32_t keys[] = {KEY_ESCAPE, KEY_LAST};
    given_two("timeout = no\n" TWO);
    press(keys);
    ck_assert_int_eq(fake_boot(&the_boot), FAKE_RETURNED);
    ck_assert_int_eq(fake.returned, STATUS_OK);
    ck_assert_uint_eq(fake.calls[FAKE_FILE_OPEN], 1);
}
END_TEST

START_TEST(a_key_held_down_calls_the_menu)
{
    static const uint32_t callers[] = {' ', KEY_ESCAPE, KEY_UP, KEY_DOWN, KEY_LEFT, KEY_RIGHT};
    for (size_t i = 0; i < sizeof(callers) / sizeof(callers[0]); i++) {
        uint32_t keys[] = {callers[i], KEY_NONE, '2', KEY_ENTER, KEY_LAST};
        given_two(TWO);
        press(keys);
        boots_with("two");
        uint32_t late[] = {KEY_NONE,   'a',      KEY_NONE, KEY_NONE,  KEY_NONE,
                           callers[i], KEY_NONE, '2',      KEY_ENTER, KEY_LAST};
        given_two(TWO);
        press(late);
        boots_with("two");
    }
    static const uint32_t others[] = {KEY_ENTER, 'a', KEY_OTHER, KEY_DELETE, KEY_LAST};
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        uint32_t keys[] = {others[i], KEY_LAST};
        given_two(TWO);
        press(keys);
        boots_with("one");
        ck_assert_uint_eq(fake.calls[FAKE_CONSOLE], 0);
    }
}
END_TEST

START_TEST(an_edited_command_line_is_for_this_boot)
{
    static const uint32_t keys[] = {'e',        ' ', 'x',       0xE4,       KEY_HOME,
                                    KEY_DELETE, 'O', KEY_ENTER, KEY_ESCAPE, KEY_LAST};
    given_two("timeout = no\n" TWO);
    press(keys);
    boots_with("One x\xC3\xA4");
    uint32_t column;
    uint32_t row;
    menu_cursor(&the_boot.choice.menu, &column, &row);
    ck_assert_uint_eq(fake.cursor_column, column);
    ck_assert_uint_eq(fake.cursor_row, row);
    ck_assert_uint_gt(row, 0);
}
END_TEST

START_TEST(only_rows_that_change_are_drawn)
{
    static const uint32_t keys[] = {KEY_NONE, KEY_NONE, 'e', 'x', KEY_ENTER, KEY_LAST};
    given_two("timeout = 9\n" TWO);
    press(keys);
    boots_with("onex");
    /* all that is not blank; two of the countdown; countdown, list, help and line; the line */
    ck_assert_uint_eq(fake.rows_drawn, 7 + 2 + 4 + 1);
}
END_TEST

START_TEST(a_long_menu_fills_the_screen)
{
    static char config[4096];
    struct writer writer = writer_on(config, sizeof(config));
    write_string(&writer, "timeout = 1\n");
    for (uint32_t i = 0; i < CONFIG_ENTRIES_MAX; i++) {
        write_string(&writer, "[entry ");
        write_decimal(&writer, i);
        write_string(&writer, "]\nkernel = /a.bin\n");
    }
    given_two(config);
    boots_with("");
    ck_assert_str_ne(fake.screen[MENU_ROWS_MOST - 1], "");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("entry_menu");
    TCase *user = tcase_create("with a user");
    tcase_add_test(user, without_a_fallback_the_menu_comes_and_goes);
    tcase_add_test(user, the_watchdog_begins_anew_after_a_menu_and_after_a_failure);
    tcase_add_test(user, somebody_can_choose_another_after_a_failure);
    tcase_add_test(user, after_a_choice_by_hand_no_fallback_follows_but_the_menu);
    tcase_add_test(user, what_was_chosen_and_cannot_boot_is_marked);
    tcase_add_test(user, who_has_pressed_a_key_is_not_thrown_out);
    tcase_add_test(user, the_default_boots_when_the_time_is_up);
    tcase_add_test(user, any_key_stops_the_countdown);
    tcase_add_test(user, escape_goes_back_to_the_firmware);
    tcase_add_test(user, a_key_held_down_calls_the_menu);
    tcase_add_test(user, an_edited_command_line_is_for_this_boot);
    tcase_add_test(user, a_long_menu_fills_the_screen);
    tcase_add_test(user, only_rows_that_change_are_drawn);
    suite_add_tcase(suite, user);
    return suite_main(suite, "unit-entry_menu");
}
