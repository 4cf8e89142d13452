#include "page_walk.h"

static uint64_t needed_for(const struct paging_request *request)
{
    struct arch_pool pool = {NULL, 0, 0};
    ck_assert_uint_eq(paging_build(request, &pool), 0);
    return pool.used;
}

#define REGION(base, size, type)                   \
    {                                              \
        base, size, BOOTINFO_MEMORY_##type, 0, RAM \
    }

/* 2 GiB as OVMF has them. */
static const struct BootInfoRegion SMALL[] = {
    REGION(0, 0x1000, RESERVED),
    REGION(0x1000, 0x9F000, USABLE),
    REGION(0x100000, 0x706000, KERNEL),
    REGION(0x806000, 0x2000, ACPI_NVS),
    REGION(0x808000, 0x7E000000, USABLE),
    REGION(0x7E808000, 0x100000, STACK),
    REGION(0x7E908000, 0x200000, EFI_RUNTIME_DATA),
    REGION(0xE0000000, 0x10000000, RESERVED),
    REGION(0xFFC00000, 0x400000, MMIO),
};

static const struct paging_request SMALL_REQUEST = {
    .space.regions = SMALL, .space.region_count = COUNT(SMALL), .space.guard = 0x7E808000};

START_TEST(two_gigabytes_take_eight_pages)
{
    struct tables tables = tables_build_enough(&SMALL_REQUEST);
    ck_assert_uint_eq(tables.pool.used, 8);
    tables_check(&tables, &SMALL_REQUEST);
    tables_free(&tables);
}
END_TEST

START_TEST(without_regions_the_low_4_gib_are_mapped)
{
    struct paging_request request = {0};
    struct tables tables = tables_build_enough(&request);
    ck_assert_uint_eq(tables.pool.used, 7);
    tables_check(&tables, &request);
    tables_free(&tables);
}
END_TEST

START_TEST(page_0_is_not_mapped_and_its_neighbour_is)
{
    struct tables tables = tables_build_enough(&SMALL_REQUEST);
    ck_assert_uint_eq(tables_walk(&tables, 0).size, 0);
    ck_assert_uint_eq(tables_walk(&tables, 0xFFF).size, 0);
    ck_assert_uint_eq(tables_walk(&tables, 0x1000).physical, 0x1000);
    ck_assert_uint_eq(tables_walk(&tables, 0x1000).size, PAGE_SIZE);
    tables_free(&tables);
}
END_TEST

START_TEST(the_guard_page_is_not_mapped_wherever_it_lies)
{
    static const uint64_t guards[] = {
        0x1000,     0x7000,           0x1FF000,   0x200000,         0x201000,
        0x3FF000,   0x400000,         0x3FE00000, 0x3FFFF000,       0x40000000,
        0x40001000, 4 * GIB - 0x1000, 4 * GIB,    4 * GIB + 0x5000, 5 * GIB - 0x1000,
        5 * GIB,    8 * GIB - 0x1000,
    };
    static const struct BootInfoRegion regions[] = {REGION(0x1000, 8 * GIB - 0x1000, USABLE)};
    for (size_t i = 0; i < COUNT(guards); i++) {
        struct paging_request request = {.space.regions = regions,
                                         .space.region_count = 1,
                                         .space.guard = guards[i],
                                         .gigabyte_pages = _i != 0};
        struct tables tables = tables_build_enough(&request);
        REQUIRE(tables_walk(&tables, guards[i]).size == 0, guards[i]);
        tables_check(&tables, &request);
        tables_free(&tables);
    }
}
END_TEST

START_TEST(a_guard_page_in_the_2_mib_of_page_0_shares_its_table)
{
    struct paging_request request = {.space.guard = 0x7000};
    ck_assert_uint_eq(needed_for(&request), 7);
    request.space.guard = 0x200000;
    ck_assert_uint_eq(needed_for(&request), 8);
}
END_TEST

START_TEST(a_guard_page_that_would_not_be_mapped_anyway_takes_no_table)
{
    struct paging_request request = {.space.guard = 64 * GIB};
    struct tables tables = tables_build_enough(&request);
    ck_assert_uint_eq(tables.pool.used, 7);
    tables_check(&tables, &request);
    tables_free(&tables);
}
END_TEST

