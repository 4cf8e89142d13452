/* Pages: what is taken, what is kept, what is given back. */
#include "boot/session.h"
#include "fake_platform.h"
#include "suite.h"

#include <string.h>

#define UNTOUCHED UINT64_C(0x1234)

static struct session session;
static const struct pages_wish three_pages = {PLAT_DATA, BOOTINFO_MEMORY_USABLE, 3, "the test"};

static void begin(void)
{
    fake_reset();
    fake_memory_snapshot();
    memset(&session, 0, sizeof(session));
}

START_TEST(pages_are_counted_up)
{
    ck_assert_uint_eq(page_count_of(0), 0);
    ck_assert_uint_eq(page_count_of(1), 1);
    ck_assert_uint_eq(page_count_of(4095), 1);
    ck_assert_uint_eq(page_count_of(4096), 1);
    ck_assert_uint_eq(page_count_of(4097), 2);
    ck_assert_uint_eq(page_count_of(UINT64_MAX), UINT64_C(1) << 52);
}
END_TEST

START_TEST(what_is_reserved_is_given_back_in_any_order)
{
    uint64_t addresses[8];
    begin();
    for (size_t i = 0; i < 8; i++) {
        ck_assert_int_eq(pages_take(&session.pages, three_pages, &session.failure, &addresses[i]),
                         STATUS_OK);
    }
    ck_assert(pages_take_at(&session.pages, three_pages, 2 * MIB));
    ck_assert_uint_eq(fake_pages_allocated(), 27);
    pages_release(&session.pages, addresses[0]);
    pages_release(&session.pages, addresses[7]);
    pages_release(&session.pages, addresses[3]);
    ck_assert_uint_eq(fake_pages_allocated(), 18);
    ck_assert_uint_eq(session.pages.count, 6);
    pages_release_down_to(&session.pages, 0);
    ck_assert_uint_eq(session.pages.count, 0);
    fake_memory_check_returned();
}
END_TEST

START_TEST(what_was_never_reserved_is_not_given_back)
{
    begin();
    pages_release(&session.pages, 0);
    pages_release(&session.pages, 2 * MIB);
    ck_assert_uint_eq(fake.calls[FAKE_FREE], 0);
    ck_assert(pages_take_at(&session.pages, three_pages, 2 * MIB));
    pages_release(&session.pages, 2 * MIB);
    pages_release(&session.pages, 2 * MIB);
    ck_assert_uint_eq(fake.calls[FAKE_FREE], 1);
}
END_TEST

START_TEST(a_refusal_says_for_what_and_leaves_the_address_alone)
{
    uint64_t address = UNTOUCHED;
    begin();
    fake.failures[0] = (struct fake_failure){.call = 1, .status = FIRMWARE_OUT_OF_RESOURCES};
    ck_assert_int_eq(pages_take(&session.pages, three_pages, &session.failure, &address),
                     STATUS_MEMORY_EXHAUSTED);
    ck_assert_uint_eq(address, UNTOUCHED);
    ck_assert_uint_eq(session.failure.status, STATUS_MEMORY_EXHAUSTED);
    ck_assert_uint_eq(session.failure.number[0], 3 * PAGE_SIZE);
    ck_assert_int_eq(session.failure.firmware, FIRMWARE_OUT_OF_RESOURCES);
    ck_assert(text_equal(session.failure.hint, TEXT("the test")));
    ck_assert_uint_eq(session.pages.count, 0);
}
END_TEST

START_TEST(a_place_that_is_taken_is_refused)
{
    begin();
    ck_assert(pages_take_at(&session.pages, three_pages, 2 * MIB));
    ck_assert(!pages_take_at(&session.pages, three_pages, 2 * MIB + 2 * PAGE_SIZE));
    ck_assert(!pages_take_at(&session.pages, three_pages, FAKE_RAM_END - 2 * PAGE_SIZE));
    ck_assert_uint_eq(session.pages.count, 1);
    pages_release_down_to(&session.pages, 0);
}
END_TEST

struct offer_case {
    uint64_t offer;
    bool taken; /* three pages, and 16 MiB to 17 MiB is to be avoided */
};

