/* The kernel's segments as whole pages with rights, for the page tables. */
#ifndef BATON_SEGMENTS_H
#define BATON_SEGMENTS_H

#include "boot/kernel.h"

/* A page that several segments share is a part of its own, with the rights of all of them. */
#define SEGMENT_PARTS_MAX (2 * ELF_SEGMENTS_MAX)

/* Sorted, disjoint. */
struct segment_parts {
    struct arch_segment items[SEGMENT_PARTS_MAX];
    uint64_t count;
};

struct kernel_segments {
    struct segment_parts identity; /* by physical address */
    struct segment_parts high;     /* by virtual address: those that have another one */
};

/* None of a raw kernel. */
void segments_list(const struct kernel *kernel, struct kernel_segments *out_segments);

#endif
