/* The headers beside bootinfo.h that kernels may use: room.h, paging.h, and the part of smp.h that
 * does not touch the machine. */
#include "paging.h"
#include "room.h"
#include "smp.h"

#include "../suite.h"

#include <stdalign.h>
#include <string.h>

#define REGIONS_MAX 8
#define POOL_PAGES  16
#define GIB         UINT64_C(0x40000000)
#define HIGH        UINT64_C(0xFFFF800000000000)

static struct BootInfoRegion regions[REGIONS_MAX];
static struct BootInfo info;
static alignas(4096) uint8_t pool[POOL_PAGES * 4096];

static void begin(void)
{
    memset(&info, 0, sizeof(info));
    info.size = sizeof(info);
    info.memory_map = (struct BootInfoArray){(uintptr_t)regions, 0, sizeof(regions[0])};
}

static void add_region(uint64_t base, uint64_t size, uint32_t type)
{
    regions[info.memory_map.count++] = (struct BootInfoRegion){base, size, type, 0, 0xF};
}

static void make_map(void)
{
    begin();
    add_region(0, 0x1000, BOOTINFO_MEMORY_RESERVED);
    add_region(0x1000, 0x9F000, BOOTINFO_MEMORY_USABLE);
    add_region(0x100000, 0x700000, BOOTINFO_MEMORY_USABLE);
    add_region(0x800000, 0x100000, BOOTINFO_MEMORY_BOOT_SERVICES);
    add_region(0x900000, 0x100000, BOOTINFO_MEMORY_USABLE);
    add_region(0xC00000, 0x100000, BOOTINFO_MEMORY_ACPI_NVS);
    add_region(UINT64_MAX - 0xFFFFF, 0x100000, BOOTINFO_MEMORY_USABLE); /* ends at 2^64 */
}

static uint64_t find(struct room room)
{
    return room_find(&info, &room);
}

START_TEST(room_is_the_lowest_or_the_highest_that_fits)
{
    make_map();
    ck_assert_uint_eq(find((struct room){1, 1, 0, UINT64_MAX, 0, 0, NULL, 0}), 0x1000);
    ck_assert_uint_eq(find((struct room){1, 0x1000, 0x1001, UINT64_MAX, 0, 0, NULL, 0}), 0x2000);
    ck_assert_uint_eq(find((struct room){0x9F000, 1, 0, UINT64_MAX, 0, 0, NULL, 0}), 0x1000);
    ck_assert_uint_eq(find((struct room){0x9F001, 1, 0, UINT64_MAX, 0, 0, NULL, 0}), 0x100000);
    ck_assert_uint_eq(find((struct room){0x700001, 1, 0, UINT64_MAX, 0, 0, NULL, 0}), 0);
    ck_assert_uint_eq(find((struct room){0x1000, 0x200000, 0x100001, 0x7FFFFF, 0, 0, NULL, 0}),
                      0x200000);
    ck_assert_uint_eq(find((struct room){0x1000, 0x200000, 1, 0x9FFFFF, 0, 1, NULL, 0}), 0x600000);
    ck_assert_uint_eq(find((struct room){0x1000, 0x1000, 1, 0x9FFFFF, 0, 1, NULL, 0}), 0x9FF000);
    ck_assert_uint_eq(find((struct room){0x1000, 0x1000, 0, UINT64_MAX, 0, 1, NULL, 0}),
                      UINT64_MAX - 0xFFF);
    ck_assert_uint_eq(find((struct room){1, 1, UINT64_MAX, UINT64_MAX, 0, 0, NULL, 0}), UINT64_MAX);
}
END_TEST

START_TEST(room_ends_at_its_limits)
{
    make_map();
    ck_assert_uint_eq(find((struct room){0x2000, 1, 0x9F000, 0xFFFFF, 0, 0, NULL, 0}), 0);
    ck_assert_uint_eq(find((struct room){0x1000, 1, 0x100000, 0x100FFE, 0, 0, NULL, 0}), 0);
    ck_assert_uint_eq(find((struct room){0x1000, 1, 0x100000, 0x100FFF, 0, 0, NULL, 0}), 0x100000);
    ck_assert_uint_eq(find((struct room){0x1000, 1, 0x100000, 0x100FFF, 0, 1, NULL, 0}), 0x100000);
    ck_assert_uint_eq(find((struct room){0x100001, 0x1000, 0xA00000, UINT64_MAX, 0, 0, NULL, 0}),
                      0);
    ck_assert_uint_eq(find((struct room){1, UINT64_C(1) << 63, 0x1001, UINT64_MAX, 0, 0, NULL, 0}),
                      0);
}
END_TEST