static const struct offer_case offer_cases[] = {
    {0, false},
    {PAGE_SIZE, false},
    {MIB - PAGE_SIZE, false},
    {MIB, true},
    {16 * MIB - 3 * PAGE_SIZE, true},
    {16 * MIB - 2 * PAGE_SIZE, false},
    {16 * MIB, false},
    {17 * MIB - PAGE_SIZE, false},
    {17 * MIB, true},
    {FAKE_RAM_END - 3 * PAGE_SIZE, true},
};

START_TEST(offers_in_a_wrong_place_are_kept_until_the_end)
{
    for (size_t i = 0; i < sizeof(offer_cases) / sizeof(offer_cases[0]); i++) {
        const struct offer_case *test = &offer_cases[i];
        uint64_t address = UNTOUCHED;
        begin();
        session.pages.forbidden = (struct BootInfoSpan){16 * MIB, MIB};
        fake.offers[0] = test->offer;
        fake.offers[1] = 32 * MIB;
        fake.offer_count = 2;
        struct pages_wish request = three_pages;
        request.type = BOOTINFO_MEMORY_INFO;
        ck_assert_int_eq(pages_take(&session.pages, request, &session.failure, &address),
                         STATUS_OK);
        ck_assert_uint_eq(address, test->taken ? test->offer : 32 * MIB);
        ck_assert_uint_eq(session.pages.count, test->taken ? 1 : 2);
        if (!test->taken) {
            ck_assert_uint_eq(session.pages.items[0].type, BOOTINFO_MEMORY_USABLE);
            pages_release(&session.pages, test->offer);
            ck_assert_uint_eq(session.pages.count, 2);
        }
        pages_release_down_to(&session.pages, 0);
        fake_memory_check_returned();
    }
}
END_TEST

START_TEST(a_full_list_is_an_error_and_not_an_overrun)
{
    uint64_t address = 0;
    begin();
    for (uint32_t i = 0; i < PAGES_MAX; i++) {
        ck_assert_int_eq(pages_take(&session.pages, three_pages, &session.failure, &address),
                         STATUS_OK);
    }
    address = UNTOUCHED;
    ck_assert_int_eq(pages_take(&session.pages, three_pages, &session.failure, &address),
                     STATUS_MEMORY_FRAGMENTED);
    ck_assert_uint_eq(address, UNTOUCHED);
    ck_assert_uint_eq(session.failure.number[0], PAGES_MAX);
    ck_assert(!pages_take_at(&session.pages, three_pages, 2 * MIB));
    ck_assert_uint_eq(fake.calls[FAKE_ALLOCATE] + fake.calls[FAKE_ALLOCATE_AT], PAGES_MAX);
    pages_release_down_to(&session.pages, 0);
    fake_memory_check_returned();
}
END_TEST

START_TEST(after_an_attempt_no_place_is_forbidden_and_no_address_too_high)
{
    uint64_t address = UNTOUCHED;
    begin();
    session.pages.forbidden = (struct BootInfoSpan){16 * MIB, MIB};
    session.pages.last = UINT32_MAX;
    pages_release_down_to(&session.pages, 0);
    fake.offers[0] = 16 * MIB;
    fake.offer_count = 1;
    ck_assert_int_eq(pages_take(&session.pages, three_pages, &session.failure, &address),
                     STATUS_OK);
    ck_assert_uint_eq(address, 16 * MIB);
    ck_assert_uint_eq(fake.allocate_last, 0);
    pages_release_down_to(&session.pages, 0);
    fake_memory_check_returned();
}
END_TEST

static void begin_pooled(void)
{
    begin();
    session.pages.pooled = true;
}

static uint64_t take(uint64_t count)
{
    uint64_t address = 0;
    struct pages_wish wish = {PLAT_DATA, BOOTINFO_MEMORY_INFO, count, "the test"};
    ck_assert_int_eq(pages_take(&session.pages, wish, &session.failure, &address), STATUS_OK);
    ck_assert(fake_is_allocated(address, count * PAGE_SIZE));
    return address;
}

static void ends_with_nothing_taken(void)
{
    pages_end(&session.pages);
    ck_assert_uint_eq(session.pages.count, 0);
    fake_memory_check_returned();
}

