/* Kernels against machines: what ran, and how it ended. */
#ifndef BATON_TOOL_TEST_H
#define BATON_TOOL_TEST_H

#include "vm/message.h"

#include <sys/types.h>

enum { TEST_ARGUMENTS_MAX = 64 };

/* A column of the table. */
struct test_machine {
    const char *name;
    const char *arguments[3]; /* for baton run, NULL after the last */
};

enum test_result {
    TEST_WAITING,
    TEST_RUNNING,
    TEST_PASSED,
    TEST_FAILED,
};

/* A cell of the table. */
struct test_case {
    const char *kernel;
    const struct test_machine *machine;
    enum test_result result;
    int status;      /* baton run's */
    double seconds;  /* that it took */
    pid_t process;   /* while it runs */
    long long began; /* milliseconds */
    char *log;       /* the file with what it said */
};

struct test_plan {
    char **kernels;
    size_t kernel_count;
    const struct test_machine *machines;
    size_t machine_count;
    struct test_case *cases; /* kernel by kernel */
    const char *const *more; /* arguments of every run, NULL after the last */
    unsigned at_once;
    char *folder;
};

/* test_show.c */
void test_show_table(const struct test_plan *plan);
void test_show_failures(const struct test_plan *plan);
/* The format that CI systems read: a test suite for each kernel. */
bool test_write_junit(const struct test_plan *plan, const char *path, struct message *message);
/* "a fault", "a time-out" and the like, for a status of baton run. */
const char *test_status_words(int status);

#endif
