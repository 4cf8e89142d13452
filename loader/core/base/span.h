/* Ranges of addresses, in bytes and in pages. */
#ifndef BATON_SPAN_H
#define BATON_SPAN_H

#include "abi/bootinfo.h"

#include <stdbool.h>
#include <stdint.h>

#define PAGE_SIZE UINT64_C(4096)

static inline uint64_t least(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

static inline uint64_t most(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

/* Pages that hold size bytes. */
static inline uint64_t page_count_of(uint64_t size)
{
    return size / PAGE_SIZE + (size % PAGE_SIZE != 0);
}

/* Whether the two share a byte. Neither wraps around; an empty one shares none. */
static inline bool spans_overlap(struct BootInfoSpan a, struct BootInfoSpan b)
{
    return a.address < b.address + b.size && b.address < a.address + a.size;
}

#endif
