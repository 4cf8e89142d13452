/* Pages taken from the firmware. All of them are written down, so that a failed boot can give every
 * one back, and the final memory map can show those that stay. */
#ifndef BATON_PAGES_H
#define BATON_PAGES_H

#include "core/base/span.h"
#include "core/base/status.h"
#include "platform.h"

#define PAGES_MAX 64

struct pages_taken {
    uint64_t address;
    uint64_t count;
    uint32_t type; /* BOOTINFO_MEMORY_* from the jump on; USABLE: free again by then */
};

struct pages {
    struct pages_taken items[PAGES_MAX];
    uint32_t count;
    struct BootInfoSpan forbidden; /* nothing of the loader's may lie here; size 0: no such place */
};

struct pages_wish {
    enum plat_use use;
    uint32_t type; /* BOOTINFO_MEMORY_* from the jump on */
    uint64_t count;
    const char *purpose; /* a phrase for the error, such as "the stack" */
};

/* Data that nobody needs after the jump, size bytes of it. */
struct pages_wish pages_for(uint64_t size, const char *purpose);

/* Anywhere but below arch_target.lowest_address and in pages->forbidden. MEMORY_EXHAUSTED where the
 * firmware has none left, MEMORY_FRAGMENTED where no more can be written down. */
MUST_CHECK enum status pages_take(struct pages *pages, struct pages_wish wish,
                                  struct failure *failure, uint64_t *out_address);
/* At address and nowhere else. False: the firmware refuses, or no more can be written down. */
MUST_CHECK bool pages_take_at(struct pages *pages, struct pages_wish wish, uint64_t address);
/* Gives back the pages that begin at address. Where none do, it does nothing. */
void pages_release(struct pages *pages, uint64_t address);
/* Forgets the pages that begin at address without giving them back: the caller will. */
void pages_disown(struct pages *pages, uint64_t address);
/* Gives back all that was taken after the first count, and forbids nothing any more. */
void pages_release_down_to(struct pages *pages, uint32_t count);

#endif
