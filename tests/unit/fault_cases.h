/* The boots that faults.c disturbs. */
#ifndef BATON_FAULT_CASES_H
#define BATON_FAULT_CASES_H

#include "boot_check.h"

struct fault_case {
    const char *name;
    const char *config;
    void (*make)(void);    /* makes fault_file and fault_expected */
    void (*arrange)(void); /* the machine; NULL: it is healthy */
    enum status status;    /* how it ends without faults; STATUS_OK: it boots */
};

#define FAULT_CASE_COUNT 37

extern const struct fault_case fault_cases[FAULT_CASE_COUNT];
extern struct text fault_file;
extern struct expectation fault_expected;

#endif
