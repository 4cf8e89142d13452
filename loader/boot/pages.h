/* Pages taken from the firmware. All of them are recorded, so that a failed boot can give every one
 * back, and the final memory map can show those that stay. */
#ifndef BATON_PAGES_H
#define BATON_PAGES_H

#include "core/base/span.h"
#include "core/base/status.h"
#include "platform/memory.h"

#define PAGES_MAX 64

struct pages_taken {
    uint64_t address;
    uint64_t count;
    uint32_t type; /* BOOTINFO_MEMORY_* from the jump on; USABLE: free again by then */
};

struct pages {
    struct pages_taken items[PAGES_MAX];
    uint32_t count;
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
/* Removes the pages that begin at address from the record; the caller gives them back itself. */
void pages_disown(struct pages *pages, uint64_t address);
/* Gives back all pages but the first count, and forbids no place any more. */
void pages_release_down_to(struct pages *pages, uint32_t count);

#endif
