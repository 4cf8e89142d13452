#include "limine.h"

#include "memory.h"

#include <stdbool.h>

#define PAGE UINT64_C(4096)

/* What the adapter took out of the map, with the type that it has for the kernel. */
struct piece {
    uint64_t base;
    uint64_t end;
    uint64_t type;
};

#define PIECES 3

static uint64_t type_of(uint32_t type)
{
    switch (type) {
    case BOOTINFO_MEMORY_USABLE:
    case BOOTINFO_MEMORY_BOOT_SERVICES:
        return LIMINE_USABLE;
    case BOOTINFO_MEMORY_ACPI_RECLAIMABLE:
        return LIMINE_ACPI;
    case BOOTINFO_MEMORY_ACPI_NVS:
        return LIMINE_NVS;
    case BOOTINFO_MEMORY_UNUSABLE:
        return LIMINE_BAD;
    case BOOTINFO_MEMORY_LOADER:
    case BOOTINFO_MEMORY_INFO:
    case BOOTINFO_MEMORY_KERNEL:
    case BOOTINFO_MEMORY_STACK:
        return LIMINE_RECLAIMABLE;
    case BOOTINFO_MEMORY_MODULE:
        return LIMINE_KERNEL;
    default:
        return LIMINE_RESERVED;
    }
}

struct list {
    struct limine_range *ranges;
    uint64_t count;
};

static void add(struct list *list, uint64_t base, uint64_t end, uint64_t type)
{
    struct limine_range *last = list->count > 0 ? &list->ranges[list->count - 1] : NULL;
    if (last != NULL && last->type == type && last->base + last->size == base) {
        last->size += end - base;
    } else if (base < end) {
        list->ranges[list->count++] = (struct limine_range){base, end - base, type};
    }
}

/* The region, cut where pieces begin and end. */
static void add_region(struct list *list, const struct BootInfoRegion *region,
                       const struct piece *pieces)
{
    uint64_t end = region->base + region->size;
    for (uint64_t at = region->base; at < end;) {
        uint64_t next = end;
        uint64_t type = type_of(region->type);
        for (uint32_t i = 0; i < PIECES; i++) {
            if (pieces[i].base <= at && at < pieces[i].end) {
                type = pieces[i].type;
                next = pieces[i].end < next ? pieces[i].end : next;
            } else if (pieces[i].base > at && pieces[i].base < next) {
                next = pieces[i].base;
            }
        }
        add(list, at, next, type);
        at = next;
    }
}

/* In its place: the list stays sorted. */
static void add_screen(struct list *list, const struct BootInfoFramebuffer *screen)
{
    uint64_t base = screen->address & ~(PAGE - 1);
    uint64_t size = (screen->address + screen->size - base + PAGE - 1) & ~(PAGE - 1);
    uint64_t at = list->count++;
    for (; at > 0 && list->ranges[at - 1].base > base; at--) {
        list->ranges[at] = list->ranges[at - 1];
    }
    list->ranges[at] = (struct limine_range){base, size, LIMINE_SCREEN};
}

uint64_t map_answer(struct limine *limine)
{
    const struct BootInfo *info = limine->info;
    const struct limine_image *image = &limine->image;
    uint64_t bytes = (uintptr_t)image->bytes;
    const struct piece pieces[PIECES] = {
        {bytes, bytes + image->size, LIMINE_KERNEL},
        {limine->arena.first, limine->arena.end, LIMINE_RECLAIMABLE},
        {limine->low, limine->low + LOW_PAGES * PAGE, LIMINE_RECLAIMABLE},
    };
    uint64_t most = info->memory_map.count + 2 * PIECES + info->framebuffers.count;
    struct list list = {arena_add(limine, most * sizeof(struct limine_range)), 0};
    for (uint32_t i = 0; i < info->memory_map.count; i++) {
        add_region(&list, bootinfo_region(info, i), pieces);
    }
    for (uint32_t i = 0; i < info->framebuffers.count; i++) {
        add_screen(&list, bootinfo_framebuffer(info, i));
    }
    const uint64_t words[] = {
        0, list.count,
        answer_list(limine, high(list.ranges), sizeof(struct limine_range), list.count)};
    return answer_words(limine, words, 3);
}
