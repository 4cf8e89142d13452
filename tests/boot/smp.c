/* The sample kernel smp starts all the CPUs of the machine, however many there are, and a kernel
 * of the tests those that QEMU cannot have. */
#include "harness.h"

#include <string.h>

static const unsigned counts[] = {1, 4, 64};

enum { COUNTS = sizeof(counts) / sizeof(counts[0]) };

START_TEST(all_cpus_of_the_machine_run)
{
    struct machine_run run;
    boot_sample("smp", (struct machine){.cpus = counts[_i], .timeout_s = BOOT_TIMEOUT_S}, &run);
    boot_expect(&run, MACHINE_PASSED);
    AUTO_STRING all = string_format(
        "smp: %u of %u CPUs drew 576 rows; 156,925 points are in the set", counts[_i], counts[_i]);
    boot_expect_text(&run, all);
    for (unsigned cpu = 0; cpu < counts[_i]; cpu++) {
        AUTO_STRING line = string_format("cpu %4u  ", cpu);
        boot_expect_text(&run, line);
    }
    boot_expect_no_text(&run, "did not come");
    machine_run_free(&run);
}
END_TEST

START_TEST(cpus_come_by_mailbox_and_an_absent_one_is_given_up)
{
    static const char config[] = "kernel = /boot/cpus.bin\n";
    static struct boot_files files;
    struct machine_run run;
    boot_begin(&files);
    boot_add_kernel(&files, "cpus.bin");
    boot_add(&files,
             (struct disk_file){.path = "/loader.cfg", .data = config, .size = strlen(config)});
    boot_run(&files, (struct machine){.cpus = 3}, &run);
    boot_expect(&run, MACHINE_PASSED);
    boot_expect_text(&run, "started by SIPI: 3\n");
    boot_expect_text(&run, "started by mailbox: 3\n");
    boot_expect_text(&run, "state of the absent one: 3\n");
    machine_run_free(&run);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("boot-smp");
    TCase *tests = tcase_create("boot");
    tcase_set_timeout(tests, TEST_TIMEOUT_S);
    tcase_add_loop_test(tests, all_cpus_of_the_machine_run, 0, COUNTS);
    tcase_add_test(tests, cpus_come_by_mailbox_and_an_absent_one_is_given_up);
    suite_add_tcase(suite, tests);
    return suite_main(suite, "boot-smp");
}