START_TEST(a_pool_that_is_too_small_is_not_overrun)
{
    static const struct BootInfoRegion regions[] = {REGION(0x100000, 3 * GIB, USABLE),
                                                    REGION(600 * GIB, 3 * GIB, USABLE)};
    struct paging_request request = {.space.regions = regions,
                                     .space.region_count = 2,
                                     .space.guard = 600 * GIB + 0x5000,
                                     .five_levels = _i % 2 != 0,
                                     .gigabyte_pages = _i / 2 != 0};
    uint64_t needed = needed_for(&request);
    for (uint64_t page_count = 0; page_count < needed; page_count++) {
        struct tables tables = tables_build(&request, page_count);
        ck_assert_uint_eq(tables.top, 0);
        ck_assert_uint_eq(tables.pool.used, needed);
        tables_free(&tables);
    }
}
END_TEST

START_TEST(a_pool_that_is_too_large_is_left_alone_behind_the_used_pages)
{
    struct tables tables = tables_build(&SMALL_REQUEST, 12);
    const uint8_t *unused = (const uint8_t *)tables.pool.pages + tables.pool.used * PAGE_SIZE;
    ck_assert_uint_eq(tables.top, (uintptr_t)tables.pool.pages);
    ck_assert_uint_eq(tables.pool.used, 8);
    for (uint64_t i = 0; i < 4 * PAGE_SIZE; i++) {
        REQUIRE(unused[i] == 0xA5, i);
    }
    tables_check(&tables, &SMALL_REQUEST);
    tables_free(&tables);
}
END_TEST

START_TEST(each_type_above_4_gib_is_mapped_or_not_as_documented)
{
    for (uint32_t type = 0; type < BOOTINFO_MEMORY_TYPE_COUNT; type++) {
        const struct BootInfoRegion region = {5 * GIB, 4 * MIB, type, 0, RAM};
        struct paging_request request = {.space.regions = &region, .space.region_count = 1};
        struct tables tables = tables_build_enough(&request);
        bool mapped = type != BOOTINFO_MEMORY_RESERVED && type != BOOTINFO_MEMORY_MMIO &&
                      type != BOOTINFO_MEMORY_MMIO_PORT && type != BOOTINFO_MEMORY_UNUSABLE &&
                      type != BOOTINFO_MEMORY_UNACCEPTED;
        ck_assert_uint_eq(tables_walk(&tables, 5 * GIB).size, mapped ? 2 * MIB : 0);
        tables_check(&tables, &request);
        tables_free(&tables);
    }
}
END_TEST

START_TEST(regions_are_rounded_outward_to_2_mib)
{
    static const struct BootInfoRegion regions[] = {
        REGION(5 * GIB, 0, USABLE), /* hides none of the others */
        REGION(5 * GIB + 0x5FF000, 0x2000, USABLE),
        REGION(5 * GIB + 0x602000, 0x1000, ACPI_NVS),
        REGION(6 * GIB - 0x1000, 0x1000, INFO),
        REGION(7 * GIB - 0x1000, 0x2000, MODULE),
        REGION(9 * GIB, 0x1000, PERSISTENT),
    };
    struct paging_request request = {.space.regions = regions,
                                     .space.region_count = COUNT(regions)};
    struct tables tables = tables_build_enough(&request);
    ck_assert_uint_eq(tables_walk(&tables, 5 * GIB + 0x400000).size, 2 * MIB);
    ck_assert_uint_eq(tables_walk(&tables, 5 * GIB + 0x7FF000).size, 2 * MIB);
    ck_assert_uint_eq(tables_walk(&tables, 5 * GIB + 0x3FF000).size, 0);
    ck_assert_uint_eq(tables_walk(&tables, 5 * GIB + 0x800000).size, 0);
    tables_check(&tables, &request);
    tables_free(&tables);
}
END_TEST

START_TEST(more_than_512_gib_of_ram_are_mapped)
{
    static const struct BootInfoRegion regions[] = {
        REGION(0x100000, 2 * GIB, USABLE),
        REGION(4 * GIB, TIB + 3 * GIB, USABLE),
    };
    struct paging_request request = {.space.regions = regions,
                                     .space.region_count = COUNT(regions),
                                     .space.guard = TIB + 5 * GIB,
                                     .gigabyte_pages = _i != 0};
    struct tables tables = tables_build_enough(&request);
    tables_check(&tables, &request);
    /* The top, three pointer tables, directories, page 0's table, the guard page's. */
    ck_assert_uint_eq(tables.pool.used, _i != 0 ? 1 + 3 + 4 + 2 : 1 + 3 + 1024 + 7 + 2);
    tables_free(&tables);
}
END_TEST

