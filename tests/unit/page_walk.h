/* Walks page tables as the CPU does (Intel SDM 3A section 4.5), from the top, and computes
 * separately what docs/abi.md wants to be mapped. */
#ifndef BATON_PAGE_WALK_H
#define BATON_PAGE_WALK_H

#include "arch/x86_64/paging.h"
#include "suite.h"

#define KIB          UINT64_C(1024)
#define MIB          (KIB * KIB)
#define GIB          (KIB * MIB)
#define TIB          (KIB * GIB)
#define RAM          UINT64_C(0xF)
#define COUNT(array) (sizeof(array) / sizeof(*(array)))

/* ck_assert writes to a pipe each time, even when it holds: too slow for a check of every page. */
#define REQUIRE(condition, address)                                        \
    do {                                                                   \
        if (!(condition)) {                                                \
            ck_abort_msg("%s does not hold at %#lx", #condition, address); \
        }                                                                  \
    } while (0)

/* Where an address leads to: size 0, nowhere. */
struct mapping {
    uint64_t physical;
    uint64_t size; /* bytes of the page */
};

struct tables {
    struct arch_pool pool;
    uint64_t top;
    int levels;
};

/* Builds in a pool of that many pages, full of garbage; the sanitizer watches its ends. */
struct tables tables_build(const struct paging_request *request, uint64_t page_count);
/* In a pool of exactly the pages that a first try asks for. */
struct tables tables_build_enough(const struct paging_request *request);
void tables_free(struct tables *tables);

struct mapping tables_walk(const struct tables *tables, uint64_t address);

/* Every page around all edges of request, and three in each GiB of the first 2 TiB. */
void tables_check(const struct tables *tables, const struct paging_request *request);

#endif
