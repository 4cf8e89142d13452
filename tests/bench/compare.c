/* The comparison with a baseline: it must notice a loader that does more. */
#include "baseline.h"
#include "cases.h"
#include "suite.h"

#include "vm/files.h"

#include <string.h>
#include <unistd.h>

/* What these cost, measured: a line on the screen, and a file opened once more. */
enum { FLOOR = 303000, OURS = 540000, ONE_LINE = 598000, ONE_OPEN = 14800 };

static struct baseline kept;
static struct baseline measured;
static struct comparison comparison;

static const char *floor_of(const char *name)
{
    const struct bench_case *one = case_named(name);
    return one == NULL ? NULL : one->floor;
}

static void fill(struct baseline *baseline, uint64_t instructions, uint64_t requests)
{
    *baseline = (struct baseline){
        .qemu = "7.2.22",
        .firmware = "0123",
        .cases = {{"floor/64K", FLOOR, 4}, {"ours/64K", instructions, requests}},
        .count = 2,
    };
}

static void setup(void)
{
    fill(&kept, OURS, 9);
    fill(&measured, OURS, 9);
}

static void teardown(void)
{
    message_free(&comparison.failures);
    message_free(&comparison.remarks);
}

static void compare(void)
{
    baseline_compare(&kept, &measured, floor_of, false, &comparison);
}

static void expect_failure(const char *words)
{
    ck_assert_uint_eq(comparison.failed, 1);
    ck_assert_msg(strstr(message_text(&comparison.failures), words) != NULL, "%s",
                  message_text(&comparison.failures));
}

START_TEST(the_same_figures_pass_without_a_word)
{
    compare();
    ck_assert_uint_eq(comparison.passed, 2);
    ck_assert_uint_eq(comparison.failed, 0);
    ck_assert_ptr_null(comparison.failures.text);
    ck_assert_ptr_null(comparison.remarks.text);
}
END_TEST

START_TEST(two_percent_more_pass)
{
    measured.cases[1].instructions = OURS + OURS / 50;
    compare();
    ck_assert_uint_eq(comparison.failed, 0);
}
END_TEST

START_TEST(more_than_two_percent_fail)
{
    measured.cases[1].instructions = OURS + OURS / 50 + 1;
    compare();
    expect_failure("ours/64K: 550801 instructions, 2.0 % more than the 540000 of the baseline");
}
END_TEST

START_TEST(one_more_line_on_the_screen_fails)
{
    measured.cases[1].instructions += ONE_LINE;
    compare();
    expect_failure("110.7 % more");
}
END_TEST

START_TEST(one_more_open_fails)
{
    measured.cases[1].instructions += ONE_OPEN;
    compare();
    expect_failure("2.7 % more");
}
END_TEST

START_TEST(one_more_disk_request_fails)
{
    measured.cases[1].requests++;
    compare();
    expect_failure("ours/64K: 10 disk requests; the baseline has 9");
}
END_TEST

START_TEST(a_floor_that_rises_fails_as_well)
{
    measured.cases[0].instructions += ONE_OPEN;
    compare();
    expect_failure("floor/64K");
}
END_TEST

START_TEST(a_case_that_was_not_measured_fails)
{
    measured.count = 1;
    compare();
    expect_failure("ours/64K: in the baseline, but not measured");
}
END_TEST

START_TEST(a_case_that_was_not_chosen_is_dropped)
{
    measured.count = 1;
    baseline_drop(&kept, 1);
    ck_assert_uint_eq(kept.count, 1);
    ck_assert_str_eq(kept.cases[0].name, "floor/64K");
    compare();
    ck_assert_uint_eq(comparison.passed, 1);
    ck_assert_uint_eq(comparison.failed, 0);
}
END_TEST

START_TEST(what_follows_a_dropped_case_stays)
{
    baseline_drop(&kept, 0);
    ck_assert_uint_eq(kept.count, 1);
    ck_assert_str_eq(kept.cases[0].name, "ours/64K");
    ck_assert_uint_eq(kept.cases[0].instructions, OURS);
}
END_TEST

