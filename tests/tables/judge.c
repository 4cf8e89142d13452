/* Written from docs/abi.md and the Intel SDM alone, without a look at how the loader does it. */
#include "tables/judge.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define MIB_2 UINT64_C(0x200000)
#define GIB   UINT64_C(0x40000000)

/* Intel SDM 3A tables 4-14 to 4-20: accessed always, dirty where it can be written to. */
#define PRESENT  UINT64_C(0x21)
#define WRITABLE UINT64_C(0x42)
#define LARGE    UINT64_C(0x80)
#define NX       (UINT64_C(1) << 63)
#define TABLE    UINT64_C(0x23)
#define FRAME    UINT64_C(0x000FFFFFFFFFF000)

/* For sums that do not fit. */
__extension__ typedef unsigned __int128 wide;

/* Linear addresses [start, end), and what they lead to. Linear: without the copies of the sign. */
struct piece {
    uint64_t start;
    uint64_t end;
    uint64_t physical; /* of start */
    uint64_t rights;   /* WRITABLE and NX */
};

struct pieces {
    struct piece *items; /* from malloc */
    size_t count;
    size_t capacity;
};

struct judge {
    const struct paging_request *request;
    const struct arch_pool *pool;
    struct pieces found;
    uint64_t tables; /* that the top one leads to, itself included */
    const char *verdict;
    uint64_t address; /* where verdict was found */
};

static void add(struct pieces *pieces, struct piece piece)
{
    if (piece.start >= piece.end) {
        return;
    }
    if (pieces->count == pieces->capacity) {
        pieces->capacity = 2 * pieces->capacity + 64;
        pieces->items = realloc(pieces->items, pieces->capacity * sizeof(piece));
    }
    pieces->items[pieces->count++] = piece;
}

static bool goes_on(const struct piece *last, const struct piece *next)
{
    return next->start <= last->end && next->rights == last->rights &&
           next->physical - next->start == last->physical - last->start;
}

static int compare(const void *a, const void *b)
{
    uint64_t left = ((const struct piece *)a)->start;
    uint64_t right = ((const struct piece *)b)->start;
    return left < right ? -1 : left > right;
}

/* Sorts, and makes one of those that belong together. */
static void tidy(struct pieces *pieces)
{
    size_t count = 0;
    if (pieces->count > 0) {
        qsort(pieces->items, pieces->count, sizeof(*pieces->items), compare);
    }
    for (size_t i = 0; i < pieces->count; i++) {
        struct piece next = pieces->items[i];
        struct piece *last = count > 0 ? &pieces->items[count - 1] : NULL;
        if (last == NULL || !goes_on(last, &next)) {
            pieces->items[count++] = next;
        } else if (next.end > last->end) {
            last->end = next.end;
        }
    }
    pieces->count = count;
}

static uint64_t limit_of(const struct paging_request *request)
{
    uint64_t limit = UINT64_C(1) << (request->five_levels ? 52 : 47);
    return request->limit != 0 && request->limit < limit ? request->limit : limit;
}

/* What the runtime services use is, whatever its type. */
static bool is_mapped(const struct BootInfoRegion *region)
{
    uint32_t type = region->type;
    if (region->efi_attributes >> 63 != 0) {
        return true;
    }
    return type != BOOTINFO_MEMORY_RESERVED && type != BOOTINFO_MEMORY_MMIO &&
           type != BOOTINFO_MEMORY_MMIO_PORT && type != BOOTINFO_MEMORY_UNUSABLE &&
           type != BOOTINFO_MEMORY_UNACCEPTED;
}

/* Rounded outward to 2 MiB, and cut at the limit. */
static void add_span(struct pieces *pieces, uint64_t base, uint64_t size, uint64_t limit)
{
    wide end = ((wide)base + size + MIB_2 - 1) / MIB_2 * MIB_2;
    uint64_t start = base / MIB_2 * MIB_2;
    if (size != 0) {
        add(pieces, (struct piece){start, end > limit ? limit : (uint64_t)end, start, 0});
    }
}

/* The physical memory below limit that is to be reached, with its holes of pages still closed. */
static struct pieces memory_below(const struct paging_request *request, uint64_t limit)
{
    struct pieces memory = {NULL, 0, 0};
    add_span(&memory, 0, 4 * GIB, limit);
    for (uint64_t i = 0; i < request->space.region_count; i++) {
        const struct BootInfoRegion *region = &request->space.regions[i];
        add_span(&memory, region->base, is_mapped(region) ? region->size : 0, limit);
    }
    for (uint64_t i = 0; i < request->space.extra_count; i++) {
        add_span(&memory, request->space.extra[i].address, request->space.extra[i].size, limit);
    }
    tidy(&memory);
    return memory;
}

