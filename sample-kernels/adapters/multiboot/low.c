#include "low.h"

#include "bytes.h"
#include "e820.h"
#include "memory.h"
#include "room.h"

#include <stdbool.h>

#define LOW_END          UINT64_C(0xA0000)
#define PAGE             UINT64_C(4096)
#define ONE_MIB          UINT64_C(0x100000)
#define KIB              1024
#define LOWER_MOST       640
#define RSDP_SIZE        36
#define EBDA_RSDP        16 /* offset in it: RSDPs lie at multiples of 16 */
#define EFI_CONVENTIONAL 7

/* Whether the firmware's own map has the address in memory that is free after its exit. The loader
 * calls page 0 RESERVED whatever it is. */
static bool is_firmware_free(const struct BootInfo *info, uint64_t address)
{
    const uint8_t *map = bytes_of(info->efi_memory_map);
    uint64_t stride = info->efi_descriptor_size;
    for (uint64_t at = 0; stride >= 40 && at + stride <= info->efi_memory_map.size; at += stride) {
        uint64_t type = field(map, at, 4);
        uint64_t base = field(map, at + 8, 8);
        if (address - base < field(map, at + 24, 8) * PAGE) {
            return (type >= 1 && type <= 4) || type == EFI_CONVENTIONAL;
        }
    }
    return false;
}

struct low_memory low_memory_of(const struct BootInfo *info, uint64_t first, uint64_t last)
{
    struct low_memory low = {0};
    uint64_t obstacle = 0;
    uint64_t ebda_page = EBDA / PAGE * PAGE;
    low.page_0 = first >= PAGE && is_firmware_free(info, 0);
    bool free =
        room_is_free(info, ROOM_IN(BOOTINFO_MEMORY_USABLE), ebda_page, LOW_END - 1, &obstacle) != 0;
    low.ebda = free && (first >= LOW_END || last < ebda_page) && info->acpi_rsdp != 0;
    return low;
}

static uint32_t type_of(const struct BootInfoRegion *region, struct low_memory low)
{
    uint32_t type = e820_type(region->type);
    bool page_0 = region->base == 0 && region->size == PAGE;
    if (page_0 && low.page_0 && region->type == BOOTINFO_MEMORY_RESERVED) {
        return E820_RAM;
    }
    return type <= E820_UNUSABLE ? type : E820_RESERVED;
}

uint32_t ranges_fill(const struct BootInfo *info, struct low_memory low, struct range *ranges)
{
    uint32_t count = 0;
    struct range last = {0, 0, 0};
    for (uint32_t i = 0; i < info->memory_map.count; i++) {
        const struct BootInfoRegion *region = bootinfo_region(info, i);
        struct range range = {region->base, region->base + region->size, type_of(region, low)};
        if (low.ebda && range.base < EBDA && range.end == LOW_END) {
            range.end = EBDA; /* in no range, as on a PC */
        }
        bool joins = count > 0 && last.end == range.base && last.type == range.type;
        last = joins ? (struct range){last.base, range.end, range.type} : range;
        count += joins ? 0 : 1;
        if (count <= RANGES_MAX) {
            ranges[count - 1] = last;
        }
    }
    return count;
}

void ranges_sizes(const struct range *ranges, uint32_t count, uint32_t *out_lower,
                  uint32_t *out_upper)
{
    *out_lower = 0;
    *out_upper = 0;
    for (uint32_t i = 0; i < count; i++) {
        const struct range *range = &ranges[i];
        if (range->type == E820_RAM && range->base == 0) {
            uint64_t size = range->end / KIB;
            *out_lower = (uint32_t)(size < LOWER_MOST ? size : LOWER_MOST);
        }
        if (range->type == E820_RAM && range->base <= ONE_MIB && range->end > ONE_MIB) {
            uint64_t size = (range->end - ONE_MIB) / KIB;
            *out_upper = (uint32_t)(size < UINT32_MAX ? size : UINT32_MAX);
        }
    }
}

void ebda_make(const struct BootInfo *info)
{
    uint8_t *ebda = (uint8_t *)EBDA;
    memset(ebda, 0, EBDA_SIZE);
    ebda[0] = EBDA_SIZE / KIB;
    memcpy(ebda + EBDA_RSDP, (const void *)(uintptr_t)info->acpi_rsdp, RSDP_SIZE);
}