START_TEST(room_keeps_clear_of_what_is_taken)
{
    const struct BootInfoSpan taken[] = {
        {0x103000, 0x1000}, {0x100000, 0x1000}, {0x101000, 1}, {0x7FF000, 0x1000}, {0x300000, 0}};
    make_map();
    for (uint32_t count = 0; count <= 5; count++) {
        struct room low = {0x1000, 0x1000, 0x100000, 0x7FFFFF, 0, 0, taken, count};
        struct room high = {0x1000, 0x1000, 0x100000, 0x7FFFFF, 0, 1, taken, count};
        struct room large = {0x2000, 0x1000, 0x100000, 0x7FFFFF, 0, 0, taken, count};
        ck_assert_uint_eq(find(low), count < 2 ? 0x100000 : count == 2 ? 0x101000 : 0x102000);
        ck_assert_uint_eq(find(high), count < 4 ? 0x7FF000 : 0x7FE000);
        ck_assert_uint_eq(find(large), count < 2 ? 0x100000 : count == 2 ? 0x101000 : 0x104000);
    }
    const struct BootInfoSpan all = {0, 0x800000};
    const struct BootInfoSpan end = {UINT64_MAX - 0xFFF, 0x1000};
    ck_assert_uint_eq(find((struct room){1, 1, 0, 0x7FFFFF, 0, 0, &all, 1}), 0);
    ck_assert_uint_eq(find((struct room){1, 1, 0, 0x7FFFFF, 0, 1, &all, 1}), 0);
    ck_assert_uint_eq(find((struct room){1, 1, 0xA00000, UINT64_MAX, 0, 1, &end, 1}),
                      UINT64_MAX - 0x1000);
    ck_assert_uint_eq(
        find((struct room){0x1000, 1, UINT64_MAX - 0x1000, UINT64_MAX, 0, 0, &end, 1}), 0);
}
END_TEST

START_TEST(room_is_found_in_the_types_asked_for)
{
    make_map();
    ck_assert_uint_eq(find((struct room){1, 1, 0x800000, UINT64_MAX, 0, 0, NULL, 0}), 0x900000);
    ck_assert_uint_eq(find((struct room){1, 1, 0x800000, UINT64_MAX, ROOM_IN_ALL_FREE, 0, NULL, 0}),
                      0x800000);
    regions[3].type = 64; /* of a later version */
    ck_assert_uint_eq(find((struct room){1, 1, 0x800000, UINT64_MAX, UINT64_MAX, 0, NULL, 0}),
                      0x900000);
}
END_TEST

START_TEST(the_first_obstacle_is_named)
{
    uint64_t obstacle = 0;
    make_map();
    ck_assert(room_is_free(&info, ROOM_IN_ALL_FREE, 0x100000, 0x9FFFFF, &obstacle));
    ck_assert(room_is_free(&info, ROOM_IN_ALL_FREE, 0x7FFFFF, 0x800000, &obstacle));
    ck_assert(room_is_free(&info, ROOM_IN_ALL_FREE, UINT64_MAX, UINT64_MAX, &obstacle));
    ck_assert(!room_is_free(&info, ROOM_IN_ALL_FREE, 0x100000, 0xA00000, &obstacle));
    ck_assert_uint_eq(obstacle, 0xA00000);
    ck_assert(!room_is_free(&info, ROOM_IN_ALL_FREE, 0, 0x2000, &obstacle));
    ck_assert_uint_eq(obstacle, 0);
    ck_assert(!room_is_free(&info, ROOM_IN_ALL_FREE, 0x9F000, 0x100000, &obstacle));
    ck_assert_uint_eq(obstacle, 0xA0000);
    ck_assert(!room_is_free(&info, ROOM_IN_ALL_FREE, 0xC80000, 0xC80000, &obstacle));
    ck_assert_uint_eq(obstacle, 0xC80000);
    ck_assert(!room_is_free(&info, ROOM_IN(BOOTINFO_MEMORY_USABLE), 0x700000, 0x900000, &obstacle));
    ck_assert_uint_eq(obstacle, 0x800000);
    begin();
    ck_assert(!room_is_free(&info, ROOM_IN_ALL_FREE, 5, 6, &obstacle));
    ck_assert_uint_eq(obstacle, 5);
}
END_TEST