static const struct arch_segment *segment_at(const struct paging_request *request, uint64_t address)
{
    for (uint64_t i = 0; i < request->space.segment_count; i++) {
        const struct arch_segment *segment = &request->space.segments[i];
        if (address >= segment->address && address - segment->address < segment->size) {
            return segment;
        }
    }
    return NULL;
}

static uint64_t rights_of(const struct paging_request *request, bool writable, bool executable)
{
    return (writable ? WRITABLE : 0) | (request->no_execute && !executable ? NX : 0);
}

/* What of it the direct map shows: one that the kernel runs in ends with the address space. */
static struct pieces window_of(const struct paging_request *request)
{
    uint64_t limit = limit_of(request);
    uint64_t room = 0 - request->space.direct_map;
    bool cut = request->space.direct_map_runs && room < limit;
    return memory_below(request, cut ? room : limit);
}

/* Of a page in the identity map, or in the direct map. */
static uint64_t rights_at(const struct paging_request *request, uint64_t physical, bool identity)
{
    const struct arch_segment *segment = segment_at(request, physical);
    if (segment == NULL) {
        return rights_of(request, true, identity);
    }
    bool executable = segment->executable && (identity || request->space.direct_map_runs);
    return rights_of(request, segment->writable,
                     executable || (identity && request->space.execute_segments));
}

/* The end of what begins at physical and is all alike; end at most. */
static uint64_t alike_until(const struct paging_request *request, uint64_t physical, uint64_t end)
{
    uint64_t edges[4] = {PAGE_SIZE, request->space.guard, request->space.guard + PAGE_SIZE, end};
    uint64_t nearest = end;
    for (size_t i = 0; i < 4; i++) {
        nearest = edges[i] > physical && edges[i] < nearest ? edges[i] : nearest;
    }
    for (uint64_t i = 0; i < request->space.segment_count; i++) {
        uint64_t start = request->space.segments[i].address;
        uint64_t behind = start + request->space.segments[i].size;
        nearest = start > physical && start < nearest ? start : nearest;
        nearest = behind > physical && behind < nearest ? behind : nearest;
    }
    return nearest;
}

static void add_map(const struct paging_request *request, const struct pieces *memory,
                    uint64_t offset, struct pieces *wanted)
{
    for (size_t i = 0; i < memory->count; i++) {
        uint64_t end = memory->items[i].end;
        uint64_t next;
        for (uint64_t at = memory->items[i].start; at < end; at = next) {
            next = alike_until(request, at, end);
            if (at >= PAGE_SIZE && (request->space.guard == 0 || at != request->space.guard)) {
                add(wanted, (struct piece){at + offset, next + offset, at,
                                           rights_at(request, at, offset == 0)});
            }
        }
    }
}

static struct pieces wanted_by(const struct paging_request *request, const struct pieces *window)
{
    struct pieces memory = memory_below(request, limit_of(request));
    struct pieces wanted = {NULL, 0, 0};
    uint64_t linear = (UINT64_C(1) << (request->five_levels ? 57 : 48)) - 1;
    add_map(request, &memory, 0, &wanted);
    if (request->space.direct_map != 0) {
        add_map(request, window, request->space.direct_map & linear, &wanted);
    }
    free(memory.items);
    for (uint64_t i = 0; i < request->space.high_segment_count; i++) {
        const struct arch_segment *segment = &request->space.high_segments[i];
        uint64_t start = (segment->address + segment->distance) & linear;
        add(&wanted, (struct piece){start, start + segment->size, segment->address,
                                    rights_of(request, segment->writable, segment->executable)});
    }
    tidy(&wanted);
    return wanted;
}

/* One page over two MTRR types is undefined (Intel SDM 3A section 12.11.9). */
static bool is_ram_all_over(const struct paging_request *request, uint64_t start)
{
    uint64_t covered = 0;
    for (uint64_t i = 0; i < request->space.region_count; i++) {
        const struct BootInfoRegion *region = &request->space.regions[i];
        uint64_t first = region->base > start ? region->base : start;
        uint64_t end = region->base + region->size;
        end = end < start + GIB ? end : start + GIB;
        if (is_mapped(region) && (region->efi_attributes & 8) != 0 && first < end) {
            covered += end - first;
        }
    }
    return covered == GIB;
}

