#include "table.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define MILLION 1e6
enum { KIB = 1024, CELL = 24 };

static const struct figures *floor_of(const struct bench_case *const *cases,
                                      const struct figures *figures, size_t count,
                                      const struct bench_case *one)
{
    for (size_t i = 0; one->floor != NULL && i < count; i++) {
        if (strcmp(cases[i]->name, one->floor) == 0 && figures[i].good) {
            return &figures[i];
        }
    }
    return NULL;
}

static void print_ratio(const struct figures *figures, const struct figures *floor)
{
    if (floor == NULL) {
        printf(" |");
    } else {
        printf(" %.2f |", (double)figures->instructions / (double)floor->instructions);
    }
}

/* Nothing where it is not known. */
static void print_if(uint64_t value, uint64_t unit)
{
    if (value == 0) {
        printf(" |");
    } else {
        printf(" %" PRIu64 " |", value / unit);
    }
}

static void print_row(const struct bench_case *one, const struct figures *figures,
                      const struct figures *floor)
{
    if (!figures->good) {
        printf("| %s | FAILED |\n", one->name);
        return;
    }
    printf("| %s | %.3f |", one->name, (double)figures->instructions / MILLION);
    print_ratio(figures, floor);
    printf(" %.3f | %" PRIu64 " | %.2f | %" PRIu64 " |", (double)figures->own / MILLION,
           figures->rep_starts, (double)figures->rep_bytes / MILLION, figures->requests);
    print_if(figures->services, 1);
    printf(" %.3f |", (double)figures->load_ns / MILLION);
    print_if(figures->held, KIB);
    printf(" %" PRIu64 " |\n", figures->loader_size);
}

void table_print(const struct bench_case *const *cases, const struct figures *figures, size_t count)
{
    printf("| case | M instructions | x floor | own image | rep starts | rep MB | disk requests | "
           "boot services | LoadImage ms | KiB held | loader bytes |\n"
           "|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|\n");
    for (size_t i = 0; i < count; i++) {
        print_row(cases[i], &figures[i], floor_of(cases, figures, count, cases[i]));
    }
}

void table_print_calls(const struct bench_case *const *cases, const struct figures *figures,
                       size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (!figures[i].good) {
            continue;
        }
        printf("%s:", cases[i]->name);
        for (unsigned call = 0; call < MARK_CALLS_MOST; call++) {
            const char *name = service_name(call);
            if (figures[i].calls[call] != 0 && name != NULL) {
                printf(" %s %" PRIu64, name, figures[i].calls[call]);
            }
        }
        printf("\n");
    }
}
