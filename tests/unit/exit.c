/* The final map and the exit: fresh keys, maps that grow, and no way back. */
#include "boot/exit.h"
#include "boot_check.h"
#include "kernels.h"
#include "suite.h"

#include <string.h>

static struct text kernel;

static void given_a_kernel(void)
{
    if (kernel.bytes == NULL) {
        kernel = kernel_raw(40000);
    }
    (void)given(CONFIG_PLAIN, kernel);
}

static void boots_it(void)
{
    struct expectation expected = expect_raw(kernel);
    boots(&expected);
}

START_TEST(a_stale_key_is_tried_again_with_a_fresh_map)
{
    for (uint32_t stale = 0; stale < EXIT_ATTEMPTS; stale++) {
        given_a_kernel();
        fake.stale_keys = stale;
        boots_it();
        ck_assert_uint_eq(fake.calls[FAKE_EXIT], stale + 1);
        ck_assert_uint_eq(fake.calls[FAKE_MEMORY_MAP], stale + 2);
        ck_assert_uint_eq(fake.said_size, fake.said_before_exit);
    }
}
END_TEST

START_TEST(an_exit_that_keeps_failing_is_said_and_restarts)
{
    given_a_kernel();
    fake.stale_keys = FAKE_STALE_FOR_EVER;
    restarts("baton: error: the firmware refused ExitBootServices in try 4 of 4 "
             "(EFI_INVALID_PARAMETER)\n");
    ck_assert_uint_eq(fake.calls[FAKE_EXIT], EXIT_ATTEMPTS);
}
END_TEST

START_TEST(an_exit_that_is_refused_for_another_reason_is_not_tried_again)
{
    static const enum firmware answers[] = {FIRMWARE_UNSUPPORTED, FIRMWARE_ACCESS_DENIED,
                                            FIRMWARE_SECURITY_VIOLATION, FIRMWARE_NOT_READY};
    char sentence[100];
    for (uint32_t stale = 0; stale < EXIT_ATTEMPTS; stale++) {
        given_a_kernel();
        fake.stale_keys = stale;
        boots_it();
        uint32_t last = fake.fallible_calls;
        for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
            given_a_kernel();
            fake.stale_keys = stale;
            fake.failures[0] = (struct fake_failure){.call = last, .status = answers[i]};
            snprintf(sentence, sizeof(sentence), "refused ExitBootServices in try %u of 4 (%s)\n",
                     stale + 1, firmware_name(answers[i]));
            restarts(sentence);
            ck_assert_uint_eq(fake.calls[FAKE_EXIT], stale + 1);
        }
    }
}
END_TEST

START_TEST(quiet_or_not_a_failed_exit_is_said_once)
{
    (void)given("log = quiet\n" CONFIG_PLAIN, kernel_raw(5000));
    fake.stale_keys = FAKE_STALE_FOR_EVER;
    restarts("the firmware refused ExitBootServices");
    ck_assert_uint_eq(fake.said_before_exit, 0);
    ck_assert_uint_eq(fake.calls[FAKE_SAY], 1);
}
END_TEST

struct growth_case {
    uint64_t fillers;
    uint64_t growth; /* with each of so many maps; 0: all */
    uint32_t growths;
    uint32_t maps; /* taken in all; 0: any number */
};

/* A healthy machine has about ten descriptors, and there is room for 64 more, or a quarter. */
static const struct growth_case growth_cases[] = {
    {0, 0, 0, 2},      {0, 1, 0, 2},      {0, 60, 1, 2},     {0, 70, 1, 3},
    {0, 200, 3, 5},    {0, 200, 0, 0},    {1000, 250, 1, 2}, {1000, 260, 1, 3},
    {2000, 400, 0, 2}, {2000, 600, 2, 0}, {2000, 1, 0, 2},
};

