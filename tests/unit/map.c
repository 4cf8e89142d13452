#include "map_builder.h"

static void expect_judged_good(void)
{
    struct map_result result = map_case_convert(&map);
    ck_assert_ptr_null(map_case_judge(&map, &result));
    free(result.regions);
}

START_TEST(a_stride_that_can_be_stepped_by_is_taken)
{
    static const uint64_t strides[] = {40, 48, 56, 1016, 1024};
    uint64_t stride = 0;
    ck_assert_int_eq(memory_map_stride(strides[_i], &stride), STATUS_OK);
    ck_assert_uint_eq(stride, strides[_i]);
}
END_TEST

START_TEST(a_stride_that_cannot_be_stepped_by_is_refused)
{
    static const uint64_t strides[] = {1,  7,  24,   32,   39,   41,
                                       44, 52, 1025, 1032, 4096, UINT64_MAX - 7};
    uint64_t stride = 99;
    ck_assert_int_eq(memory_map_stride(strides[_i], &stride), STATUS_MAP_BAD_STRIDE);
    ck_assert_uint_eq(stride, 99);
}
END_TEST

START_TEST(a_stride_of_0_means_that_of_the_specification)
{
    uint64_t stride = 0;
    ck_assert_int_eq(memory_map_stride(0, &stride), STATUS_OK);
    ck_assert_uint_eq(stride, 40);
}
END_TEST

/* No size computed from it wraps around. */
START_TEST(a_map_has_the_descriptors_that_its_bytes_hold_up_to_2_to_the_32)
{
    const uint64_t most = UINT64_C(0x100000000);
    ck_assert_uint_eq(memory_map_count(0, 40), 0);
    ck_assert_uint_eq(memory_map_count(95, 48), 1);
    ck_assert_uint_eq(memory_map_count(96, 48), 2);
    ck_assert_uint_eq(memory_map_count(most * 40 - 1, 40), most - 1);
    ck_assert_uint_eq(memory_map_count(most * 40 + 40, 40), most);
    ck_assert_uint_eq(memory_map_count(UINT64_MAX, 40), most);
}
END_TEST

static const struct {
    uint32_t efi_type;
    uint32_t type;
    uint64_t attributes;
} TYPES[] = {
    {RESERVED, BOOTINFO_MEMORY_RESERVED, RAM},
    {LOADER_CODE, BOOTINFO_MEMORY_USABLE, RAM},
    {LOADER_DATA, BOOTINFO_MEMORY_USABLE, RAM},
    {BS_CODE, BOOTINFO_MEMORY_BOOT_SERVICES, RAM},
    {BS_DATA, BOOTINFO_MEMORY_BOOT_SERVICES, RAM},
    {RT_CODE, BOOTINFO_MEMORY_EFI_RUNTIME_CODE, RAM | RT},
    {RT_DATA, BOOTINFO_MEMORY_EFI_RUNTIME_DATA, RAM | RT},
    {FREE, BOOTINFO_MEMORY_USABLE, RAM},
    {FREE, BOOTINFO_MEMORY_USABLE, WB},
    {UNUSABLE, BOOTINFO_MEMORY_UNUSABLE, RAM},
    {ACPI, BOOTINFO_MEMORY_ACPI_RECLAIMABLE, RAM},
    {NVS, BOOTINFO_MEMORY_ACPI_NVS, RAM},
    {MMIO, BOOTINFO_MEMORY_MMIO, RT | 1},
    {PORTS, BOOTINFO_MEMORY_MMIO_PORT, 1},
    {PAL, BOOTINFO_MEMORY_RESERVED, RAM},
    {PERSISTENT, BOOTINFO_MEMORY_PERSISTENT, RAM},
    {UNACCEPTED, BOOTINFO_MEMORY_UNACCEPTED, RAM},
    {16, BOOTINFO_MEMORY_RESERVED, RAM},
    {0x70000000, BOOTINFO_MEMORY_RESERVED, RAM},
    {0x80000001, BOOTINFO_MEMORY_RESERVED, RAM},
    {0xFFFFFFFF, BOOTINFO_MEMORY_RESERVED, RAM},
    /* Not write-back. */
    {FREE, BOOTINFO_MEMORY_RESERVED, RAM & ~WB},
    {LOADER_CODE, BOOTINFO_MEMORY_RESERVED, RAM & ~WB},
    {LOADER_DATA, BOOTINFO_MEMORY_RESERVED, 0},
    {BS_CODE, BOOTINFO_MEMORY_RESERVED, RAM & ~WB},
    {BS_DATA, BOOTINFO_MEMORY_RESERVED, 0},
    {FREE, BOOTINFO_MEMORY_RESERVED, SP | 1},
    {ACPI, BOOTINFO_MEMORY_ACPI_RECLAIMABLE, 0},
    {RT_DATA, BOOTINFO_MEMORY_EFI_RUNTIME_DATA, RT | 1},
    {PERSISTENT, BOOTINFO_MEMORY_PERSISTENT, 1},
    /* In use by the runtime services. */
    {FREE, BOOTINFO_MEMORY_RESERVED, RAM | RT},
    {LOADER_CODE, BOOTINFO_MEMORY_RESERVED, RAM | RT},
    {LOADER_DATA, BOOTINFO_MEMORY_RESERVED, RAM | RT},
    {BS_CODE, BOOTINFO_MEMORY_RESERVED, RAM | RT},
    {BS_DATA, BOOTINFO_MEMORY_RESERVED, RAM | RT},
    /* For special purposes. */
    {FREE, BOOTINFO_MEMORY_SPECIAL_PURPOSE, RAM | SP},
    {LOADER_DATA, BOOTINFO_MEMORY_SPECIAL_PURPOSE, RAM | SP},
    {BS_DATA, BOOTINFO_MEMORY_SPECIAL_PURPOSE, RAM | SP},
    {RESERVED, BOOTINFO_MEMORY_RESERVED, RAM | SP},
    {ACPI, BOOTINFO_MEMORY_ACPI_RECLAIMABLE, RAM | SP},
    {UNACCEPTED, BOOTINFO_MEMORY_UNACCEPTED, RAM | SP},
};

