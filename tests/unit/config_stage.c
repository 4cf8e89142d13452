/* Which loader.cfg is read, and what is said where none can be. */
#include "boot_check.h"
#include "kernels.h"
#include "suite.h"

#include <string.h>

static struct text kernel;

static void given_places(const char *loader_path, const char *const *places, size_t count)
{
    if (kernel.bytes == NULL) {
        kernel = kernel_raw(5000);
    }
    fake_reset();
    fake.loader_path = loader_path;
    fake_add_file("\\k.bin", kernel.bytes, kernel.size);
    for (size_t i = 0; i < count; i++) {
        fake_add_file(places[i], CONFIG_PLAIN, strlen(CONFIG_PLAIN));
    }
}

struct place_case {
    const char *loader_path;
    const char *places[3];
    const char *used;
};

static const struct place_case place_cases[] = {
    {"\\EFI\\BOOT\\BOOTX64.EFI",
     {"\\EFI\\BOOT\\loader.cfg", "\\loader.cfg", "\\boot\\loader.cfg"},
     "\\EFI\\BOOT\\loader.cfg"},
    {"\\EFI\\BOOT\\BOOTX64.EFI", {"\\boot\\loader.cfg", "\\loader.cfg"}, "\\loader.cfg"},
    {"\\EFI\\BOOT\\BOOTX64.EFI", {"\\boot\\loader.cfg"}, "\\boot\\loader.cfg"},
    {"\\EFI\\baton\\baton.efi",
     {"\\EFI\\baton\\loader.cfg", "\\loader.cfg"},
     "\\EFI\\baton\\loader.cfg"},
    {"\\baton.efi", {"\\loader.cfg", "\\boot\\loader.cfg"}, "\\loader.cfg"},
    {"\\boot\\baton.efi", {"\\boot\\loader.cfg"}, "\\boot\\loader.cfg"},
    /* As shells write it. */
    {"\\EFI\\tools\\..\\baton\\.\\baton.efi",
     {"\\EFI\\baton\\loader.cfg", "\\loader.cfg"},
     "\\EFI\\baton\\loader.cfg"},
    {"\\", {"\\loader.cfg"}, "\\loader.cfg"}, /* the firmware did not name the loader */
};

START_TEST(the_first_place_that_has_one_is_used)
{
    for (size_t i = 0; i < sizeof(place_cases) / sizeof(place_cases[0]); i++) {
        const struct place_case *test = &place_cases[i];
        char line[100];
        size_t count = 0;
        while (count < 3 && test->places[count] != NULL) {
            count++;
        }
        given_places(test->loader_path, test->places, count);
        struct expectation expected = expect_raw(kernel);
        boots(&expected);
        snprintf(line, sizeof(line), "\nconfig     %s\n", test->used);
        ck_assert_msg(strstr(fake.said, line) != NULL, "%s", fake.said);
        for (size_t j = 0; j < count; j++) {
            bool used = strcmp(test->places[j], test->used) == 0;
            ck_assert_uint_eq(fake_find_file(test->places[j])->opens, used ? 1 : 0);
        }
    }
}
END_TEST

/* Otherwise nobody would know why the one beside the loader was not found. */
START_TEST(a_path_of_the_loader_that_cannot_be_used_is_reported)
{
    static const char *const root[] = {"\\loader.cfg"};
    static const char line[] =
        "the loader's own path '\\a\\..\\..\\b\\baton.efi' cannot be used: it "
        "climbs above the root";
    struct expectation expected;
    given_places("\\a\\..\\..\\b\\baton.efi", NULL, 0);
    refuses(STATUS_CONFIG_NOT_FOUND,
            "tried \\loader.cfg, \\boot\\loader.cfg (the loader's own path '");
    ck_assert_msg(strstr(fake.said, line) != NULL, "%s", fake.said);
    given_places("\\a\\b\\..\\..\\..\\baton.efi", NULL, 0); /* \a is not looked in */
    refuses(STATUS_CONFIG_NOT_FOUND, "tried \\loader.cfg, \\boot\\loader.cfg (");
    given_places("", NULL, 0);
    refuses(STATUS_CONFIG_NOT_FOUND, "(the firmware does not name the loader's own path)\n");
    given_places("*", NULL, 0);
    refuses(STATUS_CONFIG_NOT_FOUND, "(the loader's own path '*' cannot be used: ");
    given_places("\\a\\..\\..\\b\\baton.efi", root, 1);
    expected = expect_raw(kernel);
    boots(&expected);
    ck_assert_msg(strstr(fake.said, line) != NULL, "%s", fake.said);
}
END_TEST