START_TEST(small_allocations_share_a_pool)
{
    begin_pooled();
    uint64_t first = take(3);
    ck_assert_uint_eq(take(1), first + 3 * PAGE_SIZE);
    ck_assert_uint_eq(take(POOL_SHARE), first + 4 * PAGE_SIZE);
    ck_assert_uint_eq(fake.calls[FAKE_ALLOCATE], 1);
    ck_assert_int_eq(fake_type_at(first), EFI_LOADER_CODE); /* the hand-off is run there */
    ck_assert_uint_eq(session.pages.items[1].address, first + 3 * PAGE_SIZE);
    ck_assert_uint_eq(session.pages.items[1].count, 1);
    ck_assert_uint_eq(session.pages.items[1].type, BOOTINFO_MEMORY_INFO);
    uint64_t large = take(POOL_SHARE + 1);
    ck_assert_uint_eq(fake.calls[FAKE_ALLOCATE], 2);
    ck_assert_int_eq(fake_type_at(large), EFI_LOADER_DATA);
    ends_with_nothing_taken();
}
END_TEST

START_TEST(a_used_up_pool_is_followed_by_others_and_these_by_single_allocations)
{
    const uint32_t parts = POOL_PAGES / POOL_SHARE;
    begin_pooled();
    for (uint32_t i = 0; i < POOLS_MAX * parts; i++) {
        (void)take(POOL_SHARE);
        ck_assert_uint_eq(fake.calls[FAKE_ALLOCATE], 1 + i / parts);
    }
    (void)take(1);
    (void)take(1);
    ck_assert_uint_eq(fake.calls[FAKE_ALLOCATE], POOLS_MAX + 2);
    ends_with_nothing_taken();
}
END_TEST

START_TEST(without_room_for_a_pool_allocations_are_single)
{
    begin_pooled();
    fake.failures[0] = (struct fake_failure){.call = 1, .status = FIRMWARE_OUT_OF_RESOURCES};
    (void)take(3);
    (void)take(3);
    ck_assert_uint_eq(fake.calls[FAKE_ALLOCATE], 3);
    ck_assert_uint_eq(fake_pages_allocated(), 6);
    ends_with_nothing_taken();
}
END_TEST

START_TEST(what_follows_an_attempt_takes_the_same_part_of_the_pool)
{
    begin_pooled();
    uint64_t kept = take(2);
    uint64_t second = take(3);
    (void)take(4);
    pages_release(&session.pages, second); /* out of order: not given out until all after it is */
    ck_assert_uint_eq(take(1), kept + 9 * PAGE_SIZE);
    pages_release_down_to(&session.pages, 1);
    ck_assert_uint_eq(fake.calls[FAKE_FREE], 0);
    ck_assert_uint_eq(take(5), kept + 5 * PAGE_SIZE);
    pages_release_down_to(&session.pages, 0);
    ck_assert_uint_eq(take(5), kept);
    ends_with_nothing_taken();
}
END_TEST

START_TEST(disowned_parts_of_a_pool_are_not_given_out_again)
{
    begin_pooled();
    uint64_t module = take(3);
    pages_disown(&session.pages, module);
    ck_assert_uint_eq(session.pages.count, 0);
    ck_assert_uint_eq(take(1), module + 3 * PAGE_SIZE);
    pages_give_back(&session.pages, module, 3);
    ck_assert_uint_eq(fake.calls[FAKE_FREE], 0);
    ends_with_nothing_taken();
}
END_TEST

START_TEST(a_pool_in_a_wrong_place_is_kept_and_not_used)
{
    static const uint64_t offers[] = {PAGE_SIZE, 16 * MIB};
    for (size_t i = 0; i < sizeof(offers) / sizeof(offers[0]); i++) {
        begin_pooled();
        session.pages.forbidden = (struct BootInfoSpan){16 * MIB, MIB};
        fake.offers[0] = offers[i];
        fake.offers[1] = 32 * MIB;
        fake.offers[2] = 33 * MIB;
        fake.offer_count = 3;
        ck_assert_uint_eq(take(3), 32 * MIB);
        ck_assert_uint_eq(take(3), 33 * MIB);
        ends_with_nothing_taken();
    }
}
END_TEST

