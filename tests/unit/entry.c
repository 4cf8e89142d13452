/* Which entry boots without a user: default, fallback, load options. */
#include "suite.h"
#include "two_kernels.h"

#include <string.h>

#define TWO                                       \
    "[entry a]\nkernel = /a.bin\ncmdline = one\n" \
    "[entry b]\nkernel = /b.bin\ncmdline = two\n"

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
    struct expectation expected = expect_raw(the_kernel);
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

    return suite_main(suite, "unit-entry");
}
