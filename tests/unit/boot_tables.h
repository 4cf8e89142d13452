/* What a kernel finds in the page tables it starts on. */
#ifndef BATON_BOOT_TABLES_H
#define BATON_BOOT_TABLES_H

#include "boot_check.h"

#define PLACED_COUNT 5 /* kernel, stack, info, page tables, hand-off */

struct range {
    const char *name;
    uint64_t base;
    uint64_t size;
    uint32_t type;
};

/* What the loader placed, as whole pages. */
struct placed_ranges {
    struct range items[PLACED_COUNT];
};

/* At its own address, writable and executable. */
void check_mapped(uint64_t address, const struct placed_ranges *placed);
void check_tables(const struct BootInfo *info, const struct placed_ranges *placed,
                  const struct expectation *expected);

#endif
