#include "core/memory/room.h"

/* Whether memory of that type is free once ExitBootServices has succeeded. */
static bool becomes_free(uint32_t type)
{
    return type == BOOTINFO_MEMORY_USABLE || type == BOOTINFO_MEMORY_BOOT_SERVICES;
}

static void add_occupant(struct failure *failure, uint64_t base, uint64_t end, uint32_t type)
{
    if (failure->occupant_count < OCCUPANTS_MAX) {
        failure->occupants[failure->occupant_count] =
            (struct occupant){.base = base, .size = end - base, .type = type};
    }
    failure->occupant_count++;
}

/* Adds to failure everything in [base, end) that does not become free, holes in the map included.
 * Returns whether all of it is free already. */
static bool find_occupants(struct memory_view map, uint64_t base, uint64_t end,
                           struct failure *failure)
{
    bool free_now = true;
    failure->occupant_count = 0;
    for (uint64_t i = 0; i < map.count; i++) {
        const struct BootInfoRegion *region = &map.regions[i];
        uint64_t region_end = region->base + region->size;
        if (region_end <= base) {
            continue;
        }
        if (region->base >= end) {
            break;
        }
        if (region->base > base) {
            add_occupant(failure, base, region->base, OCCUPANT_NOTHING);
            base = region->base;
        }
        uint64_t stop = least(region_end, end);
        if (!becomes_free(region->type)) {
            add_occupant(failure, base, stop, region->type);
        }
        free_now = free_now && region->type == BOOTINFO_MEMORY_USABLE;
        base = stop;
    }
    if (base < end) {
        add_occupant(failure, base, end, OCCUPANT_NOTHING);
    }
    return free_now;
}

bool room_is_device(struct memory_view map, struct BootInfoSpan span)
{
    for (uint64_t i = 0; i < map.count; i++) {
        const struct BootInfoRegion *region = &map.regions[i];
        bool device = region->type == BOOTINFO_MEMORY_RESERVED ||
                      region->type == BOOTINFO_MEMORY_MMIO ||
                      region->type == BOOTINFO_MEMORY_MMIO_PORT;
        if (!device && spans_overlap(span, (struct BootInfoSpan){region->base, region->size})) {
            return false;
        }
    }
    return true;
}

uint64_t room_lowest(struct memory_view map, uint64_t size, uint64_t lowest_address)
{
    uint64_t start = 0;
    uint64_t end = 0;
    for (uint64_t i = 0; i < map.count; i++) {
        const struct BootInfoRegion *region = &map.regions[i];
        if (!becomes_free(region->type)) {
            continue;
        }
        if (region->base != end) {
            start = most(region->base, lowest_address);
        }
        end = region->base + region->size;
        if (end > start && end - start >= size) {
            return start;
        }
    }
    return 0;
}

enum room room_at(struct memory_view map, struct BootInfoSpan span, uint64_t lowest_address,
                  struct failure *failure)
{
    uint64_t end = span.address + span.size;
    bool free_now = find_occupants(map, span.address, end, failure);
    if (failure->occupant_count == 0) {
        return free_now ? ROOM_NOW : ROOM_AT_EXIT;
    }
    uint64_t lowest = room_lowest(map, span.size, lowest_address);
    failure->number[2] = lowest;
    failure->number[3] = span.size;
    (void)fail_numbers(failure, lowest != 0 ? STATUS_ADDRESS_OCCUPIED : STATUS_ADDRESS_NO_ROOM,
                       span.address, end - 1);
    return ROOM_NEVER;
}
