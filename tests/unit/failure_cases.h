/* The boots that failures.c disturbs. */
#ifndef BATON_FAILURE_CASES_H
#define BATON_FAILURE_CASES_H

#include "boot_check.h"

struct failure_case {
    const char *name;
    const char *config;
    void (*make)(void);    /* makes failure_file and failure_expected */
    void (*arrange)(void); /* the machine; NULL: it is healthy */
    enum status status;    /* how it ends without injected failures; STATUS_OK: it boots */
};

#define FAILURE_CASE_COUNT 43

extern const struct failure_case failure_cases[FAILURE_CASE_COUNT];
extern struct text failure_file;
extern struct expectation failure_expected;

#endif