START_TEST(a_type_follows_from_efi_type_and_attributes)
{
    for (size_t i = 0; i < COUNT(TYPES); i++) {
        uint32_t type = memory_map_type(TYPES[i].efi_type, TYPES[i].attributes);
        ck_assert_msg(type == TYPES[i].type, "row %zu gives %u", i, type);
    }
}
END_TEST

START_TEST(equal_neighbours_are_merged)
{
    add(LOADER_DATA, 256, 1, RAM);
    add(FREE, 257, 10, RAM);
    add(LOADER_CODE, 267, 3, RAM);
    EXPECT(REGION(256, 14, USABLE, RAM));
}
END_TEST

START_TEST(neighbours_with_other_attributes_stay_apart)
{
    add(FREE, 256, 10, RAM);
    add(FREE, 266, 10, RAM | 0x10000);
    EXPECT(REGION(256, 10, USABLE, RAM), REGION(266, 10, USABLE, RAM | 0x10000));
}
END_TEST

START_TEST(what_no_descriptor_covers_stays_a_gap)
{
    add(FREE, 256, 10, RAM);
    add(FREE, 267, 10, RAM);
    EXPECT(REGION(256, 10, USABLE, RAM), REGION(267, 10, USABLE, RAM));
}
END_TEST

START_TEST(descriptors_in_any_order_become_sorted_regions)
{
    add(NVS, 300, 10, RAM);
    add(FREE, 310, 90, RAM);
    add(FREE, 200, 100, RAM);
    add(ACPI, 100, 100, RAM);
    EXPECT(REGION(100, 100, ACPI_RECLAIMABLE, RAM), REGION(200, 100, USABLE, RAM),
           REGION(300, 10, ACPI_NVS, RAM), REGION(310, 90, USABLE, RAM));
}
END_TEST

/* As docs/abi.md orders them. */
static const struct {
    uint32_t efi_type;
    uint32_t type;
    uint64_t attributes;
} LADDER[] = {
    {UNUSABLE, BOOTINFO_MEMORY_UNUSABLE, RAM},
    {MMIO, BOOTINFO_MEMORY_MMIO, RAM},
    {PORTS, BOOTINFO_MEMORY_MMIO_PORT, RAM},
    {RESERVED, BOOTINFO_MEMORY_RESERVED, RAM},
    {RT_CODE, BOOTINFO_MEMORY_EFI_RUNTIME_CODE, RAM},
    {RT_DATA, BOOTINFO_MEMORY_EFI_RUNTIME_DATA, RAM},
    {NVS, BOOTINFO_MEMORY_ACPI_NVS, RAM},
    {PERSISTENT, BOOTINFO_MEMORY_PERSISTENT, RAM},
    {UNACCEPTED, BOOTINFO_MEMORY_UNACCEPTED, RAM},
    {ACPI, BOOTINFO_MEMORY_ACPI_RECLAIMABLE, RAM},
    {FREE, BOOTINFO_MEMORY_SPECIAL_PURPOSE, RAM | SP},
    {BS_DATA, BOOTINFO_MEMORY_BOOT_SERVICES, RAM},
    {FREE, BOOTINFO_MEMORY_USABLE, RAM},
};

