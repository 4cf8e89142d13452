#include "page_walk.h"

#include <string.h>

#define PRESENT UINT64_C(1)
#define LARGE   UINT64_C(0x80)
#define TABLE   UINT64_C(0x23) /* present, writable, accessed */
#define LEAF    UINT64_C(0x63) /* and dirty */
#define FRAME   UINT64_C(0x000FFFFFFFFFF000)

/* For sums that do not fit. */
__extension__ typedef unsigned __int128 wide;

struct tables tables_build(const struct paging_request *request, uint64_t page_count)
{
    struct tables tables = {.levels = request->five_levels ? 5 : 4};
    tables.pool.page_count = page_count;
    tables.pool.used = 12345;
    tables.pool.pages = aligned_alloc(PAGE_SIZE, page_count * PAGE_SIZE);
    memset(tables.pool.pages, 0xA5, page_count * PAGE_SIZE);
    tables.top = paging_build(request, &tables.pool);
    return tables;
}

struct tables tables_build_enough(const struct paging_request *request)
{
    struct tables tables = tables_build(request, 0);
    ck_assert_uint_eq(tables.top, 0);
    uint64_t needed = tables.pool.used;
    tables_free(&tables);
    tables = tables_build(request, needed);
    ck_assert_uint_eq(tables.top, (uintptr_t)tables.pool.pages);
    ck_assert_uint_eq(tables.pool.used, needed);
    return tables;
}

void tables_free(struct tables *tables)
{
    free(tables->pool.pages);
}

static bool is_in_pool(const struct tables *tables, uint64_t address)
{
    uint64_t first = (uintptr_t)tables->pool.pages;
    return address >= first && address - first < tables->pool.used * PAGE_SIZE;
}

static struct mapping leaf_mapping(uint64_t entry, int level, uint64_t address)
{
    uint64_t size = UINT64_C(1) << (3 + 9 * level);
    REQUIRE(level <= 3, address);
    REQUIRE((entry & (size - 1)) == (level == 1 ? LEAF : LEAF | LARGE), address);
    REQUIRE(entry >> 52 == 0, address);
    return (struct mapping){(entry & FRAME) + (address & (size - 1)), size};
}

struct mapping tables_walk(const struct tables *tables, uint64_t address)
{
    uint64_t table = tables->top;
    if (address >> (11 + 9 * tables->levels) != 0) {
        return (struct mapping){0, 0}; /* not in the lower canonical half */
    }
    for (int level = tables->levels; level >= 1; level--) {
        REQUIRE(is_in_pool(tables, table), address);
        uint64_t entry = ((const uint64_t *)(uintptr_t)table)[address >> (3 + 9 * level) & 511];
        if ((entry & PRESENT) == 0) {
            REQUIRE(entry == 0, address);
            break;
        }
        if (level == 1 || (entry & LARGE) != 0) {
            return leaf_mapping(entry, level, address);
        }
        REQUIRE((entry & ~FRAME) == TABLE, address);
        table = entry & FRAME;
    }
    return (struct mapping){0, 0};
}

/* Whether [base, base + size), rounded outward to 2 MiB, holds address. */
static bool covers(uint64_t base, uint64_t size, uint64_t address)
{
    wide end = (wide)base + size;
    uint64_t large_page = address & ~(2 * MIB - 1);
    return size != 0 && large_page < end && large_page + (2 * MIB - 1) >= base;
}

static bool is_wanted(const struct paging_request *request, uint64_t address)
{
    uint64_t page = address / PAGE_SIZE * PAGE_SIZE;
    if (page == 0 || page == request->space.guard ||
        (request->limit != 0 && address >= request->limit) ||
        address >= (request->five_levels ? UINT64_C(1) << 52 : UINT64_C(1) << 47)) {
        return false;
    }
    bool wanted = address < 4 * GIB;
    for (uint64_t i = 0; i < request->space.region_count; i++) {
        const struct BootInfoRegion *region = &request->space.regions[i];
        bool mapped =
            region->type != BOOTINFO_MEMORY_RESERVED && region->type != BOOTINFO_MEMORY_MMIO &&
            region->type != BOOTINFO_MEMORY_MMIO_PORT && region->type != BOOTINFO_MEMORY_UNUSABLE &&
            region->type != BOOTINFO_MEMORY_UNACCEPTED;
        bool runtime = region->efi_attributes >> 63 != 0;
        wanted = wanted || ((mapped || runtime) && covers(region->base, region->size, address));
    }
    for (uint64_t i = 0; i < request->space.extra_count; i++) {
        wanted = wanted ||
                 covers(request->space.extra[i].address, request->space.extra[i].size, address);
    }
    return wanted;
}

static void check(const struct tables *tables, const struct paging_request *request,
                  uint64_t address)
{
    struct mapping mapping = tables_walk(tables, address);
    bool wanted = is_wanted(request, address);
    REQUIRE((mapping.size != 0) == wanted, address);
    REQUIRE(!wanted || mapping.physical == address, address);
}

/* Every page from 4 MiB before edge to 4 MiB after it. */
static void check_around(const struct tables *tables, const struct paging_request *request,
                         uint64_t edge)
{
    uint64_t first = edge < 4 * MIB ? 0 : (edge - 4 * MIB) / PAGE_SIZE * PAGE_SIZE;
    for (uint64_t i = 0; i < 2048 && first + i * PAGE_SIZE >= first; i++) {
        check(tables, request, first + i * PAGE_SIZE);
    }
}

void tables_check(const struct tables *tables, const struct paging_request *request)
{
    check_around(tables, request, 0);
    check_around(tables, request, 4 * GIB);
    check_around(tables, request, request->space.guard);
    check_around(tables, request, UINT64_C(1) << 47);
    check_around(tables, request, request->limit);
    for (uint64_t i = 0; i < request->space.region_count; i++) {
        check_around(tables, request, request->space.regions[i].base);
        check_around(tables, request,
                     request->space.regions[i].base + request->space.regions[i].size);
    }
    for (uint64_t i = 0; i < request->space.extra_count; i++) {
        check_around(tables, request, request->space.extra[i].address);
        check_around(tables, request,
                     request->space.extra[i].address + request->space.extra[i].size);
    }
    for (uint64_t gib = 0; gib < 2048; gib++) {
        check(tables, request, gib * GIB);
        check(tables, request, gib * GIB + GIB / 2 + 5 * PAGE_SIZE);
        check(tables, request, gib * GIB + GIB - 1);
    }
}
