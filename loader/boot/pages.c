#include "boot/pages.h"

#include "arch.h"
#include "core/base/apart.h"

#define POOL_SIZE (POOL_PAGES * PAGE_SIZE)

APART struct pages_wish pages_for(uint64_t size, const char *purpose)
{
    return (struct pages_wish){PLAT_DATA, BOOTINFO_MEMORY_USABLE, page_count_of(size), purpose};
}

APART static void record(struct pages *pages, struct pages_wish wish, uint64_t address)
{
    pages->items[pages->count++] = (struct pages_taken){
        .address = address,
        .count = wish.count,
        .type = wish.type,
    };
}

/* Memory below arch_target.lowest_address stays free: kernels start other CPUs there. */
static bool is_misplaced(const struct pages *pages, uint64_t address, uint64_t count)
{
    struct BootInfoSpan span = {address, count * PAGE_SIZE};
    return address < arch_target.lowest_address || spans_overlap(span, pages->forbidden);
}

/* The first of what is free of the last pool. False: that is too little, or must not be taken. */
static bool take_part(struct pages *pages, struct pages_wish wish, uint64_t *out_address)
{
    uint64_t address = pages->pool_next;
    uint64_t end = address + wish.count * PAGE_SIZE;
    if (end > pages->pool_end || (pages->last != 0 && end - 1 > pages->last) ||
        is_misplaced(pages, address, wish.count)) {
        return false;
    }
    pages->pool_next = end;
    record(pages, wish, address);
    *out_address = address;
    return true;
}

/* Where the firmware has no room for a pool, it may still have some for single allocations. */
static bool take_from_pool(struct pages *pages, struct pages_wish wish, uint64_t *out_address)
{
    if (!pages->pooled || wish.count > POOL_SHARE || pages->count == PAGES_MAX) {
        return false;
    }
    if (take_part(pages, wish, out_address)) {
        return true;
    }
    uint64_t pool = 0;
    pages->pooled = pages->pool_count < POOLS_MAX &&
                    plat_pages_allocate(PLAT_CODE, POOL_PAGES, pages->last, &pool) == FIRMWARE_OK;
    if (!pages->pooled) {
        return false;
    }
    pages->pools[pages->pool_count++] = pool;
    pages->pool_next = pool;
    pages->pool_end = pool + POOL_SIZE;
    pages->pooled = take_part(pages, wish, out_address);
    return pages->pooled;
}

/* Pages that the firmware offers in a forbidden place are kept until the end of the attempt: if
 * they were given back at once, the firmware would only offer them again. */
enum status pages_take(struct pages *pages, struct pages_wish wish, struct failure *failure,
                       uint64_t *out_address)
{
    struct pages_wish misplaced = wish;
    misplaced.type = BOOTINFO_MEMORY_USABLE;
    if (take_from_pool(pages, wish, out_address)) {
        return STATUS_OK;
    }
    while (pages->count < PAGES_MAX) {
        uint64_t address = 0;
        failure->firmware = plat_pages_allocate(wish.use, wish.count, pages->last, &address);
        if (failure->firmware != FIRMWARE_OK) {
            failure->number[0] = wish.count * PAGE_SIZE;
            return fail_hint(
                failure, pages->last != 0 ? STATUS_MEMORY_LOW_EXHAUSTED : STATUS_MEMORY_EXHAUSTED,
                wish.purpose);
        }
        if (!is_misplaced(pages, address, wish.count)) {
            record(pages, wish, address);
            *out_address = address;
            return STATUS_OK;
        }
        record(pages, misplaced, address);
    }
    failure->number[0] = PAGES_MAX;
    return fail_with(failure, STATUS_MEMORY_FRAGMENTED);
}

bool pages_take_at(struct pages *pages, struct pages_wish wish, uint64_t address)
{
    if (pages->count == PAGES_MAX ||
        plat_pages_allocate_at(wish.use, wish.count, address) != FIRMWARE_OK) {
        return false;
    }
    record(pages, wish, address);
    return true;
}

static struct pages_taken *find(struct pages *pages, uint64_t address)
{
    for (uint32_t i = 0; i < pages->count; i++) {
        if (pages->items[i].address == address) {
            return &pages->items[i];
        }
    }
    return NULL;
}

void pages_give_back(const struct pages *pages, uint64_t address, uint64_t count)
{
    for (uint32_t i = 0; i < pages->pool_count; i++) {
        if (address - pages->pools[i] < POOL_SIZE) {
            return;
        }
    }
    plat_pages_free(address, count);
}

void pages_release(struct pages *pages, uint64_t address)
{
    struct pages_taken *item = find(pages, address);
    if (item != NULL && !is_misplaced(pages, item->address, item->count)) {
        pages_give_back(pages, item->address, item->count);
        *item = pages->items[--pages->count];
    }
}

void pages_disown(struct pages *pages, uint64_t address)
{
    struct pages_taken *item = find(pages, address);
    if (item != NULL) {
        *item = pages->items[--pages->count];
    }
}

void pages_release_down_to(struct pages *pages, uint32_t count)
{
    while (pages->count > count) {
        const struct pages_taken *item = &pages->items[--pages->count];
        pages_give_back(pages, item->address, item->count);
        if (pages->pool_end - item->address - 1 < POOL_SIZE) {
            pages->pool_next = least(pages->pool_next, item->address);
        }
    }
    pages->forbidden = (struct BootInfoSpan){0, 0};
    pages->last = 0;
}

void pages_end(struct pages *pages)
{
    pages_release_down_to(pages, 0);
    pages->pool_end = 0;
    while (pages->pool_count > 0) {
        plat_pages_free(pages->pools[--pages->pool_count], POOL_PAGES);
    }
}
