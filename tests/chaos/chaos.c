/* The loader in firmware with faults, one fault after another, in one boot: chaos.efi (efi/chaos.h)
 * provokes them and looks whether the loader gives everything back. */
#include "cases.h"

#include <string.h>

enum { CASES_MAX = 256, SESSION_TIMEOUT_S = 900, SHOWN_MAX = 1500 };

static struct machine_run run;

static const struct session_case *case_at(size_t i)
{
    return i < trust_case_count ? &trust_cases[i] : &session_cases[i - trust_case_count];
}

static void boot_once(void)
{
    static struct chaos_case plans[CASES_MAX];
    const size_t count = trust_case_count + session_case_count;
    ck_assert_uint_le(count, CASES_MAX);
    for (size_t i = 0; i < count; i++) {
        plans[i] = case_at(i)->plan;
    }
    chaos_run(plans, count, SESSION_TIMEOUT_S, NULL, &run);
}

/* The closing line of all, and the seconds of the case that takes longest. */
static void summarise(void)
{
    const char *report = bytes_text(&run.debugcon);
    const char *cases = strstr(report, "\ncases: ");
    const char *seconds = strstr(report, "\nseconds: ");
    printf("chaos: %s\n", cases == NULL ? "it did not end" : strtok(string_copy(cases + 1), "\n"));
    if (seconds != NULL) {
        printf("chaos: 1,000 starts in %lu seconds\n", strtoul(seconds + 10, NULL, 10));
    }
    fflush(stdout);
    machine_run_free(&run);
}

/* The end of text, which has the reason. Check ends a test without its message where that is longer
 * than 4 KiB, and each test of a session that hangs would show all of it. */
static const char *end_of(const char *text)
{
    size_t size = strlen(text);
    return size > SHOWN_MAX ? text + (size - SHOWN_MAX) : text;
}

/* The report from "case NAME" to its verdict; freed by the caller. */
static char *part_of(const struct session_case *expected)
{
    AUTO_STRING begin = string_format("case %s\n", expected->plan.name);
    AUTO_STRING end = string_format("ok %s, ", expected->plan.name);
    const char *from = strstr(bytes_text(&run.debugcon), begin);
    ck_assert_msg(from != NULL, "'%s' was not run:\n%s\n%s", expected->plan.name,
                  end_of(bytes_text(&run.debugcon)), end_of(bytes_text(&run.serial)));
    const char *to = strstr(from, end);
    ck_assert_msg(to != NULL, "'%s' did not end:\n%s\n%s", expected->plan.name, end_of(from),
                  end_of(bytes_text(&run.serial)));
    return string_format("%.*s", (int)(to - from + (long)strcspn(to, "\n") + 1), from);
}

static unsigned count_of(const char *text, const char *part)
{
    unsigned count = 0;
    for (const char *at = strstr(text, part); at != NULL; at = strstr(at + 1, part)) {
        count++;
    }
    return count;
}

START_TEST(firmware_is_as_before)
{
    AUTO_STRING part = part_of(case_at((size_t)_i));
    AUTO_STRING verdict = string_format("\nok %s, ", case_at((size_t)_i)->plan.name);
    ck_assert_msg(strstr(part, verdict) != NULL, "%s", end_of(part));
}
END_TEST

START_TEST(boot_ends_as_it_should)
{
    const struct session_case *expected = case_at((size_t)_i);
    AUTO_STRING part = part_of(expected);
    const char *from = part;
    for (int i = 0; i < CASE_TEXTS_MAX && expected->texts[i] != NULL; i++) {
        from = strstr(from, expected->texts[i]);
        ck_assert_msg(from != NULL, "no '%s' in:\n%s", expected->texts[i], end_of(part));
    }
    ck_assert_msg(expected->once == NULL || count_of(part, expected->once) == 1,
                  "not exactly one '%s' in:\n%s", expected->once, end_of(part));
    const char *failed = strstr(part, ", failed calls ");
    ck_assert_uint_ge(strtoul(failed + 15, NULL, 10), expected->failed_calls);
}
END_TEST

START_TEST(user_is_told_why)
{
    const struct session_case *expected = case_at((size_t)_i);
    AUTO_STRING part = part_of(expected);
    if ((expected->plan.flags & CHAOS_NO_CONSOLE) == 0) {
        /* The menu that follows shows it again. */
        unsigned shown = expected->plan.folder == FOLDER_MENU ? 2 : 1;
        ck_assert_uint_eq(shown * count_of(part, "\nrun "), count_of(part, "error: "));
    }
}
END_TEST

START_TEST(all_cases_were_run)
{
    boot_expect(&run, MACHINE_PASSED);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("chaos");
    TCase *tests = tcase_create("session");
    int count = (int)(trust_case_count + session_case_count);
    tcase_set_timeout(tests, SESSION_TIMEOUT_S + TEST_TIMEOUT_S);
    tcase_add_unchecked_fixture(tests, boot_once, summarise);
    tcase_add_loop_test(tests, firmware_is_as_before, 0, count);
    tcase_add_loop_test(tests, boot_ends_as_it_should, 0, count);
    tcase_add_loop_test(tests, user_is_told_why, 0, count);
    tcase_add_test(tests, all_cases_were_run);
    suite_add_tcase(suite, tests);
    return suite_main(suite, "chaos");
}
