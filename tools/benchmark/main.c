/* What a boot costs: see tools/bench --help and docs/speed.md. */
#include "baseline.h"
#include "measure.h"
#include "table.h"

#include "vm/files.h"

#include <getopt.h>
#include <glob.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { CASES_MOST = BASELINE_MOST, EXIT_CANNOT = 2, EXIT_SKIPPED = 77 };
enum { JOBS_DEFAULT = 2, JOBS_MOST = 64, DECIMAL = 10 };

struct options {
    struct bench bench;
    const char *save;
    const char *against;
    const char *suite; /* the name of the test suite that this run is; NULL: none */
    unsigned jobs;
    bool calls;
    bool list;
};

static const struct bench_case *chosen[CASES_MOST];
static size_t chosen_count;

static void choose(const char *pattern)
{
    for (size_t i = 0; i < bench_case_count; i++) {
        bool known = false;
        for (size_t j = 0; j < chosen_count; j++) {
            known = known || chosen[j] == &bench_cases[i];
        }
        if (!known && chosen_count < CASES_MOST && case_matches(&bench_cases[i], pattern)) {
            chosen[chosen_count++] = &bench_cases[i];
        }
    }
}

static int cannot(struct message *message)
{
    fprintf(stderr, "%s", message_text(message));
    message_free(message);
    return EXIT_CANNOT;
}

static bool read_jobs(const char *text, unsigned *out_jobs)
{
    char *end = NULL;
    unsigned long jobs = strtoul(text, &end, DECIMAL);
    if (*text < '0' || *text > '9' || *end != '\0' || jobs < 1 || jobs > JOBS_MOST) {
        fprintf(stderr, "--jobs '%s': expected a number from 1 to %d\n", text, JOBS_MOST);
        return false;
    }
    *out_jobs = (unsigned)jobs;
    return true;
}

/* False: what is wrong was reported. */
static bool read_options(int argc, char **argv, struct options *options)
{
    static const struct option long_options[] = {
        {"loader", required_argument, NULL, 'l'}, {"work", required_argument, NULL, 'w'},
        {"save", required_argument, NULL, 's'},   {"against", required_argument, NULL, 'a'},
        {"jobs", required_argument, NULL, 'j'},   {"suite", required_argument, NULL, 'S'},
        {"calls", no_argument, NULL, 'c'},        {"list", no_argument, NULL, 'L'},
        {"serial-only", no_argument, NULL, 'o'},  {NULL, 0, NULL, 0}};
    int option;
    while ((option = getopt_long(argc, argv, "", long_options, NULL)) != -1) {
        switch (option) {
        case 'l':
            options->bench.loader = optarg;
            break;
        case 'w':
            options->bench.work = optarg;
            break;
        case 's':
            options->save = optarg;
            break;
        case 'a':
            options->against = optarg;
            break;
        case 'S':
            options->suite = optarg;
            break;
        case 'j':
            if (!read_jobs(optarg, &options->jobs)) {
                return false;
            }
            break;
        case 'c':
            options->calls = true;
            break;
        case 'L':
            options->list = true;
            break;
        case 'o':
            options->bench.console = "none";
            break;
        default:
            return false;
        }
    }
    return true;
}

static void list(void)
{
    for (size_t i = 0; i < bench_case_count; i++) {
        printf("%s%s\n", bench_cases[i].name, bench_cases[i].watched ? " (watched)" : "");
    }
}

static const struct baseline *baseline_of(const struct bench *bench, const struct figures *figures)
{
    static struct baseline baseline;
    snprintf(baseline.qemu, sizeof(baseline.qemu), "%s", bench->qemu_version);
    snprintf(baseline.firmware, sizeof(baseline.firmware), "%016" PRIx64, bench->firmware);
    for (size_t i = 0; i < chosen_count; i++) {
        if (figures[i].good) {
            struct baseline_case *one = &baseline.cases[baseline.count++];
            snprintf(one->name, sizeof(one->name), "%s", chosen[i]->name);
            one->instructions = figures[i].instructions;
            one->requests = figures[i].requests;
        }
    }
    return &baseline;
}

static unsigned print_failures(const struct figures *figures)
{
    unsigned failed = 0;
    for (size_t i = 0; i < chosen_count; i++) {
        if (!figures[i].good) {
            printf("\nFAILED: %s: %s\n", chosen[i]->name, figures[i].reason);
            failed++;
        }
    }
    return failed;
}

static const char *floor_name(const char *name)
{
    const struct bench_case *one = case_named(name);
    return one == NULL ? NULL : one->floor;
}

/* Whether the baseline's case is to be compared. There is no figure of a case that the run was not
 * to measure, or could not; a suite is to measure all that is watched. */
static bool is_compared(const struct options *options, const struct figures *figures,
                        const char *name)
{
    const struct bench_case *one = case_named(name);
    for (size_t i = 0; i < chosen_count; i++) {
        if (chosen[i] == one) {
            return figures[i].good;
        }
    }
    return options->suite != NULL && (one == NULL || one->watched);
}

