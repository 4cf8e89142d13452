/* Which boots count, and what their figures are. */
#include "figures.h"

#include <check.h>
#include <string.h>

enum { STATUS_DONE = 3 };

void add_figures_tests(TCase *tests);

static const struct bench_case *ours;
static struct emulator_run run;
static struct figures figures;

static void set(struct bytes *bytes, const char *text)
{
    bytes->size = 0;
    bytes_add(bytes, text, strlen(text));
}

/* A boot as it should be: an image of two pages at 2 MiB, and a page of the firmware's. */
static void setup(void)
{
    ours = case_named("ours/64K");
    figures = (struct figures){0};
    run = (struct emulator_run){.status = STATUS_DONE};
    set(&run.debug, "READY\nloading took f4240\nimage at 200000\nimage size 2000\nkernel\n"
                    "held 3e000\npayload ok\n");
    set(&run.plugin, "mark 3 1000 10 100 1\nmark 4 5000 30 400 13\nrestless 0\n"
                     "call 5 4\ncall 201 2\npage 511 700\npage 512 900\npage 513 100\n"
                     "page 514 300\n");
}

static void teardown(void)
{
    bytes_free(&run.debug);
    bytes_free(&run.plugin);
}

START_TEST(a_good_boot_has_its_figures)
{
    figures_read(ours, &run, &figures);
    ck_assert_msg(figures.good, "%s", figures.reason);
    ck_assert_uint_eq(figures.instructions, 4000);
    ck_assert_uint_eq(figures.rep_starts, 20);
    ck_assert_uint_eq(figures.rep_bytes, 300);
    ck_assert_uint_eq(figures.requests, 4);
    ck_assert_uint_eq(figures.own, 1000);
    ck_assert_uint_eq(figures.load_ns, 1000000);
    ck_assert_uint_eq(figures.held, 248 * 1024);
}
END_TEST

START_TEST(boot_services_are_counted_without_the_others)
{
    figures_read_calls(ours, &run, &figures);
    ck_assert_msg(figures.good, "%s", figures.reason);
    ck_assert_uint_eq(figures.services, 4);
    ck_assert_uint_eq(figures.calls[201], 2);
    ck_assert_str_eq(service_name(5), "AllocatePages");
    ck_assert_str_eq(service_name(201), "File.Open");
}
END_TEST

/* Neither the first boot nor the one with the calls counts. */
static void expect_refused(const char *reason)
{
    figures_read(ours, &run, &figures);
    ck_assert(!figures.good);
    ck_assert_msg(strstr(figures.reason, reason) != NULL, "%s", figures.reason);
    figures = (struct figures){.good = true};
    figures_read_calls(ours, &run, &figures);
    ck_assert(!figures.good);
    ck_assert_msg(strstr(figures.reason, reason) != NULL, "%s", figures.reason);
    ck_assert_uint_eq(figures.services, 0);
}

START_TEST(a_lost_payload_does_not_count)
{
    set(&run.debug, "image at 200000\nimage size 2000\nkernel\nheld 3e000\npayload BAD\n");
    expect_refused("did not find its payload");
    set(&run.debug, "image at 200000\nimage size 2000\nkernel\nmodules BAD\nheld 3e000\n"
                    "payload ok\n");
    expect_refused("did not find its payload");
}
END_TEST

START_TEST(ours_without_bootinfo_does_not_count)
{
    set(&run.debug, "image at 200000\nimage size 2000\nkernel\npayload ok\n");
    expect_refused("got no BootInfo");
    ours = case_named("floor/64K");
    figures_read(ours, &run, &figures);
    ck_assert_msg(figures.good, "%s", figures.reason);
}
END_TEST

START_TEST(a_kernel_that_does_not_end_by_itself_does_not_count)
{
    run.status = -1;
    expect_refused("did not come to its end");
}
END_TEST

START_TEST(a_disk_that_did_not_come_to_rest_does_not_count)
{
    set(&run.plugin, "mark 3 1000 10 100 1\nmark 4 5000 30 400 13\nrestless 2\n");
    expect_refused("did not come to rest");
    set(&run.plugin, "mark 3 1000 10 100 1\n");
    expect_refused("the plugin did not count");
}
END_TEST

void add_figures_tests(TCase *tests)
{
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, a_good_boot_has_its_figures);
    tcase_add_test(tests, boot_services_are_counted_without_the_others);
    tcase_add_test(tests, a_lost_payload_does_not_count);
    tcase_add_test(tests, ours_without_bootinfo_does_not_count);
    tcase_add_test(tests, a_kernel_that_does_not_end_by_itself_does_not_count);
    tcase_add_test(tests, a_disk_that_did_not_come_to_rest_does_not_count);
}
