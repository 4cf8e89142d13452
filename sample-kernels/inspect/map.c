/* The memory map, held against the firmware's own: docs/abi.md, "The memory map". */
#include "firmware_map.h"
#include "judge.h"

#define LOW_MEMORY_END   UINT64_C(0x100000)
#define EFI_CONVENTIONAL 7

const struct BootInfoRegion *region_at(const struct BootInfo *info, uint64_t address)
{
    for (uint32_t i = 0; i < info->memory_map.count; i++) {
        const struct BootInfoRegion *region = bootinfo_region(info, i);
        if (lies_within(address, 1, region->base, region->size)) {
            return region;
        }
    }
    return NULL;
}

struct finding lies_in_region(const struct BootInfo *info, uint64_t base, uint64_t size,
                              uint32_t type)
{
    const struct BootInfoRegion *region = region_at(info, base);
    if (region == NULL || region->type != type) {
        return broken(base, region == NULL ? NOWHERE : region->type, type);
    }
    bool inside = lies_within(base, size, region->base, region->size);
    return inside ? as_promised() : broken(base, size, region->base + region->size - base);
}

static struct finding order(const struct evidence *evidence)
{
    uint64_t end = 0;
    for (uint32_t i = 0; i < evidence->info->memory_map.count; i++) {
        const struct BootInfoRegion *region = bootinfo_region(evidence->info, i);
        if (region->base < end || region->base + (region->size - 1) < region->base) {
            return broken(i, region->base, end);
        }
        end = region->base + region->size;
    }
    return as_promised();
}

static struct finding pages(const struct evidence *evidence)
{
    for (uint32_t i = 0; i < evidence->info->memory_map.count; i++) {
        const struct BootInfoRegion *region = bootinfo_region(evidence->info, i);
        if (region->size == 0 || ((region->base | region->size) & (PAGE_SIZE - 1)) != 0) {
            return broken(region->base, region->size, PAGE_SIZE);
        }
    }
    return expect_true(evidence->info->memory_map.count > 0);
}

static struct finding merged(const struct evidence *evidence)
{
    for (uint32_t i = 1; i < evidence->info->memory_map.count; i++) {
        const struct BootInfoRegion *left = bootinfo_region(evidence->info, i - 1);
        const struct BootInfoRegion *right = bootinfo_region(evidence->info, i);
        if (left->base + left->size == right->base && left->type == right->type &&
            left->efi_attributes == right->efi_attributes) {
            return broken(right->base, right->type, left->type);
        }
    }
    return as_promised();
}

static struct finding known_types(const struct evidence *evidence)
{
    for (uint32_t i = 0; i < evidence->info->memory_map.count; i++) {
        const struct BootInfoRegion *region = bootinfo_region(evidence->info, i);
        if (region->type >= BOOTINFO_MEMORY_TYPE_COUNT) {
            return broken(region->base, region->type, BOOTINFO_MEMORY_TYPE_COUNT - 1);
        }
    }
    return as_promised();
}

/* Types of what the loader itself has placed. */
static bool is_placed(uint32_t type)
{
    return type >= BOOTINFO_MEMORY_LOADER && type <= BOOTINFO_MEMORY_MODULE;
}

static struct finding complete(const struct evidence *evidence)
{
    for (uint64_t i = 0; i < descriptor_count(evidence->info); i++) {
        struct extent extent = descriptor_extent(descriptor_at(evidence->info, i));
        while (extent.base < extent.end) {
            const struct BootInfoRegion *region = region_at(evidence->info, extent.base);
            if (region == NULL) {
                return broken(extent.base, 0, 1);
            }
            extent.base = region->base + region->size;
        }
    }
    return as_promised();
}

/* Looks at a piece of a region in which the firmware's map has one and the same view. */
typedef struct finding piece_check(const struct BootInfoRegion *region,
                                   const struct firmware_view *view, uint64_t address);

static struct finding each_piece(const struct evidence *evidence, piece_check *check)
{
    for (uint32_t i = 0; i < evidence->info->memory_map.count; i++) {
        const struct BootInfoRegion *region = bootinfo_region(evidence->info, i);
        uint64_t end = region->base + region->size;
        struct firmware_view view;
        for (uint64_t address = region->base; address < end; address = view.end) {
            view = firmware_view(evidence->info, address);
            struct finding finding = check(region, &view, address);
            if (finding.broken) {
                return finding;
            }
        }
    }
    return as_promised();
}

static struct finding check_cover(const struct BootInfoRegion *region,
                                  const struct firmware_view *view, uint64_t address)
{
    return view->covered ? as_promised() : broken(address, region->type, NOWHERE);
}

