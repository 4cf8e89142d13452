#include "arch/x86_64/walk.h"

#include <stddef.h>

#define PRESENT       UINT64_C(0x1)
#define LARGE         UINT64_C(0x80)
#define FRAME         UINT64_C(0x000FFFFFFFFFF000)
#define TABLE_SIZE    4096
#define INDEX_MASK    511
#define INDEX_BITS    9
#define SHIFT_PAGE    12
#define SHIFT_LARGEST 30 /* of a page: 1 GiB */
#define SHIFT_TOP     39 /* of the top table with 4 levels */

static bool is_canonical(uint64_t address, unsigned top_shift)
{
    uint64_t sign = address >> (top_shift + INDEX_BITS - 1);
    return sign == 0 || sign == UINT64_MAX >> (top_shift + INDEX_BITS - 1);
}

static bool may_read(const struct page_tables *tables, uint64_t table)
{
    return tables->is_readable == NULL || tables->is_readable(tables->context, table, TABLE_SIZE);
}

uint64_t walk_to(const struct page_tables *tables, uint64_t address, uint64_t *out_physical)
{
    unsigned shift = tables->five_levels ? SHIFT_TOP + INDEX_BITS : SHIFT_TOP;
    uint64_t table = tables->top & FRAME;
    if (!is_canonical(address, shift)) {
        return 0;
    }
    for (;; shift -= INDEX_BITS) {
        if (!may_read(tables, table)) {
            return 0;
        }
        uint64_t entry = ((const uint64_t *)table)[address >> shift & INDEX_MASK];
        if ((entry & PRESENT) == 0) {
            return 0;
        }
        if (shift == SHIFT_PAGE || (shift <= SHIFT_LARGEST && (entry & LARGE) != 0)) {
            uint64_t size = UINT64_C(1) << shift;
            uint64_t offset = address & (size - 1);
            *out_physical = (entry & FRAME & ~(size - 1)) + offset;
            return size - offset;
        }
        table = entry & FRAME;
    }
}

bool walk_is_identity(const struct page_tables *tables, uint64_t address, uint64_t size)
{
    uint64_t physical = 0;
    while (size > 0) {
        uint64_t mapped = walk_to(tables, address, &physical);
        if (mapped == 0 || physical != address) {
            return false;
        }
        if (mapped >= size) {
            return true;
        }
        address += mapped;
        size -= mapped;
    }
    return true;
}
