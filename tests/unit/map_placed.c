/* What the loader placed, and page 0. */
#include "map_builder.h"

START_TEST(a_placed_range_is_cut_out_of_its_descriptor)
{
    add(LOADER_DATA, 256, 100, RAM);
    place(BOOTINFO_MEMORY_KERNEL, 266, 10);
    EXPECT(REGION(256, 10, USABLE, RAM), REGION(266, 10, KERNEL, RAM),
           REGION(276, 80, USABLE, RAM));
}
END_TEST

START_TEST(a_placed_range_may_be_all_of_its_descriptor)
{
    add(LOADER_DATA, 256, 10, RAM);
    place(BOOTINFO_MEMORY_INFO, 256, 10);
    EXPECT(REGION(256, 10, INFO, RAM));
}
END_TEST

START_TEST(a_placed_range_over_several_descriptors_is_one_region_with_what_they_share)
{
    add(FREE, 256, 10, 0xB);
    add(BS_DATA, 266, 10, RAM);
    add(NVS, 276, 10, 0xE);
    place(BOOTINFO_MEMORY_KERNEL, 260, 20);
    EXPECT(REGION(256, 4, USABLE, 0xB), REGION(260, 20, KERNEL, 0xA),
           REGION(280, 6, ACPI_NVS, 0xE));
}
END_TEST

START_TEST(placed_ranges_win_in_overlapping_maps_too)
{
    add(FREE, 256, 100, RAM);
    add(UNUSABLE, 260, 10, 0x9);
    add(BS_DATA, 266, 20, RAM);
    place(BOOTINFO_MEMORY_STACK, 258, 20);
    EXPECT(REGION(256, 2, USABLE, RAM), REGION(258, 20, STACK, 0x9),
           REGION(278, 8, BOOT_SERVICES, RAM), REGION(286, 70, USABLE, RAM));
}
END_TEST

START_TEST(placed_ranges_come_in_any_order)
{
    add(FREE, 256, 100, RAM);
    place(BOOTINFO_MEMORY_STACK, 300, 2);
    place(BOOTINFO_MEMORY_LOADER, 290, 2);
    place(BOOTINFO_MEMORY_INFO, 310, 2);
    place(BOOTINFO_MEMORY_KERNEL, 256, 2);
    EXPECT(REGION(256, 2, KERNEL, RAM), REGION(258, 32, USABLE, RAM), REGION(290, 2, LOADER, RAM),
           REGION(292, 8, USABLE, RAM), REGION(300, 2, STACK, RAM), REGION(302, 8, USABLE, RAM),
           REGION(310, 2, INFO, RAM), REGION(312, 44, USABLE, RAM));
}
END_TEST

START_TEST(touching_placed_ranges_of_one_type_are_one_region)
{
    add(FREE, 256, 100, RAM);
    place(BOOTINFO_MEMORY_LOADER, 266, 10);
    place(BOOTINFO_MEMORY_LOADER, 256, 10);
    place(BOOTINFO_MEMORY_STACK, 276, 80);
    EXPECT(REGION(256, 20, LOADER, RAM), REGION(276, 80, STACK, RAM));
}
END_TEST

START_TEST(a_placed_range_that_nobody_needs_any_more_merges_with_free_memory)
{
    add(FREE, 256, 100, RAM);
    add(BS_DATA, 356, 100, RAM);
    place(BOOTINFO_MEMORY_USABLE, 346, 20);
    EXPECT(REGION(256, 110, USABLE, RAM), REGION(366, 90, BOOT_SERVICES, RAM));
}
END_TEST

START_TEST(a_placed_range_that_is_not_write_back_is_never_usable)
{
    add(FREE, 256, 100, RAM);
    add(FREE, 356, 100, 0x7);
    place(BOOTINFO_MEMORY_USABLE, 350, 20);
    EXPECT(REGION(256, 94, USABLE, RAM), REGION(350, 106, RESERVED, 0x7));
}
END_TEST

START_TEST(a_placed_range_that_no_descriptor_covers_promises_nothing)
{
    add(FREE, 256, 10, RAM);
    place(BOOTINFO_MEMORY_KERNEL, 260, 10);
    place(BOOTINFO_MEMORY_STACK, 300, 10);
    place(BOOTINFO_MEMORY_USABLE, 400, 10);
    EXPECT(REGION(256, 4, USABLE, RAM), REGION(260, 10, KERNEL, 0), REGION(300, 10, STACK, 0),
           REGION(400, 10, RESERVED, 0));
}
END_TEST

START_TEST(page_0_is_reserved_where_it_is_free)
{
    static const uint32_t types[] = {FREE, LOADER_CODE, LOADER_DATA};
    add(types[_i], 0, 160, RAM);
    EXPECT(REGION(0, 1, RESERVED, RAM), REGION(1, 159, USABLE, RAM));
}
END_TEST

START_TEST(page_0_is_reserved_where_it_is_boot_services)
{
    add(BS_CODE, 0, 1, RAM);
    add(FREE, 1, 159, RAM);
    EXPECT(REGION(0, 1, RESERVED, RAM), REGION(1, 159, USABLE, RAM));
}
END_TEST

START_TEST(page_0_is_reserved_where_it_is_for_special_purposes)
{
    add(FREE, 0, 10, RAM | SP);
    EXPECT(REGION(0, 1, RESERVED, RAM | SP), REGION(1, 9, SPECIAL_PURPOSE, RAM | SP));
}
END_TEST

START_TEST(page_0_is_what_the_firmware_says_where_it_is_not_free)
{
    add(NVS, 0, 10, RAM);
    EXPECT(REGION(0, 10, ACPI_NVS, RAM));
}
END_TEST

START_TEST(page_0_merges_with_reserved_memory_behind_it)
{
    add(BS_CODE, 0, 1, RAM);
    add(RESERVED, 1, 9, RAM);
    EXPECT(REGION(0, 10, RESERVED, RAM));
}
END_TEST

static TCase *placed_tests(void)
{
    TCase *tests = tcase_create("placed ranges and page 0");
    tcase_add_test(tests, a_placed_range_is_cut_out_of_its_descriptor);
    tcase_add_test(tests, a_placed_range_may_be_all_of_its_descriptor);
    tcase_add_test(tests,
                   a_placed_range_over_several_descriptors_is_one_region_with_what_they_share);
    tcase_add_test(tests, placed_ranges_win_in_overlapping_maps_too);
    tcase_add_test(tests, placed_ranges_come_in_any_order);
    tcase_add_test(tests, touching_placed_ranges_of_one_type_are_one_region);
    tcase_add_test(tests, a_placed_range_that_nobody_needs_any_more_merges_with_free_memory);
    tcase_add_test(tests, a_placed_range_that_is_not_write_back_is_never_usable);
    tcase_add_test(tests, a_placed_range_that_no_descriptor_covers_promises_nothing);
    tcase_add_loop_test(tests, page_0_is_reserved_where_it_is_free, 0, 3);
    tcase_add_test(tests, page_0_is_reserved_where_it_is_boot_services);
    tcase_add_test(tests, page_0_is_reserved_where_it_is_for_special_purposes);
    tcase_add_test(tests, page_0_is_what_the_firmware_says_where_it_is_not_free);
    tcase_add_test(tests, page_0_merges_with_reserved_memory_behind_it);
    return tests;
}

int main(void)
{
    Suite *suite = suite_create("map_placed");
    suite_add_tcase(suite, placed_tests());
    return suite_main(suite, "unit-map_placed");
}
