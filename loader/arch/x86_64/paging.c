#include "arch/x86_64/paging.h"

#include <string.h>

/* Intel SDM 3A tables 4-14 to 4-20. Accessed and dirty are set ahead: the CPU need not. */
#define ENTRY_PRESENT UINT64_C(0x21) /* and accessed */
#define ENTRY_WRITE   UINT64_C(0x42) /* writable and dirty */
#define ENTRY_TABLE   UINT64_C(0x23) /* present, writable, accessed */
#define ENTRY_LARGE   UINT64_C(0x80) /* 2 MiB or 1 GiB */
#define ENTRY_NX      (UINT64_C(1) << 63)

#define ENTRIES        512
#define MIB_2          UINT64_C(0x200000)
#define GIB            UINT64_C(0x40000000)
#define ALWAYS_MAPPED  (4 * GIB)
#define LIMIT_4_LEVELS (UINT64_C(1) << 47) /* the end of the canonical lower half */
#define LIMIT_5_LEVELS (UINT64_C(1) << 52) /* the end of physical addresses */
#define LEVELS_MAX     5

/* Addresses in here are linear: virtual ones without the copies of the sign that fill them up to 64
 * bits. Thus the higher half follows the lower one, and every map is a walk upwards. */

/* Walks upwards through all that is to be mapped, and makes the tables on the way. */
struct builder {
    const struct paging_request *request;
    struct arch_pool *pool;
    uint64_t limit;  /* no physical address from here on is mapped */
    uint64_t region; /* regions before this one are done */
    uint64_t offset; /* of the map in hand: from physical to linear */
    uint64_t rights; /* flags of an entry outside of all segments; 0: nothing is mapped there */
    int levels;
    uint64_t *table[LEVELS_MAX + 1]; /* by level, 1: of 4 KiB pages; NULL: the pool is used up */
    uint64_t end_of_table[LEVELS_MAX + 1]; /* the end of what that table maps */
};

/* Bytes [start, end), physical. */
struct stretch {
    uint64_t start;
    uint64_t end;
};

/* Makes span, rounded outward and cut to [from, limit), the first stretch if it begins before
 * first. False: it is empty. */
static bool offer(const struct builder *builder, struct BootInfoSpan span, uint64_t from,
                  struct stretch *first)
{
    if (span.size == 0 || span.address >= builder->limit) {
        return false;
    }
    uint64_t room = builder->limit - span.address;
    uint64_t end = span.address + least(span.size, room);
    end = (end + MIB_2 - 1) & ~(MIB_2 - 1);
    uint64_t start = span.address & ~(MIB_2 - 1);
    if (end <= from) {
        return false;
    }
    start = most(start, from);
    if (start < first->start) {
        *first = (struct stretch){start, end};
    }
    return true;
}

/* Finds the first stretch at or after from that is to be mapped; it may be only the beginning of a
 * longer one. */
static bool next_stretch(struct builder *builder, uint64_t from, struct stretch *out_stretch)
{
    const struct paging_request *request = builder->request;
    struct stretch first = {UINT64_MAX, UINT64_MAX};
    (void)offer(builder, (struct BootInfoSpan){0, ALWAYS_MAPPED}, from, &first);
    for (; builder->region < request->space.region_count; builder->region++) {
        const struct BootInfoRegion *region = &request->space.regions[builder->region];
        struct BootInfoSpan span = {region->base, region->size};
        if (memory_region_is_mapped(region) && offer(builder, span, from, &first)) {
            break;
        }
    }
    for (uint64_t i = 0; i < request->space.extra_count; i++) {
        (void)offer(builder, request->space.extra[i], from, &first);
    }
    *out_stretch = first;
    return first.start != UINT64_MAX;
}

static bool overlaps(const struct arch_segment *segment, struct stretch stretch)
{
    return segment->address < stretch.end && stretch.start < segment->address + segment->size;
}

/* Whether all of this GiB is mapped, and with the same rights. */
static bool is_plain(const struct paging_request *request, uint64_t start)
{
    bool plain = start != 0 && start != (request->space.guard & ~(GIB - 1));
    for (uint64_t i = 0; i < request->space.segment_count; i++) {
        plain =
            plain && !overlaps(&request->space.segments[i], (struct stretch){start, start + GIB});
    }
    return plain;
}