START_TEST(a_limit_that_came_after_the_pool_is_kept)
{
    begin_pooled();
    fake.offers[0] = 4 * GIB;
    fake.offer_count = 1;
    session.pages.last = 0;
    struct pages_wish wish = three_pages;
    uint64_t address = 0;
    ck_assert_int_eq(pages_take(&session.pages, wish, &session.failure, &address), STATUS_OK);
    ck_assert_uint_eq(address, 4 * GIB);
    session.pages.last = 4 * GIB + 4 * PAGE_SIZE - 1; /* a page less than is asked for */
    wish.count = 2;
    ck_assert_int_eq(pages_take(&session.pages, wish, &session.failure, &address), STATUS_OK);
    ck_assert_uint_lt(address, 4 * GIB);
    ck_assert_uint_eq(fake.allocate_last, session.pages.last);
    ends_with_nothing_taken();
}
END_TEST

START_TEST(a_part_of_the_pool_may_end_at_the_limit)
{
    for (uint64_t less = 0; less < 2; less++) {
        begin_pooled();
        fake.offers[0] = 32 * MIB;
        fake.offer_count = 1;
        ck_assert_uint_eq(take(3), 32 * MIB);
        session.pages.last = 32 * MIB + 5 * PAGE_SIZE - 1 - less;
        uint64_t second = take(2);
        ck_assert_int_eq(second == 32 * MIB + 3 * PAGE_SIZE, less == 0);
        ends_with_nothing_taken();
    }
}
END_TEST

START_TEST(what_lies_just_after_a_pool_is_not_of_it)
{
    begin_pooled();
    fake.offers[0] = 32 * MIB;
    fake.offers[1] = 32 * MIB + POOL_PAGES * PAGE_SIZE;
    fake.offer_count = 2;
    (void)take(1);
    pages_release(&session.pages, take(POOL_SHARE + 1));
    ck_assert_uint_eq(fake_pages_allocated(), POOL_PAGES);
    ends_with_nothing_taken();
}
END_TEST

START_TEST(nothing_is_taken_from_a_pool_that_was_given_back)
{
    begin_pooled();
    (void)take(3);
    ends_with_nothing_taken();
    (void)take(3);
    ck_assert_uint_eq(fake.calls[FAKE_ALLOCATE], 2);
    ends_with_nothing_taken();
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("pages");
    TCase *pages = tcase_create("pages");
    tcase_add_test(pages, pages_are_counted_up);
    tcase_add_test(pages, what_is_reserved_is_given_back_in_any_order);
    tcase_add_test(pages, what_was_never_reserved_is_not_given_back);
    tcase_add_test(pages, a_refusal_says_for_what_and_leaves_the_address_alone);
    tcase_add_test(pages, a_place_that_is_taken_is_refused);
    tcase_add_test(pages, offers_in_a_wrong_place_are_kept_until_the_end);
    tcase_add_test(pages, a_full_list_is_an_error_and_not_an_overrun);
    tcase_add_test(pages, after_an_attempt_no_place_is_forbidden_and_no_address_too_high);
    suite_add_tcase(suite, pages);
    TCase *pools = tcase_create("pools");
    tcase_add_test(pools, small_allocations_share_a_pool);
    tcase_add_test(pools, a_used_up_pool_is_followed_by_others_and_these_by_single_allocations);
    tcase_add_test(pools, without_room_for_a_pool_allocations_are_single);
    tcase_add_test(pools, what_follows_an_attempt_takes_the_same_part_of_the_pool);
    tcase_add_test(pools, disowned_parts_of_a_pool_are_not_given_out_again);
    tcase_add_test(pools, a_pool_in_a_wrong_place_is_kept_and_not_used);
    tcase_add_test(pools, a_limit_that_came_after_the_pool_is_kept);
    tcase_add_test(pools, a_part_of_the_pool_may_end_at_the_limit);
    tcase_add_test(pools, what_lies_just_after_a_pool_is_not_of_it);
    tcase_add_test(pools, nothing_is_taken_from_a_pool_that_was_given_back);
    suite_add_tcase(suite, pools);
    return suite_main(suite, "unit-pages");
}
