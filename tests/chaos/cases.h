/* The boots that fail, or get as far as the last memory map. */
#ifndef BATON_CHAOS_CASES_H
#define BATON_CHAOS_CASES_H

#include "harness.h"

enum { CASE_TEXTS_MAX = 3 };

struct session_case {
    struct chaos_case plan;
    const char *texts[CASE_TEXTS_MAX]; /* what its report has, in this order */
    const char *once;                  /* what its report has once, no more; NULL: nothing */
    unsigned failed_calls;             /* of a sweep: at least that many */
};

extern const struct session_case session_cases[];
extern const size_t session_case_count;

#endif