START_TEST(a_suite_fails_for_a_case_that_the_baseline_lacks)
{
    kept.count = 1;
    baseline_compare(&kept, &measured, floor_of, true, &comparison);
    ck_assert_uint_eq(comparison.passed, 1);
    expect_failure("ours/64K: not in the baseline");
}
END_TEST

START_TEST(a_watched_case_that_is_missing_is_named)
{
    static const struct bench_case *all[BASELINE_MOST];
    for (size_t i = 0; i < bench_case_count; i++) {
        all[i] = &bench_cases[i];
    }
    ck_assert_ptr_null(case_missing(all, bench_case_count));
    ck_assert(bench_cases[0].watched);
    ck_assert_ptr_eq(case_missing(all + 1, bench_case_count - 1), &bench_cases[0]);
    ck_assert_ptr_nonnull(case_missing(NULL, 0));
}
END_TEST

START_TEST(a_case_of_no_baseline_is_remarked)
{
    kept.count = 1;
    compare();
    ck_assert_uint_eq(comparison.failed, 0);
    ck_assert_ptr_nonnull(strstr(comparison.remarks.text, "ours/64K: not in the baseline"));
}
END_TEST

START_TEST(fewer_instructions_are_remarked)
{
    measured.cases[1].instructions = OURS / 2;
    compare();
    ck_assert_uint_eq(comparison.failed, 0);
    ck_assert_ptr_nonnull(strstr(comparison.remarks.text, "50.0 % less than in the baseline"));
}
END_TEST

/* Another machine: twice the floor, and twice ours. */
static void move_to_another_machine(void)
{
    strcpy(measured.qemu, "8.2.2");
    for (size_t i = 0; i < measured.count; i++) {
        measured.cases[i].instructions *= 2;
    }
}

START_TEST(another_qemu_says_so_and_compares_ratios)
{
    move_to_another_machine();
    compare();
    ck_assert(!comparison.same_machine);
    ck_assert_uint_eq(comparison.failed, 0);
    ck_assert_ptr_nonnull(strstr(comparison.remarks.text, "The baseline is of QEMU 7.2.22"));
}
END_TEST

START_TEST(another_firmware_says_so_too)
{
    strcpy(measured.firmware, "4567");
    compare();
    ck_assert(!comparison.same_machine);
    ck_assert_ptr_nonnull(strstr(comparison.remarks.text, "with firmware 4567"));
}
END_TEST

START_TEST(a_worse_ratio_on_another_machine_fails)
{
    move_to_another_machine();
    measured.cases[1].instructions += (uint64_t)2 * ONE_LINE;
    compare();
    expect_failure("ours/64K: 3.756 times its floor; on the baseline's machine it was 1.782");
}
END_TEST

START_TEST(more_requests_above_the_floor_fail_on_another_machine)
{
    move_to_another_machine();
    measured.cases[0].requests = 6;
    measured.cases[1].requests = 12;
    compare();
    expect_failure("12 disk requests where its floor has 6");
}
END_TEST

START_TEST(a_ratio_without_its_floor_is_not_compared_and_says_so)
{
    move_to_another_machine();
    measured.cases[0] = measured.cases[1];
    measured.count = 1;
    kept.cases[0] = kept.cases[1];
    kept.count = 1;
    compare();
    ck_assert_uint_eq(comparison.failed, 0);
    ck_assert_ptr_nonnull(strstr(comparison.remarks.text, "ours/64K: not compared"));
}
END_TEST

static char *scratch_file(void)
{
    char *path = string_copy("/tmp/baton-baseline-XXXXXX");
    int descriptor = mkstemp(path);
    ck_assert_int_ge(descriptor, 0);
    close(descriptor);
    return path;
}

