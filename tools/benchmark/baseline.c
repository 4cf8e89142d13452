#include "baseline.h"

#include "vm/files.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { THOUSAND = 1000, SHORT_HASH = 8 };

static const struct baseline_case *find(const struct baseline *baseline, const char *name)
{
    for (size_t i = 0; name != NULL && i < baseline->count; i++) {
        if (strcmp(baseline->cases[i].name, name) == 0) {
            return &baseline->cases[i];
        }
    }
    return NULL;
}

/* new exceeds old by more than tolerance thousandths. */
static bool is_more(double old, double new, unsigned tolerance)
{
    return new > old *(THOUSAND + tolerance) / THOUSAND;
}

static double percent(double old, double new)
{
    return old == 0 ? 100 : (new - old) / old * 100;
}

static bool compare_same(const struct baseline_case *kept, const struct baseline_case *measured,
                         struct comparison *comparison)
{
    double old = (double)kept->instructions;
    double new = (double)measured->instructions;
    bool good = true;
    if (is_more(old, new, TOLERANCE)) {
        good = message_add(&comparison->failures,
                           "%s: %" PRIu64 " instructions, %.1f %% more than the %" PRIu64
                           " of the baseline; at most %d %% are allowed",
                           kept->name, measured->instructions, percent(old, new),
                           kept->instructions, TOLERANCE / 10);
    } else if (is_more(new, old, TOLERANCE)) {
        message_add(&comparison->remarks,
                    "%s: %" PRIu64 " instructions, %.1f %% less than in the baseline: save it anew",
                    kept->name, measured->instructions, -percent(old, new));
    }
    if (is_more((double)kept->requests, (double)measured->requests, TOLERANCE)) {
        good = message_add(&comparison->failures,
                           "%s: %" PRIu64 " disk requests; the baseline has %" PRIu64, kept->name,
                           measured->requests, kept->requests);
    }
    return good;
}

/* Another firmware's drivers cost something else: what is comparable is how much more than the
 * least it is. */
static bool compare_ratio(const struct baseline *kept, const struct baseline *measured,
                          const struct baseline_case *old, const struct baseline_case *new,
                          struct comparison *comparison, const char *floor)
{
    const struct baseline_case *old_floor = find(kept, floor);
    const struct baseline_case *new_floor = find(measured, floor);
    if (old_floor == NULL || new_floor == NULL || old_floor->instructions == 0 ||
        new_floor->instructions == 0) {
        message_add(&comparison->remarks, "%s: not compared, there is no floor beside it",
                    old->name);
        return true;
    }
    double old_ratio = (double)old->instructions / (double)old_floor->instructions;
    double new_ratio = (double)new->instructions / (double)new_floor->instructions;
    bool good = true;
    if (is_more(old_ratio, new_ratio, TOLERANCE_OTHER)) {
        good = message_add(&comparison->failures,
                           "%s: %.3f times its floor; on the baseline's machine it was %.3f",
                           old->name, new_ratio, old_ratio);
    }
    if (new->requests + old_floor->requests > old->requests + new_floor->requests) {
        good = message_add(&comparison->failures,
                           "%s: %" PRIu64 " disk requests where its floor has %" PRIu64
                           "; on the baseline's machine %" PRIu64 " and %" PRIu64,
                           old->name, new->requests, new_floor->requests, old->requests,
                           old_floor->requests);
    }
    return good;
}

static bool compare_case(const struct baseline *kept, const struct baseline *measured,
                         const struct baseline_case *old, const char *(*floor_of)(const char *name),
                         struct comparison *comparison)
{
    const struct baseline_case *new = find(measured, old->name);
    if (new == NULL) {
        return message_add(&comparison->failures, "%s: in the baseline, but not measured",
                           old->name);
    }
    if (comparison->same_machine) {
        return compare_same(old, new, comparison);
    }
    const char *floor = floor_of(old->name);
    return floor == NULL || compare_ratio(kept, measured, old, new, comparison, floor);
}

void baseline_drop(struct baseline *baseline, size_t index)
{
    baseline->count--;
    memmove(&baseline->cases[index], &baseline->cases[index + 1],
            (baseline->count - index) * sizeof(baseline->cases[0]));
}

