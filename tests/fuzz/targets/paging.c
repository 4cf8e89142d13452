/* Page tables: any sorted regions, walked as the CPU does (Intel SDM 3A section 4.5). */
#include "arch/x86_64/paging.h"

#include "fuzz.h"

#define REGIONS_MAX 24
#define EXTRA_MAX   4
#define POOL_MAX    96 /* pages; what takes more is built into a pool that is too small */

#define MIB_2 UINT64_C(0x200000)
#define GIB   UINT64_C(0x40000000)

#define PRESENT UINT64_C(1)
#define LARGE   UINT64_C(0x80)
#define TABLE   UINT64_C(0x23) /* present, writable, accessed */
#define LEAF    UINT64_C(0x63) /* and dirty */
#define FRAME   UINT64_C(0x000FFFFFFFFFF000)

struct world {
    struct BootInfoRegion regions[REGIONS_MAX];
    struct BootInfoSpan extra[EXTRA_MAX];
    struct paging_request request;
};

struct tables {
    const struct paging_request *request;
    struct arch_pool pool;
    uint64_t top;
};

/* Where an address leads to: size 0, nowhere. */
struct mapping {
    uint64_t physical;
    uint64_t size; /* bytes of the page */
};

static uint64_t limit_of(const struct paging_request *request)
{
    uint64_t limit = UINT64_C(1) << (request->five_levels ? 52 : 47);
    return request->limit != 0 && request->limit < limit ? request->limit : limit;
}

/* Bytes, whole pages; often ones that lead to a multiple of 2 MiB or 1 GiB from address on. */
static uint64_t choose_length(struct choices *choices, uint64_t address)
{
    uint64_t pages = choose(choices, 1) * 4096;
    switch (choose_below(choices, 8)) {
    case 0:
        return 0;
    case 1:
        return pages;
    case 2:
        return MIB_2 - address % MIB_2;
    case 3:
        return GIB - address % GIB;
    case 4:
        return GIB - address % GIB + pages / 4096 % 4 * GIB;
    case 5:
        return pages * 512;
    case 6:
        return pages * 65536;
    default:
        return choose_number(choices) % (UINT64_C(1) << 38) & ~UINT64_C(4095);
    }
}

static void choose_regions(struct choices *choices, struct world *world)
{
    uint64_t count = choose_below(choices, REGIONS_MAX + 1);
    uint64_t end = 0;
    for (uint64_t i = 0; i < count; i++) {
        uint64_t jump = choose_below(choices, 8);
        uint64_t base = end + choose_length(choices, end) + (jump == 0 ? UINT64_C(1) << 46 : 0);
        uint64_t size = choose_length(choices, base);
        uint64_t attributes = choose_below(choices, 4) != 0 ? 0xF : 0x1;
        uint32_t type = (uint32_t)choose_below(choices, BOOTINFO_MEMORY_TYPE_COUNT + 2);
        if (size == 0) {
            continue;
        }
        world->regions[world->request.region_count++] = (struct BootInfoRegion){
            .base = base, .size = size, .type = type, .efi_attributes = attributes};
        end = base + size;
    }
}

static void choose_extra(struct choices *choices, struct world *world)
{
    world->request.extra_count = choose_below(choices, EXTRA_MAX + 1);
    for (uint64_t i = 0; i < world->request.extra_count; i++) {
        struct BootInfoSpan *span = &world->extra[i];
        span->address = choose_number(choices);
        span->size = choose_number(choices) % (UINT64_C(1) << 36);
        if (span->address >= limit_of(&world->request) - GIB) {
            span->size = UINT64_MAX - choose(choices, 1);
        }
    }
}

/* Often at the edge of a region or anywhere in it. */
static uint64_t choose_guard(struct choices *choices, const struct paging_request *request)
{
    if (request->region_count == 0 || choose_below(choices, 8) == 0) {
        return choose_number(choices) & ~UINT64_C(4095);
    }
    const struct BootInfoRegion *region =
        &request->regions[choose_below(choices, request->region_count)];
    switch (choose_below(choices, 4)) {
    case 0:
        return region->base;
    case 1:
        return region->base + region->size - 4096;
    default:
        return region->base + choose(choices, 4) * 4096 % region->size;
    }
}

static void choose_world(struct choices *choices, struct world *world)
{
    world->request = (struct paging_request){
        .regions = world->regions,
        .extra = world->extra,
        .five_levels = choose_below(choices, 2) != 0,
        .gigabyte_pages = choose_below(choices, 2) != 0,
    };
    choose_regions(choices, world);
    choose_extra(choices, world);
    world->request.guard = choose_guard(choices, &world->request);
    if (choose_below(choices, 4) == 1) {
        world->request.limit = UINT64_C(1) << (32 + choose_below(choices, 25));
    }
}

/* A pool and an untouched page on both sides. */
static _Alignas(4096) uint8_t memory[POOL_MAX + 2][PAGE_SIZE];

/* Into a pool of just so many pages, POOL_MAX at most. */
static struct tables build(const struct paging_request *request, uint64_t page_count)
{
    struct tables tables = {.request = request};
    tables.pool.page_count = page_count;
    tables.pool.pages = memory[1];
    memset(memory, UNTOUCHED, (page_count + 2) * PAGE_SIZE);
    tables.top = paging_build(request, &tables.pool);
    CHECK(is_untouched(memory[0], PAGE_SIZE));
    CHECK(is_untouched(memory[page_count + 1], PAGE_SIZE));
    return tables;
}

static bool is_in_pool(const struct tables *tables, uint64_t address)
{
    uint64_t first = (uintptr_t)tables->pool.pages;
    return address >= first && address - first < tables->pool.used * PAGE_SIZE;
}

