#include "limine.h"

#include <stdbool.h>

#define PAGE     UINT64_C(4096)
#define FOUR_GIB UINT64_C(0x100000000)
#define GIB      UINT64_C(0x40000000)

/* Up to revision 2 the low 4 GiB are there whatever the map says. */
static bool is_mapped(const struct BootInfoRegion *region)
{
    switch (region->type) {
    case BOOTINFO_MEMORY_RESERVED:
    case BOOTINFO_MEMORY_MMIO:
    case BOOTINFO_MEMORY_MMIO_PORT:
    case BOOTINFO_MEMORY_UNUSABLE:
    case BOOTINFO_MEMORY_UNACCEPTED:
        return false;
    default:
        return region->type < BOOTINFO_MEMORY_TYPE_COUNT;
    }
}

static void map_memory(struct limine *limine, uint64_t offset, uint64_t rights)
{
    const struct BootInfo *info = limine->info;
    bool low_4 = limine->wishes.revision < 3;
    if (low_4) {
        uint64_t first = offset == 0 ? PAGE : 0; /* NULL is never mapped */
        paging_map(&limine->paging, offset + first, first, FOUR_GIB - first, rights);
    }
    for (uint32_t i = 0; i < info->memory_map.count; i++) {
        const struct BootInfoRegion *region = bootinfo_region(info, i);
        uint64_t end = region->base + region->size;
        uint64_t base = low_4 && region->base < FOUR_GIB ? FOUR_GIB : region->base;
        if (is_mapped(region) && base < end) {
            paging_map(&limine->paging, offset + base, base, end - base, rights);
        }
    }
}

static void map_image(struct limine *limine, uint64_t no_execute)
{
    const struct limine_image *image = &limine->image;
    uint64_t slide = image->virtual_address - image->linked;
    for (uint32_t i = 0; i < image->elf.segment_count; i++) {
        const struct elf_segment *segment = &image->elf.segments[i];
        uint64_t first = segment->virtual_address & ~(PAGE - 1);
        uint64_t end = segment->virtual_address + segment->memory_size + PAGE - 1;
        uint64_t rights = (segment->flags & ELF_WRITE) != 0 ? PAGING_WRITE : 0;
        rights |= (segment->flags & ELF_EXECUTE) != 0 ? 0 : no_execute;
        paging_map(&limine->paging, first + slide,
                   (uintptr_t)image->bytes + (first - image->linked), (end & ~(PAGE - 1)) - first,
                   rights);
    }
}

void tables_make(struct limine *limine, void *pool, uint64_t size)
{
    const struct BootInfo *info = limine->info;
    uint64_t no_execute = (info->flags & BOOTINFO_FLAG_NX) != 0 ? PAGING_NO_EXECUTE : 0;
    paging_begin(&limine->paging, pool, size);
    map_memory(limine, HHDM, PAGING_WRITE | no_execute);
    paging_map_screens(&limine->paging, info, HHDM);
    if (limine->wishes.revision == 0) {
        map_memory(limine, 0, PAGING_WRITE);
    }
    paging_map(&limine->paging, limine->low, limine->low, LOW_PAGES * PAGE, PAGING_WRITE);
    map_image(limine, no_execute);
}

/* A table for each GiB, twice, for each end of a region, and some for the image. */
uint64_t tables_size(const struct limine *limine)
{
    const struct BootInfo *info = limine->info;
    uint64_t tables = 64 + limine->image.size / PAGING_LARGE + 2 * (FOUR_GIB / GIB);
    for (uint32_t i = 0; i < info->memory_map.count; i++) {
        tables += 8 + 2 * (bootinfo_region(info, i)->size / GIB);
    }
    for (uint32_t i = 0; i < info->framebuffers.count; i++) {
        tables += 8 + bootinfo_framebuffer(info, i)->size / GIB;
    }
    return tables * PAGE;
}
