/* Two people read docs/abi.md: one wrote the loader's memory map and page tables, the other one
 * inspect's checks. Here they meet, over firmware maps that nobody would draw by hand. */
#include "../../sample-kernels/inspect/judge.h"
#include "../suite.h"
#include "arch/x86_64/paging.h"

#include <stdalign.h>
#include <stdlib.h>

#define MAPS            400
#define DESCRIPTORS_MAX 40
#define PLACED_MAX      6
#define STRIDE          UINT64_C(48) /* bytes */
#define TABLE_PAGES     4096
#define CR4_LA57        0x1000

#define PLAIN          UINT64_C(0xF)
#define GIB            (UINT64_C(1) << 30)
#define PAGES_MAX      UINT64_C(4096)     /* of a descriptor */
#define LOW_MEMORY_END UINT64_C(0x100000) /* a page below is left to the kernel */

static alignas(4096) uint8_t tables[TABLE_PAGES * PAGE_SIZE];
static uint8_t descriptors[DESCRIPTORS_MAX * STRIDE];
static struct BootInfoRegion regions[2 * (DESCRIPTORS_MAX + PLACED_MAX)];
static uint8_t scratch[64 * 1024];

static struct BootInfo info;
static struct machine machine;
static const struct evidence evidence = {&info, &machine, NULL};
static struct placed placed[PLACED_MAX];
static uint32_t placed_count;

static uint64_t seed;

/* Below limit. xorshift64*, Marsaglia 2003, Vigna 2016. */
static uint64_t any(uint64_t limit)
{
    seed ^= seed >> 12;
    seed ^= seed << 25;
    seed ^= seed >> 27;
    return seed * UINT64_C(0x2545F4914F6CDD1D) % limit;
}

static struct firmware_descriptor *descriptor_of(uint32_t i)
{
    return (struct firmware_descriptor *)(void *)&descriptors[i * STRIDE];
}

static struct firmware_descriptor any_descriptor(void)
{
    static const uint64_t extras[] = {0, 0, 0, 0, 0, 0x4000, 0x40000, UINT64_C(1) << 63};
    uint64_t low = any(4) == 0 ? 0x40 : UINT64_C(1) << (13 + any(12)); /* pages */
    uint64_t attributes = any(12) == 0 ? 1 : PLAIN;
    return (struct firmware_descriptor){
        .type = (uint32_t)any(18),
        .physical_start = any(low) * PAGE_SIZE + (any(20) == 0 ? 0x800 : 0),
        .page_count = any(15) == 0 ? 0 : 1 + any(any(2) == 0 ? 16 : PAGES_MAX),
        .attributes = attributes | extras[any(COUNT(extras))],
    };
}

static bool overlaps(uint64_t base, uint64_t pages, const struct firmware_descriptor *other)
{
    uint64_t end = other->physical_start + (other->page_count + 1) * PAGE_SIZE;
    return base < end && other->physical_start < base + pages * PAGE_SIZE;
}

/* The loader places a range of its own in a descriptor that it has to itself. */
static void place_in(uint32_t chosen, uint32_t count)
{
    const struct firmware_descriptor *in = descriptor_of(chosen);
    uint32_t type = memory_map_type(in->type, in->attributes);
    bool good = type == BOOTINFO_MEMORY_USABLE || type == BOOTINFO_MEMORY_BOOT_SERVICES;
    good = good && in->page_count > 0 && in->physical_start % PAGE_SIZE == 0;
    for (uint32_t i = 0; good && i < count; i++) {
        good = i == chosen || !overlaps(in->physical_start, in->page_count, descriptor_of(i));
    }
    for (uint32_t i = 0; good && i < placed_count; i++) {
        good = placed[i].base - in->physical_start >= in->page_count * PAGE_SIZE;
    }
    if (!good || in->physical_start < LOW_MEMORY_END || placed_count == PLACED_MAX) {
        return;
    }
    uint64_t skipped_pages = any(in->page_count);
    placed[placed_count++] = (struct placed){
        .base = in->physical_start + skipped_pages * PAGE_SIZE,
        .page_count = 1 + any(in->page_count - skipped_pages),
        .type = (uint32_t)(BOOTINFO_MEMORY_LOADER + any(5)),
    };
}

/* A firmware's map, and what memory_map_convert makes of it, as BootInfo would have both. */
static void make_map(void)
{
    uint32_t count = (uint32_t)(2 + any(DESCRIPTORS_MAX - 2));
    for (uint32_t i = 0; i < count; i++) {
        *descriptor_of(i) = any_descriptor();
    }
    *descriptor_of(0) = (struct firmware_descriptor){2, 0,           (uintptr_t)tables,
                                                     0, TABLE_PAGES, PLAIN}; /* EfiLoaderData */
    if (any(2) == 0) { /* enough for pages of 1 GiB */
        *descriptor_of(1) = (struct firmware_descriptor){7, 0, GIB, 0, 5 * GIB / PAGE_SIZE, PLAIN};
    }
    placed[0] = (struct placed){(uintptr_t)tables, TABLE_PAGES, BOOTINFO_MEMORY_LOADER};
    placed_count = 1;
    for (uint32_t i = 1; i < count; i++) {
        place_in(i, count);
    }
    struct firmware_map map = {descriptors, count * STRIDE, STRIDE};
    ck_assert_uint_le(memory_map_scratch_size(count, placed_count), sizeof(scratch));
    ck_assert_uint_le(memory_map_regions_max(count, placed_count), COUNT(regions));
    uint64_t region_count = memory_map_convert(map, placed, placed_count, regions, scratch);
    info = (struct BootInfo){
        .memory_map = {(uintptr_t)regions, (uint32_t)region_count, sizeof(regions[0])},
        .efi_memory_map = {(uintptr_t)descriptors, map.size},
        .efi_descriptor_size = STRIDE,
    };
}

static void make_tables(void)
{
    struct paging_request request = {
        .regions = regions,
        .region_count = info.memory_map.count,
        .guard = PAGE_SIZE * (1 + any(0xFFFFF)),
        .five_levels = any(3) == 0,
        .gigabyte_pages = any(2) == 0,
    };
    struct arch_pool pool = {.pages = tables, .page_count = TABLE_PAGES};
    machine.cr3 = paging_build(&request, &pool);
    machine.cr4 = request.five_levels ? CR4_LA57 : 0;
    info.stack.address = request.guard + PAGE_SIZE;
    ck_assert_uint_ne(machine.cr3, 0);
}

static void judge(const struct promise *promises, uint64_t map)
{
    for (; promises->text != NULL; promises++) {
        struct finding finding = promises->check(&evidence);
        ck_assert_msg(!finding.broken, "map %u: %s: at %#lx found %#lx, expected %#lx",
                      (unsigned)map, promises->text, (unsigned long)finding.at,
                      (unsigned long)finding.found, (unsigned long)finding.expected);
    }
}

START_TEST(the_judge_finds_the_loaders_maps_and_tables_right)
{
    for (uint64_t map = 1; map <= MAPS; map++) {
        seed = map * UINT64_C(0x9E3779B97F4A7C15);
        make_map();
        judge(map_promises, map);
        make_tables();
        judge(paging_promises, map);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("abi agreement");
    TCase *tcase = tcase_create("agreement");
    tcase_set_timeout(tcase, 120);
    tcase_add_test(tcase, the_judge_finds_the_loaders_maps_and_tables_right);
    suite_add_tcase(suite, tcase);
    return suite_main(suite, "abi agreement");
}