START_TEST(what_is_written_is_read_again)
{
    struct message message = {0};
    static struct baseline again;
    AUTO_STRING path = scratch_file();
    ck_assert(baseline_write(path, &kept, &message));
    ck_assert(baseline_read(path, &message, &again));
    remove(path);
    ck_assert_mem_eq(&again, &kept, sizeof(kept));
}
END_TEST

static void expect_refused(const char *text, const char *words)
{
    struct message message = {0};
    static struct baseline ignored;
    AUTO_STRING path = scratch_file();
    ck_assert(file_write(path, text, strlen(text), &message));
    ck_assert(!baseline_read(path, &message, &ignored));
    remove(path);
    ck_assert_msg(strstr(message_text(&message), words) != NULL, "%s", message_text(&message));
    message_free(&message);
}

START_TEST(a_line_that_is_none_is_refused_by_number)
{
    expect_refused("qemu\t7\nfirmware\t1\ncase\tours/64K\tmany\t9\n", ":3: expected \"case\"");
}
END_TEST

START_TEST(a_file_without_cases_is_refused)
{
    expect_refused("qemu\t7\nfirmware\t1\n", "no case in it");
}
END_TEST

START_TEST(the_name_says_qemu_and_firmware)
{
    AUTO_STRING name = baseline_name(&kept);
    ck_assert_str_eq(name, "baseline-qemu-7.2.22-ovmf-0123.tsv");
}
END_TEST

START_TEST(every_floor_is_a_case)
{
    for (size_t i = 0; i < bench_case_count; i++) {
        const char *floor = bench_cases[i].floor;
        ck_assert_msg(floor == NULL || case_named(floor) != NULL, "%s has no floor %s",
                      bench_cases[i].name, floor);
        ck_assert_uint_lt(strlen(bench_cases[i].name), NAME_SIZE);
        /* On another machine a watched case is worth nothing without its floor. */
        ck_assert_msg(!bench_cases[i].watched || floor == NULL || case_named(floor)->watched,
                      "%s is watched, %s is not", bench_cases[i].name, floor);
    }
}
END_TEST

void add_payload_tests(TCase *tests);
void add_figures_tests(TCase *tests);

int main(void)
{
    const TTest *const tests[] = {
        the_same_figures_pass_without_a_word,
        two_percent_more_pass,
        more_than_two_percent_fail,
        one_more_line_on_the_screen_fails,
        one_more_open_fails,
        one_more_disk_request_fails,
        a_floor_that_rises_fails_as_well,
        a_case_that_was_not_measured_fails,
        a_case_that_was_not_chosen_is_dropped,
        what_follows_a_dropped_case_stays,
        a_suite_fails_for_a_case_that_the_baseline_lacks,
        a_watched_case_that_is_missing_is_named,
        a_case_of_no_baseline_is_remarked,
        fewer_instructions_are_remarked,
        another_qemu_says_so_and_compares_ratios,
        another_firmware_says_so_too,
        a_worse_ratio_on_another_machine_fails,
        more_requests_above_the_floor_fail_on_another_machine,
        a_ratio_without_its_floor_is_not_compared_and_says_so,
        what_is_written_is_read_again,
        a_line_that_is_none_is_refused_by_number,
        a_file_without_cases_is_refused,
        the_name_says_qemu_and_firmware,
        every_floor_is_a_case,
    };
    Suite *suite = suite_create("bench-compare");
    TCase *compare_case = tcase_create("compare");
    tcase_add_checked_fixture(compare_case, setup, teardown);
    for (size_t i = 0; i < sizeof(tests) / sizeof(tests[0]); i++) {
        tcase_add_test(compare_case, tests[i]);
    }
    suite_add_tcase(suite, compare_case);
    TCase *payload_case = tcase_create("payload");
    add_payload_tests(payload_case);
    suite_add_tcase(suite, payload_case);
    TCase *figures_case = tcase_create("figures");
    add_figures_tests(figures_case);
    suite_add_tcase(suite, figures_case);
    return suite_main(suite, "bench-compare");
}
