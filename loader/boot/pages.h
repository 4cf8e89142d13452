/* Pages taken from the firmware. All of them are recorded, so that a failed boot can give every one
 * back, and the final memory map can show those that stay.
 *
 * Each AllocatePages costs 5,700 instructions (docs/speed.md). Most allocations of a boot are
 * small: they are parts of a pool that was taken at once. */
#ifndef BATON_PAGES_H
#define BATON_PAGES_H

#include "core/base/span.h"
#include "core/base/status.h"
#include "platform/memory.h"

#define PAGES_MAX 64

#define POOLS_MAX  8  /* after these every allocation is its own AllocatePages */
#define POOL_PAGES 80 /* all small allocations of a boot without modules */
#define POOL_SHARE 20 /* pages; what is larger comes from no pool */

struct pages_taken {
    uint64_t address;
    uint64_t count;
    uint32_t type; /* BOOTINFO_MEMORY_* from the jump on; USABLE: free again by then */
};

struct pages {
    struct pages_taken items[PAGES_MAX];
    uint32_t count;
    bool pooled;               /* small allocations come from pools; the caller sets it */
    uint64_t pools[POOLS_MAX]; /* addresses; their pages are executable */
    uint32_t pool_count;
    uint64_t pool_next; /* what is free of the last pool: [pool_next, pool_end) */
    uint64_t pool_end;
    uint64_t last;                 /* the highest address that pages_take takes; 0: any */
    struct BootInfoSpan forbidden; /* nothing of the loader's may lie here; size 0: no such place */
};

struct pages_wish {
    enum plat_use use;
    uint32_t type; /* BOOTINFO_MEMORY_* from the jump on */
    uint64_t count;
    const char *purpose; /* a phrase for the error, such as "the stack" */
};

/* size bytes of data that nothing needs after the jump. */
struct pages_wish pages_for(uint64_t size, const char *purpose);

/* Takes pages anywhere but below arch_target.lowest_address and in pages->forbidden.
 * MEMORY_EXHAUSTED, MEMORY_LOW_EXHAUSTED: the firmware has none left. MEMORY_FRAGMENTED: no more
 * can be recorded. */
MUST_CHECK enum status pages_take(struct pages *pages, struct pages_wish wish,
                                  struct failure *failure, uint64_t *out_address);
/* Takes pages at address and nowhere else. False: the firmware refuses, or no more can be
 * recorded. */
MUST_CHECK bool pages_take_at(struct pages *pages, struct pages_wish wish, uint64_t address);
/* Gives back the pages that begin at address. Does nothing if there are none, or if they lie where
 * pages_take takes none: pages_release_down_to gives those back. */
void pages_release(struct pages *pages, uint64_t address);
/* Removes the pages that begin at address from the record; the caller gives them back itself, with
 * pages_give_back, before the next pages_release_down_to. */
void pages_disown(struct pages *pages, uint64_t address);
/* Pages that are in no record. What is in a pool goes back to the firmware with the pool. */
void pages_give_back(const struct pages *pages, uint64_t address, uint64_t count);
/* Gives back all pages but the first count, and forbids no place any more. Pools stay. */
void pages_release_down_to(struct pages *pages, uint32_t count);
/* Gives back all pages and all pools. */
void pages_end(struct pages *pages);

#endif