static void object(struct judge *judge, const char *verdict, uint64_t address)
{
    if (judge->verdict == NULL) {
        judge->verdict = verdict;
        judge->address = address;
    }
}

static void read_leaf(struct judge *judge, uint64_t entry, int level, uint64_t address)
{
    uint64_t size = UINT64_C(1) << (3 + 9 * level);
    uint64_t rights = entry & (WRITABLE | NX);
    uint64_t physical = entry & FRAME;
    if (level > 3 || physical % size != 0) {
        object(judge, "a large page where there can be none", address);
    }
    if ((entry & ~FRAME) != (PRESENT | rights | (level > 1 ? LARGE : 0)) ||
        (rights & WRITABLE) % WRITABLE != 0) {
        object(judge, "bits of an entry that should not be set, or the other way round", address);
    }
    if ((rights & NX) != 0 && !judge->request->no_execute) {
        object(judge, "NX where it is a reserved bit", address);
    }
    if (level == 3 &&
        (!judge->request->gigabyte_pages || !is_ram_all_over(judge->request, physical))) {
        object(judge, "a page of 1 GiB that is not RAM all over", address);
    }
    struct piece piece = {address, address + size, physical, rights};
    struct pieces *found = &judge->found;
    if (found->count > 0 && goes_on(&found->items[found->count - 1], &piece)) {
        found->items[found->count - 1].end = piece.end;
    } else {
        add(found, piece);
    }
}

static bool is_in_pool(const struct arch_pool *pool, uint64_t table)
{
    uint64_t first = (uintptr_t)pool->pages;
    return table % PAGE_SIZE == 0 && table >= first && table - first < pool->used * PAGE_SIZE;
}

/* Calls itself for each table below this one. */
static void read_table(struct judge *judge, uint64_t table, int level, uint64_t address)
{
    if (!is_in_pool(judge->pool, table)) {
        object(judge, "a table outside of the pool", address);
        return;
    }
    const uint64_t *entries = (const uint64_t *)(uintptr_t)table;
    judge->tables++;
    for (uint64_t i = 0; i < 512; i++) {
        uint64_t start = address + (i << (3 + 9 * level));
        if ((entries[i] & 1) == 0) {
            if (entries[i] != 0) {
                object(judge, "an entry that is not present, and not 0", start);
            }
        } else if (level == 1 || (entries[i] & LARGE) != 0) {
            read_leaf(judge, entries[i], level, start);
        } else if ((entries[i] & ~FRAME) != TABLE) {
            object(judge, "bits of a table's entry", start);
        } else {
            read_table(judge, entries[i] & FRAME, level - 1, start);
        }
    }
}

static void compare_pieces(struct judge *judge, const struct pieces *wanted)
{
    const struct pieces *found = &judge->found;
    for (size_t i = 0; i < wanted->count || i < found->count; i++) {
        const struct piece *one = i < wanted->count ? &wanted->items[i] : NULL;
        const struct piece *other = i < found->count ? &found->items[i] : NULL;
        if (one == NULL || other == NULL) {
            object(judge, one == NULL ? "mapped, and should not be" : "not mapped",
                   one == NULL ? other->start : one->start);
        } else if (one->start != other->start) {
            object(judge, one->start < other->start ? "not mapped" : "mapped, and should not be",
                   one->start < other->start ? one->start : other->start);
        } else if (one->physical != other->physical || one->rights != other->rights) {
            object(judge, "another address, or other rights", one->start);
        } else if (one->end != other->end) {
            object(judge, one->end < other->end ? "mapped too far" : "not mapped far enough",
                   one->end < other->end ? one->end : other->end);
        }
    }
}

const char *tables_judge(const struct paging_request *request, const struct arch_pool *pool,
                         uint64_t top)
{
    struct judge judge = {.request = request, .pool = pool};
    struct pieces window = window_of(request);
    struct pieces wanted = wanted_by(request, &window);
    read_table(&judge, top, request->five_levels ? 5 : 4, 0);
    compare_pieces(&judge, &wanted);
    if (judge.tables != pool->used) {
        object(&judge, "tables that nothing leads to", top);
    }
    if (paging_end(request) != window.items[window.count - 1].end) {
        object(&judge, "paging_end gives another end", paging_end(request));
    }
    if (judge.verdict != NULL) {
        (void)fprintf(stderr, "page tables: %s at %#" PRIx64 "\n", judge.verdict, judge.address);
    }
    free(window.items);
    free(wanted.items);
    free(judge.found.items);
    return judge.verdict;
}
