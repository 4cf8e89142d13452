/* Page tables: any sorted regions, with a kernel in one of them. tests/tables/judge.c knows what
 * they have to map. */
#include "tables/judge.h"

#include "fuzz.h"

#define REGIONS_MAX 24
#define EXTRA_MAX   4
#define SEGMENT_MAX 6
#define POOL_MAX    96 /* pages; what takes more is built into a pool that is too small */

#define MIB_2 UINT64_C(0x200000)
#define GIB   UINT64_C(0x40000000)

struct world {
    struct BootInfoRegion regions[REGIONS_MAX];
    struct BootInfoSpan extra[EXTRA_MAX];
    struct arch_segment segments[SEGMENT_MAX];
    struct arch_segment high[SEGMENT_MAX];
    struct paging_request request;
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
        uint64_t kind = choose_below(choices, 8);
        uint64_t attributes = kind % 4 != 0 ? 0xF : kind != 0 ? EFI_MEMORY_RUNTIME | 0x1 : 0x1;
        uint32_t type = (uint32_t)choose_below(choices, BOOTINFO_MEMORY_TYPE_COUNT + 2);
        if (size == 0) {
            continue;
        }
        world->regions[world->request.space.region_count++] = (struct BootInfoRegion){
            .base = base, .size = size, .type = type, .efi_attributes = attributes};
        end = base + size;
    }
}

