/* Pages: what is taken, what is kept, what is given back. */
#include "boot/firmware_map.h"
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

struct take_case {
    enum firmware answer;
    uint64_t descriptor_size; /* as the firmware says; 0: the true one, 48 */
    uint64_t claims;          /* bytes more than the map has */
    uint64_t spare;           /* descriptors more than the map has for which there is room */
    enum status status;
};

static const struct take_case take_cases[] = {
    {FIRMWARE_OK, 0, 0, 9, STATUS_OK},
    {FIRMWARE_DEVICE_ERROR, 0, 0, 9, STATUS_MAP_FAILED},
    {FIRMWARE_BUFFER_TOO_SMALL, 0, 0, 9, STATUS_MAP_KEEPS_GROWING},
    {FIRMWARE_OK, 24, 0, 9, STATUS_MAP_BAD_STRIDE},
    {FIRMWARE_BUFFER_TOO_SMALL, 24, 0, 9, STATUS_MAP_BAD_STRIDE},
    {FIRMWARE_OK, 0, PAGE_SIZE, 999, STATUS_MAP_KEEPS_GROWING},
    {FIRMWARE_OK, 0, 0, 0, STATUS_OK},
    {FIRMWARE_OK, 0, 48, 0, STATUS_MAP_KEEPS_GROWING},
    {FIRMWARE_OK, 40, 0, 9, STATUS_OK},
    {FIRMWARE_OK, 40, 0, 0, STATUS_MAP_KEEPS_GROWING}, /* the same bytes hold more of them */
};

static enum status take(const struct take_case *test, uint64_t descriptors_max, uint64_t *stride,
                        uint64_t *out_size)
{
    struct plat_map map = {.capacity = PAGE_SIZE};
    begin();
    ck_assert_int_eq(
        pages_take(&session.pages, three_pages, &session.failure, (uint64_t *)&map.buffer),
        STATUS_OK);
    fake.failures[0] = (struct fake_failure){.call = 2, .status = test->answer};
    fake.stride_unsaid = test->descriptor_size != 0;
    fake.stride_said = test->descriptor_size;
    fake.map_claims = test->claims;
    enum status status = firmware_map_take(&session.failure, &map, descriptors_max, stride);
    pages_release_down_to(&session.pages, 0);
    *out_size = map.size;
    return status;
}

START_TEST(a_map_is_taken_if_its_bytes_and_its_descriptors_fit)
{
    uint64_t stride = 0;
    uint64_t size = 0;
    ck_assert_int_eq(take(&take_cases[0], UINT64_MAX, &stride, &size), STATUS_OK);
    uint64_t count = size / 48;
    ck_assert_uint_ge(count, 5); /* for the last case */
    for (size_t i = 0; i < sizeof(take_cases) / sizeof(take_cases[0]); i++) {
        const struct take_case *test = &take_cases[i];
        stride = UNTOUCHED;
        enum status status = take(test, count + test->spare, &stride, &size);
        ck_assert_msg(status == test->status, "case %zu: %s", i, status_name(status));
        if (status != STATUS_OK) {
            ck_assert_uint_eq(stride, UNTOUCHED);
        } else {
            ck_assert_uint_eq(stride, test->descriptor_size != 0 ? test->descriptor_size : 48);
        }
    }
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
    tcase_add_test(pages, a_map_is_taken_if_its_bytes_and_its_descriptors_fit);
    suite_add_tcase(suite, pages);
    return suite_main(suite, "unit-pages");
}