static struct mapping walk(const struct tables *tables, uint64_t address)
{
    uint64_t table = tables->top;
    for (int level = tables->request->five_levels ? 5 : 4; level >= 1; level--) {
        int shift = 12 + 9 * (level - 1);
        CHECK(is_in_pool(tables, table));
        uint64_t entry = ((const uint64_t *)(uintptr_t)table)[address >> shift & 511];
        if ((entry & PRESENT) == 0) {
            CHECK(entry == 0);
            break;
        }
        if (level == 1 || (entry & LARGE) != 0) {
            uint64_t size = UINT64_C(1) << shift;
            CHECK(level <= 3);
            CHECK((entry & (size - 1)) == (level == 1 ? LEAF : LEAF | LARGE));
            CHECK(entry >> 52 == 0);
            return (struct mapping){(entry & FRAME) + (address & (size - 1)), size};
        }
        CHECK((entry & ~FRAME) == TABLE);
        table = entry & FRAME;
    }
    return (struct mapping){0, 0};
}

static bool is_type_mapped(uint32_t type)
{
    return type != BOOTINFO_MEMORY_RESERVED && type != BOOTINFO_MEMORY_MMIO &&
           type != BOOTINFO_MEMORY_MMIO_PORT && type != BOOTINFO_MEMORY_UNUSABLE &&
           type != BOOTINFO_MEMORY_UNACCEPTED;
}

static bool covers(uint64_t base, uint64_t size, uint64_t address)
{
    unsigned __int128 end = ((unsigned __int128)base + size + MIB_2 - 1) / MIB_2 * MIB_2;
    return size != 0 && address >= base / MIB_2 * MIB_2 && address < end;
}

static bool is_wanted(const struct paging_request *request, uint64_t address)
{
    uint64_t page = address / PAGE_SIZE * PAGE_SIZE;
    if (page == 0 || page == request->guard || address >= limit_of(request)) {
        return false;
    }
    bool wanted = address < 4 * GIB;
    for (uint64_t i = 0; i < request->region_count; i++) {
        const struct BootInfoRegion *region = &request->regions[i];
        wanted =
            wanted || (is_type_mapped(region->type) && covers(region->base, region->size, address));
    }
    for (uint64_t i = 0; i < request->extra_count; i++) {
        wanted = wanted || covers(request->extra[i].address, request->extra[i].size, address);
    }
    return wanted;
}

/* One page over two MTRR types is undefined (Intel SDM 3A section 12.11.9). */
static bool is_ram_all_over(const struct paging_request *request, uint64_t start)
{
    uint64_t covered = 0;
    for (uint64_t i = 0; i < request->region_count; i++) {
        const struct BootInfoRegion *region = &request->regions[i];
        uint64_t first = region->base > start ? region->base : start;
        uint64_t end = region->base + region->size;
        end = end < start + GIB ? end : start + GIB;
        if (is_type_mapped(region->type) && (region->efi_attributes & 8) != 0 && first < end) {
            covered += end - first;
        }
    }
    return covered == GIB;
}

static void check(const struct tables *tables, uint64_t address)
{
    const struct paging_request *request = tables->request;
    if (address >= limit_of(request)) {
        return;
    }
    struct mapping mapping = walk(tables, address);
    CHECK((mapping.size != 0) == is_wanted(request, address));
    CHECK(mapping.size == 0 || mapping.physical == address);
    if (mapping.size == GIB) {
        CHECK(request->gigabyte_pages && address / GIB != 0);
        CHECK(is_ram_all_over(request, address / GIB * GIB));
    }
}

static void check_around(const struct tables *tables, uint64_t edge)
{
    const uint64_t near[] = {
        edge,
        edge - 1,
        edge + 4096,
        edge / MIB_2 * MIB_2,
        edge / MIB_2 * MIB_2 - 1,
        edge / MIB_2 * MIB_2 + MIB_2,
        edge / GIB * GIB,
        edge / GIB * GIB - 1,
        edge / GIB * GIB + GIB,
        edge / GIB * GIB + GIB / 2,
    };
    for (size_t i = 0; i < sizeof(near) / sizeof(*near); i++) {
        check(tables, near[i]);
    }
}

static void check_all(const struct tables *tables)
{
    const struct paging_request *request = tables->request;
    check_around(tables, 0);
    check_around(tables, 4 * GIB);
    check_around(tables, request->guard);
    check_around(tables, limit_of(request));
    for (uint64_t i = 0; i < request->region_count; i++) {
        check_around(tables, request->regions[i].base);
        check_around(tables, request->regions[i].base + request->regions[i].size / 2);
        check_around(tables, request->regions[i].base + request->regions[i].size);
    }
    for (uint64_t i = 0; i < request->extra_count; i++) {
        check_around(tables, request->extra[i].address);
        check_around(tables, request->extra[i].address + request->extra[i].size);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct choices choices = {data, size};
    struct world world;
    choose_world(&choices, &world);
    const struct paging_request *request = &world.request;

    struct arch_pool nothing = {NULL, 0, UNTOUCHED};
    CHECK(paging_build(request, &nothing) == 0);
    uint64_t needed = nothing.used;
    CHECK(needed >= 1);
    uint64_t less = choose_below(&choices, needed < POOL_MAX ? needed : POOL_MAX);
    struct tables tables = build(request, less);
    CHECK(tables.top == 0 && tables.pool.used == needed);

    if (needed <= POOL_MAX) {
        tables = build(request, needed);
        CHECK(tables.top == (uintptr_t)memory[1] && tables.pool.used == needed);
        check_all(&tables);
        for (int i = 0; i < 4; i++) {
            check(&tables, choose_number(&choices));
        }
    }
    return 0;
}