START_TEST(five_levels_reach_beyond_the_four)
{
    static const struct BootInfoRegion regions[] = {
        REGION(0x100000, 2 * GIB, USABLE),
        REGION(127 * TIB, GIB, USABLE),
        REGION(255 * TIB + 1023 * GIB, 2 * GIB, USABLE),
        REGION(1000 * TIB, 0x1000, STACK),
        REGION(4095 * TIB + 1023 * GIB, GIB, USABLE),
    };
    struct paging_request request = {.space.regions = regions,
                                     .space.region_count = COUNT(regions),
                                     .space.guard = 1000 * TIB,
                                     .five_levels = true};
    struct tables tables = tables_build_enough(&request);
    tables_check(&tables, &request);
    ck_assert_uint_eq(tables_walk(&tables, 256 * TIB).size, 2 * MIB);
    ck_assert_uint_eq(tables_walk(&tables, 4096 * TIB - 1).size, 2 * MIB);
    ck_assert_uint_eq(tables_walk(&tables, 1000 * TIB).size, 0);
    ck_assert_uint_eq(tables_walk(&tables, 1000 * TIB + 0x1000).size, PAGE_SIZE);
    tables_free(&tables);
}
END_TEST

START_TEST(four_levels_end_where_the_lower_half_does)
{
    static const struct BootInfoRegion regions[] = {
        REGION(0x100000, 2 * GIB, USABLE),
        REGION(128 * TIB - GIB, 2 * GIB, USABLE),
        REGION(200 * TIB, GIB, USABLE),
    };
    static const struct BootInfoSpan extra[] = {{256 * TIB, 2 * MIB}};
    struct paging_request request = {.space.regions = regions,
                                     .space.region_count = COUNT(regions),
                                     .space.extra = extra,
                                     .space.extra_count = 1};
    struct tables tables = tables_build_enough(&request);
    tables_check(&tables, &request);
    ck_assert_uint_eq(tables_walk(&tables, 128 * TIB - 1).size, 2 * MIB);
    /* 4 GiB, then one directory in another 512 GiB. */
    ck_assert_uint_eq(tables.pool.used, 7 + 2);
    tables_free(&tables);
}
END_TEST

START_TEST(what_reaches_the_end_of_the_address_space_does_not_wrap)
{
    static const struct BootInfoSpan extra[] = {
        {UINT64_MAX - 0xFFF, 0x1000},
        {UINT64_MAX - 0x1FFF, 0x1FFF},
        {UINT64_MAX, UINT64_MAX},
        {(UINT64_C(1) << 52) - 0x1000, UINT64_MAX},
        {(UINT64_C(1) << 47) - 0x1000, UINT64_MAX - (UINT64_C(1) << 47)},
    };
    static const struct BootInfoRegion regions[] = {
        {UINT64_MAX - 0x1FFF, 0x1000, BOOTINFO_MEMORY_USABLE, 0, RAM}};
    ck_assert_uint_lt(_i, COUNT(extra));
    struct paging_request request = {.space.regions = regions,
                                     .space.region_count = 1,
                                     .space.extra = &extra[_i],
                                     .space.extra_count = 1};
    struct tables tables = tables_build_enough(&request);
    tables_check(&tables, &request);
    ck_assert_uint_le(tables.pool.used, 9);
    tables_free(&tables);
}
END_TEST

START_TEST(a_framebuffer_above_4_gib_is_mapped)
{
    static const struct BootInfoSpan extra[] = {
        {0, 0},
        {UINT64_C(0xC000000000), UINT64_C(4) * 1920 * 1080},
        {0x7E700000, 0x20000},
        {UINT64_C(0x8000001000), 0},
        {UINT64_C(0xBFFFFFF000), 0x2000},
        {6 * GIB - 5, 10},
        {7 * GIB - 5, 6}, /* a single byte in its last page */
    };
    struct paging_request request = SMALL_REQUEST;
    request.space.extra = extra;
    request.space.extra_count = COUNT(extra);
    request.gigabyte_pages = _i != 0;
    struct tables tables = tables_build_enough(&request);
    tables_check(&tables, &request);
    ck_assert_uint_eq(tables_walk(&tables, UINT64_C(0xC000000000)).size, 2 * MIB);
    ck_assert_uint_eq(tables_walk(&tables, UINT64_C(0xBFFFE00000)).size, 2 * MIB);
    ck_assert_uint_eq(tables_walk(&tables, UINT64_C(0x8000000000)).size, 0);
    tables_free(&tables);
}
END_TEST

