#include "boot/firmware_map.h"

#define SPARE_DESCRIPTORS 64 /* each allocation that a survey makes can split one range in three */

enum status firmware_map_stride(struct failure *failure, uint64_t descriptor_size,
                                uint64_t *out_stride)
{
    if (memory_map_stride(descriptor_size, out_stride) != STATUS_OK) {
        failure->number[0] = descriptor_size;
        return fail_with(failure, STATUS_MAP_BAD_STRIDE);
    }
    return STATUS_OK;
}

enum status firmware_map_measure(struct failure *failure, struct plat_map *out_map)
{
    struct plat_map map = {0};
    failure->firmware = plat_memory_map(&map);
    if (failure->firmware != FIRMWARE_BUFFER_TOO_SMALL) {
        return fail_with(failure, STATUS_MAP_FAILED);
    }
    *out_map = map;
    return STATUS_OK;
}

enum status firmware_map_take(struct failure *failure, struct plat_map *map,
                              uint64_t descriptors_max, uint64_t *out_stride)
{
    uint64_t stride = 0;
    failure->firmware = plat_memory_map(map);
    if (failure->firmware != FIRMWARE_OK && failure->firmware != FIRMWARE_BUFFER_TOO_SMALL) {
        return fail_with(failure, STATUS_MAP_FAILED);
    }
    TRY(firmware_map_stride(failure, map->descriptor_size, &stride));
    if (failure->firmware != FIRMWARE_OK || map->size > map->capacity ||
        map->size / stride > descriptors_max) {
        return fail_numbers(failure, STATUS_MAP_KEEPS_GROWING, map->size, map->capacity);
    }
    *out_stride = stride;
    return STATUS_OK;
}

/* Descriptors, regions and scratch lie in one piece. */
static enum status survey_try(struct session *session, struct survey *survey)
{
    struct failure *failure = &session->failure;
    struct plat_map map;
    uint64_t stride = 0;
    TRY(firmware_map_measure(failure, &map));
    TRY(firmware_map_stride(failure, map.descriptor_size, &stride));
    uint64_t count = memory_map_count(map.size, stride) + SPARE_DESCRIPTORS;
    uint64_t regions_size = memory_map_regions_max(count, 0) * sizeof(struct BootInfoRegion);
    uint64_t scratch_size = memory_map_scratch_size(count, 0);
    map.capacity = count * stride;
    TRY(pages_take(
        &session->pages,
        pages_for(map.capacity + regions_size + scratch_size, "a look at the memory map"), failure,
        &survey->address));
    struct BootInfoRegion *regions = (struct BootInfoRegion *)survey->address;
    uint8_t *scratch = (uint8_t *)survey->address + regions_size;
    map.buffer = scratch + scratch_size;
    TRY(firmware_map_take(failure, &map, count, &stride));
    survey->firmware = (struct firmware_map){map.buffer, map.size, stride};
    survey->regions.regions = regions;
    survey->regions.count = memory_map_convert(survey->firmware, NULL, 0, regions, scratch);
    return STATUS_OK;
}

enum status survey_take(struct session *session, struct survey *out_survey)
{
    enum status status = survey_try(session, out_survey);
    for (int retries = 0; status == STATUS_MAP_KEEPS_GROWING && retries < GROWTHS_MAX; retries++) {
        survey_release(session, out_survey);
        status = survey_try(session, out_survey);
    }
    return status;
}

void survey_release(struct session *session, struct survey *survey)
{
    pages_release(&session->pages, survey->address);
}
