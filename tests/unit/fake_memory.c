/* The fake's memory: its pages and their types. */
#define _GNU_SOURCE
#include "fake_platform.h"

#include "boot/pages.h"

#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SANITIZED 1
#endif
#elif defined(__SANITIZE_ADDRESS__)
#define SANITIZED 1
#endif

#ifdef SANITIZED
#include <sanitizer/asan_interface.h>
#else
#define ASAN_POISON_MEMORY_REGION(address, size)   ((void)(address), (void)(size))
#define ASAN_UNPOISON_MEMORY_REGION(address, size) ((void)(address), (void)(size))
#endif

#define FRESH           0xA5 /* what memory holds that nobody has cleared */
#define ALLOCATIONS_MAX 1024

struct fake_pages {
    uint64_t base;
    uint64_t count;
};

static bool mapped;
static uint8_t types[FAKE_RAM_PAGES];
static uint8_t types_before[FAKE_RAM_PAGES];
static bool owned[FAKE_RAM_PAGES]; /* allocated through the seam */
static struct fake_pages allocations[ALLOCATIONS_MAX];
static uint32_t allocation_count;
static uint64_t pages_allocated;
static uint64_t key;

static bool in_ram(uint64_t base, uint64_t size)
{
    return base >= FAKE_RAM_BASE && base < FAKE_RAM_END && size <= FAKE_RAM_END - base;
}

static uint64_t page_of(uint64_t address)
{
    return (address - FAKE_RAM_BASE) / PAGE_SIZE;
}

static void poison(uint64_t base, uint64_t size)
{
    if (in_ram(base, size)) {
        ASAN_POISON_MEMORY_REGION((void *)base, size);
    }
}

/* Memory that was given back faults, for zlib as well, which is not built with sanitizers. */
static void protect(uint64_t base, uint64_t size, int rights)
{
    if (in_ram(base, size) && mprotect((void *)base, size, rights) != 0) {
        fake_violation("mprotect refuses 0x%llx", (unsigned long long)base);
    }
}

static void map_ram(void)
{
    void *wanted = (void *)FAKE_RAM_BASE;
    void *got = mmap(wanted, FAKE_RAM_SIZE, PROT_READ | PROT_WRITE,
                     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE, -1, 0);
    if (got != wanted) {
        fake_violation("no memory at 0x100000 on this system");
    }
    poison(FAKE_RAM_BASE, FAKE_RAM_SIZE);
    mapped = true;
}

void fake_memory_reset(void)
{
    if (!mapped) {
        map_ram();
    }
    for (uint32_t i = 0; i < allocation_count; i++) {
        poison(allocations[i].base, allocations[i].count * PAGE_SIZE);
    }
    allocation_count = 0;
    pages_allocated = 0;
    key = 1000;
    memset(types, EFI_FREE, sizeof(types));
    memset(owned, false, sizeof(owned));
    fake_add_descriptor(EFI_BOOT_DATA, 0, 1, FAKE_WRITE_BACK);
    fake_add_descriptor(EFI_FREE, PAGE_SIZE, 0x9F, FAKE_WRITE_BACK);
    fake_add_descriptor(EFI_ACPI_TABLES, FAKE_RAM_END, 0x100, FAKE_WRITE_BACK);
    fake_add_descriptor(EFI_ACPI_NVS, FAKE_RAM_END + MIB, 0x100, FAKE_WRITE_BACK);
    fake_add_descriptor(EFI_RUNTIME_DATA, FAKE_RAM_END + 2 * MIB, 0x100,
                        EFI_MEMORY_RUNTIME | FAKE_WRITE_BACK);
    fake_add_descriptor(EFI_MMIO, 0xFEC00000, 1, EFI_MEMORY_RUNTIME | 1);
    fake_add_descriptor(EFI_FREE, 4 * GIB, GIB / PAGE_SIZE, FAKE_WRITE_BACK);
}

void fake_memory_snapshot(void)
{
    memcpy(types_before, types, sizeof(types));
}

void fake_memory_check_returned(void)
{
    if (allocation_count > 0) {
        fake_violation("%u allocations were left behind, one at 0x%llx", allocation_count,
                       (unsigned long long)allocations[0].base);
    }
    for (uint64_t i = 0; i < FAKE_RAM_PAGES; i++) {
        if (types[i] != types_before[i]) {
            fake_violation("page 0x%llx is of another type than before",
                           (unsigned long long)(FAKE_RAM_BASE + i * PAGE_SIZE));
        }
    }
}

void fake_memory_lift_poison(uint64_t base, uint64_t size)
{
    protect(base, size, PROT_READ | PROT_WRITE);
    if (in_ram(base, size)) {
        ASAN_UNPOISON_MEMORY_REGION((void *)base, size);
    }
}

void fake_set_memory(uint64_t base, uint64_t size, int efi_type)
{
    memset(types + page_of(base), efi_type, size / PAGE_SIZE);
}

void fake_add_descriptor(uint32_t efi_type, uint64_t base, uint64_t page_count, uint64_t attributes)
{
    fake.descriptors[fake.descriptor_count++] = (struct firmware_descriptor){
        .type = efi_type,
        .physical_start = base,
        .page_count = page_count,
        .attributes = attributes,
    };
}

int fake_type_at(uint64_t address)
{
    return in_ram(address, 1) ? types[page_of(address)] : EFI_NOTHING;
}

