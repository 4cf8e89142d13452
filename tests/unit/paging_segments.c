/* The kernel's segments in the page tables, how large the pages around them are, and what boot/
 * asks of them all. The sizes count: a table more for each 2 MiB is slow to fill and to walk. */
#include "arch/x86_64/walk.h"
#include "page_walk.h"
#include "tables/judge.h"

#include <string.h>

#define KERNEL (6 * GIB)
#define HIGH   UINT64_C(0xFFFFFFFF80000000)

static const struct BootInfoRegion RAM_REGIONS[] = {
    {MIB, 3 * GIB, BOOTINFO_MEMORY_USABLE, 0, RAM},
    {5 * GIB, 3 * GIB, BOOTINFO_MEMORY_USABLE, 0, RAM},
};

static struct tables tables;

static struct paging_request request_with(const struct arch_segment *segments, uint64_t count)
{
    return (struct paging_request){.space.regions = RAM_REGIONS,
                                   .space.region_count = COUNT(RAM_REGIONS),
                                   .space.segments = segments,
                                   .space.segment_count = count,
                                   .gigabyte_pages = true,
                                   .no_execute = true};
}

static void build(const struct paging_request *request)
{
    tables = tables_build_enough(request);
    ck_assert_ptr_null(tables_judge(request, &tables.pool, tables.top));
}

/* Bytes of the page that begins at address; 0: there is none. */
static uint64_t page_at(uint64_t address)
{
    struct page_tables walked = {.top = tables.top};
    uint64_t physical = 0;
    return walk_to(&walked, address, &physical);
}

START_TEST(a_gigabyte_page_is_split_for_the_segments_in_it_alone)
{
    static const struct {
        uint64_t start[2];
        uint64_t size[2];
        bool whole[3]; /* the three GiB from KERNEL - GIB on */
    } rows[] = {
        {{KERNEL}, {PAGE_SIZE}, {true, false, true}},
        {{KERNEL - PAGE_SIZE}, {PAGE_SIZE}, {false, true, true}},
        {{KERNEL + GIB - PAGE_SIZE}, {PAGE_SIZE}, {true, false, true}},
        {{KERNEL + GIB}, {PAGE_SIZE}, {true, true, false}},
        {{KERNEL - PAGE_SIZE}, {2 * PAGE_SIZE}, {false, false, true}},
        {{KERNEL - PAGE_SIZE}, {GIB + 2 * PAGE_SIZE}, {false, false, false}},
        {{KERNEL + 16 * MIB}, {64 * MIB}, {true, false, true}},
        {{KERNEL - GIB / 2, KERNEL + GIB / 2}, {PAGE_SIZE, PAGE_SIZE}, {false, false, true}},
        {{KERNEL + GIB / 2, KERNEL + GIB * 3 / 2}, {PAGE_SIZE, PAGE_SIZE}, {true, false, false}},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct arch_segment segments[] = {
            {rows[i].start[0], rows[i].size[0], 0, false, true},
            {rows[i].start[1], rows[i].size[1], 0, true, false},
        };
        struct paging_request request = request_with(segments, rows[i].size[1] != 0 ? 2 : 1);
        build(&request);
        for (uint64_t gib = 0; gib < 3; gib++) {
            uint64_t size = page_at(KERNEL - GIB + gib * GIB);
            ck_assert_msg((size == GIB) == rows[i].whole[gib], "row %zu, GiB %lu", i, gib);
        }
        tables_free(&tables);
    }
}
END_TEST

START_TEST(a_segment_has_large_pages_wherever_they_fit)
{
    static const struct arch_segment segments[] = {
        {KERNEL + 2 * MIB, 2 * MIB, 0, false, true},
        {KERNEL + 4 * MIB, 5 * MIB, 0, false, false},
    };
    struct paging_request request = request_with(segments, COUNT(segments));
    build(&request);
    ck_assert_uint_eq(page_at(KERNEL + 2 * MIB), 2 * MIB);
    ck_assert_uint_eq(page_at(KERNEL + 4 * MIB), 2 * MIB);
    ck_assert_uint_eq(page_at(KERNEL + 6 * MIB), 2 * MIB);
    ck_assert_uint_eq(page_at(KERNEL + 8 * MIB), PAGE_SIZE);
    tables_free(&tables);
}
END_TEST

