/* The sample kernel hello-LANGUAGE boots and says what hello says; in Rust, a stub of
 * docs/migrating.md boots too. Skipped, with a message and this exit status, where the build found
 * no compiler for it. */
#include "harness.h"

#include "vm/files.h"

#include <string.h>

enum { SKIPPED = 77 };

START_TEST(kernel_reads_bootinfo_through_the_binding)
{
    struct machine_run run;
    boot_sample("hello-" LANGUAGE, (struct machine){0}, &run);
    boot_expect(&run, MACHINE_PASSED);
    boot_expect_text(&run, "hello from a kernel in ");
    boot_expect_text(&run, " MiB usable; loaded by Baton ");
    boot_expect_text(&run, "command line: 'greeting=hello'\n");
    machine_run_free(&run);
}
END_TEST

#ifdef MIGRATED
/* The kernel reads the RSDP through the direct map, and draws the last pixel of the screen. */
START_TEST(a_stub_fills_what_another_loader_gave)
{
    static const char config[] = "kernel = /boot/" MIGRATED "\nmodule = /boot/ramdisk\n"
                                 "direct_map = 0xffff800000000000\nframebuffer = 1024x768\n";
    static struct boot_files files;
    struct machine_run run;
    boot_begin(&files);
    boot_add_kernel(&files, MIGRATED);
    boot_add(&files,
             (struct disk_file){.path = "/loader.cfg", .data = config, .size = strlen(config)});
    boot_add(&files, (struct disk_file){.path = "/boot/ramdisk", .data = "a disk", .size = 6});
    boot_run(&files, (struct machine){.notice_halt = true}, &run);
    boot_expect(&run, MACHINE_HALTED);
    boot_expect_text(&run, "stub: bootloader_api from Baton, usable KiB: 2"); /* of 256 MiB */
    boot_expect_text(&run, ", memory at 0xffff800000000000, \"RSD PTR \", \"a disk\", "
                           "1024x768 BGR");
    machine_run_free(&run);
}
END_TEST
#endif

int main(void)
{
    AUTO_STRING kernel = boot_built("kernels/hello-" LANGUAGE ".bin");
    if (!file_exists(kernel)) {
        printf("SKIPPED: %s was not built: there is no compiler for it here\n", kernel);
        return SKIPPED;
    }
    Suite *suite = suite_create("boot-" LANGUAGE);
    TCase *tests = tcase_create("boot");
    tcase_set_timeout(tests, TEST_TIMEOUT_S);
    tcase_add_test(tests, kernel_reads_bootinfo_through_the_binding);
#ifdef MIGRATED
    tcase_add_test(tests, a_stub_fills_what_another_loader_gave);
#endif
    suite_add_tcase(suite, tests);
    return suite_main(suite, "boot-" LANGUAGE);
}