bool fake_is_allocated(uint64_t base, uint64_t size)
{
    if (base >= FAKE_RAM_END) {
        return true;
    }
    if (!in_ram(base, size)) {
        return false;
    }
    for (uint64_t at = base; at < base + size; at += PAGE_SIZE - at % PAGE_SIZE) {
        if (!owned[page_of(at)]) {
            return false;
        }
    }
    return true;
}

uint64_t fake_pages_allocated(void)
{
    return pages_allocated;
}

void fake_key_changes(void)
{
    key += 3;
}

uint64_t fake_key(void)
{
    return key;
}

static bool is_free(uint64_t base, uint64_t page_count)
{
    if (base % PAGE_SIZE != 0 || page_count == 0 || page_count > FAKE_RAM_PAGES ||
        !in_ram(base, page_count * PAGE_SIZE)) {
        return false;
    }
    for (uint64_t i = 0; i < page_count; i++) {
        if (types[page_of(base) + i] != EFI_FREE) {
            return false;
        }
    }
    return true;
}

static void take(enum plat_use use, uint64_t base, uint64_t page_count)
{
    if (allocation_count == ALLOCATIONS_MAX) {
        fake_violation("more than %d allocations", ALLOCATIONS_MAX);
    }
    allocations[allocation_count++] = (struct fake_pages){.base = base, .count = page_count};
    pages_allocated += page_count;
    fake.peak_pages = pages_allocated > fake.peak_pages ? pages_allocated : fake.peak_pages;
    fake_key_changes();
    if (in_ram(base, page_count * PAGE_SIZE)) {
        fake_set_memory(base, page_count * PAGE_SIZE,
                        use == PLAT_CODE ? EFI_LOADER_CODE : EFI_LOADER_DATA);
        memset(owned + page_of(base), true, page_count);
        protect(base, page_count * PAGE_SIZE, PROT_READ | PROT_WRITE);
        ASAN_UNPOISON_MEMORY_REGION((void *)base, page_count * PAGE_SIZE);
        memset((void *)base, FRESH, page_count * PAGE_SIZE);
        for (uint64_t i = 0; fake.stale_page != NULL && i < page_count; i++) {
            memcpy((void *)(base + i * PAGE_SIZE), fake.stale_page, PAGE_SIZE);
        }
    }
}

/* Where page_count free pages are, from the top down as EDK2 looks for them; 0: nowhere. */
static uint64_t find_free(uint64_t page_count)
{
    uint64_t run = 0;
    for (uint64_t i = 0; i < FAKE_RAM_PAGES; i++) {
        uint64_t page = fake.bottom_up ? i : FAKE_RAM_PAGES - 1 - i;
        run = types[page] == EFI_FREE ? run + 1 : 0;
        if (run == page_count) {
            uint64_t first = fake.bottom_up ? page + 1 - page_count : page;
            return FAKE_RAM_BASE + first * PAGE_SIZE;
        }
    }
    return 0;
}

enum firmware plat_pages_allocate(enum plat_use use, uint64_t page_count, uint64_t last,
                                  uint64_t *out_address)
{
    enum firmware answer = fake_enter(FAKE_ALLOCATE, page_count);
    fake.allocate_last = last;
    fake.allocated_low += last != 0;
    if (answer != FIRMWARE_OK) {
        return answer;
    }
    if (fake.no_pools && page_count == POOL_PAGES) {
        return fake_answer(FIRMWARE_OUT_OF_RESOURCES);
    }
    if (fake.offer_count > 0) {
        *out_address = fake.offers[0];
        fake.offer_count--;
        memmove(fake.offers, fake.offers + 1, fake.offer_count * sizeof(fake.offers[0]));
    } else {
        uint64_t base = page_count == 0 || page_count > FAKE_RAM_PAGES ? 0 : find_free(page_count);
        if (base == 0) {
            return fake_answer(FIRMWARE_OUT_OF_RESOURCES);
        }
        *out_address = base;
    }
    take(use, *out_address, page_count);
    return FIRMWARE_OK;
}

enum firmware plat_pages_allocate_at(enum plat_use use, uint64_t page_count, uint64_t address)
{
    enum firmware answer = fake_enter(FAKE_ALLOCATE_AT, address);
    if (address % PAGE_SIZE != 0 || page_count == 0) {
        fake_violation("%llu pages at 0x%llx", (unsigned long long)page_count,
                       (unsigned long long)address);
    }
    if (answer == FIRMWARE_OK && !is_free(address, page_count)) {
        answer = FIRMWARE_NOT_FOUND;
    }
    if (answer == FIRMWARE_OK) {
        take(use, address, page_count);
    }
    return fake_answer(answer);
}

static struct fake_pages *find_allocation(uint64_t address, uint64_t page_count)
{
    for (uint32_t i = 0; i < allocation_count; i++) {
        if (allocations[i].base == address && allocations[i].count == page_count) {
            return &allocations[i];
        }
    }
    fake_violation("no %llu pages were allocated at 0x%llx", (unsigned long long)page_count,
                   (unsigned long long)address);
}

void plat_pages_free(uint64_t address, uint64_t page_count)
{
    (void)fake_enter(FAKE_FREE, address);
    struct fake_pages *pages = find_allocation(address, page_count);
    *pages = allocations[--allocation_count];
    pages_allocated -= page_count;
    if (in_ram(address, page_count * PAGE_SIZE)) {
        fake_set_memory(address, page_count * PAGE_SIZE, EFI_FREE);
        memset(owned + page_of(address), false, page_count);
        poison(address, page_count * PAGE_SIZE);
        protect(address, page_count * PAGE_SIZE, PROT_NONE);
    }
    fake_key_changes();
}
