/* Page tables as the CPU reads them (Intel SDM 3A section 4.5). Pure but for the tables. */
#ifndef BATON_ARCH_WALK_H
#define BATON_ARCH_WALK_H

#include <stdbool.h>
#include <stdint.h>

struct page_tables {
    uint64_t top; /* physical; the low 12 bits of CR3 do not matter */
    bool five_levels;
    /* Whether a table may be looked at, at its physical address. NULL: all may. */
    bool (*is_readable)(const void *context, uint64_t address, uint64_t size);
    const void *context;
};

/* Where address leads, and how many bytes from there on are mapped in one piece. 0: it is not
 * mapped. */
uint64_t walk_to(const struct page_tables *tables, uint64_t address, uint64_t *out_physical);
/* Whether all of [address, address + size) is mapped to itself. */
bool walk_is_identity(const struct page_tables *tables, uint64_t address, uint64_t size);

#endif