static struct finding nothing_else(const struct evidence *evidence)
{
    return each_piece(evidence, check_cover);
}

static struct finding check_type(const struct BootInfoRegion *region,
                                 const struct firmware_view *view, uint64_t address)
{
    uint32_t expected = view->type;
    if (address == 0 && becomes_free(expected)) {
        expected = BOOTINFO_MEMORY_RESERVED;
    }
    return is_placed(region->type) || region->type == expected
               ? as_promised()
               : broken(address, region->type, expected);
}

static struct finding types(const struct evidence *evidence)
{
    return each_piece(evidence, check_type);
}

static struct finding check_placed(const struct BootInfoRegion *region,
                                   const struct firmware_view *view, uint64_t address)
{
    return !is_placed(region->type) || becomes_free(view->type)
               ? as_promised()
               : broken(address, view->type, BOOTINFO_MEMORY_USABLE);
}

static struct finding placed(const struct evidence *evidence)
{
    return each_piece(evidence, check_placed);
}

/* Of USABLE memory the loader may have used a part and let go of it, which leaves the AND of what
 * that part covers. */
static struct finding check_attributes(const struct BootInfoRegion *region,
                                       const struct firmware_view *view, uint64_t address)
{
    bool right = region->efi_attributes == view->attributes;
    if (region->type == BOOTINFO_MEMORY_USABLE) {
        right = (region->efi_attributes & ~view->attributes) == 0 &&
                is_write_back(region->efi_attributes);
    }
    return right || is_placed(region->type)
               ? as_promised()
               : broken(address, region->efi_attributes, view->attributes);
}

static struct finding attributes(const struct evidence *evidence)
{
    return each_piece(evidence, check_attributes);
}

static struct finding placed_attributes(const struct evidence *evidence)
{
    for (uint32_t i = 0; i < evidence->info->memory_map.count; i++) {
        const struct BootInfoRegion *region = bootinfo_region(evidence->info, i);
        uint64_t end = region->base + region->size;
        uint64_t all = UINT64_MAX;
        struct firmware_view view;
        for (uint64_t address = region->base; address < end; address = view.end) {
            view = firmware_view(evidence->info, address);
            all &= view.all_attributes;
        }
        if (is_placed(region->type) && region->efi_attributes != all) {
            return broken(region->base, region->efi_attributes, all);
        }
    }
    return as_promised();
}

static struct finding page_0(const struct evidence *evidence)
{
    const struct BootInfoRegion *region = region_at(evidence->info, 0);
    bool takeable = region != NULL && becomes_free(region->type);
    return takeable ? broken(0, region->type, BOOTINFO_MEMORY_RESERVED) : as_promised();
}

static bool offers_low_page(const struct BootInfo *info)
{
    for (uint64_t i = 0; i < descriptor_count(info); i++) {
        const struct firmware_descriptor *descriptor = descriptor_at(info, i);
        struct extent extent = descriptor_extent(descriptor);
        uint64_t first = extent.base > PAGE_SIZE ? extent.base : PAGE_SIZE;
        if (descriptor->type == EFI_CONVENTIONAL && first < LOW_MEMORY_END && first < extent.end &&
            firmware_view(info, first).type == BOOTINFO_MEMORY_USABLE) {
            return true;
        }
    }
    return false;
}

static struct finding low_page(const struct evidence *evidence)
{
    if (!offers_low_page(evidence->info)) {
        return skipped("the firmware offers none");
    }
    for (uint32_t i = 0; i < evidence->info->memory_map.count; i++) {
        const struct BootInfoRegion *region = bootinfo_region(evidence->info, i);
        if (region->type == BOOTINFO_MEMORY_USABLE && region->base < LOW_MEMORY_END) {
            return as_promised();
        }
    }
    return broken(LOW_MEMORY_END, 0, 1);
}

const struct promise map_promises[] = {
    {"regions are sorted and disjoint", order},
    {"regions are whole pages, none empty", pages},
    {"neighbours alike are merged", merged},
    {"all types are known", known_types},
    {"the map covers all that the firmware's map covers", complete},
    {"the map covers nothing else", nothing_else},
    {"types follow from the firmware's map", types},
    {"attributes follow from the firmware's map", attributes},
    {"what the loader placed lies in memory that was free for it", placed},
    {"what the loader placed has the attributes common to all it covers", placed_attributes},
    {"page 0 is not to be taken", page_0},
    {"a usable page is left below 1 MiB", low_page},
    {NULL, NULL},
};