START_TEST(a_segment_of_the_higher_half_has_large_pages_where_both_addresses_allow_them)
{
    static const uint64_t shifts[] = {0, PAGE_SIZE, MIB, 2 * MIB};
    for (size_t i = 0; i < COUNT(shifts); i++) {
        uint64_t distance = HIGH - KERNEL + shifts[i];
        const struct arch_segment high[] = {
            {KERNEL + 2 * MIB, 2 * MIB, distance, false, true},
            {KERNEL + 4 * MIB, 4 * MIB, distance, true, false},
        };
        struct paging_request request = request_with(high, COUNT(high));
        request.space.high_segments = high;
        request.space.high_segment_count = COUNT(high);
        build(&request);
        uint64_t size = shifts[i] % (2 * MIB) == 0 ? 2 * MIB : PAGE_SIZE;
        ck_assert_uint_eq(page_at(HIGH + shifts[i] + 2 * MIB), size);
        ck_assert_uint_eq(page_at(HIGH + shifts[i] + 6 * MIB), size);
        tables_free(&tables);
    }
}
END_TEST

START_TEST(a_direct_map_of_the_last_2_gib_ends_with_the_address_space)
{
    static const struct arch_segment segments[] = {{16 * MIB, 2 * MIB, 0, false, true}};
    struct paging_request request = request_with(segments, COUNT(segments));
    request.space.direct_map = HIGH;
    request.space.direct_map_runs = true;
    request.gigabyte_pages = false;
    build(&request);
    /* The top, 512 GiB low and high, 7 GiB low and 2 GiB high, and page 0 in both. */
    ck_assert_uint_eq(tables.pool.used, 1 + 2 + 7 + 2 + 2);
    ck_assert_uint_eq(page_at(UINT64_MAX), 1);
    ck_assert_uint_eq(page_at(HIGH), 0);
    ck_assert_uint_eq(page_at(HIGH + 16 * MIB), 2 * MIB);
    ck_assert_uint_eq(paging_end(&request), 2 * GIB);
    tables_free(&tables);
}
END_TEST

/* What boot/ knows of the CPU decides about the tables, too. */
START_TEST(memory_of_the_direct_map_is_only_executable_where_the_cpu_has_no_nx)
{
    const struct arch_space space = {.regions = RAM_REGIONS,
                                     .region_count = COUNT(RAM_REGIONS),
                                     .direct_map = UINT64_C(0xFFFF800000000000)};
    for (int nx = 0; nx < 2; nx++) {
        struct arch_cpu cpu = {.flags = nx != 0 ? BOOTINFO_FLAG_NX : 0};
        struct paging_request request = {.space = space, .no_execute = nx != 0};
        tables = tables_build(&request, 64);
        memset(tables.pool.pages, 0xA5, 64 * PAGE_SIZE);
        uint64_t top = arch_tables_build(&cpu, &space, &tables.pool);
        ck_assert_uint_eq(top, tables.top);
        ck_assert_ptr_null(tables_judge(&request, &tables.pool, top));
        tables_free(&tables);
    }
}
END_TEST

START_TEST(the_end_of_what_is_mapped_is_that_of_the_memory_or_of_the_cpu)
{
    struct arch_space space = {.regions = RAM_REGIONS, .region_count = COUNT(RAM_REGIONS)};
    struct arch_cpu cpu = {.address_limit = UINT64_C(1) << 40};
    ck_assert_uint_eq(arch_tables_end(&cpu, &space), 8 * GIB);
    cpu.address_limit = 7 * GIB;
    ck_assert_uint_eq(arch_tables_end(&cpu, &space), 7 * GIB);
    space.region_count = 0;
    ck_assert_uint_eq(arch_tables_end(&cpu, &space), arch_target.mapped_below);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("paging_segments");
    TCase *tests = tcase_create("segments");
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, a_gigabyte_page_is_split_for_the_segments_in_it_alone);
    tcase_add_test(tests, a_segment_has_large_pages_wherever_they_fit);
    tcase_add_test(tests,
                   a_segment_of_the_higher_half_has_large_pages_where_both_addresses_allow_them);
    tcase_add_test(tests, a_direct_map_of_the_last_2_gib_ends_with_the_address_space);
    tcase_add_test(tests, memory_of_the_direct_map_is_only_executable_where_the_cpu_has_no_nx);
    tcase_add_test(tests, the_end_of_what_is_mapped_is_that_of_the_memory_or_of_the_cpu);
    suite_add_tcase(suite, tests);
    return suite_main(suite, "unit-paging_segments");
}