/* What the tables make of address: its entry, with the physical address of that very byte; 0:
 * none. */
static uint64_t walk(const struct paging *paging, uint64_t address)
{
    uint64_t table = paging->root;
    for (uint32_t level = paging->levels;; level--) {
        uint32_t shift = 3 + 9 * level;
        uint64_t entry = ((uint64_t *)(uintptr_t)table)[address >> shift & 511];
        if ((entry & PAGING_PRESENT) == 0) {
            return 0;
        }
        if (level == 1 || (level == 2 && (entry & PAGING_IS_PAGE) != 0)) {
            return entry + (address & ((UINT64_C(1) << shift) - 1) & ~UINT64_C(0xFFF));
        }
        ck_assert_uint_eq(entry & PAGING_IS_PAGE, 0);
        table = entry & PAGING_ADDRESS;
    }
}

static struct paging begin_paging(uint32_t levels, uint32_t pages)
{
    struct paging paging;
    memset(pool, 0xA5, sizeof(pool));
    paging_begin_levels(&paging, pool, pages * PAGING_PAGE, levels);
    return paging;
}

START_TEST(pages_of_both_sizes_are_mapped)
{
    for (uint32_t levels = 4; levels <= 5; levels++) {
        struct paging paging = begin_paging(levels, POOL_PAGES);
        paging_map(&paging, HIGH + 0x1FF000, 0x3FF000, 0x402000, PAGING_WRITE | PAGING_NO_EXECUTE);
        ck_assert(!paging_failed(&paging));
        uint64_t rights = PAGING_PRESENT | PAGING_WRITE | PAGING_NO_EXECUTE;
        ck_assert_uint_eq(walk(&paging, HIGH + 0x1FE000), 0);
        ck_assert_uint_eq(walk(&paging, HIGH + 0x1FF000), 0x3FF000 | rights);
        ck_assert_uint_eq(walk(&paging, HIGH + 0x200000), 0x400000 | rights | PAGING_IS_PAGE);
        ck_assert_uint_eq(walk(&paging, HIGH + 0x5FF000), 0x7FF000 | rights | PAGING_IS_PAGE);
        ck_assert_uint_eq(walk(&paging, HIGH + 0x600000), 0x800000 | rights);
        ck_assert_uint_eq(walk(&paging, HIGH + 0x601000), 0);
        ck_assert_uint_eq(walk(&paging, 0), 0);
    }
}
END_TEST

START_TEST(a_later_mapping_wins)
{
    struct paging paging = begin_paging(4, POOL_PAGES);
    paging_map(&paging, 0, 0, 0x400000, PAGING_WRITE | PAGING_WRITE_COMBINING);
    paging_map(&paging, 0x1000, 0x80000000, 0x1000, PAGING_UNCACHED);
    ck_assert(!paging_failed(&paging));
    uint64_t small = PAGING_PRESENT | PAGING_WRITE | PAGING_WRITE_COMBINING;
    uint64_t large = PAGING_PRESENT | PAGING_WRITE | 8 | PAGING_IS_PAGE | PAGING_PAT_LARGE;
    ck_assert_uint_eq(walk(&paging, 0), small);
    ck_assert_uint_eq(walk(&paging, 0x1000), 0x80000000 | PAGING_PRESENT | PAGING_UNCACHED);
    ck_assert_uint_eq(walk(&paging, 0x1FF000), 0x1FF000 | small);
    ck_assert_uint_eq(walk(&paging, 0x3FF000), 0x3FF000 + large);
    paging_map(&paging, 0, 0x200000, 0x200000, 0);
    ck_assert_uint_eq(walk(&paging, 0x1000), 0x201000 | PAGING_PRESENT | PAGING_IS_PAGE);
}
END_TEST

START_TEST(a_pool_too_small_and_odd_addresses_fail)
{
    for (uint32_t pages = 0; pages < 6; pages++) { /* three to the 2 MiB pages, one more below */
        struct paging paging = begin_paging(4, pages);
        paging_map(&paging, 0, 0, 0x200000, PAGING_WRITE);
        ck_assert_int_eq(paging_failed(&paging), pages < 3);
        paging_map(&paging, 0x1000, 0, 0x1000, 0);
        ck_assert_int_eq(paging_failed(&paging), pages < 4);
        ck_assert_uint_le(paging.next, (uintptr_t)pool + pages * PAGING_PAGE);
    }
    const uint64_t odd[][3] = {{1, 0, 0x1000}, {0, 1, 0x1000}, {0, 0, 0x1001}};
    for (size_t i = 0; i < 3; i++) {
        struct paging paging = begin_paging(4, POOL_PAGES);
        paging_map(&paging, odd[i][0], odd[i][1], odd[i][2], 0);
        ck_assert(paging_failed(&paging));
        ck_assert_uint_eq(walk(&paging, 0), 0);
    }
    struct paging paging;
    paging_begin_levels(&paging, pool + 8, 0x8000, 4);
    ck_assert(paging_failed(&paging));
}
END_TEST

