/* Which entry boots: default, fallback, load options, and what the user does in the menu. */
#include "boot_check.h"
#include "core/base/acpi.h"
#include "kernels.h"
#include "suite.h"

#include <string.h>

#define TWO                                       \
    "[entry a]\nkernel = /a.bin\ncmdline = one\n" \
    "[entry b]\nkernel = /b.bin\ncmdline = two\n"

static struct text kernel;

/* A machine with /a.bin and /b.bin. */
static void given_two(const char *config)
{
    kernel = kernel_raw(5000);
    fake_reset();
    fake_add_config(config);
    fake_add_file("\\a.bin", kernel.bytes, kernel.size);
    fake_add_file("\\b.bin", kernel.bytes, kernel.size);
}

static void lose(const char *path)
{
    fake_find_file(path)->open_error = FIRMWARE_NOT_FOUND;
}

static void boots_with(const char *cmdline)
{
    struct expectation expected = expect_raw(kernel);
    expected.cmdline = cmdline;
    boots(&expected);
}

static void press(const uint32_t *keys)
{
    fake.keys = keys;
}

static void ck_said(const char *part)
{
    ck_assert_msg(strstr(fake.said, part) != NULL, "'%s' was not said, but:\n%s", part, fake.said);
}

static void ck_log_has(const char *part)
{
    const struct BootInfo *info = (const struct BootInfo *)fake.hand_off.info;
    ck_assert_msg(strstr(bootinfo_text(info->log), part) != NULL, "'%s' is not in the log", part);
}

START_TEST(the_default_boots_and_nobody_is_asked)
{
    given_two("default = b\n" TWO);
    boots_with("two");
    ck_assert_uint_eq(fake.calls[FAKE_CONSOLE], 0);
    ck_assert_uint_eq(fake.calls[FAKE_KEY], 6); /* is one held down? */
    ck_assert_uint_eq(fake.waited_ms, 100);
}
END_TEST

START_TEST(a_single_entry_does_not_even_look_for_a_key)
{
    given_two("kernel = /a.bin\n");
    boots_with("");
    ck_assert_uint_eq(fake.calls[FAKE_KEY], 0);
}
END_TEST

START_TEST(a_load_option_chooses_the_entry)
{
    static const char *const options[] = {
        "entry=b",
        "  entry=b ",
        "\\EFI\\BOOT\\BOOTX64.EFI entry=b",
        "junk \t entry=b\r\n",
        "\xEF\xBF\xBD entry= entry=b",
        "entry=a entry=b",
        "Entry=b",
        "ENTRY=B",
        "entry =b",
        "entry= b",
        "  entry\t=\t b  ",
        "\"entry=b\"",
        "'entry=b'",
        "entry=\"b\"",
        "\"entry='b'\" quiet",
        "fs0:\\config\\entry.efi entry=b",
        "xentry=a entry=b",
    };
    for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
        given_two("timeout = no\n" TWO);
        fake.options = options[i];
        boots_with("two");
        ck_assert_uint_eq(fake.calls[FAKE_KEY], 0);
    }
}
END_TEST

START_TEST(load_options_of_others_are_ignored)
{
    static const char *const options[] = {"FJ", "b",
                                          "BCDOBJECT={9dea862c-5cdd-4e70-acc1-f32b344d4795}"};
    for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
        given_two(TWO);
        fake.options = options[i];
        boots_with("one");
        ck_assert_ptr_null(strstr(fake.said, "load option"));
    }
}
END_TEST

/* Whoever wrote that wanted something. */
START_TEST(a_load_option_that_is_not_understood_is_reported)
{
    static const struct {
        const char *options;
        const char *word;
    } cases[] = {
        {"xentry=b", "xentry=b"},
        {"entry=", "entry="},
        {"entry", "entry"},
        {"entry b", "entry"},
        {"--entry=b", "--entry=b"},
        {"entry:b", "entry:b"},
        {"\"my entry b\"", "my entry b"},
        {"config", "config"},
        {"CONFIGURATION=x", "CONFIGURATION=x"},
        {"baton.efi ,entry=b", ",entry=b"},
        {"entry=\"\"", "entry=\"\""},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char line[100];
        struct writer writer = writer_on(line, sizeof(line));
        write_string(&writer, "baton: the load option '");
        write_string(&writer, cases[i].word);
        write_string(&writer, "' is not understood: write entry=NAME or config=PATH\n");
        given_two("log = quiet\n" TWO);
        fake.options = cases[i].options;
        boots_with("one");
        ck_said(line);
        ck_log_has(line);
    }
}
END_TEST

/* Names that differ in nothing else are told apart. */
START_TEST(a_load_option_in_another_case_is_taken_where_one_entry_has_that_name)
{
    given_two("[entry Ab]\nkernel = /a.bin\ncmdline = one\n[entry aB]\nkernel = /b.bin\n"
              "cmdline = two\n");
    fake.options = "entry=aB";
    boots_with("two");
    given_two("[entry Ab]\nkernel = /a.bin\ncmdline = one\n[entry aB]\nkernel = /b.bin\n"
              "cmdline = two\n");
    fake.options = "entry=ab";
    refuses(STATUS_CONFIG_NO_SUCH_ENTRY, "names entry 'ab', but there is no such entry");
}
END_TEST

START_TEST(a_load_option_for_an_entry_that_is_not_there_is_refused)
{
    given_two(TWO);
    fake.options = "entry=bb";
    refuses(STATUS_CONFIG_NO_SUCH_ENTRY,
            "loader.cfg: error: the load option entry= names entry 'bb', but there is no such "
            "entry; did you mean 'b'?\n");
}
END_TEST

