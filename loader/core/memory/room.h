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

/* Whether span, whole pages, is free or becomes free with ExitBootServices. Otherwise it is
 * ADDRESS_OCCUPIED, with each occupant and the lowest place from lowest_address up that would do;
 * or ADDRESS_NO_ROOM, if there is no such place. */
MUST_CHECK enum status room_check(struct memory_view map, struct BootInfoSpan span,
                                  uint64_t lowest_address, struct failure *failure);

#endif