START_TEST(framebuffers_are_write_combining)
{
    const struct BootInfoFramebuffer screens[] = {{.address = 0x80000100, .size = 0x2FFF00},
                                                  {.address = 5 * GIB, .size = 1}};
    begin();
    info.framebuffers = (struct BootInfoArray){(uintptr_t)screens, 2, sizeof(screens[0])};
    for (uint32_t i = 0; i < 2; i++) {
        struct paging paging = begin_paging(4, POOL_PAGES);
        info.flags = i == 0 ? 0 : BOOTINFO_FLAG_NX;
        paging_map_screens(&paging, &info, HIGH);
        ck_assert(!paging_failed(&paging));
        uint64_t common = PAGING_PRESENT | PAGING_WRITE | (i == 0 ? 0 : PAGING_NO_EXECUTE);
        ck_assert_uint_eq(walk(&paging, HIGH + 0x80000000),
                          (0x80000000 | common | 8 | PAGING_IS_PAGE) + PAGING_PAT_LARGE);
        ck_assert_uint_eq(walk(&paging, HIGH + 0x802FF000),
                          0x802FF000 | common | PAGING_WRITE_COMBINING);
        ck_assert_uint_eq(walk(&paging, HIGH + 0x80300000), 0);
        ck_assert_uint_eq(walk(&paging, HIGH + 5 * GIB),
                          (5 * GIB) | common | PAGING_WRITE_COMBINING);
        ck_assert_uint_eq(walk(&paging, HIGH + 5 * GIB + 0x1000), 0);
    }
}
END_TEST

START_TEST(cpus_that_can_be_started_are_listed)
{
    const struct BootInfoCpu listed[] = {{6, 60, BOOTINFO_CPU_ENABLED | BOOTINFO_CPU_BOOT, 0, 0},
                                         {7, 70, BOOTINFO_CPU_LATER, 0, 0},
                                         {300, 80, BOOTINFO_CPU_ENABLED, 0x7000, 0}};
    struct smp_cpu cpus[2];
    begin();
    info.cpus = (struct BootInfoArray){(uintptr_t)listed, 3, sizeof(listed[0])};
    memset(cpus, 0xA5, sizeof(cpus));
    ck_assert_uint_eq(smp_list(&info, cpus, 0), 2);
    ck_assert_uint_eq(cpus[0].id, 0xA5A5A5A5);
    ck_assert_uint_eq(smp_list(&info, cpus, 2), 2);
    ck_assert_uint_eq(cpus[0].id, 6);
    ck_assert_uint_eq(cpus[0].state, SMP_RUNS);
    ck_assert_uint_eq(cpus[1].id, 300);
    ck_assert_uint_eq(cpus[1].acpi_id, 80);
    ck_assert_uint_eq(cpus[1].state, SMP_STOPPED);
    ck_assert_uint_eq(cpus[1].wake_up, 0x7000);
    info.size = BOOTINFO_SIZE_1_1; /* a loader that knows no CPUs */
    ck_assert_uint_eq(smp_list(&info, cpus, 2), 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("abi kit");
    TCase *tcase = tcase_create("kit");
    tcase_add_test(tcase, room_is_the_lowest_or_the_highest_that_fits);
    tcase_add_test(tcase, room_ends_at_its_limits);
    tcase_add_test(tcase, room_keeps_clear_of_what_is_taken);
    tcase_add_test(tcase, room_is_found_in_the_types_asked_for);
    tcase_add_test(tcase, the_first_obstacle_is_named);
    tcase_add_test(tcase, pages_of_both_sizes_are_mapped);
    tcase_add_test(tcase, a_later_mapping_wins);
    tcase_add_test(tcase, a_pool_too_small_and_odd_addresses_fail);
    tcase_add_test(tcase, framebuffers_are_write_combining);
    tcase_add_test(tcase, cpus_that_can_be_started_are_listed);
    suite_add_tcase(suite, tcase);
    return suite_main(suite, "abi kit");
}