START_TEST(a_map_that_grows_before_the_exit_gets_more_room)
{
    given_a_kernel();
    boots_it();
    uint32_t pages = the_boot.session.pages.count;
    for (size_t i = 0; i < sizeof(growth_cases) / sizeof(growth_cases[0]); i++) {
        const struct growth_case *test = &growth_cases[i];
        given_a_kernel();
        fake.filler_count = test->fillers;
        fake.growth = test->growth;
        fake.growths = test->growths;
        boots_it();
        ck_assert_msg(test->maps == 0 || fake.calls[FAKE_MEMORY_MAP] == test->maps,
                      "case %zu: %u maps", i, fake.calls[FAKE_MEMORY_MAP]);
        ck_assert_uint_eq(fake.calls[FAKE_EXIT], 1);
        ck_assert_uint_eq(the_boot.session.pages.count, pages); /* what was too small is gone */
    }
}
END_TEST

START_TEST(a_map_that_just_fits_needs_no_more_room)
{
    const uint64_t fillers = _i == 0 ? 0 : 1000;
    given_a_kernel();
    fake.filler_count = fillers;
    boots_it();
    uint64_t count = the_boot.attempt.hand_over.map.size / fake.stride;
    uint64_t spare = the_boot.attempt.hand_over.block.descriptors_max - count;
    uint64_t split = _i == 0 ? 0 : 1; /* taking the block added one */
    ck_assert_uint_eq(spare, 1 - split + (_i == 0 ? 64 : (count + 1 - split) / 4));
    for (uint64_t i = 0; i < 2; i++) {
        given_a_kernel();
        fake.filler_count = fillers;
        fake.growth = spare + i;
        fake.growths = 1;
        boots_it();
        ck_assert_uint_eq(fake.calls[FAKE_MEMORY_MAP], 2 + i);
    }
}
END_TEST

START_TEST(a_map_that_never_fits_is_refused)
{
    given_a_kernel();
    boots_it();
    uint32_t map = fake.fallible_calls - 1; /* map, exit */
    given_a_kernel();
    fake.failures[0] =
        (struct fake_failure){.call = map, .status = FIRMWARE_BUFFER_TOO_SMALL, .for_good = true};
    refuses(STATUS_MAP_KEEPS_GROWING,
            "baton: error: the firmware's memory map does not stop growing: it has ");
    ck_assert_uint_eq(fake.calls[FAKE_EXIT], 0);
    ck_assert_uint_eq(fake.calls[FAKE_MEMORY_MAP], 1 + GROWTHS_MAX);
    ck_assert_ptr_eq(strstr(fake.said, "it has 0 "), NULL);
}
END_TEST

START_TEST(a_map_that_grows_after_the_exit_began_fits_its_slack)
{
    static const uint64_t growths[] = {1, 30, 63};
    for (size_t i = 0; i < sizeof(growths) / sizeof(growths[0]); i++) {
        given_a_kernel();
        fake.stale_keys = 1;
        fake.growth_at_exit = growths[i];
        boots_it();
    }
}
END_TEST

START_TEST(a_map_that_outgrows_its_slack_after_the_exit_began_restarts)
{
    given_a_kernel();
    fake.stale_keys = 1;
    fake.growth_at_exit = 2000;
    restarts("baton: error: the memory map grew to ");
    ck_assert(strstr(fake.said, " after the exit began; 3,") != NULL);
    ck_assert_uint_eq(the_boot.session.failure.number[0], the_boot.attempt.hand_over.map.size);
    ck_assert_uint_gt(the_boot.attempt.hand_over.map.size, 2000 * fake.stride);
    ck_assert_uint_eq(fake.calls[FAKE_EXIT], 1);
}
END_TEST

START_TEST(a_map_that_fails_after_the_exit_began_restarts)
{
    given_a_kernel();
    fake.stale_keys = 1;
    boots_it();
    uint32_t map = fake.fallible_calls - 1; /* map, exit */
    given_a_kernel();
    fake.stale_keys = 1;
    fake.failures[0] = (struct fake_failure){.call = map, .status = FIRMWARE_INVALID_PARAMETER};
    restarts("baton: error: the firmware gave no memory map after the exit began "
             "(EFI_INVALID_PARAMETER)\n");
}
END_TEST