/* One over the front half of the other, in both orders, for each two types. */
START_TEST(where_descriptors_overlap_the_more_restrictive_type_wins)
{
    for (size_t weak = (size_t)_i + 1; weak < COUNT(LADDER); weak++) {
        for (int order = 0; order < 2; order++) {
            map.count = 0;
            add(LADDER[order == 0 ? (size_t)_i : weak].efi_type, 256, 20,
                LADDER[order == 0 ? (size_t)_i : weak].attributes);
            add(LADDER[order == 0 ? weak : (size_t)_i].efi_type, 266, 20,
                LADDER[order == 0 ? weak : (size_t)_i].attributes);
            struct map_result result = map_case_convert(&map);
            ck_assert_uint_eq(result.count, 2);
            ck_assert_uint_eq(result.regions[order].type, LADDER[_i].type);
            ck_assert_uint_eq(result.regions[order].size, 20 * PAGE_SIZE);
            ck_assert_uint_eq(result.regions[1 - order].type, LADDER[weak].type);
            free(result.regions);
            expect_judged_good();
        }
    }
}
END_TEST

START_TEST(a_descriptor_inside_another_splits_it)
{
    add(FREE, 256, 100, RAM);
    add(NVS, 270, 10, RAM);
    EXPECT(REGION(256, 14, USABLE, RAM), REGION(270, 10, ACPI_NVS, RAM),
           REGION(280, 76, USABLE, RAM));
}
END_TEST

START_TEST(a_less_restrictive_descriptor_inside_another_vanishes)
{
    add(NVS, 256, 100, RAM);
    add(FREE, 270, 10, RAM);
    EXPECT(REGION(256, 100, ACPI_NVS, RAM));
}
END_TEST

START_TEST(overlapping_descriptors_of_one_type_have_the_attributes_they_share)
{
    add(FREE, 256, 20, 0xB);
    add(FREE, 266, 20, 0xE);
    EXPECT(REGION(256, 10, USABLE, 0xB), REGION(266, 10, USABLE, 0xA),
           REGION(276, 10, USABLE, 0xE));
}
END_TEST

START_TEST(a_loser_does_not_change_the_attributes_of_the_winner)
{
    add(FREE, 256, 20, WB);
    add(NVS, 256, 20, RAM);
    EXPECT(REGION(256, 20, ACPI_NVS, RAM));
}
END_TEST

START_TEST(descriptors_of_no_pages_are_not_there)
{
    add(UNUSABLE, 0, 0, RAM);
    add(FREE, 256, 10, RAM);
    add(UNUSABLE, 260, 0, RAM);
    add(FREE, 266, 10, RAM);
    EXPECT(REGION(256, 20, USABLE, RAM));
}
END_TEST

START_TEST(ends_behind_the_address_space_are_clipped)
{
    static const uint64_t page_counts[] = {0x1000, 0xFFF, UINT64_C(1) << 51, UINT64_C(1) << 52,
                                           UINT64_MAX};
    const uint64_t page = UINT64_C(0xFFFFFFFFFF000);
    add(FREE, 256, 10, RAM);
    add(RT_DATA, page, page_counts[_i], RT);
    EXPECT(REGION(256, 10, USABLE, RAM), REGION(page, 0xFFF, EFI_RUNTIME_DATA, RT));
}
END_TEST

START_TEST(free_memory_that_is_not_aligned_is_rounded_inward)
{
    add(FREE, 256, 10, RAM);
    map.descriptors[0].physical_start += 0x800;
    EXPECT(REGION(257, 9, USABLE, RAM));
}
END_TEST

START_TEST(other_memory_that_is_not_aligned_is_rounded_outward)
{
    add(NVS, 256, 10, RAM);
    map.descriptors[0].physical_start += 0x800;
    EXPECT(REGION(256, 11, ACPI_NVS, RAM));
}
END_TEST

START_TEST(a_free_page_that_is_not_aligned_vanishes)
{
    add(FREE, 256, 1, RAM);
    map.descriptors[0].physical_start += 1;
    add(FREE, 300, 1, RAM);
    EXPECT(REGION(300, 1, USABLE, RAM));
}
END_TEST

#define END UINT64_C(0xFFFFFFFFFFFFF000) /* where what would wrap around is clipped */

static const struct {
    uint64_t start, page_count;
    struct BootInfoSpan usable, reserved;
} EXTENTS[] = {
    {0x1000, 2, {0x1000, 0x2000}, {0x1000, 0x2000}},
    {0x1800, 2, {0x2000, 0x1000}, {0x1000, 0x3000}},
    {0x1800, 1, {0, 0}, {0x1000, 0x2000}},
    {0x1800, 0, {0, 0}, {0, 0}},
    {END - 0x1000, 1, {END - 0x1000, 0x1000}, {END - 0x1000, 0x1000}},
    {END - 0x1000, 2, {END - 0x1000, 0x1000}, {END - 0x1000, 0x1000}},
    {END - 0x1800, 1, {0, 0}, {END - 0x2000, 0x2000}},
    {END - 0x1800, 2, {END - 0x1000, 0x1000}, {END - 0x2000, 0x2000}},
    {END - 1, 1, {0, 0}, {END - 0x1000, 0x1000}},
    {END, 1, {0, 0}, {0, 0}},
    {END + 1, 1, {0, 0}, {0, 0}},
    {UINT64_MAX, UINT64_MAX, {0, 0}, {0, 0}},
};

