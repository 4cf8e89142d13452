#include "room.h"

/* The lowest place at or above from that ends below end, or 0. */
static uint64_t place_in(uint64_t from, uint64_t end, const struct room *room)
{
    uint64_t place;
    uint64_t mask = room->alignment - 1;
    if (__builtin_add_overflow(from, mask, &place)) {
        return 0;
    }
    place &= ~mask;
    return place < end && room->size <= end - place ? place : 0;
}

uint64_t room_find(const struct BootInfo *info, const struct room *room)
{
    uint64_t avoid_end = room->avoid.address + room->avoid.size;
    for (uint32_t i = 0; i < info->memory_map.count; i++) {
        const struct BootInfoRegion *region = bootinfo_region(info, i);
        if (region->type != BOOTINFO_MEMORY_USABLE) {
            continue;
        }
        uint64_t from = region->base > room->first ? region->base : room->first;
        uint64_t end = region->base + region->size;
        end = end - 1 > room->last ? room->last + 1 : end;
        uint64_t place = place_in(from, end, room);
        if (place != 0 && place < avoid_end && room->avoid.address < place + room->size) {
            place = place_in(avoid_end, end, room);
        }
        if (place != 0) {
            return place;
        }
    }
    return 0;
}
