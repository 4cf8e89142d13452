/* Written from docs/abi.md alone, without a look at how the loader does it. */
#include "maps.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define END       UINT64_C(0xFFFFFFFFFFFFF000) /* nothing above is told to the kernel */
#define UNCOVERED UINT32_MAX

/* For sums that do not fit. */
__extension__ typedef unsigned __int128 wide;

/* What is known about one address. */
struct fact {
    uint32_t type; /* or UNCOVERED */
    uint64_t attributes;
};

struct points {
    uint64_t *items;
    size_t count;
};

/* From the most restrictive to the least. */
static const uint32_t RESTRICTION[] = {
    BOOTINFO_MEMORY_UNUSABLE,         BOOTINFO_MEMORY_MMIO,
    BOOTINFO_MEMORY_MMIO_PORT,        BOOTINFO_MEMORY_RESERVED,
    BOOTINFO_MEMORY_EFI_RUNTIME_CODE, BOOTINFO_MEMORY_EFI_RUNTIME_DATA,
    BOOTINFO_MEMORY_ACPI_NVS,         BOOTINFO_MEMORY_PERSISTENT,
    BOOTINFO_MEMORY_UNACCEPTED,       BOOTINFO_MEMORY_ACPI_RECLAIMABLE,
    BOOTINFO_MEMORY_SPECIAL_PURPOSE,  BOOTINFO_MEMORY_BOOT_SERVICES,
    BOOTINFO_MEMORY_USABLE,           UNCOVERED,
};

static int severity(uint32_t type)
{
    int rank = 0;
    while (RESTRICTION[rank] != type) {
        rank++;
    }
    return -rank;
}

static bool usable_as_ram(uint64_t attributes)
{
    return (attributes & 0x8) != 0 && attributes >> 63 == 0;
}

static bool may_be_taken(uint32_t type)
{
    return type == BOOTINFO_MEMORY_USABLE || type == BOOTINFO_MEMORY_BOOT_SERVICES ||
           type == BOOTINFO_MEMORY_SPECIAL_PURPOSE;
}

static uint32_t wanted_type(const struct firmware_descriptor *d)
{
    switch (d->type) {
    case 1:
    case 2:
    case 3:
    case 4:
    case 7:
        if (!usable_as_ram(d->attributes)) {
            return BOOTINFO_MEMORY_RESERVED;
        }
        if ((d->attributes & 0x40000) != 0) {
            return BOOTINFO_MEMORY_SPECIAL_PURPOSE;
        }
        return d->type == 3 || d->type == 4 ? BOOTINFO_MEMORY_BOOT_SERVICES
                                            : BOOTINFO_MEMORY_USABLE;
    case 5:
        return BOOTINFO_MEMORY_EFI_RUNTIME_CODE;
    case 6:
        return BOOTINFO_MEMORY_EFI_RUNTIME_DATA;
    case 8:
        return BOOTINFO_MEMORY_UNUSABLE;
    case 9:
        return BOOTINFO_MEMORY_ACPI_RECLAIMABLE;
    case 10:
        return BOOTINFO_MEMORY_ACPI_NVS;
    case 11:
        return BOOTINFO_MEMORY_MMIO;
    case 12:
        return BOOTINFO_MEMORY_MMIO_PORT;
    case 14:
        return BOOTINFO_MEMORY_PERSISTENT;
    case 15:
        return BOOTINFO_MEMORY_UNACCEPTED;
    default:
        return BOOTINFO_MEMORY_RESERVED;
    }
}

/* The whole pages of d, as far as they count. Empty: start == end. */
static void extent(const struct firmware_descriptor *d, uint64_t *out_start, uint64_t *out_end)
{
    wide start = d->physical_start;
    wide end = start + (wide)d->page_count * 4096;
    end = end > END ? END : end;
    if (may_be_taken(wanted_type(d))) {
        start = (start + 4095) / 4096 * 4096;
        end = end / 4096 * 4096;
    } else if (start < end) {
        start = start / 4096 * 4096;
        end = (end + 4095) / 4096 * 4096;
    }
    *out_start = start < end ? (uint64_t)start : 0;
    *out_end = start < end ? (uint64_t)end : 0;
}

/* What the firmware says about address. */
static struct fact firmware_fact(const struct map_case *map, uint64_t address)
{
    struct fact fact = {UNCOVERED, 0};
    for (uint64_t i = 0; i < map->count; i++) {
        const struct firmware_descriptor *d = &map->descriptors[i];
        uint64_t start;
        uint64_t end;
        extent(d, &start, &end);
        if (d->page_count == 0 || address < start || address >= end) {
            continue;
        }
        uint32_t type = wanted_type(d);
        if (severity(type) > severity(fact.type)) {
            fact = (struct fact){type, d->attributes};
        } else if (type == fact.type) {
            fact.attributes &= d->attributes;
        }
    }
    return fact;
}

static int compare(const void *a, const void *b)
{
    uint64_t left = *(const uint64_t *)a;
    uint64_t right = *(const uint64_t *)b;
    return left < right ? -1 : left > right;
}