/* A large page over memory of two MTRR types is undefined (Intel SDM 3A section 12.11.9): 1 GiB
 * pages are only used for a GiB that is all RAM. */
static bool fits_gigabyte_page(const struct builder *builder, uint64_t start)
{
    const struct paging_request *request = builder->request;
    uint64_t covered = start;
    if (!request->gigabyte_pages || start % GIB != 0 || !is_plain(request, start)) {
        return false;
    }
    for (uint64_t i = builder->region; i < request->space.region_count && covered - start < GIB;
         i++) {
        const struct BootInfoRegion *region = &request->space.regions[i];
        if (!memory_region_is_mapped(region) || region->base > covered ||
            (region->efi_attributes & EFI_MEMORY_WB) == 0) {
            return false;
        }
        covered = region->base + region->size;
    }
    return covered - start >= GIB;
}

/* Every boot fills 3,000 entries: four at a time. */
static void fill(uint64_t *entries, uint64_t count, uint64_t entry, uint64_t step)
{
    typedef uint64_t pair __attribute__((vector_size(16), aligned(8)));
    const uint64_t *end = entries + count;
    for (; (end - entries) % 4 != 0; entry += step) {
        *entries++ = entry;
    }
    pair first = {entry, entry + step};
    pair second = first + 2 * step;
    for (; entries < end; entries += 4) {
        ((pair *)entries)[0] = first;
        ((pair *)entries)[1] = second;
        first += 4 * step;
        second += 4 * step;
    }
}

/* Bytes that one entry of a table of this level maps. */
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
    struct arch_pool *pool = builder->pool;
    uint64_t table_reach = ENTRIES * reach(level);
    uint64_t start = address & ~(table_reach - 1);
    uint64_t *table = NULL;
    if (pool->used < pool->page_count) {
        table = (uint64_t *)pool->pages + pool->used * ENTRIES;
        memset(table, 0, PAGE_SIZE);
        if (level == 1 && builder->rights != 0) {
            fill(table, ENTRIES, (start - builder->offset) | builder->rights, PAGE_SIZE);
        }
        if (level < builder->levels) {
            uint64_t *parent = builder->table[level + 1];
            parent[index_of(address, level + 1)] = (uintptr_t)table | ENTRY_TABLE;
        }
    }
    pool->used++;
    builder->table[level] = table;
    builder->end_of_table[level] = start + table_reach;
}

/* The table of level that maps address, which must not be below those of earlier calls; NULL: the
 * pool is too small. */
static uint64_t *table_of(struct builder *builder, int level, uint64_t address)
{
    for (int i = builder->levels; i >= level; i--) {
        if (address >= builder->end_of_table[i]) {
            open_table(builder, i, address);
        }
    }
    return builder->table[level];
}

/* Writes count entries of a table of level, for physical and what follows it. Where entry is 0,
 * count is 1: that entry becomes 0. */
static void put(struct builder *builder, int level, uint64_t physical, uint64_t count,
                uint64_t entry)
{
    uint64_t address = physical + builder->offset;
    uint64_t *table = table_of(builder, level, address);
    if (table != NULL) {
        fill(&table[index_of(address, level)], count, entry == 0 ? 0 : physical | entry,
             reach(level));
    }
}

static void unmap(struct builder *builder, struct stretch stretch, uint64_t page)
{
    if (page >= stretch.start && page < stretch.end) {
        put(builder, 1, page, 1, 0);
    }
}

/* Maps stretch, in large pages where they fit. Both ends are multiples of 4 KiB. */
static void put_stretch(struct builder *builder, struct stretch stretch, uint64_t entry)
{
    while (stretch.start < stretch.end) {
        bool large =
            (stretch.start | builder->offset) % MIB_2 == 0 && stretch.end - stretch.start >= MIB_2;
        put(builder, large ? 2 : 1, stretch.start, 1, large ? entry | ENTRY_LARGE : entry);
        stretch.start += large ? MIB_2 : PAGE_SIZE;
    }
}

static uint64_t clamp(uint64_t address, struct stretch stretch)
{
    return least(most(address, stretch.start), stretch.end);
}

static uint64_t rights_of(const struct paging_request *request, bool writable, bool executable)
{
    return ENTRY_PRESENT | (writable ? ENTRY_WRITE : 0) |
           (request->no_execute && !executable ? ENTRY_NX : 0);
}