START_TEST(every_place_tried_is_named_once)
{
    given_places("\\EFI\\BOOT\\BOOTX64.EFI", NULL, 0);
    refuses(STATUS_CONFIG_NOT_FOUND,
            "baton: error: no loader.cfg found; tried \\EFI\\BOOT\\loader.cfg, \\loader.cfg, "
            "\\boot\\loader.cfg\n");
    given_places("\\baton.efi", NULL, 0);
    refuses(STATUS_CONFIG_NOT_FOUND, "tried \\loader.cfg, \\boot\\loader.cfg\n");
    given_places("\\boot\\baton.efi", NULL, 0);
    refuses(STATUS_CONFIG_NOT_FOUND, "tried \\boot\\loader.cfg, \\loader.cfg\n");
}
END_TEST

START_TEST(a_loader_so_deep_that_nothing_fits_beside_it_looks_elsewhere)
{
    static char deep[PATH_MAX_BYTES];
    struct writer writer = writer_on(deep, sizeof(deep));
    while (writer.used < 1000) {
        write_string(&writer, "\\a-folder");
    }
    write_string(&writer, "-that-is-long\\l.efi");
    ck_assert_uint_gt(writer.used, PATH_MAX_BYTES - sizeof("loader.cfg"));
    given_places(deep, NULL, 0);
    refuses(STATUS_CONFIG_NOT_FOUND, "tried \\loader.cfg, \\boot\\loader.cfg\n");
    static const char *const places[] = {"\\loader.cfg"};
    given_places(deep, places, 1);
    struct expectation expected = expect_raw(kernel);
    boots(&expected);
}
END_TEST

/* What is there but cannot be used is an error, never a reason to look elsewhere. */
START_TEST(a_place_that_has_something_else_is_refused)
{
    static const char *const places[] = {"\\EFI\\BOOT\\loader.cfg", "\\loader.cfg"};
    given_places("\\EFI\\BOOT\\BOOTX64.EFI", places, 2);
    fake.files[1].directory = true;
    refuses(STATUS_FILE_IS_DIRECTORY, "\\EFI\\BOOT\\loader.cfg: error: this is a directory");
    given_places("\\EFI\\BOOT\\BOOTX64.EFI", places, 2);
    fake.files[1].open_error = FIRMWARE_ACCESS_DENIED;
    refuses(STATUS_FILE_OPEN_FAILED, "\\EFI\\BOOT\\loader.cfg: error: the file cannot be opened");
    given_places("\\EFI\\BOOT\\BOOTX64.EFI", places, 2);
    fake.files[1].size = 0;
    refuses(STATUS_FILE_EMPTY, "\\EFI\\BOOT\\loader.cfg: error: the file is empty");
    given_places("\\EFI\\BOOT\\BOOTX64.EFI", places, 2);
    fake.files[1].lies_about_size = true;
    fake.files[1].claimed_size = CONFIG_SIZE_MAX + 1;
    refuses(STATUS_FILE_TOO_LARGE, "\\EFI\\BOOT\\loader.cfg: error: the file has 65,537 bytes");
    ck_assert_uint_eq(fake_find_file("\\loader.cfg")->opens, 0);
}
END_TEST

START_TEST(a_loader_from_something_without_files_says_so)
{
    (void)given(CONFIG_PLAIN, kernel_raw(100));
    fake.failures[0] = (struct fake_failure){.call = 1, .status = FIRMWARE_UNSUPPORTED};
    refuses(STATUS_VOLUME_NOT_FOUND, "baton: error: the loader was started from something that "
                                     "has no file system (EFI_UNSUPPORTED)\n");
}
END_TEST

