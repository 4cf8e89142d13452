/* Whether there is room for a kernel, now or after the exit, and what is in its way. Pure. */
#ifndef BATON_ROOM_H
#define BATON_ROOM_H

#include "core/base/status.h"
#include "core/memory/map.h"

/* Regions sorted by base, disjoint, as memory_map_convert gives them. */
struct memory_view {
    const struct BootInfoRegion *regions;
    uint64_t count;
};

enum room {
    ROOM_NOW,     /* all of it is free */
    ROOM_AT_EXIT, /* some of it is boot services memory: free once the firmware has left */
    ROOM_NEVER,
};

/* Whether span, whole pages, can hold the kernel, and when. With ROOM_NEVER failure is complete:
 * ADDRESS_OCCUPIED or ADDRESS_NO_ROOM, with each occupant, and the lowest place from lowest_address
 * up that would do. */
enum room room_at(struct memory_view map, struct BootInfoSpan span, uint64_t lowest_address,
                  struct failure *failure);

/* Whether span can be a device's registers: none of it is memory. It does not wrap around. */
bool room_is_device(struct memory_view map, struct BootInfoSpan span);

/* The lowest address from lowest_address up with size bytes in one piece, now or at the exit; 0:
 * there is none. */
uint64_t room_lowest(struct memory_view map, uint64_t size, uint64_t lowest_address);

#endif
