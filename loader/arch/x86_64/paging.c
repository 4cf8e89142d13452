#include "paging.h"

#include <string.h>

/* Intel SDM 3A tables 4-14 to 4-20. Accessed and dirty are set ahead: the CPU need not. */
#define ENTRY_TABLE UINT64_C(0x23) /* present, writable, accessed */
#define ENTRY_PAGE  UINT64_C(0x63) /* and dirty */
#define ENTRY_LARGE UINT64_C(0xE3) /* and 2 MiB or 1 GiB */

#define ENTRIES        512
#define MIB_2          UINT64_C(0x200000)
#define GIB            UINT64_C(0x40000000)
#define ALWAYS_MAPPED  (4 * GIB)
#define LIMIT_4_LEVELS (UINT64_C(1) << 47) /* the end of the canonical lower half */
#define LIMIT_5_LEVELS (UINT64_C(1) << 52) /* the end of physical addresses */
#define LEVELS_MAX     5

/* Walks upwards through all that is to be mapped, and makes the tables on the way. */
struct builder {
    const struct paging_request *request;
    struct paging_pool *pool;
    uint64_t limit;  /* nothing from here on is mapped */
    uint64_t region; /* regions before this one are done */
    int levels;
    uint64_t *table[LEVELS_MAX + 1]; /* by level, 1: of 4 KiB pages; NULL: the pool is used up */
    uint64_t behind[LEVELS_MAX + 1]; /* the first address that table does not map */
};

/* Bytes [start, end), multiples of 2 MiB. */
struct stretch {
    uint64_t start;
    uint64_t end;
};

static bool is_mapped(const struct BootInfoRegion *region)
{
    switch (region->type) {
    case BOOTINFO_MEMORY_RESERVED:
    case BOOTINFO_MEMORY_MMIO:
    case BOOTINFO_MEMORY_MMIO_PORT:
    case BOOTINFO_MEMORY_UNUSABLE:
    case BOOTINFO_MEMORY_UNACCEPTED:
        return false;
    default:
        return true;
    }
}

/* Makes [base, base + size), rounded outward and cut to [from, limit), the first stretch if it
 * begins before first. False: it is empty. */
static bool offer(const struct builder *builder, struct BootInfoSpan span, uint64_t from,
                  struct stretch *first)
{
    if (span.size == 0 || span.address >= builder->limit) {
        return false;
    }
    uint64_t room = builder->limit - span.address;
    uint64_t end = span.address + (span.size > room ? room : span.size);
    end = (end + MIB_2 - 1) & ~(MIB_2 - 1);
    uint64_t start = span.address & ~(MIB_2 - 1);
    if (end <= from) {
        return false;
    }
    start = start < from ? from : start;
    if (start < first->start) {
        *first = (struct stretch){start, end};
    }
    return true;
}

/* The first stretch at or behind from that is to be mapped; it need not be all of it. */
static bool next_stretch(struct builder *builder, uint64_t from, struct stretch *out_stretch)
{
    const struct paging_request *request = builder->request;
    struct stretch first = {UINT64_MAX, UINT64_MAX};
    (void)offer(builder, (struct BootInfoSpan){0, ALWAYS_MAPPED}, from, &first);
    for (; builder->region < request->region_count; builder->region++) {
        const struct BootInfoRegion *region = &request->regions[builder->region];
        struct BootInfoSpan span = {region->base, region->size};
        if (is_mapped(region) && offer(builder, span, from, &first)) {
            break;
        }
    }
    for (uint64_t i = 0; i < request->extra_count; i++) {
        (void)offer(builder, request->extra[i], from, &first);
    }
    *out_stretch = first;
    return first.start != UINT64_MAX;
}

/* A large page over memory of two MTRR types is undefined (Intel SDM 3A section 12.11.9): 1 GiB
 * pages are for RAM all over. */