static void choose_extra(struct choices *choices, struct world *world)
{
    world->request.space.extra_count = choose_below(choices, EXTRA_MAX + 1);
    for (uint64_t i = 0; i < world->request.space.extra_count; i++) {
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
    if (request->space.region_count == 0 || choose_below(choices, 8) == 0) {
        return choose_number(choices) & ~UINT64_C(4095);
    }
    const struct BootInfoRegion *region =
        &request->space.regions[choose_below(choices, request->space.region_count)];
    switch (choose_below(choices, 4)) {
    case 0:
        return region->base;
    case 1:
        return region->base + region->size - 4096;
    default:
        return region->base + choose(choices, 4) * 4096 % region->size;
    }
}

/* Where a kernel may lie: free memory from 1 MiB on that can be mapped. Empty: not in this one. */
static struct BootInfoSpan room_in(const struct paging_request *request,
                                   const struct BootInfoRegion *region)
{
    uint64_t start = region->base < MIB_2 / 2 ? MIB_2 / 2 : region->base;
    uint64_t end = region->base + region->size;
    bool fits = region->type == BOOTINFO_MEMORY_USABLE && start < end && end <= limit_of(request);
    return (struct BootInfoSpan){start, fits ? end - start : 0};
}

static void choose_segments(struct choices *choices, struct world *world)
{
    struct paging_request *request = &world->request;
    uint64_t count = choose_below(choices, SEGMENT_MAX + 1);
    if (count == 0 || request->space.region_count == 0) {
        return;
    }
    struct BootInfoSpan room =
        room_in(request, &world->regions[choose_below(choices, request->space.region_count)]);
    uint64_t at = room.size == 0 ? 0 : room.address + choose(choices, 2) * 4096 % room.size;
    at = choose_below(choices, 4) == 1 ? (at + MIB_2 - 1) / MIB_2 * MIB_2 : at;
    while (request->space.segment_count < count) {
        at += choose_below(choices, 4) == 1 ? choose(choices, 2) * 4096 : 0;
        uint64_t size = choose_length(choices, at);
        uint64_t rights = choose_below(choices, 4);
        if (size == 0 || at - room.address >= room.size || size > room.size - (at - room.address)) {
            return;
        }
        world->segments[request->space.segment_count++] =
            (struct arch_segment){at, size, 0, (rights & 1) != 0, (rights & 2) != 0};
        at += size;
    }
}

/* The stack is never in the kernel. */
static void keep_guard_out(struct paging_request *request)
{
    for (uint64_t i = 0; i < request->space.segment_count; i++) {
        const struct arch_segment *segment = &request->space.segments[i];
        if (request->space.guard >= segment->address &&
            request->space.guard - segment->address < segment->size) {
            request->space.guard = 0;
        }
    }
}

static uint64_t higher_half(const struct paging_request *request)
{
    return ~((UINT64_C(1) << (request->five_levels ? 56 : 47)) - 1);
}

static struct BootInfoSpan kernel_of(const struct paging_request *request)
{
    const struct arch_segment *first = request->space.segments;
    const struct arch_segment *last = &request->space.segments[request->space.segment_count - 1];
    return (struct BootInfoSpan){first->address, last->address + last->size - first->address};
}

/* Where the kernel lies in the higher half, if it does: all of it, or all but its first segment. */
static void choose_distance(struct choices *choices, struct world *world)
{
    struct paging_request *request = &world->request;
    size_t kind = choose_below(choices, 6);
    if (kind == 0 || request->space.segment_count == 0) {
        return;
    }
    struct BootInfoSpan kernel = kernel_of(request);
    const uint64_t places[] = {
        UINT64_C(0xFFFFFFFF80000000) + choose(choices, 1) * 4096,
        UINT64_C(0xFFFFFFFF80000000) + kernel.address % GIB,
        higher_half(request) + choose(choices, 1) * 4096,
        higher_half(request) + choose(choices, 4) * 4096,
        0 - kernel.size - 4096 * (1 + choose(choices, 1)),
    };
    uint64_t start = places[kind - 1];
    uint64_t first = choose_below(choices, 4) == 1 ? 1 : 0;
    if (start < higher_half(request) || start + kernel.size <= start) {
        return;
    }
    for (uint64_t i = first; i < request->space.segment_count; i++) {
        struct arch_segment *high = &world->high[request->space.high_segment_count++];
        *high = world->segments[i];
        high->distance = start - kernel.address;
    }
}

/* One that meets the kernel is refused before there are tables: so is one that wraps around. */
static void choose_direct_map(struct choices *choices, struct paging_request *request)
{
    size_t kind = choose_below(choices, 5);
    uint64_t count = request->space.high_segment_count;
    const struct arch_segment *high = request->space.high_segments;
    uint64_t first = count == 0 ? 0 : high[0].address + high[0].distance;
    uint64_t size =
        count == 0 ? 0 : high[count - 1].address + high[count - 1].size - high[0].address;
    const uint64_t places[] = {
        higher_half(request),
        higher_half(request) + choose(choices, 2) * GIB,
        UINT64_C(0xFFFF888000000000),
        first / GIB * GIB + choose_below(choices, 5) * GIB,
    };
    uint64_t start = kind == 0 ? 0 : places[kind - 1];
    uint64_t last = start + paging_end(request) - 1;
    bool apart = count == 0 || last < first || first + size - 1 < start;
    if (start >= higher_half(request) && last > start && apart) {
        request->space.direct_map = start;
    }
}

/* A kernel that is linked for the direct map: it has no segments elsewhere, and the direct map may
 * reach the end of the address space. */
static void choose_joined_map(struct choices *choices, struct paging_request *request)
{
    uint64_t gibs = choose_below(choices, 8);
    if (gibs != 0 && request->space.high_segment_count == 0) {
        request->space.direct_map = 0 - gibs * GIB;
        request->space.direct_map_runs = true;
    }
}

/* All that came later: without more bytes there is none of it. */
static void choose_kernel(struct choices *choices, struct world *world)
{
    struct paging_request *request = &world->request;
    size_t bits = choose_below(choices, 4);
    request->no_execute = (bits & 1) != 0;
    request->space.execute_segments = (bits & 2) != 0;
    choose_segments(choices, world);
    keep_guard_out(request);
    choose_distance(choices, world);
    choose_direct_map(choices, request);
    choose_joined_map(choices, request);
}

static void choose_world(struct choices *choices, struct world *world)
{
    world->request = (struct paging_request){
        .space.regions = world->regions,
        .space.extra = world->extra,
        .space.segments = world->segments,
        .space.high_segments = world->high,
        .five_levels = choose_below(choices, 2) != 0,
        .gigabyte_pages = choose_below(choices, 2) != 0,
    };
    choose_regions(choices, world);
    choose_extra(choices, world);
    world->request.space.guard = choose_guard(choices, &world->request);
    if (choose_below(choices, 4) == 1) {
        world->request.limit = UINT64_C(1) << (32 + choose_below(choices, 25));
    }
    choose_kernel(choices, world);
}

/* A pool and an untouched page on both sides. */
static _Alignas(4096) uint8_t memory[POOL_MAX + 2][PAGE_SIZE];

/* Into a pool of just so many pages, POOL_MAX at most. */
static uint64_t build(const struct paging_request *request, struct arch_pool *pool)
{
    pool->pages = memory[1];
    memset(memory, UNTOUCHED, (pool->page_count + 2) * PAGE_SIZE);
    uint64_t top = paging_build(request, pool);
    CHECK(is_untouched(memory[0], PAGE_SIZE));
    CHECK(is_untouched(memory[pool->page_count + 1], PAGE_SIZE));
    return top;
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
    struct arch_pool less = {.page_count =
                                 choose_below(&choices, needed < POOL_MAX ? needed : POOL_MAX)};
    CHECK(build(request, &less) == 0 && less.used == needed);

    if (needed <= POOL_MAX) {
        struct arch_pool enough = {.page_count = needed};
        uint64_t top = build(request, &enough);
        CHECK(top == (uintptr_t)memory[1] && enough.used == needed);
        CHECK(tables_judge(request, &enough, top) == NULL);
    }
    return 0;
}