START_TEST(an_extra_span_over_a_region_changes_nothing)
{
    static const struct BootInfoRegion regions[] = {REGION(5 * GIB, 16 * MIB, USABLE)};
    static const struct BootInfoSpan extra[] = {{5 * GIB + 3 * MIB, 64 * KIB},
                                                {5 * GIB + 4 * MIB, 16 * MIB}};
    struct paging_request request = {.space.regions = regions,
                                     .space.region_count = 1,
                                     .space.extra = extra,
                                     .space.extra_count = COUNT(extra),
                                     .space.guard = 5 * GIB + 5 * MIB};
    struct tables tables = tables_build_enough(&request);
    ck_assert_uint_eq(tables.pool.used, 7 + 2);
    tables_check(&tables, &request);
    tables_free(&tables);
}
END_TEST

/* One GiB from 6 GiB on, with something wrong with it in each row but the first ones. */
static const struct {
    struct BootInfoRegion regions[3];
    bool wanted;
} GIGABYTES[] = {
    {{REGION(5 * GIB, 3 * GIB, USABLE)}, true},
    {{REGION(6 * GIB, GIB, USABLE)}, true},
    {{REGION(5 * GIB + 4 * MIB, 3 * GIB, USABLE)}, true},
    {{REGION(5 * GIB, GIB + 0x1000, USABLE), REGION(6 * GIB + 0x1000, 0x5000, ACPI_NVS),
      REGION(6 * GIB + 0x6000, 2 * GIB, BOOT_SERVICES)},
     true},
    {{REGION(6 * GIB, GIB - 0x1000, USABLE), REGION(7 * GIB - 0x1000, 0x1000, ACPI_NVS)}, true},
    {{REGION(6 * GIB, GIB - 0x1000, USABLE)}, false},
    {{REGION(6 * GIB + 0x1000, GIB - 0x1000, USABLE)}, false},
    {{REGION(6 * GIB, 0x200000, USABLE), REGION(6 * GIB + 0x201000, GIB, USABLE)}, false},
    {{REGION(6 * GIB, 0x200000, USABLE), REGION(6 * GIB + 0x200000, 0x1000, RESERVED),
      REGION(6 * GIB + 0x201000, GIB, USABLE)},
     false},
    {{REGION(6 * GIB, 0x200000, USABLE), REGION(6 * GIB + 0x200000, GIB, MMIO)}, false},
    {{REGION(6 * GIB, 0x1000, MMIO), REGION(6 * GIB + 0x1000, GIB, USABLE)}, false},
    {{REGION(6 * GIB, GIB - 0x1000, USABLE), REGION(7 * GIB - 0x1000, 0x1000, UNACCEPTED)}, false},
    {{REGION(6 * GIB, 0x200000, USABLE),
      {6 * GIB + 0x200000, GIB, BOOTINFO_MEMORY_EFI_RUNTIME_DATA, 0, 1}},
     false},
};

START_TEST(a_gigabyte_page_lies_in_ram_all_over)
{
    struct paging_request request = {.space.regions = GIGABYTES[_i].regions,
                                     .gigabyte_pages = true};
    while (request.space.region_count < 3 &&
           request.space.regions[request.space.region_count].size != 0) {
        request.space.region_count++;
    }
    struct tables tables = tables_build_enough(&request);
    tables_check(&tables, &request);
    uint64_t size = tables_walk(&tables, 6 * GIB + GIB / 2).size;
    ck_assert_uint_eq(size == GIB, GIGABYTES[_i].wanted);
    tables_free(&tables);
    request.gigabyte_pages = false;
    tables = tables_build_enough(&request);
    ck_assert_uint_ne(tables_walk(&tables, 6 * GIB + GIB / 2).size, GIB);
    tables_free(&tables);
}
END_TEST

START_TEST(a_gigabyte_page_is_split_for_the_guard_page)
{
    static const struct BootInfoRegion regions[] = {REGION(0x1000, 8 * GIB, USABLE)};
    struct paging_request request = {.space.regions = regions,
                                     .space.region_count = 1,
                                     .space.guard = 6 * GIB + 0x345000,
                                     .gigabyte_pages = true};
    struct tables tables = tables_build_enough(&request);
    tables_check(&tables, &request);
    ck_assert_uint_eq(tables_walk(&tables, 5 * GIB).size, GIB);
    ck_assert_uint_eq(tables_walk(&tables, 6 * GIB).size, 2 * MIB);
    ck_assert_uint_eq(tables_walk(&tables, 6 * GIB + 0x344000).size, PAGE_SIZE);
    ck_assert_uint_eq(tables_walk(&tables, 7 * GIB).size, GIB);
    ck_assert_uint_eq(tables_walk(&tables, 8 * GIB).size, 2 * MIB);
    ck_assert_uint_eq(tables_walk(&tables, 0x200000).size, 2 * MIB);
    ck_assert_uint_eq(tables_walk(&tables, GIB).size, GIB);
    tables_free(&tables);
}
END_TEST