START_TEST(a_stride_that_goes_bad_after_the_exit_began_is_said_and_restarts)
{
    given_a_kernel();
    fake.stride_unsaid = true;
    fake.stride_said = 24;
    fake.stride_true_maps = 2;
    fake.stale_keys = 1;
    restarts("baton: error: the firmware's memory descriptors are 24 bytes apart");
}
END_TEST

/* Free memory that was not in the map before, without pages of 1 GiB: a table for each GiB. */
struct late_case {
    uint64_t known; /* GiB */
    uint64_t late;
    bool fits;
};

static const struct late_case late_cases[] = {
    {0, 1, true}, {0, 7, true}, {0, 8, false}, {0, 20, false}, {40, 8, true}, {40, 9, false},
};

START_TEST(memory_that_turns_up_after_the_exit_began_may_outgrow_the_page_tables)
{
    for (size_t i = 0; i < sizeof(late_cases) / sizeof(late_cases[0]); i++) {
        const struct late_case *test = &late_cases[i];
        given_a_kernel();
        fake.cpu.large_tables = false;
        if (test->known > 0) {
            fake_add_descriptor(EFI_FREE, 8 * GIB, test->known * GIB / PAGE_SIZE, 0xF);
        }
        fake_add_descriptor(EFI_FREE, 64 * GIB, test->late * GIB / PAGE_SIZE, 0xF);
        fake.late_descriptors = 1;
        fake.stale_keys = 1;
        if (test->fits) {
            boots_it();
            continue;
        }
        restarts("baton: error: page tables grew to ");
        ck_assert_ptr_nonnull(strstr(fake.said, " after the exit began; "));
        ck_assert_uint_eq(the_boot.session.failure.number[0],
                          (9 + test->known + test->late) * PAGE_SIZE);
        ck_assert_uint_eq(the_boot.session.failure.number[1],
                          test->known == 0 ? 16 * PAGE_SIZE : (9 + 8 + test->known) * PAGE_SIZE);
    }
}
END_TEST

START_TEST(page_tables_get_as_many_pages_as_the_machine_needs)
{
    static const uint64_t sizes[] = {4 * GIB, 40 * GIB, 400 * GIB};
    static const uint32_t maps[] = {3, 4, 4};
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        given_a_kernel();
        fake.cpu.large_tables = false;
        fake_add_descriptor(EFI_FREE, 8 * GIB, sizes[i] / PAGE_SIZE, 0xF);
        fake.stale_keys = 1;
        boots_it();
        ck_assert_uint_eq(fake.calls[FAKE_MEMORY_MAP], maps[i]);
    }
}
END_TEST

START_TEST(memory_that_keeps_turning_up_before_the_exit_is_refused)
{
    given_a_kernel();
    fake.cpu.large_tables = false;
    fake.first_descriptors = fake.descriptor_count;
    for (uint64_t i = 0; i < 12; i++) {
        fake_add_descriptor(EFI_FREE, (8 + 24 * i) * GIB, 20 * GIB / PAGE_SIZE, 0xF);
    }
    refuses(STATUS_MAP_KEEPS_GROWING, "baton: error: the firmware's memory map does not stop "
                                      "growing: it has ");
    ck_assert_uint_eq(fake.calls[FAKE_MEMORY_MAP], 1 + GROWTHS_MAX);
    ck_assert_ptr_nonnull(strstr(fake.said, " bytes now\n")); /* the tables' size is in KiB */
}
END_TEST

START_TEST(five_levels_of_tables_work_as_four_do)
{
    given_a_kernel();
    fake_five_levels();
    fake.stride = 56;
    boots_it();
    given_a_kernel();
    fake_five_levels();
    fake.cpu.large_tables = false;
    fake_add_descriptor(EFI_FREE, 8 * GIB, 40 * GIB / PAGE_SIZE, 0xF);
    boots_it();
}
END_TEST

START_TEST(memory_that_runs_out_at_the_exit_is_given_back)
{
    given_a_kernel();
    fake.growth = 600; /* more than a pool has */
    fake.growths = 1;
    boots_it();
    uint32_t room = fake.fallible_calls - 3; /* room, scratch, map, exit */
    given_a_kernel();
    fake.growth = 600; /* more than a pool has */
    fake.growths = 1;
    fake.failures[0] = (struct fake_failure){.call = room, .status = FIRMWARE_OUT_OF_RESOURCES};
    refuses(STATUS_MEMORY_EXHAUSTED, "of memory in one piece for the boot info "
                                     "(EFI_OUT_OF_RESOURCES)");
    ck_assert_uint_eq(fake.calls[FAKE_EXIT], 0);
}
END_TEST

