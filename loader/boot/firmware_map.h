/* The memory map as GetMemoryMap gives it, and as regions. */
#ifndef BATON_FIRMWARE_MAP_H
#define BATON_FIRMWARE_MAP_H

#include "boot/session.h"
#include "core/memory/room.h"

#define GROWTHS_MAX 8 /* how often a memory map may outgrow the room made for it */

/* Asks how large the map is now: *out_map gets its size and the stride of its descriptors. */
MUST_CHECK enum status firmware_map_measure(struct failure *failure, struct plat_map *out_map);
/* The stride of a map that the firmware has described; MAP_BAD_STRIDE: it is none
 * (memory/map.h). */
MUST_CHECK enum status firmware_map_stride(struct failure *failure, uint64_t descriptor_size,
                                           uint64_t *out_stride);
/* GetMemoryMap into map->buffer, which has room for descriptors_max descriptors. A map that does
 * not fit is MAP_KEEPS_GROWING: then map->size and map->descriptor_size are known. */
MUST_CHECK enum status firmware_map_take(struct failure *failure, struct plat_map *map,
                                         uint64_t descriptors_max, uint64_t *out_stride);

/* The map as it is now, as descriptors and as regions, in pages of its own. */
struct survey {
    uint64_t address;
    struct firmware_map firmware;
    struct memory_view regions;
};

MUST_CHECK enum status survey_take(struct session *session, struct survey *out_survey);
void survey_release(struct session *session, struct survey *survey);

#endif
