/* Figures kept in a file, and how others compare with them. Lines of tab-separated words:
 *   qemu     7.2.22
 *   firmware 0123456789abcdef
 *   case     NAME  instructions  requests
 * A line that begins with # is a comment. */
#ifndef BATON_BENCHMARK_BASELINE_H
#define BATON_BENCHMARK_BASELINE_H

#include "vm/message.h"

#include <stdint.h>

enum { BASELINE_MOST = 256, NAME_SIZE = 64 };

struct baseline_case {
    char name[NAME_SIZE];
    uint64_t instructions;
    uint64_t requests;
};

struct baseline {
    char qemu[NAME_SIZE];
    char firmware[NAME_SIZE];
    struct baseline_case cases[BASELINE_MOST];
    size_t count;
};

/* What may be more than in the baseline, in thousandths: the machine is the same, or another one
 * (then the ratio to the floor measured beside it is compared). */
enum { TOLERANCE = 20, TOLERANCE_OTHER = 100 };

struct comparison {
    struct message failures; /* a line for each case that failed */
    struct message remarks;
    unsigned passed;
    unsigned failed;
    bool same_machine;
};

void baseline_drop(struct baseline *baseline, size_t index);
/* floor_of: the name of the case that bounds a case from below, or NULL. whole: a measured case
 * that kept lacks is a failure; otherwise a remark. */
void baseline_compare(const struct baseline *kept, const struct baseline *measured,
                      const char *(*floor_of)(const char *name), bool whole,
                      struct comparison *out_comparison);

bool baseline_read(const char *path, struct message *message, struct baseline *out_baseline);
bool baseline_write(const char *path, const struct baseline *baseline, struct message *message);
/* "baseline-qemu-7.2.22-ovmf-01234567.tsv"; freed by the caller. */
char *baseline_name(const struct baseline *baseline);

#endif
