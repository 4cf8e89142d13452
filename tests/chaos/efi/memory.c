/* AllocatePages and FreePages. What the loader gets holds no zeros, what it gives back is
 * destroyed, and every range is written down. */
#include "chaos.h"

#include <string.h>

enum { PAGE = 4096, RANGES_MAX = 256, CROWD_MAX = 512, MAP_SIZE = 64 * 1024 };

struct range {
    uint64_t address;
    uint64_t page_count;
    unsigned access;
    bool imagined; /* the firmware knows nothing of it */
};

static struct range ranges[RANGES_MAX];
static uint64_t range_count;
static struct range crowd[CROWD_MAX];
static uint64_t crowd_count;

static void note(EFI_MEMORY_TYPE type, uint64_t address, uint64_t page_count, bool imagined)
{
    if (range_count == RANGES_MAX) {
        report("too many ranges\n");
        leave(false);
    }
    struct range range = {address, page_count, access_of(type), imagined};
    if (!imagined) {
        memset((void *)address, 0xA5, page_count * PAGE);
        access_set(address, page_count, range.access);
    }
    ranges[range_count++] = range;
}

/* The first free place from place_base on. */
static EFI_STATUS allocate_in_place(EFI_MEMORY_TYPE type, UINTN page_count,
                                    EFI_PHYSICAL_ADDRESS *address)
{
    uint64_t end = run.plan->place_end;
    for (uint64_t at = run.plan->place_base; at < end && end - at >= page_count * PAGE;
         at += PAGE) {
        EFI_PHYSICAL_ADDRESS wanted = at;
        if (!EFI_ERROR(firmware.AllocatePages(AllocateAddress, type, page_count, &wanted))) {
            *address = wanted;
            return EFI_SUCCESS;
        }
    }
    return EFI_NOT_FOUND;
}

static EFI_STATUS EFIAPI allocate_pages(EFI_ALLOCATE_TYPE how, EFI_MEMORY_TYPE type,
                                        UINTN page_count, EFI_PHYSICAL_ADDRESS *address)
{
    EFI_STATUS status = gate(CHAOS_ALLOCATE_PAGES, CALLER);
    if (EFI_ERROR(status)) {
        return status;
    }
    if (!from_loader(CALLER)) {
        return firmware.AllocatePages(how, type, page_count, address);
    }
    if (type != EfiLoaderCode && type != EfiLoaderData) {
        broken("memory of a type that is not the loader's");
    }
    bool page_0 = (run.plan->flags & CHAOS_PAGE_0) != 0 && range_count == 0;
    if (how == AllocateAnyPages && page_0) {
        *address = 0;
        note(type, 0, page_count, true);
        return EFI_SUCCESS;
    }
    status = how == AllocateAnyPages ? allocate_in_place(type, page_count, address) : EFI_NOT_FOUND;
    if (EFI_ERROR(status)) {
        status = firmware.AllocatePages(how, type, page_count, address);
    }
    if (!EFI_ERROR(status)) {
        note(type, *address, page_count, false);
    }
    return status;
}

/* Edk2 faults on pages that were left read-only (edk2 #11074). */
static void check_access(const struct range *range)
{
    for (uint64_t i = 0; i < range->page_count; i++) {
        if (access_get(range->address + i * PAGE) != range->access) {
            broken("pages were freed with other attributes than they came with");
            return;
        }
    }
}

static EFI_STATUS give_back(const struct range *range)
{
    if (range->imagined) {
        return EFI_SUCCESS;
    }
    access_set(range->address, range->page_count, 0);
    memset((void *)range->address, 0x5A, range->page_count * PAGE);
    return firmware.FreePages(range->address, range->page_count);
}

static EFI_STATUS EFIAPI free_pages(EFI_PHYSICAL_ADDRESS address, UINTN page_count)
{
    (void)gate(CHAOS_FREE_PAGES, CALLER);
    if (!from_loader(CALLER)) {
        return firmware.FreePages(address, page_count);
    }
    for (uint64_t i = 0; i < range_count; i++) {
        if (ranges[i].address == address && ranges[i].page_count == page_count) {
            struct range range = ranges[i];
            ranges[i] = ranges[--range_count];
            check_access(&range);
            return give_back(&range);
        }
    }
    broken("pages were freed that the loader does not have");
    return EFI_NOT_FOUND;
}

void memory_patch(EFI_BOOT_SERVICES *services)
{
    services->AllocatePages = allocate_pages;
    services->FreePages = free_pages;
}

void memory_restore(void)
{
    if (range_count > 0) {
        broken("pages were not given back");
    }
    while (range_count > 0) {
        give_back(&ranges[--range_count]);
    }
}

static void take(uint64_t base, uint64_t end)
{
    EFI_PHYSICAL_ADDRESS address = base;
    if (base >= end || crowd_count == CROWD_MAX) {
        return;
    }
    uint64_t page_count = (end - base) / PAGE;
    EFI_STATUS status =
        firmware.AllocatePages(AllocateAddress, EfiBootServicesData, page_count, &address);
    if (!EFI_ERROR(status)) {
        crowd[crowd_count++] = (struct range){.address = address, .page_count = page_count};
    }
}

void memory_crowd(uint64_t base, uint64_t size)
{
    static uint8_t map[MAP_SIZE];
    UINTN map_size = sizeof(map);
    UINTN key;
    UINTN stride;
    UINT32 version;
    if (EFI_ERROR(firmware.GetMemoryMap(&map_size, (EFI_MEMORY_DESCRIPTOR *)(void *)map, &key,
                                        &stride, &version))) {
        report("cannot take the memory map\n");
        leave(false);
    }
    for (UINTN at = 0; at < map_size; at += stride) {
        const EFI_MEMORY_DESCRIPTOR *descriptor = (const void *)(map + at);
        uint64_t start = descriptor->PhysicalStart;
        uint64_t end = start + descriptor->NumberOfPages * PAGE;
        if (descriptor->Type == EfiConventionalMemory) {
            take(start, end < base ? end : base);
            take(start > base + size ? start : base + size, end);
        }
    }
}

void memory_uncrowd(void)
{
    while (crowd_count > 0) {
        crowd_count--;
        firmware.FreePages(crowd[crowd_count].address, crowd[crowd_count].page_count);
    }
}
