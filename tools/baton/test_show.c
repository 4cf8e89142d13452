#include "test.h"

#include "project.h"
#include "report.h"
#include "vm/files.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { LAST_LINES = 12, COLUMN = 14 };

const char *test_status_words(int status)
{
    static const char *const words[] = {
        "passed",           "failed",     "could not start",
        "a fault",          "a reset",    "a time-out or a halt",
        "a firmware crash", "the loader", "another exit value",
    };
    size_t count = sizeof(words) / sizeof(words[0]);
    return status >= 0 && (size_t)status < count ? words[status] : "interrupted";
}

static void show_cell(const struct test_case *test, bool colours)
{
    bool good = test->result == TEST_PASSED;
    AUTO_STRING words = string_format("%s %.1f s", good ? "ok" : "FAILED", test->seconds);
    printf("  %s%-*s%s",
           !colours ? ""
           : good   ? "\033[32m"
                    : "\033[1;31m",
           COLUMN, words, colours ? "\033[0m" : "");
}

void test_show_table(const struct test_plan *plan)
{
    int width = (int)strlen("kernel");
    bool colours = report_colours(STDOUT_FILENO);
    for (size_t i = 0; i < plan->kernel_count; i++) {
        int length = (int)strlen(base_name(plan->kernels[i]));
        width = length > width ? length : width;
    }
    printf("%-*s", width, "kernel");
    for (size_t i = 0; i < plan->machine_count; i++) {
        printf("  %-*s", COLUMN, plan->machines[i].name);
    }
    putchar('\n');
    for (size_t i = 0; i < plan->kernel_count; i++) {
        printf("%-*s", width, base_name(plan->kernels[i]));
        for (size_t j = 0; j < plan->machine_count; j++) {
            show_cell(&plan->cases[i * plan->machine_count + j], colours);
        }
        putchar('\n');
    }
}

/* The last lines of a log. */
static const char *tail_of(const struct bytes *log)
{
    const char *start = bytes_text(log) + log->size;
    for (int lines = 0; start > bytes_text(log) && lines <= LAST_LINES; start--) {
        lines += start[-1] == '\n';
        if (lines > LAST_LINES) {
            break;
        }
    }
    return start;
}

void test_show_failures(const struct test_plan *plan)
{
    for (size_t i = 0; i < plan->kernel_count * plan->machine_count; i++) {
        const struct test_case *test = &plan->cases[i];
        struct message ignored = {0};
        struct bytes log = {0};
        if (test->result == TEST_PASSED) {
            continue;
        }
        file_read(test->log, &ignored, &log);
        printf("\n%s on %s: %s (status %d)\n%s", test->kernel, test->machine->name,
               test_status_words(test->status), test->status, tail_of(&log));
        bytes_free(&log);
        message_free(&ignored);
    }
}

/* XML 1.0 has no control characters but these three. */
static void put_xml(FILE *file, const char *text)
{
    for (; *text != '\0'; text++) {
        unsigned char c = (unsigned char)*text;
        switch (c) {
        case '<':
            fputs("&lt;", file);
            break;
        case '&':
            fputs("&amp;", file);
            break;
        case '>':
            fputs("&gt;", file);
            break;
        case '"':
            fputs("&quot;", file);
            break;
        default:
            fputc(c >= ' ' || c == '\n' || c == '\t' ? c : '?', file);
        }
    }
}

/* UTF-8 that a kernel has cut in two is no XML: bytes above 0x7F are shown as '?'. */
static void put_log(FILE *file, const char *path)
{
    struct message ignored = {0};
    struct bytes log = {0};
    file_read(path, &ignored, &log);
    for (size_t i = 0; i < log.size; i++) {
        log.data[i] = (unsigned char)log.data[i] > 0x7F || log.data[i] == '\0' ? '?' : log.data[i];
    }
    fputs("      <system-out>", file);
    put_xml(file, bytes_text(&log));
    fputs("</system-out>\n", file);
    bytes_free(&log);
    message_free(&ignored);
}

static void put_case(FILE *file, const struct test_case *test)
{
    fputs("    <testcase classname=\"", file);
    put_xml(file, base_name(test->kernel));
    fputs("\" name=\"", file);
    put_xml(file, test->machine->name);
    fprintf(file, "\" time=\"%.3f\">\n", test->seconds);
    if (test->result != TEST_PASSED) {
        fprintf(file, "      <failure message=\"%s (status %d)\"/>\n",
                test_status_words(test->status), test->status);
    }
    put_log(file, test->log);
    fputs("    </testcase>\n", file);
}

static void put_suite(FILE *file, const struct test_plan *plan, size_t kernel)
{
    const struct test_case *cases = &plan->cases[kernel * plan->machine_count];
    size_t failed = 0;
    double seconds = 0;
    for (size_t i = 0; i < plan->machine_count; i++) {
        failed += cases[i].result != TEST_PASSED;
        seconds += cases[i].seconds;
    }
    fputs("  <testsuite name=\"", file);
    put_xml(file, base_name(plan->kernels[kernel]));
    fprintf(file, "\" tests=\"%zu\" failures=\"%zu\" time=\"%.3f\">\n", plan->machine_count, failed,
            seconds);
    for (size_t i = 0; i < plan->machine_count; i++) {
        put_case(file, &cases[i]);
    }
    fputs("  </testsuite>\n", file);
}

bool test_write_junit(const struct test_plan *plan, const char *path, struct message *message)
{
    FILE *file = fopen(path, "w");
    if (file == NULL) {
        return message_add(message, "%s: %s", path, strerror(errno));
    }
    fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n", file);
    for (size_t i = 0; i < plan->kernel_count; i++) {
        put_suite(file, plan, i);
    }
    fputs("</testsuites>\n", file);
    return fclose(file) == 0 || message_add(message, "%s: %s", path, strerror(errno));
}