static bool fits_gigabyte_page(const struct builder *builder, uint64_t start)
{
    const struct paging_request *request = builder->request;
    uint64_t covered = start;
    if (!request->gigabyte_pages || start == 0 || start % GIB != 0 ||
        start == (request->guard & ~(GIB - 1))) {
        return false;
    }
    for (uint64_t i = builder->region; i < request->region_count && covered - start < GIB; i++) {
        const struct BootInfoRegion *region = &request->regions[i];
        if (!is_mapped(region) || region->base > covered ||
            (region->efi_attributes & EFI_MEMORY_WB) == 0) {
            return false;
        }
        covered = region->base + region->size;
    }
    return covered - start >= GIB;
}

static void fill(uint64_t *entries, uint64_t count, uint64_t entry, uint64_t step)
{
    for (uint64_t i = 0; i < count; i++) {
        entries[i] = entry;
        entry += step;
    }
}

/* Bytes that one entry of a table of level stands for. */
static uint64_t reach(int level)
{
    return UINT64_C(1) << (3 + 9 * level);
}

static uint64_t index_of(uint64_t address, int level)
{
    return address / reach(level) % ENTRIES;
}

static void open_table(struct builder *builder, int level, uint64_t address)
{
    struct paging_pool *pool = builder->pool;
    uint64_t table_reach = ENTRIES * reach(level);
    uint64_t start = address & ~(table_reach - 1);
    uint64_t *table = NULL;
    if (pool->used < pool->page_count) {
        table = (uint64_t *)pool->pages + pool->used * ENTRIES;
        if (level == 1) {
            fill(table, ENTRIES, start | ENTRY_PAGE, PAGE_SIZE);
        } else {
            memset(table, 0, PAGE_SIZE);
        }
        if (level < builder->levels) {
            uint64_t *parent = builder->table[level + 1];
            parent[index_of(address, level + 1)] = (uintptr_t)table | ENTRY_TABLE;
        }
    }
    pool->used++;
    builder->table[level] = table;
    builder->behind[level] = start + table_reach;
}

/* The table of level that maps address, which is not below any asked for before; NULL: the pool
 * is too small for it. */
static uint64_t *table_of(struct builder *builder, int level, uint64_t address)
{
    for (int i = builder->levels; i >= level; i--) {
        if (address >= builder->behind[i]) {
            open_table(builder, i, address);
        }
    }
    return builder->table[level];
}

static void unmap(struct builder *builder, struct stretch stretch, uint64_t page)
{
    if (page >= stretch.start && page < stretch.end) {
        uint64_t *table = table_of(builder, 1, page);
        if (table != NULL) {
            table[index_of(page, 1)] = 0;
        }
    }
}

/* Maps the front of stretch, within one GiB; gives where it ends. */
static uint64_t map_front(struct builder *builder, struct stretch stretch)
{
    uint64_t start = stretch.start;
    uint64_t gib_end = (start | (GIB - 1)) + 1;
    if (fits_gigabyte_page(builder, start)) {
        uint64_t *table = table_of(builder, 3, start);
        if (table != NULL) {
            table[index_of(start, 3)] = start | ENTRY_LARGE;
        }
        return gib_end;
    }
    stretch.end = stretch.end < gib_end ? stretch.end : gib_end;
    uint64_t *table = table_of(builder, 2, start);
    if (table != NULL) {
        fill(&table[index_of(start, 2)], (stretch.end - start) / MIB_2, start | ENTRY_LARGE, MIB_2);
    }
    unmap(builder, stretch, 0);
    unmap(builder, stretch, builder->request->guard);
    return stretch.end;
}

uint64_t paging_build(const struct paging_request *request, struct paging_pool *pool)
{
    struct builder builder = {
        .request = request,
        .pool = pool,
        .limit = request->five_levels ? LIMIT_5_LEVELS : LIMIT_4_LEVELS,
        .levels = request->five_levels ? 5 : 4,
    };
    if (request->limit != 0 && request->limit < builder.limit) {
        builder.limit = request->limit;
    }
    struct stretch stretch;
    pool->used = 0;
    for (uint64_t from = 0; next_stretch(&builder, from, &stretch);) {
        from = map_front(&builder, stretch);
    }
    return pool->used <= pool->page_count ? (uintptr_t)pool->pages : 0;
}