/* Writes separate entries for what is special in stretch, upwards: page 0, segments and guard
 * page. */
static void carve(struct builder *builder, struct stretch stretch)
{
    const struct paging_request *request = builder->request;
    bool executable = builder->offset == 0 || request->space.direct_map_runs;
    uint64_t done = stretch.start;
    unmap(builder, stretch, 0);
    for (uint64_t i = 0; i < request->space.segment_count; i++) {
        const struct arch_segment *segment = &request->space.segments[i];
        struct stretch part = {clamp(segment->address, stretch),
                               clamp(segment->address + segment->size, stretch)};
        unmap(builder, (struct stretch){done, part.start}, request->space.guard);
        put_stretch(
            builder, part,
            rights_of(request, segment->writable,
                      executable && (segment->executable ||
                                     (request->space.execute_segments && builder->offset == 0))));
        done = part.end;
    }
    unmap(builder, (struct stretch){done, stretch.end}, request->space.guard);
}

/* Maps the first part of stretch, within one GiB; returns its end. */
static uint64_t map_front(struct builder *builder, struct stretch stretch)
{
    uint64_t start = stretch.start;
    uint64_t gib_end = (start | (GIB - 1)) + 1;
    uint64_t large = builder->rights | ENTRY_LARGE;
    if (fits_gigabyte_page(builder, start)) {
        put(builder, 3, start, 1, large);
        return gib_end;
    }
    stretch.end = least(stretch.end, gib_end);
    put(builder, 2, start, (stretch.end - start) / MIB_2, large);
    carve(builder, stretch);
    return stretch.end;
}

/* Maps everything at offset. */
static void map_all(struct builder *builder, uint64_t offset)
{
    struct stretch stretch;
    builder->region = 0;
    builder->offset = offset;
    builder->rights = rights_of(builder->request, true, offset == 0);
    for (uint64_t from = 0; next_stretch(builder, from, &stretch);) {
        from = map_front(builder, stretch);
    }
}

/* linear: the bits that a linear address has. */
static void map_high_segments(struct builder *builder, uint64_t linear)
{
    const struct paging_request *request = builder->request;
    builder->rights = 0;
    for (uint64_t i = 0; i < request->space.high_segment_count; i++) {
        const struct arch_segment *segment = &request->space.high_segments[i];
        builder->offset = ((segment->address + segment->distance) & linear) - segment->address;
        put_stretch(builder, (struct stretch){segment->address, segment->address + segment->size},
                    rights_of(request, segment->writable, segment->executable));
    }
}

static struct builder builder_for(const struct paging_request *request)
{
    uint64_t limit = request->five_levels ? LIMIT_5_LEVELS : LIMIT_4_LEVELS;
    return (struct builder){
        .request = request,
        .limit = request->limit != 0 && request->limit < limit ? request->limit : limit,
        .levels = request->five_levels ? 5 : 4,
    };
}

/* What follows maps no more than the space from the direct map to the last address. */
static void cut_to_window(struct builder *builder)
{
    const struct arch_space *space = &builder->request->space;
    if (space->direct_map_runs) {
        builder->limit = least(builder->limit, 0 - space->direct_map);
    }
}

uint64_t paging_build(const struct paging_request *request, struct arch_pool *pool)
{
    struct builder builder = builder_for(request);
    uint64_t linear = ENTRIES * reach(builder.levels) - 1;
    const struct arch_segment *high = request->space.high_segments;
    bool direct = request->space.direct_map != 0;
    bool below = direct && request->space.high_segment_count > 0 &&
                 request->space.direct_map < high[0].address + high[0].distance;
    builder.pool = pool;
    pool->used = 0;
    map_all(&builder, 0);
    if (below) {
        map_all(&builder, request->space.direct_map & linear);
    }
    map_high_segments(&builder, linear);
    cut_to_window(&builder);
    if (direct && !below) {
        map_all(&builder, request->space.direct_map & linear);
    }
    return pool->used <= pool->page_count ? (uintptr_t)pool->pages : 0;
}

uint64_t paging_end(const struct paging_request *request)
{
    struct builder builder = builder_for(request);
    cut_to_window(&builder);
    struct stretch stretch;
    uint64_t end = 0;
    while (next_stretch(&builder, end, &stretch)) {
        end = stretch.end;
    }
    return end;
}
