/* Where a kernel goes that may lie anywhere: at a distance from where it is linked that its
 * alignment divides, and at the start of a large page if it fills one. */
#include "boot_check.h"
#include "elves.h"
#include "kernels.h"
#include "suite.h"

#include <string.h>

#define HIGH    UINT64_C(0xFFFFFFFF80000000)
#define OFFERED (8 * MIB + PAGE_SIZE)

static struct elf_plan plan;

/* A kernel of the higher half without physical addresses, and 1 MiB is taken. */
static void given_movable(uint64_t linked, uint64_t size, uint64_t alignment)
{
    plan = elf_plan(linked, linked);
    plan.programs[0].align = alignment;
    plan.programs[2].memsz = size - 0x4010;
    (void)given(CONFIG_PLAIN, elf_file(&plan));
    fake_set_memory(MIB, PAGE_SIZE, EFI_ACPI_NVS);
}

static void boots_at(uint64_t address)
{
    struct text file = {fake.files[1].bytes, fake.files[1].size};
    struct expectation expected = {
        .image = elf_image(&plan, file),
        .address = address,
        .memory_size = elf_span(&plan),
        .entry = plan.entry,
        .file = file,
        .elf = &plan,
        .virtual_address = plan.programs[0].vaddr,
    };
    boots(&expected);
}

/* The pages that were asked for with the first AllocatePages after that of the pool. */
static uint64_t pages_asked(void)
{
    uint32_t seen = 0;
    for (uint32_t i = 0; i < fake.event_count; i++) {
        seen += fake_event(i)->call == FAKE_ALLOCATE;
        if (seen == 2) {
            return fake_event(i)->argument;
        }
    }
    return 0;
}

struct place_case {
    uint64_t linked, size, alignment;
    uint64_t pages; /* asked for, for the alignment too */
    uint64_t lies;
};

static const struct place_case places[] = {
    {HIGH, 2 * MIB, PAGE_SIZE, 512 + 511, 10 * MIB},
    {HIGH, 2 * MIB - PAGE_SIZE, PAGE_SIZE, 511, OFFERED},
    {HIGH, 3 * MIB, MIB, 768 + 511, 10 * MIB},
    {HIGH, 3 * MIB, 2 * MIB, 768 + 511, 10 * MIB},
    {HIGH, 3 * MIB, 4 * MIB, 768 + 1023, 12 * MIB},
    {HIGH, 64 * KIB, 4 * MIB, 16 + 1023, 12 * MIB},
    {HIGH + MIB, 3 * MIB, 2 * MIB, 768 + 511, 9 * MIB},
    {HIGH + 3 * PAGE_SIZE, 3 * MIB, MIB, 768 + 511, 8 * MIB + 3 * PAGE_SIZE},
    {HIGH + PAGE_SIZE, 3 * MIB, MIB, 768 + 511, OFFERED},
    {HIGH + 3 * PAGE_SIZE, 64 * KIB, 32 * KIB, 16 + 7, 8 * MIB + 3 * PAGE_SIZE},
};

#define PLACE_COUNT (sizeof(places) / sizeof(places[0]))

START_TEST(a_kernel_that_fills_a_large_page_begins_as_one_does)
{
    const struct place_case *test = &places[_i];
    given_movable(test->linked, test->size, test->alignment);
    fake.offers[0] = 32 * MIB; /* the pool */
    fake.offers[1] = OFFERED;
    fake.offer_count = 2;
    boots_at(test->lies);
    ck_assert_uint_eq(pages_asked(), test->pages);
}
END_TEST

/* A page less than 4 MiB is in one piece. */
static void leave_small_pieces(void)
{
    for (uint64_t at = MIB; at < FAKE_RAM_END; at += 4 * MIB) {
        fake_set_memory(at, PAGE_SIZE, EFI_ACPI_NVS);
    }
}

START_TEST(without_room_for_that_it_lies_as_its_alignment_wants)
{
    given_movable(HIGH + 3 * PAGE_SIZE, 3 * MIB, 16 * KIB);
    leave_small_pieces();
    boots_at(61 * MIB - 769 * PAGE_SIZE);
}
END_TEST

/* Such as that there is no memory for the kernel. */
START_TEST(without_room_for_that_a_later_error_has_no_words_of_it)
{
    given_movable(HIGH, 3 * MIB, PAGE_SIZE);
    struct text file = elf_file(&plan);
    (void)given(CONFIG_PLAIN "compression = zlib\n", kernel_zlib(kernel_cut(file, file.size - 1)));
    leave_small_pieces();
    refuses(STATUS_IMAGE_LENGTH, "the image inflates to 25155 bytes; the file says 25156");
}
END_TEST

START_TEST(at_the_place_that_is_tried_first_it_need_not_begin_as_a_large_page)
{
    given_movable(HIGH + MIB, 3 * MIB, 4 * MIB);
    fake_set_memory(MIB, PAGE_SIZE, EFI_FREE);
    boots_at(MIB);
    given_movable(HIGH, 3 * MIB, 2 * MIB);
    fake_set_memory(MIB, PAGE_SIZE, EFI_FREE);
    fake.offers[0] = 32 * MIB;
    fake.offers[1] = OFFERED;
    fake.offer_count = 2;
    boots_at(10 * MIB); /* 1 MiB is no distance of 2 MiB from there */
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("movable");
    TCase *tests = tcase_create("movable");
    tcase_add_loop_test(tests, a_kernel_that_fills_a_large_page_begins_as_one_does, 0, PLACE_COUNT);
    tcase_add_test(tests, without_room_for_that_it_lies_as_its_alignment_wants);
    tcase_add_test(tests, without_room_for_that_a_later_error_has_no_words_of_it);
    tcase_add_test(tests, at_the_place_that_is_tried_first_it_need_not_begin_as_a_large_page);
    suite_add_tcase(suite, tests);
    return suite_main(suite, "unit-movable");
}