/* A folder stands for the baseline of this machine in it. Freed by the caller. */
static char *baseline_path(const char *named, const struct baseline *measured)
{
    struct stat status;
    if (stat(named, &status) != 0 || !S_ISDIR(status.st_mode)) {
        return string_copy(named);
    }
    AUTO_STRING name = baseline_name(measured);
    return string_format("%s/%s", named, name);
}

/* ... or, where it has none, another machine's. */
static char *baseline_path_kept(const char *named, const struct baseline *measured)
{
    char *path = baseline_path(named, measured);
    AUTO_STRING pattern = string_format("%s/baseline-*.tsv", named);
    glob_t found;
    if (!file_exists(path) && glob(pattern, 0, NULL, &found) == 0) {
        free(path);
        path = string_copy(found.gl_pathv[found.gl_pathc - 1]);
        globfree(&found);
    }
    return path;
}

/* How many cases compare badly. A boot that failed is not compared: it was reported. */
static unsigned compare(const struct options *options, const struct figures *figures,
                        const struct baseline *measured, unsigned *out_passed,
                        struct message *message)
{
    static struct baseline kept;
    struct comparison comparison;
    AUTO_STRING path = baseline_path_kept(options->against, measured);
    if (!baseline_read(path, message, &kept)) {
        return 0;
    }
    for (size_t i = kept.count; i-- > 0;) {
        if (!is_compared(options, figures, kept.cases[i].name)) {
            baseline_drop(&kept, i);
        }
    }
    baseline_compare(&kept, measured, floor_name, options->suite != NULL, &comparison);
    printf("\nAgainst %s:\n%s%s", path, message_text(&comparison.remarks),
           message_text(&comparison.failures));
    printf("%u as in the baseline, %u worse\n", comparison.passed, comparison.failed);
    message_free(&comparison.remarks);
    message_free(&comparison.failures);
    *out_passed = comparison.passed;
    return comparison.failed;
}

/* A baseline for the tests needs a figure of every watched case. */
static bool can_save(const struct figures *figures, struct message *message)
{
    const struct bench_case *missing = case_missing(chosen, chosen_count);
    bool good = missing == NULL ||
                message_add(message, "--save: the watched case %s is not among those chosen",
                            missing->name);
    for (size_t i = 0; figures != NULL && i < chosen_count; i++) {
        if (!figures[i].good) {
            good =
                message_add(message, "--save: nothing is written, %s has failed", chosen[i]->name);
        }
    }
    return good;
}

static int finish(const struct options *options, const struct figures *figures)
{
    struct message message = {0};
    unsigned failed = print_failures(figures);
    unsigned passed = (unsigned)chosen_count - failed;
    const struct baseline *measured = baseline_of(&options->bench, figures);
    if (options->save != NULL && can_save(figures, &message)) {
        AUTO_STRING path = baseline_path(options->save, measured);
        (void)baseline_write(path, measured, &message);
    }
    if (options->against != NULL) {
        failed += compare(options, figures, measured, &passed, &message);
    }
    if (message.text != NULL) {
        return cannot(&message);
    }
    if (options->suite != NULL) {
        printf("%s: %u passed, %u failed\n", options->suite, passed, failed);
    }
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

static bool prepare(struct options *options, struct message *message)
{
    return (options->save == NULL || can_save(NULL, message)) &&
           bench_begin(&options->bench, message) &&
           measure_prepare(&options->bench, chosen, chosen_count, message);
}

static int run(struct options *options)
{
    struct message message = {0};
    if (!prepare(options, &message)) {
        if (options->suite == NULL || !options->bench.unsupported) {
            return cannot(&message);
        }
        printf("SKIPPED: %s", message_text(&message));
        message_free(&message);
        return EXIT_SKIPPED;
    }
    const struct figures *figures =
        measure(&options->bench, chosen, chosen_count, options->jobs, options->calls);
    if (figures == NULL) {
        return EXIT_CANNOT;
    }
    printf("QEMU %s, firmware %s (%016" PRIx64 ")\n\n", options->bench.qemu_version,
           options->bench.ovmf.code, options->bench.firmware);
    table_print(chosen, figures, chosen_count);
    if (options->calls) {
        printf("\n");
        table_print_calls(chosen, figures, chosen_count);
    }
    return finish(options, figures);
}

int main(int argc, char **argv)
{
    static struct options options = {
        .bench = {.build = BATON_BUILD_DIR,
                  .loader = BATON_BUILD_DIR "/BOOTX64.EFI",
                  .work = BATON_BUILD_DIR "/benchmark",
                  .console = "std"},
        .jobs = JOBS_DEFAULT,
    };
    if (!read_options(argc, argv, &options)) {
        return EXIT_CANNOT;
    }
    if (options.list) {
        list();
        return EXIT_SUCCESS;
    }
    for (int i = optind; i < argc; i++) {
        size_t before = chosen_count;
        choose(argv[i]);
        if (chosen_count == before && case_named(argv[i]) == NULL) {
            fprintf(stderr, "no case is called '%s': tools/bench --list shows them\n", argv[i]);
            return EXIT_CANNOT;
        }
    }
    if (optind == argc) {
        choose("watched");
    }
    int status = run(&options);
    bench_end(&options.bench);
    return status;
}