/* Every address where the firmware's map, the placed ranges or the result can change. */
static struct points points_of(const struct map_case *map, const struct map_result *result)
{
    size_t max = 2 * (map->count + map->placed_count + result->count) + 2;
    struct points points = {.items = malloc(max * sizeof(*points.items))};
    uint64_t *at = points.items;
    *at++ = 0;
    *at++ = 4096;
    for (uint64_t i = 0; i < map->count; i++, at += 2) {
        extent(&map->descriptors[i], at, at + 1);
    }
    for (uint64_t i = 0; i < map->placed_count; i++) {
        *at++ = map->placed[i].base;
        *at++ = map->placed[i].base + map->placed[i].page_count * 4096;
    }
    for (uint64_t i = 0; i < result->count; i++) {
        *at++ = result->regions[i].base;
        *at++ = result->regions[i].base + result->regions[i].size;
    }
    points.count = (size_t)(at - points.items);
    qsort(points.items, points.count, sizeof(*points.items), compare);
    return points;
}

static struct fact placed_fact(const struct map_case *map, const struct placed *placed,
                               const struct points *points)
{
    uint64_t end = placed->base + placed->page_count * 4096;
    struct fact fact = {placed->type, UINT64_MAX};
    for (size_t i = 0; i < points->count; i++) {
        if (points->items[i] >= placed->base && points->items[i] < end) {
            fact.attributes &= firmware_fact(map, points->items[i]).attributes;
        }
    }
    if (fact.type == BOOTINFO_MEMORY_USABLE && !usable_as_ram(fact.attributes)) {
        fact.type = BOOTINFO_MEMORY_RESERVED;
    }
    return fact;
}

static struct fact wanted_fact(const struct map_case *map, const struct fact *placed,
                               uint64_t address)
{
    struct fact fact = {UNCOVERED, 0};
    for (uint64_t i = 0; i < map->placed_count; i++) {
        uint64_t base = map->placed[i].base;
        if (address >= base && (address - base) / 4096 < map->placed[i].page_count) {
            fact = placed[i];
        }
    }
    if (fact.type == UNCOVERED) {
        fact = firmware_fact(map, address);
    }
    if (address < 4096 && may_be_taken(fact.type)) {
        fact.type = BOOTINFO_MEMORY_RESERVED;
    }
    return fact;
}

static struct fact found_fact(const struct map_result *result, uint64_t address)
{
    for (uint64_t i = 0; i < result->count; i++) {
        const struct BootInfoRegion *region = &result->regions[i];
        if (address >= region->base && address - region->base < region->size) {
            return (struct fact){region->type, region->efi_attributes};
        }
    }
    return (struct fact){UNCOVERED, 0};
}

static const char *judge_shape(const struct map_result *result, uint64_t *out_address)
{
    for (uint64_t i = 0; i < result->count; i++) {
        const struct BootInfoRegion *region = &result->regions[i];
        *out_address = region->base;
        if (region->base % 4096 != 0 || region->size % 4096 != 0) {
            return "not page-aligned";
        }
        if (region->size == 0 || region->base > END - region->size) {
            return "size zero or wrapping";
        }
        if (region->type >= BOOTINFO_MEMORY_TYPE_COUNT || region->reserved != 0) {
            return "no such type, or padding that is not zero";
        }
        if (region->type == BOOTINFO_MEMORY_USABLE && !usable_as_ram(region->efi_attributes)) {
            return "usable, but not write-back RAM";
        }
        if (i == 0) {
            continue;
        }
        uint64_t behind = region[-1].base + region[-1].size;
        if (region->base < behind) {
            return "not sorted, or overlapping";
        }
        if (region->base == behind && region->type == region[-1].type &&
            region->efi_attributes == region[-1].efi_attributes) {
            return "not merged";
        }
    }
    return NULL;
}

static const char *judge_content(const struct map_case *map, const struct map_result *result,
                                 uint64_t *out_address)
{
    struct points points = points_of(map, result);
    struct fact placed[MAPS_PLACED_MAX];
    for (uint64_t i = 0; i < map->placed_count; i++) {
        placed[i] = placed_fact(map, &map->placed[i], &points);
    }
    const char *verdict = NULL;
    for (size_t i = 0; i < points.count && verdict == NULL; i++) {
        struct fact wanted = wanted_fact(map, placed, points.items[i]);
        struct fact found = found_fact(result, points.items[i]);
        *out_address = points.items[i];
        if (found.type != wanted.type) {
            verdict = found.type == UNCOVERED ? "not complete" : "wrong type";
        } else if (found.attributes != wanted.attributes) {
            verdict = "wrong attributes";
        }
    }
    free(points.items);
    return verdict;
}

const char *map_case_judge(const struct map_case *map, const struct map_result *result)
{
    uint64_t address = 0;
    const char *verdict = judge_shape(result, &address);
    if (verdict == NULL) {
        verdict = judge_content(map, result, &address);
    }
    if (verdict != NULL) {
        (void)fprintf(stderr, "memory map: %s at %#" PRIx64 "\n", verdict, address);
    }
    return verdict;
}
