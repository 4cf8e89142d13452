/* Every sample kernel boots with the loader.cfg beside it and says what its readers expect. */
#include "core/base/version.h"
#include "harness.h"

#include <stdlib.h>
#include <string.h>

struct sample {
    const char *name;
    const char *says[8];
};

static const struct sample samples[] = {
    {"hello",
     {"hello from a kernel at 0x100000: ", " MiB usable, ", "loaded by Baton ",
      "command line: 'greeting=hello'\n"}},
    {"hello-asm", {"hello from a kernel in assembly; loaded by Baton "}},
    {"hello-cpp", {"loaded by Baton "}},
    {"memory",
     {"first byte ", "usable", "ACPI NVS", "total by type\n", "timeline\n",
      " us  ########################################\n"}},
    {"gzip", {"first byte ", "usable", "total by type\n", "gzip", "inflated to "}},
    {"runtime",
     {"time in the identity map: 20", " s after boot_time", " variables\n", "BootCurrent: 0x",
      "the services are at 0xff", "time in the upper half:   20", "the runtime services work\n"}},
    {"bss", {" bytes of .bss were zero and can be written"}},
    {"success", {"\ntries      2 left of 3\n", "command line: 'a'\n", "came up, EFI status 0x0\n"}},
};

enum { SAMPLES = sizeof(samples) / sizeof(samples[0]) };

START_TEST(sample_says_what_it_should)
{
    const struct sample *sample = &samples[_i];
    struct machine_run run;
    boot_sample(sample->name, (struct machine){0}, &run);
    boot_expect(&run, MACHINE_PASSED);
    for (size_t i = 0; sample->says[i] != NULL; i++) {
        boot_expect_text(&run, sample->says[i]);
    }
    machine_run_free(&run);
}
END_TEST

START_TEST(loader_tells_every_stage_once_on_serial)
{
    static const char *const stages[] = {"Baton ",        "\nconfig     ", "\nimage      ",
                                         "\nplacement  ", "\nload       ", "\ninfo       "};
    struct machine_run run;
    boot_sample("hello", (struct machine){0}, &run);
    for (size_t i = 0; i < sizeof(stages) / sizeof(stages[0]); i++) {
        boot_expect_text(&run, stages[i]);
        const char *first = strstr(bytes_text(&run.serial), stages[i]);
        ck_assert_msg(i == 0 || strstr(first + 1, stages[i]) == NULL, "twice: %s", stages[i]);
    }
    machine_run_free(&run);
}
END_TEST

static void boot_hello_with(const char *config, struct machine_run *out_run)
{
    static struct boot_files files;
    boot_begin(&files);
    boot_add_kernel(&files, "hello.bin");
    boot_add(&files,
             (struct disk_file){.path = "/loader.cfg", .data = config, .size = strlen(config)});
    boot_run(&files, (struct machine){0}, out_run);
}

START_TEST(quiet_loader_says_nothing)
{
    struct machine_run run;
    boot_hello_with("log = quiet\nkernel = /boot/hello.bin\n", &run);
    boot_expect(&run, MACHINE_PASSED);
    boot_expect_text(&run, "hello from a kernel at 0x100000: ");
    boot_expect_no_text(&run, "\nconfig");
    boot_expect_no_text(&run, BATON_NAME "\n");
    machine_run_free(&run);
}
END_TEST

START_TEST(every_spelling_of_loader_cfg_boots)
{
    static const char *const spellings[] = {
        "\xEF\xBB\xBFkernel = /boot/hello.bin\r\naddress = 0x10_0000\r\nstack = 64K\r\n",
        "kernel=\\BOOT\\HELLO.BIN",
        "default = b\n[entry a]\nkernel = /none\n[entry b]\nkernel = boot//hello.bin\n",
        "read_chunk = whole\n# a comment\n; another\n\nkernel = /boot/hello.bin\n",
        "serial = none\nkernel = /boot/hello.bin\n",
    };
    struct machine_run run;
    boot_hello_with(spellings[_i], &run);
    boot_expect(&run, MACHINE_PASSED);
    machine_run_free(&run);
}
END_TEST

START_TEST(loader_cfg_beside_the_loader_comes_first)
{
    static struct boot_files files;
    static const char good[] = "kernel = /boot/hello.bin\n";
    static const char bad[] = "kernel = /none\n";
    struct machine_run run;
    boot_begin(&files);
    boot_add_kernel(&files, "hello.bin");
    static const char *const places[] = {"/EFI/BOOT/loader.cfg", "/loader.cfg", "/boot/loader.cfg"};
    for (int place = _i; place < 3; place++) {
        const char *text = place == _i ? good : bad;
        boot_add(&files,
                 (struct disk_file){.path = places[place], .data = text, .size = strlen(text)});
    }
    boot_run(&files, (struct machine){0}, &run);
    boot_expect(&run, MACHINE_PASSED);
    machine_run_free(&run);
}
END_TEST

/* A line of the table of totals, such as "  loader      220 KiB". */
static unsigned long total_of(const struct machine_run *run, const char *type)
{
    AUTO_STRING start = string_format("\n  %s ", type);
    const char *totals = strstr(bytes_text(&run->serial), "total by type\n");
    const char *line = totals == NULL ? NULL : strstr(totals, start);
    ck_assert_msg(line != NULL, "no '%s'", type);
    return strtoul(line + strlen(start), NULL, 10);
}

START_TEST(loader_holds_at_most_256_kib_of_2_gib)
{
    struct machine_run run;
    boot_sample("memory", (struct machine){.memory = "2G"}, &run);
    boot_expect(&run, MACHINE_PASSED);
    ck_assert_uint_le(total_of(&run, "loader") + total_of(&run, "info"), 256);
    machine_run_free(&run);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("boot-samples");
    TCase *tests = tcase_create("boot");
    tcase_set_timeout(tests, TEST_TIMEOUT_S);
    tcase_add_loop_test(tests, sample_says_what_it_should, 0, SAMPLES);
    tcase_add_test(tests, loader_tells_every_stage_once_on_serial);
    tcase_add_test(tests, quiet_loader_says_nothing);
    tcase_add_loop_test(tests, every_spelling_of_loader_cfg_boots, 0, 5);
    tcase_add_loop_test(tests, loader_cfg_beside_the_loader_comes_first, 0, 3);
    tcase_add_test(tests, loader_holds_at_most_256_kib_of_2_gib);
    suite_add_tcase(suite, tests);
    return suite_main(suite, "boot-samples");
}
