/* A memory map put together page by page, and what it must become. */
#ifndef BATON_MAP_BUILDER_H
#define BATON_MAP_BUILDER_H

#include "maps/maps.h"
#include "suite.h"

#include <string.h>

#define WB           UINT64_C(0x8)
#define RAM          UINT64_C(0xF)
#define SP           UINT64_C(0x40000)
#define RT           UINT64_C(0x8000000000000000)
#define COUNT(array) (sizeof(array) / sizeof(*(array)))

/* EFI_MEMORY_TYPE (UEFI 2.10 section 7.2.1). */
enum {
    RESERVED,
    LOADER_CODE,
    LOADER_DATA,
    BS_CODE,
    BS_DATA,
    RT_CODE,
    RT_DATA,
    FREE,
    UNUSABLE,
    ACPI,
    NVS,
    MMIO,
    PORTS,
    PAL,
    PERSISTENT,
    UNACCEPTED,
};

/* Too large for the stack; each test runs in its own process. */
static struct map_case map;

/* The start of a descriptor or range is given in pages. */
static inline void add(uint32_t type, uint64_t page, uint64_t page_count, uint64_t attributes)
{
    map.stride = 56;
    map.descriptors[map.count++] =
        (struct firmware_descriptor){type, 0, page * PAGE_SIZE, 0, page_count, attributes};
}

static inline void place(uint32_t type, uint64_t page, uint64_t page_count)
{
    map.placed[map.placed_count++] = (struct placed){page * PAGE_SIZE, page_count, type};
}

/* base and size in pages. */
static inline void expect(const struct BootInfoRegion *wanted, uint64_t count)
{
    struct map_result result = map_case_convert(&map);
    ck_assert_uint_eq(result.count, count);
    for (uint64_t i = 0; i < count; i++) {
        ck_assert_uint_eq(result.regions[i].base, wanted[i].base * PAGE_SIZE);
        ck_assert_uint_eq(result.regions[i].size, wanted[i].size * PAGE_SIZE);
        ck_assert_uint_eq(result.regions[i].type, wanted[i].type);
        ck_assert_uint_eq(result.regions[i].reserved, 0);
        ck_assert_uint_eq(result.regions[i].efi_attributes, wanted[i].efi_attributes);
    }
    ck_assert_ptr_null(map_case_judge(&map, &result));
    free(result.regions);
}

#define EXPECT(...)                                           \
    do {                                                      \
        const struct BootInfoRegion wanted[] = {__VA_ARGS__}; \
        expect(wanted, COUNT(wanted));                        \
    } while (0)
#define REGION(base, size, type, attributes)              \
    {                                                     \
        base, size, BOOTINFO_MEMORY_##type, 0, attributes \
    }

#endif