START_TEST(a_gigabyte_page_is_split_for_page_0)
{
    static const struct BootInfoRegion regions[] = {REGION(0, 0x1000, ACPI_NVS),
                                                    REGION(0x1000, 8 * GIB, USABLE)};
    struct paging_request request = {.space.regions = regions,
                                     .space.region_count = COUNT(regions),
                                     .space.guard = 6 * GIB,
                                     .gigabyte_pages = true};
    struct tables tables = tables_build_enough(&request);
    tables_check(&tables, &request);
    ck_assert_uint_eq(tables_walk(&tables, 0).size, 0);
    ck_assert_uint_eq(tables_walk(&tables, GIB).size, GIB);
    tables_free(&tables);
}
END_TEST

/* As of a free descriptor whose length is nonsense: 2^47 bytes would take half a GiB of tables. */
START_TEST(nothing_is_mapped_that_the_cpu_cannot_reach)
{
    static const struct BootInfoRegion regions[] = {REGION(0x100000, 3 * GIB, USABLE),
                                                    REGION(60 * GIB, UINT64_C(1) << 51, USABLE)};
    static const struct BootInfoSpan extra[] = {{62 * GIB, 4 * GIB}, {70 * GIB, MIB}};
    struct paging_request request = {.space.regions = regions,
                                     .space.region_count = COUNT(regions),
                                     .space.extra = extra,
                                     .space.extra_count = COUNT(extra),
                                     .limit = 64 * GIB,
                                     .five_levels = _i % 2 != 0,
                                     .gigabyte_pages = _i / 2 != 0};
    struct tables tables = tables_build_enough(&request);
    ck_assert_uint_le(tables.pool.used, 13);
    tables_check(&tables, &request);
    tables_free(&tables);
}
END_TEST

static TCase *basic_tests(void)
{
    TCase *tests = tcase_create("what is mapped");
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, two_gigabytes_take_eight_pages);
    tcase_add_test(tests, without_regions_the_low_4_gib_are_mapped);
    tcase_add_test(tests, page_0_is_not_mapped_and_its_neighbour_is);
    tcase_add_loop_test(tests, the_guard_page_is_not_mapped_wherever_it_lies, 0, 2);
    tcase_add_test(tests, a_guard_page_in_the_2_mib_of_page_0_shares_its_table);
    tcase_add_test(tests, a_guard_page_that_would_not_be_mapped_anyway_takes_no_table);
    tcase_add_test(tests, each_type_above_4_gib_is_mapped_or_not_as_documented);
    tcase_add_test(tests, regions_are_rounded_outward_to_2_mib);
    tcase_add_loop_test(tests, a_framebuffer_above_4_gib_is_mapped, 0, 2);
    tcase_add_test(tests, an_extra_span_over_a_region_changes_nothing);
    return tests;
}

static TCase *edge_tests(void)
{
    TCase *tests = tcase_create("pools, limits and large pages");
    tcase_set_timeout(tests, 60);
    tcase_add_loop_test(tests, a_pool_that_is_too_small_is_not_overrun, 0, 4);
    tcase_add_test(tests, a_pool_that_is_too_large_is_left_alone_behind_the_used_pages);
    tcase_add_loop_test(tests, more_than_512_gib_of_ram_are_mapped, 0, 2);
    tcase_add_test(tests, five_levels_reach_beyond_the_four);
    tcase_add_test(tests, four_levels_end_where_the_lower_half_does);
    tcase_add_loop_test(tests, what_reaches_the_end_of_the_address_space_does_not_wrap, 0, 5);
    tcase_add_loop_test(tests, nothing_is_mapped_that_the_cpu_cannot_reach, 0, 4);
    tcase_add_loop_test(tests, a_gigabyte_page_lies_in_ram_all_over, 0, COUNT(GIGABYTES));
    tcase_add_test(tests, a_gigabyte_page_is_split_for_the_guard_page);
    tcase_add_test(tests, a_gigabyte_page_is_split_for_page_0);
    return tests;
}

int main(void)
{
    Suite *suite = suite_create("paging");
    suite_add_tcase(suite, basic_tests());
    suite_add_tcase(suite, edge_tests());
    return suite_main(suite, "unit-paging");
}
