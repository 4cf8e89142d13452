/* Modules arrive whole, where BootInfo says, however many and however large they are. */
#include "boot.h"

#include <string.h>
#include <zlib.h>

enum { MANY = 200 };

static struct boot_files files;

static void begin(const char *config)
{
    boot_begin(&files);
    boot_add_kernel(&files, "modules.bin");
    boot_add(&files,
             (struct disk_file){.path = "/loader.cfg", .data = config, .size = strlen(config)});
}

/* What the kernel prints of a module, as far as it does not depend on where it lies. */
static void expect_module(const struct machine_run *run, const char *name, const char *arguments,
                          const void *data, size_t size)
{
    AUTO_STRING begin = string_format("\n%s '%s': ", name, arguments);
    AUTO_STRING end = string_format(", CRC-32 0x%08lx\n", crc32(0, data, (uInt)size));
    const char *line = strstr(bytes_text(&run->serial), begin);
    if (line == NULL || strncmp(strchr(line + 1, '\n') - strlen(end) + 1, end, strlen(end)) != 0) {
        boot_show("serial port", bytes_text(&run->serial));
        ck_abort_msg("no module '%s', or not with '%s'", begin, end);
    }
}

START_TEST(sample_lists_its_modules)
{
    struct machine_run run;
    boot_sample("modules", (struct machine){0}, &run);
    boot_expect(&run, MACHINE_PASSED);
    boot_expect_text(&run, "\n/boot/modules.bin 'a copy of the kernel': ");
    boot_expect_text(&run, "\n/loader.cfg '': ");
    boot_expect_text(&run, "\n/boot/modules.bin.gz 'the same = \"inflated\" # really': ");
    boot_expect_text(&run, "\n3 modules\n");
    machine_run_free(&run);
}
END_TEST

START_TEST(one_module_with_arguments_arrives)
{
    static const char text[] = "just a few bytes";
    struct machine_run run;
    begin("kernel = /boot/modules.bin\nmodule = \"/boot/a file.txt\"  with = arguments  # 1\n");
    boot_add(&files, (struct disk_file){.path = "/boot/a file.txt", .data = text, .size = 16});
    boot_run(&files, (struct machine){0}, &run);
    boot_expect(&run, MACHINE_PASSED);
    expect_module(&run, "/boot/a file.txt", "with = arguments  # 1", text, 16);
    boot_expect_text(&run, "\nmodules    /boot/a file.txt, 16 bytes at 0x");
    boot_expect_text(&run, ": 16 bytes at 0x");
    boot_expect_text(&run, "\n1 modules\n");
    machine_run_free(&run);
}
END_TEST

static char *config_of_many(void)
{
    static const char begin[] = "log = quiet\nkernel = /boot/modules.bin\n";
    struct bytes config = {0};
    bytes_add(&config, begin, strlen(begin));
    for (int i = 0; i < MANY; i++) {
        AUTO_STRING line = string_format("module = /boot/%d number %d\n", i, i);
        bytes_add(&config, line, strlen(line));
    }
    return config.data;
}

START_TEST(two_hundred_modules_arrive)
{
    static uint8_t data[MANY][3 * MANY];
    static char *names[MANY];
    struct machine_run run;
    AUTO_STRING config = config_of_many();
    begin(config);
    for (int i = 0; i < MANY; i++) {
        memset(data[i], i, sizeof(data[i]));
        names[i] = string_format("/boot/%d", i);
        boot_add(&files,
                 (struct disk_file){.path = names[i], .data = data[i], .size = 1 + 3 * (size_t)i});
    }
    boot_run(&files, (struct machine){0}, &run);
    boot_expect(&run, MACHINE_PASSED);
    for (int i = 0; i < MANY; i++) {
        AUTO_STRING arguments = string_format("number %d", i);
        expect_module(&run, names[i], arguments, data[i], 1 + 3 * (size_t)i);
        free(names[i]);
    }
    boot_expect_text(&run, "\n200 modules\n");
    machine_run_free(&run);
}
END_TEST

START_TEST(missing_module_is_told_at_its_line)
{
    struct bytes seen = {0};
    struct machine_run run;
    begin("kernel = /boot/modules.bin\nmodule = /boot/modules.bin\nmodule = /boot/none all\n");
    boot_run(&files, (struct machine){.output = boot_until_given_up, .context = &seen}, &run);
    boot_expect(&run, MACHINE_STOPPED);
    ck_assert_msg(strstr(bytes_text(&seen),
                         "\\loader.cfg:3:10: error: /boot/none: no such file (EFI_NOT_FOUND)\n"
                         "    3 | module = /boot/none all\n"
                         "      |          ^~~~~~~~~~\n") != NULL,
                  "%s", bytes_text(&seen));
    bytes_free(&seen);
    machine_run_free(&run);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("boot-modules");
    TCase *tests = tcase_create("modules");
    tcase_set_timeout(tests, TEST_TIMEOUT_S);
    tcase_add_test(tests, sample_lists_its_modules);
    tcase_add_test(tests, one_module_with_arguments_arrives);
    tcase_add_test(tests, two_hundred_modules_arrive);
    tcase_add_test(tests, missing_module_is_told_at_its_line);
    suite_add_tcase(suite, tests);
    return suite_main(suite, "boot-modules");
}
