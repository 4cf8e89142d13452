/* The sample kernel hello-LANGUAGE boots and says what hello says. Skipped, with a message and this
 * exit status, where the build found no compiler for it. */
#include "harness.h"

#include "vm/files.h"

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
    suite_add_tcase(suite, tests);
    return suite_main(suite, "boot-" LANGUAGE);
}