static void expect_extent(size_t row, struct BootInfoSpan got, struct BootInfoSpan wanted)
{
    ck_assert_msg(got.size == wanted.size && (got.size == 0 || got.address == wanted.address),
                  "row %zu gives 0x%lx bytes at 0x%lx", row, got.size, got.address);
}

START_TEST(a_descriptor_has_whole_pages_below_the_end)
{
    for (size_t i = 0; i < COUNT(EXTENTS); i++) {
        uint64_t start = EXTENTS[i].start;
        uint64_t count = EXTENTS[i].page_count;
        expect_extent(i, memory_map_extent(BOOTINFO_MEMORY_USABLE, start, count),
                      EXTENTS[i].usable);
        expect_extent(i, memory_map_extent(BOOTINFO_MEMORY_RESERVED, start, count),
                      EXTENTS[i].reserved);
    }
}
END_TEST

START_TEST(half_a_descriptor_at_the_end_is_left_out)
{
    struct firmware_descriptor two[2] = {{FREE, 0, 0x100000, 0, 1, RAM},
                                         {NVS, 0, 0x200000, 0, 1, RAM}};
    struct BootInfoRegion regions[4];
    uint64_t scratch[64];
    ck_assert_uint_le(memory_map_scratch_size(2, 0), sizeof(scratch));
    struct firmware_map cut_short = {two, sizeof(two) - 8, sizeof(two[0])};
    ck_assert_uint_eq(memory_map_convert(cut_short, NULL, 0, regions, scratch), 1);
    ck_assert_uint_eq(regions[0].base, 0x100000);
}
END_TEST

START_TEST(no_descriptors_give_no_regions)
{
    map.stride = 48;
    struct map_result result = map_case_convert(&map);
    ck_assert_uint_eq(result.count, 0);
    free(result.regions);
}
END_TEST

static TCase *table_tests(void)
{
    TCase *tests = tcase_create("tables");
    tcase_add_loop_test(tests, a_stride_that_can_be_stepped_by_is_taken, 0, 5);
    tcase_add_loop_test(tests, a_stride_that_cannot_be_stepped_by_is_refused, 0, 12);
    tcase_add_test(tests, a_stride_of_0_means_that_of_the_specification);
    tcase_add_test(tests, a_map_has_the_descriptors_that_its_bytes_hold_up_to_2_to_the_32);
    tcase_add_test(tests, a_type_follows_from_efi_type_and_attributes);
    tcase_add_loop_test(tests, where_descriptors_overlap_the_more_restrictive_type_wins, 0,
                        COUNT(LADDER));
    return tests;
}

static TCase *descriptor_tests(void)
{
    TCase *tests = tcase_create("descriptors");
    tcase_add_test(tests, equal_neighbours_are_merged);
    tcase_add_test(tests, neighbours_with_other_attributes_stay_apart);
    tcase_add_test(tests, what_no_descriptor_covers_stays_a_gap);
    tcase_add_test(tests, descriptors_in_any_order_become_sorted_regions);
    tcase_add_test(tests, a_descriptor_inside_another_splits_it);
    tcase_add_test(tests, a_less_restrictive_descriptor_inside_another_vanishes);
    tcase_add_test(tests, overlapping_descriptors_of_one_type_have_the_attributes_they_share);
    tcase_add_test(tests, a_loser_does_not_change_the_attributes_of_the_winner);
    tcase_add_test(tests, descriptors_of_no_pages_are_not_there);
    tcase_add_loop_test(tests, ends_behind_the_address_space_are_clipped, 0, 5);
    tcase_add_test(tests, free_memory_that_is_not_aligned_is_rounded_inward);
    tcase_add_test(tests, other_memory_that_is_not_aligned_is_rounded_outward);
    tcase_add_test(tests, a_free_page_that_is_not_aligned_vanishes);
    tcase_add_test(tests, a_descriptor_has_whole_pages_below_the_end);
    tcase_add_test(tests, half_a_descriptor_at_the_end_is_left_out);
    tcase_add_test(tests, no_descriptors_give_no_regions);
    return tests;
}

int main(void)
{
    Suite *suite = suite_create("map");
    suite_add_tcase(suite, table_tests());
    suite_add_tcase(suite, descriptor_tests());
    return suite_main(suite, "unit-map");
}
