/* A kernel that was written for stivale2: it keeps its entry function, which gets the tags that it
 * reads. kernel_main fills them from BootInfo. Add the tags that your kernel looks for. */
#include "bootinfo.h"
#include "kernel.h"

enum { ENTRIES_MAX = 512, USABLE = 1, RESERVED = 2, RECLAIMABLE = 0x1000, KERNEL = 0x1001 };

#define TAG_MEMORY_MAP UINT64_C(0x2187F79E8612DE07)

struct stivale2_tag {
    uint64_t id, next;
};

struct stivale2_struct {
    char brand[64], version[64];
    uint64_t tags;
};

struct stivale2_entry {
    uint64_t base, length;
    uint32_t type, unused;
};

struct stivale2_memory_map {
    struct stivale2_tag tag;
    uint64_t count;
    struct stivale2_entry entries[ENTRIES_MAX];
};

_Static_assert(BOOTINFO_OFFSETOF(struct stivale2_struct, tags) == 128, "as in stivale2.h");
_Static_assert(BOOTINFO_OFFSETOF(struct stivale2_memory_map, entries) == 24, "as in stivale2.h");
_Static_assert(sizeof(struct stivale2_entry) == 24, "as in stivale2.h");

/* The kernel as it was. */
static void from_stivale2(const struct stivale2_struct *stivale2)
{
    struct facts facts = {"stivale2", stivale2->brand, 0};
    const struct stivale2_memory_map *map;
    for (uint64_t tag = stivale2->tags; tag != 0; tag = map->tag.next) {
        map = (const struct stivale2_memory_map *)tag;
        for (uint64_t i = 0; map->tag.id == TAG_MEMORY_MAP && i < map->count; i++) {
            facts.usable += map->entries[i].type == USABLE ? map->entries[i].length : 0;
        }
    }
    kernel(&facts);
}

/* By the types of BootInfo. All others are reserved. */
static const uint32_t types[] = {
    [BOOTINFO_MEMORY_USABLE] = USABLE,      [BOOTINFO_MEMORY_BOOT_SERVICES] = USABLE,
    [BOOTINFO_MEMORY_LOADER] = RECLAIMABLE, [BOOTINFO_MEMORY_INFO] = RECLAIMABLE,
    [BOOTINFO_MEMORY_STACK] = RECLAIMABLE,  [BOOTINFO_MEMORY_KERNEL] = KERNEL,
    [BOOTINFO_MEMORY_MODULE] = KERNEL,      [BOOTINFO_MEMORY_ACPI_RECLAIMABLE] = 3,
    [BOOTINFO_MEMORY_ACPI_NVS] = 4,         [BOOTINFO_MEMORY_UNUSABLE] = 5,
};

static uint32_t type_of(uint32_t type)
{
    uint32_t known = type < sizeof(types) / sizeof(types[0]) ? types[type] : 0;
    return known != 0 ? known : RESERVED;
}

BOOTINFO_KERNEL_HEADER(kernel_main, 0x4000);

void kernel_main(const struct BootInfo *info, uint64_t magic)
{
    static struct stivale2_memory_map map = {.tag = {TAG_MEMORY_MAP, 0}};
    static struct stivale2_struct stivale2 = {.brand = "Baton"};
    const struct BootInfoRegion *region;
    if (magic == BOOTINFO_MAGIC && bootinfo_valid(info)) {
        for (;
             map.count < ENTRIES_MAX && (region = bootinfo_region(info, (uint32_t)map.count)) != 0;
             map.count++) {
            map.entries[map.count] =
                (struct stivale2_entry){region->base, region->size, type_of(region->type), 0};
        }
        stivale2.tags = (uint64_t)&map;
        from_stivale2(&stivale2);
    }
}
