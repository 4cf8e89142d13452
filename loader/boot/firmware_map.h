/* The memory map as GetMemoryMap gives it, and as regions. */
#ifndef BATON_FIRMWARE_MAP_H
#define BATON_FIRMWARE_MAP_H

#include "boot/session.h"
#include "core/memory/room.h"
#include "platform/memory.h"

#define GROWTHS_MAX 8 /* how often a memory map may outgrow the room made for it */

/* Asks how large the map is now: *out_map gets its size and the stride of its descriptors. */
MUST_CHECK enum status firmware_map_measure(struct failure *failure, struct plat_map *out_map);
/* The bytes from one descriptor to the next, from the size that GetMemoryMap gives;
 * MAP_BAD_STRIDE if memory_map_stride refuses it. */
MUST_CHECK enum status firmware_map_stride(struct failure *failure, uint64_t descriptor_size,
                                           uint64_t *out_stride);
/* GetMemoryMap into map->buffer, which has room for descriptors_max descriptors. A map that does
 * not fit is MAP_KEEPS_GROWING: then map->size and map->descriptor_size are known. */
MUST_CHECK enum status firmware_map_take(struct failure *failure, struct plat_map *map,
                                         uint64_t descriptors_max, uint64_t *out_stride);

/* The map as it is now, as descriptors and as regions. Both lie in pages at address. */
struct survey {
    uint64_t address;
    struct firmware_map firmware;
    struct memory_view regions;
};

/* Fills survey, which is zero. On failure, too, its pages are the session's. */
MUST_CHECK enum status survey_take(struct session *session, struct survey *survey);
void survey_release(struct session *session, struct survey *survey);

#endif
