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
/* cases_trust.c */
extern const struct session_case trust_cases[];
extern const size_t trust_case_count;

#define REACHED_END "reached the end"
#define GAVE_UP     "gave up"
#define READ_LINE   "read anew in steps" /* the log's, of a large Read that failed */
#define NOWHERE     UINT64_C(0x7FFFFFFF0000)
#define NO_ADDRESS  UINT64_C(0xDEADBEEFDEADBEE0)

/* The call fails at each of its places. */
#define SWEEP_WITH(suffix, flags_, call_, status_, folder_, least) \
    {                                                              \
        .plan = {.name = #call_ " " #status_ " " #folder_ suffix,  \
                 .folder = FOLDER_##folder_,                       \
                 .flags = CHAOS_SWEEP | (flags_),                  \
                 .call = CHAOS_##call_,                            \
                 .status = FIRMWARE_##status_},                    \
        .failed_calls = (least), .texts = {REACHED_END},           \
    }

#endif
