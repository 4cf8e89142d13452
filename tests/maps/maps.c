#include "maps.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const EFI_NAMES[] = {
    "Reserved",  "LoaderCode", "LoaderData", "BS_Code",    "BS_Data",  "RT_Code",
    "RT_Data",   "Available",  "Unusable",   "ACPI_Recl",  "ACPI_NVS", "MMIO",
    "MMIO_Port", "PalCode",    "Persistent", "Unaccepted",
};

static const char *const PLACED_NAMES[] = {
    [BOOTINFO_MEMORY_USABLE] = "USABLE", [BOOTINFO_MEMORY_LOADER] = "LOADER",
    [BOOTINFO_MEMORY_INFO] = "INFO",     [BOOTINFO_MEMORY_KERNEL] = "KERNEL",
    [BOOTINFO_MEMORY_STACK] = "STACK",   [BOOTINFO_MEMORY_MODULE] = "MODULE",
};

static bool find_name(const char *name, const char *const *names, size_t count, uint32_t *out_index)
{
    for (size_t i = 0; i < count; i++) {
        if (names[i] != NULL && strcmp(name, names[i]) == 0) {
            *out_index = (uint32_t)i;
            return true;
        }
    }
    char *end;
    unsigned long number = strtoul(name, &end, 0);
    *out_index = (uint32_t)number;
    return end != name && *end == '\0';
}

static bool read_placed_line(const char *line, struct map_case *map)
{
    char name[32];
    struct placed placed;
    if (map->placed_count == MAPS_PLACED_MAX ||
        sscanf(line, "placed %31s %" SCNx64 " %" SCNx64, name, &placed.base, &placed.page_count) !=
            3 ||
        !find_name(name, PLACED_NAMES, sizeof(PLACED_NAMES) / sizeof(*PLACED_NAMES),
                   &placed.type)) {
        return false;
    }
    map->placed[map->placed_count++] = placed;
    return true;
}

static bool read_descriptor_line(const char *line, struct map_case *map)
{
    char name[32];
    char start[64];
    struct firmware_descriptor d = {.virtual_start = UINT64_C(0xA5A5A5A5A5A5A5A5)};
    if (map->count == MAPS_DESCRIPTORS_MAX ||
        sscanf(line, "%31s %63s %" SCNx64 " %" SCNx64, name, start, &d.page_count, &d.attributes) !=
            4 ||
        sscanf(start, "%" SCNx64, &d.physical_start) != 1 ||
        !find_name(name, EFI_NAMES, sizeof(EFI_NAMES) / sizeof(*EFI_NAMES), &d.type)) {
        return false;
    }
    map->descriptors[map->count++] = d;
    return true;
}

static bool read_line(const char *line, struct map_case *map)
{
    char word[32];
    if (sscanf(line, "%31s", word) != 1 || word[0] == '#') {
        return true;
    }
    if (strcmp(word, "stride") == 0) {
        return sscanf(line, "stride %" SCNu64, &map->stride) == 1;
    }
    return strcmp(word, "placed") == 0 ? read_placed_line(line, map)
                                       : read_descriptor_line(line, map);
}

bool map_case_read(const char *path, struct map_case *out_case, int *out_line)
{
    char line[256];
    FILE *file = fopen(path, "r");
    *out_line = 0;
    if (file == NULL) {
        return false;
    }
    memset(out_case, 0, sizeof(*out_case));
    out_case->stride = 48;
    bool good = true;
    while (good && fgets(line, sizeof(line), file) != NULL) {
        ++*out_line;
        good = read_line(line, out_case);
    }
    return fclose(file) == 0 && good;
}

struct map_result map_case_convert(const struct map_case *map)
{
    uint64_t size = map->count * map->stride;
    uint8_t *descriptors = malloc(size);
    memset(descriptors, 0xA5, size);
    for (uint64_t i = 0; i < map->count; i++) {
        memcpy(descriptors + i * map->stride, &map->descriptors[i], sizeof(map->descriptors[i]));
    }
    uint64_t region_max = memory_map_regions_max(map->count, map->placed_count);
    void *scratch = malloc(memory_map_scratch_size(map->count, map->placed_count));
    struct map_result result = {.regions = malloc(region_max * sizeof(*result.regions))};
    result.count = memory_map_convert((struct firmware_map){descriptors, size, map->stride},
                                      map->placed, map->placed_count, result.regions, scratch);
    free(scratch);
    free(descriptors);
    return result;
}
