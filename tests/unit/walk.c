/* The walk through page tables, against the tables that the loader builds. */
#include "arch/x86_64/walk.h"
#include "page_walk.h"

#define RESERVED_AT (6 * GIB)

static const struct BootInfoRegion regions[] = {
    {0x100000, 3 * GIB, BOOTINFO_MEMORY_USABLE, 0, 8},
    {5 * GIB, GIB, BOOTINFO_MEMORY_USABLE, 0, 8},
    {RESERVED_AT, GIB, BOOTINFO_MEMORY_RESERVED, 0, 8},
};

static struct tables built;
static struct page_tables walked;

static void build(bool five_levels, bool gigabyte_pages)
{
    struct paging_request request = {.space.regions = regions,
                                     .space.region_count = COUNT(regions),
                                     .space.guard = 0x7000,
                                     .five_levels = five_levels,
                                     .gigabyte_pages = gigabyte_pages,
                                     .space.direct_map = UINT64_C(0xFFFF900000000000)};
    built = tables_build_enough(&request);
    walked = (struct page_tables){.top = built.top | 0xFFF, .five_levels = five_levels};
}

START_TEST(an_address_leads_where_the_tables_say)
{
    uint64_t physical = 0;
    build(_i % 2 != 0, _i / 2 != 0);
    ck_assert_uint_eq(walk_to(&walked, 0x1234, &physical), 0x1000 - 0x234);
    ck_assert_uint_eq(physical, 0x1234);
    ck_assert_uint_eq(walk_to(&walked, 0x401000, &physical), 0x1FF000);
    ck_assert_uint_eq(physical, 0x401000);
    ck_assert_uint_eq(walk_to(&walked, 5 * GIB + 0x600001, &physical),
                      _i / 2 != 0 ? GIB - 0x600001 : 0x1FFFFF);
    ck_assert_uint_eq(physical, 5 * GIB + 0x600001);
    ck_assert_uint_ne(walk_to(&walked, UINT64_C(0xFFFF900000000000) + 0x401234, &physical), 0);
    ck_assert_uint_eq(physical, 0x401234);
    tables_free(&built);
}
END_TEST

START_TEST(what_is_not_mapped_leads_nowhere)
{
    static const uint64_t nowhere[] = {0,
                                       0xFFF,
                                       0x7000,
                                       RESERVED_AT,
                                       UINT64_C(0x7FFFFFFFF000),
                                       UINT64_C(0xDEADBEEFDEADBEE0),
                                       UINT64_C(0x0200000000000000),
                                       UINT64_C(0xFFFFFFFFFFFFF000)};
    uint64_t physical = 0;
    build(_i % 2 != 0, true);
    for (size_t i = 0; i < COUNT(nowhere); i++) {
        REQUIRE(walk_to(&walked, nowhere[i], &physical) == 0, nowhere[i]);
    }
    tables_free(&built);
}
END_TEST

/* The entry of the page at address, in the table of 4 KiB pages that begins at address 0. */
static uint64_t *small_page_entry(uint64_t address)
{
    uint64_t table = built.top;
    for (int level = built.levels; level > 1; level--) {
        table = *(const uint64_t *)table & ~UINT64_C(0xFFF);
    }
    return (uint64_t *)table + address / 4096;
}

/* A page may be read-only, and what a kernel keeps in an entry that is not present is its own. */
START_TEST(an_entry_leads_somewhere_if_it_is_present_and_whatever_else_it_is)
{
    uint64_t physical = 0;
    build(_i != 0, false);
    *small_page_entry(0x5000) = 0x401001;
    ck_assert_uint_eq(walk_to(&walked, 0x5678, &physical), 0x1000 - 0x678);
    ck_assert_uint_eq(physical, 0x401678);
    *small_page_entry(0x5000) = ~UINT64_C(1);
    ck_assert_uint_eq(walk_to(&walked, 0x5678, &physical), 0);
    tables_free(&built);
}
END_TEST

/* Bits 47 to 63 of an address repeat bit 47, with five levels from bit 56 on. */
START_TEST(an_address_that_is_not_canonical_leads_nowhere)
{
    uint64_t physical = 0;
    build(_i != 0, true);
    ck_assert_uint_eq(walk_to(&walked, UINT64_C(0x1000000000000000) | 0x401000, &physical), 0);
    ck_assert_uint_eq(walk_to(&walked, UINT64_C(0xFE00000000000000) | 0x401000, &physical), 0);
    tables_free(&built);
}
END_TEST

START_TEST(all_of_a_range_is_looked_at)
{
    build(false, false);
    ck_assert(walk_is_identity(&walked, 0x1000, 0x6000));
    ck_assert(!walk_is_identity(&walked, 0x1000, 0x6001));
    ck_assert(walk_is_identity(&walked, 0x8000, 4 * GIB - 0x8000));
    ck_assert(!walk_is_identity(&walked, 4 * GIB - 1, 2));
    ck_assert(walk_is_identity(&walked, 5 * GIB, GIB));
    ck_assert(!walk_is_identity(&walked, 5 * GIB, GIB + 1));
    ck_assert(!walk_is_identity(&walked, UINT64_C(0xFFFF900000401000), 1));
    ck_assert(walk_is_identity(&walked, 4 * GIB - 1, 1));
    ck_assert(!walk_is_identity(&walked, 0, 1));
    ck_assert(walk_is_identity(&walked, 0, 0));
    tables_free(&built);
}
END_TEST

static uint64_t refused;

static bool is_readable(const void *context, uint64_t address, uint64_t size)
{
    ck_assert_ptr_eq(context, &refused);
    ck_assert_uint_eq(size, 4096);
    return address != refused;
}

/* A kernel's page tables may name anything. */
START_TEST(a_table_that_cannot_be_read_leads_nowhere)
{
    uint64_t physical = 0;
    build(false, false);
    walked.is_readable = is_readable;
    walked.context = &refused;
    refused = 1;
    ck_assert_uint_ne(walk_to(&walked, 0x401000, &physical), 0);
    refused = built.top;
    ck_assert_uint_eq(walk_to(&walked, 0x401000, &physical), 0);
    refused = *(const uint64_t *)built.top & ~UINT64_C(0xFFF);
    ck_assert_uint_eq(walk_to(&walked, 0x401000, &physical), 0);
    tables_free(&built);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("walk");
    TCase *walk = tcase_create("walk");
    tcase_add_loop_test(walk, an_address_leads_where_the_tables_say, 0, 4);
    tcase_add_loop_test(walk, what_is_not_mapped_leads_nowhere, 0, 2);
    tcase_add_loop_test(walk, an_entry_leads_somewhere_if_it_is_present_and_whatever_else_it_is, 0,
                        2);
    tcase_add_loop_test(walk, an_address_that_is_not_canonical_leads_nowhere, 0, 2);
    tcase_add_test(walk, all_of_a_range_is_looked_at);
    tcase_add_test(walk, a_table_that_cannot_be_read_leads_nowhere);
    suite_add_tcase(suite, walk);
    return suite_main(suite, "unit-walk");
}