START_TEST(the_exit_stamp_is_that_of_the_last_attempt)
{
    given_a_kernel();
    fake.stale_keys = 3;
    boots_it();
    const struct BootInfo *info = (const struct BootInfo *)fake.hand_off.info;
    ck_assert_uint_eq(bootinfo_timestamp(info, 6)->tsc, 1000 * fake.calls[FAKE_TIMESTAMP]);
    ck_assert_uint_eq(fake.calls[FAKE_TIMESTAMP], 1 + 6 + 4);
}
END_TEST

/* With the memory between them two regions become one: the last region of the first try is
 * no longer one, and check_hand_off wants its bytes to be zero. */
START_TEST(a_map_that_shrinks_after_the_exit_began_leaves_nothing_behind)
{
    uint32_t count[2];
    for (uint32_t late = 0; late < 2; late++) {
        given_a_kernel();
        fake_add_descriptor(EFI_RESERVED, 64 * GIB, 1, 0xF);
        fake_add_descriptor(EFI_RESERVED, 64 * GIB + 2 * PAGE_SIZE, 1, 0xF);
        if (late != 0) {
            fake_add_descriptor(EFI_RESERVED, 64 * GIB + PAGE_SIZE, 1, 0xF);
            fake.late_descriptors = 1;
            fake.stale_keys = 1;
        }
        boots_it();
        count[late] = ((const struct BootInfo *)fake.hand_off.info)->memory_map.count;
    }
    ck_assert_uint_eq(count[1], count[0] - 1);
    given_a_kernel();
    fake.filler_count = 10;
    fake.growth = UINT64_MAX - 2; /* three fewer with each map */
    fake.stale_keys = 1;
    boots_it();
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("exit");
    TCase *keys = tcase_create("keys");
    tcase_add_test(keys, a_stale_key_is_tried_again_with_a_fresh_map);
    tcase_add_test(keys, an_exit_that_keeps_failing_is_said_and_restarts);
    tcase_add_test(keys, an_exit_that_is_refused_for_another_reason_is_not_tried_again);
    tcase_add_test(keys, quiet_or_not_a_failed_exit_is_said_once);
    tcase_add_test(keys, the_exit_stamp_is_that_of_the_last_attempt);
    suite_add_tcase(suite, keys);

    TCase *maps = tcase_create("maps");
    tcase_add_test(maps, a_map_that_grows_before_the_exit_gets_more_room);
    tcase_add_loop_test(maps, a_map_that_just_fits_needs_no_more_room, 0, 2);
    tcase_add_test(maps, a_map_that_never_fits_is_refused);
    tcase_add_test(maps, a_map_that_grows_after_the_exit_began_fits_its_slack);
    tcase_add_test(maps, a_map_that_outgrows_its_slack_after_the_exit_began_restarts);
    tcase_add_test(maps, a_map_that_fails_after_the_exit_began_restarts);
    tcase_add_test(maps, a_stride_that_goes_bad_after_the_exit_began_is_said_and_restarts);
    tcase_add_test(maps, a_map_that_shrinks_after_the_exit_began_leaves_nothing_behind);
    suite_add_tcase(suite, maps);

    TCase *memory = tcase_create("memory");
    tcase_add_test(memory, page_tables_get_as_many_pages_as_the_machine_needs);
    tcase_add_test(memory, memory_that_keeps_turning_up_before_the_exit_is_refused);
    tcase_add_test(memory, five_levels_of_tables_work_as_four_do);
    tcase_add_test(memory, memory_that_runs_out_at_the_exit_is_given_back);
    tcase_add_test(memory, memory_that_turns_up_after_the_exit_began_may_outgrow_the_page_tables);
    suite_add_tcase(suite, memory);
    return suite_main(suite, "unit-exit");
}
