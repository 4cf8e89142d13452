#include "boot/pages.h"

#include "arch.h"

struct pages_wish pages_for(uint64_t size, const char *purpose)
{
    return (struct pages_wish){PLAT_DATA, BOOTINFO_MEMORY_USABLE, page_count_of(size), purpose};
}

static void record(struct pages *pages, struct pages_wish wish, uint64_t address)
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

/* Pages that the firmware offers in a forbidden place are kept until the end of the attempt: if
 * they were given back at once, the firmware would only offer them again. */
enum status pages_take(struct pages *pages, struct pages_wish wish, struct failure *failure,
                       uint64_t *out_address)
{
    struct pages_wish misplaced = wish;
    misplaced.type = BOOTINFO_MEMORY_USABLE;
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

void pages_release(struct pages *pages, uint64_t address)
{
    struct pages_taken *item = find(pages, address);
    if (item != NULL && !is_misplaced(pages, item->address, item->count)) {
        plat_pages_free(item->address, item->count);
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
        plat_pages_free(item->address, item->count);
    }
    pages->forbidden = (struct BootInfoSpan){0, 0};
    pages->last = 0;
}
