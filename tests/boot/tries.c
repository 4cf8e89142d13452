/* Counted tries with the firmware's own variables: several boots of one machine, power cut in
 * between. */
#include "harness.h"

#include "vm/files.h"

#include <string.h>

#define B          "[entry b]\nkernel = /boot/success.bin\ncmdline = b\n"
#define A(cmdline) "[entry a]\nkernel = /boot/success.bin\ntries = 3\ncmdline = " cmdline "\n"

static char *folder;
static char *vars;

static void begin(void)
{
    struct message message = {0};
    ck_assert_msg(folder_make_temporary(&message, &folder), "%s", message_text(&message));
    vars = string_format("%s/vars", folder);
}

static void end(void)
{
    folder_remove(folder);
    free(folder);
    free(vars);
}

static void start(const char *config, struct machine machine, struct machine_run *out_run)
{
    static struct boot_files files;
    boot_begin(&files);
    boot_add(&files, (struct disk_file){.path = "/boot/success.bin",
                                        .host = BATON_BUILD_DIR "/kernels/success.bin"});
    boot_add(&files,
             (struct disk_file){.path = "/loader.cfg", .data = config, .size = strlen(config)});
    machine.vars = vars;
    boot_run(&files, machine, out_run);
}

static void boots(const char *config, const char *says, const char *and_says)
{
    struct machine_run run;
    start(config, (struct machine){0}, &run);
    boot_expect(&run, MACHINE_PASSED);
    boot_expect_text(&run, says);
    boot_expect_text(&run, and_says);
    machine_run_free(&run);
}

START_TEST(tries_run_out_and_a_changed_loader_cfg_gives_them_back)
{
    boots(A("give up") B, "command line: 'give up'", "\ntries      2 left of 3\n");
    boots(A("give up") B, "command line: 'give up'", "\ntries      1 left of 3\n");
    boots(A("give up") B, "command line: 'give up'", "\ntries      0 left of 3\n");
    boots(A("give up") B, "loader.cfg:3: error: entry 'a' was started 3 times",
          "command line: 'b'");
    boots(A("a") B, "\ntries      2 left of 3\n", "command line: 'a'\ncame up, EFI status 0x0\n");
    boots(A("a") B, "\ntries      came up before\n", "command line: 'a'\n");
}
END_TEST

/* A word that ends the run on the spot, as a power cut does. */
struct cut {
    const char *word;
    struct bytes seen;
};

static bool until_cut(void *context, const char *text, size_t size)
{
    struct cut *cut = context;
    bytes_add(&cut->seen, text, size);
    return strstr(bytes_text(&cut->seen), cut->word) == NULL;
}

static void cut_at(const char *config, const char *word)
{
    struct cut cut = {.word = word};
    struct machine_run run;
    start(config, (struct machine){.output = until_cut, .context = &cut}, &run);
    boot_expect(&run, MACHINE_STOPPED);
    bytes_free(&cut.seen);
    machine_run_free(&run);
}

START_TEST(power_may_fail_before_and_behind_each_write)
{
    cut_at(A("a") B, "\ninfo  ");
    cut_at(A("a") B, "\ntries  ");
    boots(A("give up") B, "command line: 'give up'", " left of 3\n");
    boots(A("a") B, "command line: 'a'\ncame up, EFI status 0x0\n", " left of 3\n");
    cut_at(A("a") B, "\ntries  ");
    cut_at(A("a") B, "\nexit  ");
    boots(A("a") B, "command line: 'a'\n", "\ntries      came up before\n");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("boot-tries");
    TCase *tests = tcase_create("tries");
    tcase_set_timeout(tests, 10 * TEST_TIMEOUT_S);
    tcase_add_checked_fixture(tests, begin, end);
    tcase_add_test(tests, tries_run_out_and_a_changed_loader_cfg_gives_them_back);
    tcase_add_test(tests, power_may_fail_before_and_behind_each_write);
    suite_add_tcase(suite, tests);
    return suite_main(suite, "boot-tries");
}
