/* Where kernels come to lie. Under OVMF 1 MiB to 0x806000 is free, then comes ACPI NVS with gaps,
 * and 0x900000 to 0x1500000 are boot services data, with 256 MiB as with 6 GiB. */
#include "harness.h"

#include <stdlib.h>
#include <string.h>

static struct boot_files files;

static void boot_with(const char *config, struct machine_run *out_run)
{
    struct bytes seen = {0};
    boot_add(&files,
             (struct disk_file){.path = "/loader.cfg", .data = config, .size = strlen(config)});
    boot_run(&files, (struct machine){.output = boot_until_given_up, .context = &seen}, out_run);
    bytes_free(&seen);
}

static void boot_kernel(const char *kernel, const char *config, struct machine_run *out_run)
{
    boot_begin(&files);
    boot_add_kernel(&files, kernel);
    boot_with(config, out_run);
}

/* inspect compares its command line with the one of its own loader.cfg. */
#define INSPECT_COMMAND_LINE                                                  \
    "cmdline = inspect  two blanks, \"quotes\", # and ; and = too, C:\\ /x, " \
    "\xC3\xA4\xE2\x82\xAC\n"

START_TEST(kernel_of_6_mib_is_loaded_directly)
{
    struct machine_run run;
    boot_kernel("inspect-large.bin", "kernel = /boot/inspect-large.bin\n" INSPECT_COMMAND_LINE,
                &run);
    boot_expect_tap(&run);
    boot_expect_text(&run, "\nplacement  0x100000-0x7");
    boot_expect_no_text(&run, "copied there after the exit");
    machine_run_free(&run);
}
END_TEST

START_TEST(kernel_over_boot_services_memory_is_copied_after_the_exit)
{
    struct machine_run run;
    boot_kernel("inspect-staged.bin",
                "kernel = /boot/inspect-staged.bin\naddress = 0xA00000\n" INSPECT_COMMAND_LINE,
                &run);
    boot_expect_tap(&run);
    boot_expect_text(&run, "\nplacement  0xa00000-");
    boot_expect_text(&run, "copied there after the exit");
    machine_run_free(&run);
}
END_TEST

START_TEST(kernel_from_gzip_passes_too)
{
    struct machine_run run;
    boot_kernel("inspect.bin.gz", "kernel = /boot/inspect.bin.gz\n" INSPECT_COMMAND_LINE, &run);
    boot_expect_tap(&run);
    machine_run_free(&run);
}
END_TEST

/* This OVMF puts applications as high as it can. Nothing of the loader may have 32 bits then. */
START_TEST(loader_above_4_gib_boots_a_kernel)
{
    static const char config[] = "kernel = /boot/hello.bin\nlog = verbose\n";
    struct machine_run run;
    struct bytes seen = {0};
    boot_begin(&files);
    boot_add_kernel(&files, "hello.bin");
    boot_add(&files,
             (struct disk_file){.path = "/loader.cfg", .data = config, .size = sizeof(config) - 1});
    boot_run(&files,
             (struct machine){.memory = "6G", .output = boot_until_given_up, .context = &seen},
             &run);
    boot_expect(&run, MACHINE_PASSED);
    const char *place = strstr(bytes_text(&run.serial), "loader at 0x");
    ck_assert_msg(place != NULL, "the loader does not say where it lies");
    ck_assert_uint_gt(strtoull(place + strlen("loader at "), NULL, 16), UINT32_MAX);
    boot_expect_text(&run, "from a kernel at 0x100000: ");
    bytes_free(&seen);
    machine_run_free(&run);
}
END_TEST

START_TEST(kernel_over_acpi_nvs_is_refused_by_name)
{
    struct machine_run run;
    boot_begin(&files);
    boot_add(&files, (struct disk_file){.path = "/boot/k.bin", .data = "\xEB\xFE", .size = 2});
    boot_with("kernel = /boot/k.bin\naddress = 0x800000\nmemory = 64K\n", &run);
    boot_expect(&run, MACHINE_STOPPED);
    boot_expect_text(&run, "/boot/k.bin: error: 0x800000-0x80ffff is not free:\n"
                           "      0x806000-0x807fff ACPI NVS (2 pages)\n");
    machine_run_free(&run);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("boot-placement");
    TCase *tests = tcase_create("boot");
    tcase_set_timeout(tests, TEST_TIMEOUT_S);
    tcase_add_test(tests, kernel_of_6_mib_is_loaded_directly);
    tcase_add_test(tests, kernel_over_boot_services_memory_is_copied_after_the_exit);
    tcase_add_test(tests, kernel_from_gzip_passes_too);
    tcase_add_test(tests, loader_above_4_gib_boots_a_kernel);
    tcase_add_test(tests, kernel_over_acpi_nvs_is_refused_by_name);
    suite_add_tcase(suite, tests);
    return suite_main(suite, "boot-placement");
}