START_TEST(a_load_option_chooses_the_config)
{
    static const char other[] = "kernel = /b.bin\ncmdline = other\n";
    given_two(TWO);
    fake_add_file("\\x\\y.cfg", other, strlen(other));
    fake.options = "config=/x/y.cfg";
    boots_with("other");
    ck_said("config     \\x\\y.cfg\n");
    given_two(TWO);
    fake.options = "config=x/z.cfg";
    refuses(STATUS_FILE_NOT_FOUND, "\\x\\z.cfg: error: no such file (EFI_NOT_FOUND)\n");
    given_two(TWO);
    fake.options = "config=z";
    refuses(STATUS_FILE_NOT_FOUND, "\\z: error: no such file (EFI_NOT_FOUND)\n");
    given_two(TWO);
    fake.options = "config=../z.cfg";
    refuses(STATUS_CONFIG_BAD_PATH, "baton: error: '../z.cfg' is not a usable path: ");
}
END_TEST

START_TEST(the_fallback_boots_where_the_kernel_cannot_be_loaded)
{
    given_two("fallback = b\n" TWO);
    lose("\\a.bin");
    boots_with("two");
    ck_said("/a.bin: error: no such file (EFI_NOT_FOUND)\n");
    ck_said("\nentry      b\n");
    ck_log_has("/a.bin: error: no such file (EFI_NOT_FOUND)\n");
    ck_log_has("\nentry      b\nimage      /b.bin, ");
    ck_assert_uint_eq(fake.calls[FAKE_VOLUME_OPEN], 1);
    ck_assert_uint_eq(fake.waited_ms, 100);
}
END_TEST

START_TEST(the_fallback_boots_where_the_map_fails_before_the_exit)
{
    given_two("fallback = b\n" TWO);
    fake_set_memory(MIB, 4096, EFI_ACPI_NVS);
    static char config[] = "fallback = b\n[entry a]\nkernel = /a.bin\n"
                           "[entry b]\nkernel = /b.bin\naddress = 2M\n";
    fake.files[0].bytes = config;
    fake.files[0].size = strlen(config);
    struct expectation expected = expect_raw(kernel);
    expected.address = 2 * MIB;
    boots(&expected);
    ck_said("0x100000-0x101fff is not free:");
}
END_TEST

START_TEST(fallbacks_follow_each_other_and_the_timeline_is_that_of_the_last)
{
    given_two("[entry 1]\nkernel=/1\nfallback=3\n[entry 2]\nkernel=/2\nfallback=b\n"
              "[entry 3]\nkernel=/3\nfallback=2\n[entry b]\nkernel=/b.bin\n");
    boots_with("");
    ck_said("entry      3\n");
    ck_said("entry      2\n");
    ck_said("entry      b\n");
    const struct BootInfo *info = (const struct BootInfo *)fake.hand_off.info;
    ck_assert_uint_eq(info->timeline.count, BOOTINFO_STAGE_EXIT);
}
END_TEST

START_TEST(a_single_entry_that_fails_is_told_and_that_is_all)
{
    given_two("kernel = /a.bin\n");
    lose("\\a.bin");
    refuses(STATUS_FILE_NOT_FOUND, "/a.bin: error: no such file");
    ck_assert_uint_eq(fake.calls[FAKE_KEY], 0);
    ck_assert(!the_boot.choice.menu_shown);
}
END_TEST

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

START_TEST(sixty_four_entries_fail_and_the_memory_is_all_there)
{
    static char config[8192];
    struct writer writer = writer_on(config, sizeof(config));
    for (int i = 0; i < CONFIG_ENTRIES_MAX; i++) {
        char entry[128];
        (void)snprintf(entry, sizeof(entry), "[entry %d]\nkernel = /%s\n%s%d\n", i,
                       i == 63      ? "b.bin"
                       : i % 2 == 0 ? "none"
                                    : "elf",
                       i == 63 ? "#" : "fallback = ", i + 1);
        write_string(&writer, entry);
    }
    static const char elf[] = "\177ELF\2\1\1";
    given_two(config);
    fake_add_file("\\elf", elf, sizeof(elf));
    boots_with("");
    ck_assert_uint_eq(the_boot.choice.entry, 63);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("entry");
    TCase *alone = tcase_create("without a user");
    tcase_add_test(alone, the_default_boots_and_nobody_is_asked);
    tcase_add_test(alone, a_single_entry_does_not_even_look_for_a_key);
    tcase_add_test(alone, a_load_option_chooses_the_entry);
    tcase_add_test(alone, load_options_of_others_are_ignored);
    tcase_add_test(alone, a_load_option_that_is_not_understood_is_reported);
    tcase_add_test(alone, a_load_option_in_another_case_is_taken_where_one_entry_has_that_name);
    tcase_add_test(alone, a_load_option_for_an_entry_that_is_not_there_is_refused);
    tcase_add_test(alone, a_load_option_chooses_the_config);
    tcase_add_test(alone, the_fallback_boots_where_the_kernel_cannot_be_loaded);
    tcase_add_test(alone, the_fallback_boots_where_the_map_fails_before_the_exit);
    tcase_add_test(alone, fallbacks_follow_each_other_and_the_timeline_is_that_of_the_last);
    tcase_add_test(alone, a_single_entry_that_fails_is_told_and_that_is_all);
    tcase_add_test(alone, sixty_four_entries_fail_and_the_memory_is_all_there);
    suite_add_tcase(suite, alone);

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
    tcase_add_test(user, only_rows_that_change_are_drawn);
    suite_add_tcase(suite, user);
    return suite_main(suite, "unit-entry");
}
