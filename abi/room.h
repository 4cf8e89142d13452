/* Finds room in BootInfo's memory map, for kernels that keep a list of what they took from it.
 * Freestanding C11 and C++17.
 *     struct BootInfoSpan taken[8];
 *     uint32_t count = 0;
 *     struct room room = {.size = 0x5000, .alignment = 0x1000, .first = 0x100000, .last =
 * UINT64_MAX,
 *                         .taken = taken, .taken_count = count};
 *     uint64_t place = room_find(info, &room);     // 0: there is none
 *     taken[count++] = (struct BootInfoSpan){place, room.size};
 * SPDX-License-Identifier: MIT */
#ifndef BATON_ROOM_H
#define BATON_ROOM_H

#include "bootinfo.h"

/* One bit a type of region. */
#define ROOM_IN(type) (UINT64_C(1) << (type))
/* All RAM that the firmware does not need after its exit. What lies there is overwritten: page
 * tables (LOADER), the map itself (INFO), the kernel. */
#define ROOM_IN_ALL_FREE                                                        \
    (ROOM_IN(BOOTINFO_MEMORY_USABLE) | ROOM_IN(BOOTINFO_MEMORY_BOOT_SERVICES) | \
     ROOM_IN(BOOTINFO_MEMORY_LOADER) | ROOM_IN(BOOTINFO_MEMORY_INFO) |          \
     ROOM_IN(BOOTINFO_MEMORY_KERNEL) | ROOM_IN(BOOTINFO_MEMORY_STACK) |         \
     ROOM_IN(BOOTINFO_MEMORY_MODULE))

struct room {
    uint64_t size;                    /* bytes, at least 1 */
    uint64_t alignment;               /* a power of two */
    uint64_t first;                   /* the lowest address wanted */
    uint64_t last;                    /* the last byte may lie here */
    uint64_t types;                   /* ROOM_IN(...) of the regions; 0: USABLE only */
    int highest;                      /* nonzero: the highest such place, not the lowest */
    const struct BootInfoSpan *taken; /* in any order: what the room must not overlap */
    uint32_t taken_count;
};

static inline int room_is_in(const struct BootInfoRegion *region, uint64_t types)
{
    return region->type < 64 && (types & ROOM_IN(region->type)) != 0;
}

/* What is taken of [place, place + size), or NULL. */
static inline const struct BootInfoSpan *room_conflict(const struct room *room, uint64_t place)
{
    for (uint32_t i = 0; i < room->taken_count; i++) {
        const struct BootInfoSpan *span = &room->taken[i];
        if (span->size != 0 && place <= span->address + (span->size - 1) &&
            span->address <= place + (room->size - 1)) {
            return span;
        }
    }
    return NULL;
}

/* The lowest place in [first, last], or 0. */
static inline uint64_t room_lowest(const struct room *room, uint64_t first, uint64_t last)
{
    for (;;) {
        uint64_t place = (first + (room->alignment - 1)) & ~(room->alignment - 1);
        if (place < first || place > last || room->size - 1 > last - place) {
            return 0;
        }
        const struct BootInfoSpan *conflict = room_conflict(room, place);
        if (conflict == NULL) {
            return place;
        }
        first = conflict->address + conflict->size;
        if (first == 0) {
            return 0;
        }
    }
}

/* The highest place in [first, last], or 0. */
static inline uint64_t room_highest(const struct room *room, uint64_t first, uint64_t last)
{
    while (last >= first && room->size - 1 <= last - first) {
        uint64_t place = (last - (room->size - 1)) & ~(room->alignment - 1);
        const struct BootInfoSpan *conflict = room_conflict(room, place);
        if (place < first) {
            return 0;
        }
        if (conflict == NULL) {
            return place;
        }
        if (conflict->address == 0) {
            return 0;
        }
        last = conflict->address - 1;
    }
    return 0;
}

/* A place within one region of the map; 0: there is none. Page 0 is never one. */
static inline uint64_t room_find(const struct BootInfo *info, const struct room *room)
{
    uint32_t count = info->memory_map.count;
    uint64_t types = room->types != 0 ? room->types : ROOM_IN(BOOTINFO_MEMORY_USABLE);
    for (uint32_t i = 0; i < count; i++) {
        const struct BootInfoRegion *region =
            bootinfo_region(info, room->highest ? count - 1 - i : i);
        uint64_t last = region->base + (region->size - 1);
        uint64_t first = region->base > room->first ? region->base : room->first;
        last = last < room->last ? last : room->last;
        if (room_is_in(region, types) && first <= last) {
            uint64_t place =
                room->highest ? room_highest(room, first, last) : room_lowest(room, first, last);
            if (place != 0) {
                return place;
            }
        }
    }
    return 0;
}

/* Whether regions of these types hold all of [first, last]. If not, out_obstacle is the first
 * address there that they do not hold. */
static inline int room_is_free(const struct BootInfo *info, uint64_t types, uint64_t first,
                               uint64_t last, uint64_t *out_obstacle)
{
    for (uint32_t i = 0; i < info->memory_map.count; i++) {
        const struct BootInfoRegion *region = bootinfo_region(info, i);
        uint64_t region_last = region->base + (region->size - 1);
        if (region_last < first) {
            continue;
        }
        if (region->base > first || !room_is_in(region, types)) {
            break;
        }
        if (region_last >= last) {
            return 1;
        }
        first = region_last + 1;
    }
    *out_obstacle = first;
    return 0;
}

#endif