START_TEST(a_loader_cfg_is_read_exactly)
{
    static char text[CONFIG_SIZE_MAX + 1];
    static const size_t sizes[] = {16, 4096, 5000, CONFIG_SIZE_MAX};
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        memset(text, '\n', sizeof(text));
        memcpy(text + sizes[i] - strlen(CONFIG_PLAIN), CONFIG_PLAIN, strlen(CONFIG_PLAIN));
        text[sizes[i]] = '\0';
        struct text image = kernel_raw(100);
        (void)given(text, image);
        struct expectation expected = expect_raw(image);
        boots(&expected);
        ck_assert_uint_eq(fake.files[0].bytes_read, sizes[i]);
        (void)given(text, image);
        fake.files[0].lies_about_size = true;
        fake.files[0].claimed_size = sizes[i] - 1;
        refuses(STATUS_FILE_GREW, "\\EFI\\BOOT\\loader.cfg: error: the file has more than the ");
    }
}
END_TEST

START_TEST(all_its_errors_are_said_with_their_lines)
{
    (void)given("kernal = /k.bin\nstack = 1x\n", kernel_raw(100));
    refuses(STATUS_CONFIG_UNKNOWN_KEY, "\\EFI\\BOOT\\loader.cfg:1:1: error: unknown key 'kernal'; "
                                       "did you mean 'kernel'?\n");
    ck_assert(strstr(fake.said, "\\EFI\\BOOT\\loader.cfg:2:9: error: expected ") != NULL);
    ck_assert(strstr(fake.said, "more errors") == NULL);
}
END_TEST

START_TEST(more_errors_than_are_kept_are_counted)
{
    static char text[30 * 8];
    static const int omitted[] = {1, 3};
    char last[40];
    strcpy(text, CONFIG_PLAIN);
    for (int i = 0; i < 20 + omitted[_i]; i++) {
        strcat(text, "x = 1\n");
    }
    (void)given(text, kernel_raw(100));
    refuses(STATUS_CONFIG_UNKNOWN_KEY, "loader.cfg:21:1: error: unknown key 'x'");
    ck_assert(strstr(fake.said, "loader.cfg:22:") == NULL);
    (void)snprintf(last, sizeof(last), "\n... and %d more errors\n", omitted[_i]);
    ck_assert(strstr(fake.said, last) != NULL);
}
END_TEST

START_TEST(the_default_entry_is_booted)
{
    struct text image = kernel_raw(5000);
    (void)given("default = 2\n[entry one]\nkernel = /x.bin\n[entry 2]\nkernel = /k.bin\n"
                "cmdline = second\n",
                image);
    struct expectation expected = expect_raw(image);
    expected.cmdline = "second";
    boots(&expected);
    ck_assert(strstr(fake.said, "loader.cfg, entry '2'\n") != NULL);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("config_stage");
    TCase *places = tcase_create("places");
    tcase_add_test(places, the_first_place_that_has_one_is_used);
    tcase_add_test(places, every_place_tried_is_named_once);
    tcase_add_test(places, a_path_of_the_loader_that_cannot_be_used_is_reported);
    tcase_add_test(places, a_loader_so_deep_that_nothing_fits_beside_it_looks_elsewhere);
    tcase_add_test(places, a_place_that_has_something_else_is_refused);
    tcase_add_test(places, a_loader_from_something_without_files_says_so);
    suite_add_tcase(suite, places);

    TCase *contents = tcase_create("contents");
    tcase_add_test(contents, a_loader_cfg_is_read_exactly);
    tcase_add_test(contents, all_its_errors_are_said_with_their_lines);
    tcase_add_loop_test(contents, more_errors_than_are_kept_are_counted, 0, 2);
    tcase_add_test(contents, the_default_entry_is_booted);
    suite_add_tcase(suite, contents);
    return suite_main(suite, "unit-config_stage");
}