static void report_new(const struct baseline *kept, const struct baseline *measured, bool whole,
                       struct comparison *comparison)
{
    for (size_t i = 0; i < measured->count; i++) {
        if (find(kept, measured->cases[i].name) == NULL) {
            message_add(whole ? &comparison->failures : &comparison->remarks,
                        "%s: not in the baseline", measured->cases[i].name);
            comparison->failed += whole ? 1 : 0;
        }
    }
}

void baseline_compare(const struct baseline *kept, const struct baseline *measured,
                      const char *(*floor_of)(const char *name), bool whole,
                      struct comparison *out_comparison)
{
    struct comparison comparison = {0};
    comparison.same_machine =
        strcmp(kept->qemu, measured->qemu) == 0 && strcmp(kept->firmware, measured->firmware) == 0;
    if (!comparison.same_machine) {
        message_add(&comparison.remarks,
                    "The baseline is of QEMU %s with firmware %s, this is QEMU %s with firmware "
                    "%s: ratios to the floor are compared, to %d %%",
                    kept->qemu, kept->firmware, measured->qemu, measured->firmware,
                    TOLERANCE_OTHER / 10);
    }
    for (size_t i = 0; i < kept->count; i++) {
        if (compare_case(kept, measured, &kept->cases[i], floor_of, &comparison)) {
            comparison.passed++;
        } else {
            comparison.failed++;
        }
    }
    report_new(kept, measured, whole, &comparison);
    *out_comparison = comparison;
}

/* False: a baseline has no such line. */
static bool read_line(const char *line, struct baseline *baseline)
{
    struct baseline_case *next = &baseline->cases[baseline->count];
    if (line[0] == '#' || line[0] == '\0') {
        return true;
    }
    if (sscanf(line, "qemu\t%63s", baseline->qemu) == 1 ||
        sscanf(line, "firmware\t%63s", baseline->firmware) == 1) {
        return true;
    }
    if (baseline->count == BASELINE_MOST ||
        sscanf(line, "case\t%63s\t%" SCNu64 "\t%" SCNu64, next->name, &next->instructions,
               &next->requests) != 3) {
        return false;
    }
    baseline->count++;
    return true;
}

bool baseline_read(const char *path, struct message *message, struct baseline *out_baseline)
{
    struct bytes text = {0};
    unsigned number = 0;
    if (!file_read(path, message, &text)) {
        return false;
    }
    *out_baseline = (struct baseline){0};
    bool good = true;
    char *rest = text.data;
    for (char *line = strsep(&rest, "\n"); line != NULL && good; line = strsep(&rest, "\n")) {
        number++;
        good = read_line(line, out_baseline);
    }
    bytes_free(&text);
    if (!good) {
        return message_add(message, "%s:%u: expected \"case\", a name and two numbers, with tabs",
                           path, number);
    }
    return out_baseline->count > 0 || message_add(message, "%s: no case in it", path);
}

bool baseline_write(const char *path, const struct baseline *baseline, struct message *message)
{
    struct bytes text = {0};
    AUTO_STRING head = string_format("# Written by tools/bench --save: see docs/speed.md.\n"
                                     "qemu\t%s\nfirmware\t%s\n# case, name, instructions, disk "
                                     "requests\n",
                                     baseline->qemu, baseline->firmware);
    bytes_add(&text, head, strlen(head));
    for (size_t i = 0; i < baseline->count; i++) {
        const struct baseline_case *one = &baseline->cases[i];
        AUTO_STRING line = string_format("case\t%s\t%" PRIu64 "\t%" PRIu64 "\n", one->name,
                                         one->instructions, one->requests);
        bytes_add(&text, line, strlen(line));
    }
    bool good = file_write(path, text.data, text.size, message);
    bytes_free(&text);
    return good;
}

char *baseline_name(const struct baseline *baseline)
{
    return string_format("baseline-qemu-%s-ovmf-%.*s.tsv", baseline->qemu, SHORT_HASH,
                         baseline->firmware);
}
