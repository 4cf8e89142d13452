/* boot/segments.c: the parts of the identity map and of the higher half, entry by entry. */
#include "boot/segments.h"
#include "suite.h"

#include <stdlib.h>
#include <string.h>

#define HIGH   UINT64_C(0xFFFFFFFF80000000)
#define TARGET UINT64_C(0x400000)

enum { R = 4, RW = 6, RX = 5 };

static struct kernel kernel;
static struct kernel_segments *found; /* allocated: ASan sees what lies before */

/* After them lies one that does not count. */
static void given(uint64_t linked, const struct elf_segment *segments, uint32_t count)
{
    memset(&kernel, 0, sizeof(kernel));
    kernel.image.kind = IMAGE_ELF64;
    kernel.image.elf.address = linked;
    kernel.image.elf.segment_count = count;
    memcpy(kernel.image.elf.segments, segments, count * sizeof(*segments));
    kernel.image.elf.segments[count] =
        (struct elf_segment){.address = HIGH + 0x700000, .at = 0x700000, .memory_size = 0x1000};
    kernel.placement.target = TARGET;
    kernel.placement.virtual_address = linked;
    found = malloc(sizeof(*found));
    memset(found, 0xA5, sizeof(*found));
}

static void expect(const struct segment_parts *parts, const struct arch_segment *wanted,
                   uint64_t count)
{
    ck_assert_uint_eq(parts->count, count);
    for (uint64_t i = 0; i < count; i++) {
        ck_assert_uint_eq(parts->items[i].address, wanted[i].address);
        ck_assert_uint_eq(parts->items[i].size, wanted[i].size);
        ck_assert_uint_eq(parts->items[i].distance, wanted[i].distance);
        ck_assert_int_eq(parts->items[i].writable, wanted[i].writable);
        ck_assert_int_eq(parts->items[i].executable, wanted[i].executable);
    }
}

/* Code, data and constants: code's last page is the data's first one, and the data's only page but
 * one is shared with the constants. */
static const struct elf_segment three[] = {
    {.address = HIGH, .at = 0, .memory_size = 0x2800, .flags = RX},
    {.address = HIGH + 0x2800, .at = 0x2800, .memory_size = 0x100, .flags = RW},
    {.address = HIGH + 0x2900, .at = 0x2900, .memory_size = 0x1800, .flags = R},
};

START_TEST(a_shared_page_is_a_part_with_the_rights_of_all)
{
    uint64_t moved = _i == 0 ? 0 : 0x200000;
    uint64_t distance = HIGH + moved - TARGET;
    given(HIGH, three, 3);
    kernel.placement.virtual_address = HIGH + moved;
    segments_list(&kernel, found);
    struct arch_segment wanted[] = {
        {TARGET, 0x2000, 0, false, true},
        {TARGET + 0x2000, 0x1000, 0, true, true},
        {TARGET + 0x3000, 0x2000, 0, false, false},
    };
    expect(&found->identity, wanted, 3);
    for (int i = 0; i < 3; i++) {
        wanted[i].distance = distance;
    }
    expect(&found->high, wanted, 3);
    free(found);
}
END_TEST

START_TEST(parts_of_the_higher_half_are_in_order_of_their_virtual_addresses)
{
    const struct elf_segment segments[] = {
        {.address = TARGET, .at = 0, .memory_size = 0x1000, .flags = RX},
        {.address = HIGH + 0x9000, .at = 0x1000, .memory_size = 1, .flags = RW},
        {.address = HIGH + 0x3000, .at = 0x2000, .memory_size = 0x1001, .flags = R},
    };
    given(TARGET, segments, 3);
    segments_list(&kernel, found);
    const struct arch_segment identity[] = {{TARGET, 0x1000, 0, false, true},
                                            {TARGET + 0x1000, 0x1000, 0, true, false},
                                            {TARGET + 0x2000, 0x2000, 0, false, false}};
    const struct arch_segment high[] = {
        {TARGET + 0x2000, 0x2000, HIGH + 0x1000 - TARGET, false, false},
        {TARGET + 0x1000, 0x1000, HIGH + 0x8000 - TARGET, true, false}};
    expect(&found->identity, identity, 3);
    expect(&found->high, high, 2);
    free(found);
}
END_TEST

START_TEST(a_raw_kernel_has_no_segments)
{
    given(HIGH, three, 3);
    kernel.image.kind = IMAGE_RAW;
    segments_list(&kernel, found);
    ck_assert_uint_eq(found->identity.count, 0);
    ck_assert_uint_eq(found->high.count, 0);
    free(found);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("segments");
    TCase *tests = tcase_create("parts");
    tcase_add_loop_test(tests, a_shared_page_is_a_part_with_the_rights_of_all, 0, 2);
    tcase_add_test(tests, parts_of_the_higher_half_are_in_order_of_their_virtual_addresses);
    tcase_add_test(tests, a_raw_kernel_has_no_segments);
    suite_add_tcase(suite, tests);
    return suite_main(suite, "unit-segments");
}
