/* The ledger: what is allocated, what is kept, what is given back. */
#include "fake_platform.h"
#include "suite.h"

#include <string.h>

#define UNTOUCHED UINT64_C(0x1234)

static struct boot boot_state;
static const struct memory_request three_pages = {PLAT_DATA, BOOTINFO_MEMORY_USABLE, 3, "the test"};

static void begin(void)
{
    fake_reset();
    fake_memory_snapshot();
    memset(&boot_state, 0, sizeof(boot_state));
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
        ck_assert_int_eq(memory_reserve(&boot_state, three_pages, &addresses[i]), STATUS_OK);
    }
    ck_assert(memory_reserve_at(&boot_state, three_pages, 2 * MIB));
    ck_assert_uint_eq(fake_pages_allocated(), 27);
    memory_release(&boot_state, addresses[0]);
    memory_release(&boot_state, addresses[7]);
    memory_release(&boot_state, addresses[3]);
    ck_assert_uint_eq(fake_pages_allocated(), 18);
    ck_assert_uint_eq(boot_state.ledger.count, 6);
    memory_release_all(&boot_state);
    ck_assert_uint_eq(boot_state.ledger.count, 0);
    fake_memory_check_returned();
}
END_TEST

START_TEST(what_was_never_reserved_is_not_given_back)
{
    begin();
    memory_release(&boot_state, 0);
    memory_release(&boot_state, 2 * MIB);
    ck_assert_uint_eq(fake.calls[FAKE_FREE], 0);
    ck_assert(memory_reserve_at(&boot_state, three_pages, 2 * MIB));
    memory_release(&boot_state, 2 * MIB);
    memory_release(&boot_state, 2 * MIB);
    ck_assert_uint_eq(fake.calls[FAKE_FREE], 1);
}
END_TEST

START_TEST(a_refusal_says_for_what_and_leaves_the_address_alone)
{
    uint64_t address = UNTOUCHED;
    begin();
    fake.faults[0] = (struct fake_fault){.call = 1, .status = FIRMWARE_OUT_OF_RESOURCES};
    ck_assert_int_eq(memory_reserve(&boot_state, three_pages, &address), STATUS_MEMORY_EXHAUSTED);
    ck_assert_uint_eq(address, UNTOUCHED);
    ck_assert_uint_eq(boot_state.failure.status, STATUS_MEMORY_EXHAUSTED);
    ck_assert_uint_eq(boot_state.failure.number[0], 3 * PAGE_SIZE);
    ck_assert_int_eq(boot_state.failure.firmware, FIRMWARE_OUT_OF_RESOURCES);
    ck_assert(text_equal(boot_state.failure.hint, TEXT("the test")));
    ck_assert_uint_eq(boot_state.ledger.count, 0);
}
END_TEST

START_TEST(a_place_that_is_taken_is_refused)
{
    begin();
    ck_assert(memory_reserve_at(&boot_state, three_pages, 2 * MIB));
    ck_assert(!memory_reserve_at(&boot_state, three_pages, 2 * MIB + 2 * PAGE_SIZE));
    ck_assert_int_eq(boot_state.failure.firmware, FIRMWARE_NOT_FOUND);
    ck_assert(!memory_reserve_at(&boot_state, three_pages, FAKE_RAM_END - 2 * PAGE_SIZE));
    ck_assert_uint_eq(boot_state.ledger.count, 1);
    memory_release_all(&boot_state);
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
        boot_state.ledger.avoid_base = 16 * MIB;
        boot_state.ledger.avoid_size = MIB;
        fake.offers[0] = test->offer;
        fake.offers[1] = 32 * MIB;
        fake.offer_count = 2;
        struct memory_request request = three_pages;
        request.type = BOOTINFO_MEMORY_INFO;
        ck_assert_int_eq(memory_reserve(&boot_state, request, &address), STATUS_OK);
        ck_assert_uint_eq(address, test->taken ? test->offer : 32 * MIB);
        ck_assert_uint_eq(boot_state.ledger.count, test->taken ? 1 : 2);
        if (!test->taken) {
            ck_assert_uint_eq(boot_state.ledger.items[0].type, BOOTINFO_MEMORY_USABLE);
            memory_release(&boot_state, test->offer);
            ck_assert_uint_eq(boot_state.ledger.count, 2);
        }
        memory_release_all(&boot_state);
        fake_memory_check_returned();
    }
}
END_TEST

START_TEST(a_full_ledger_is_an_error_and_not_an_overrun)
{
    uint64_t address = 0;
    begin();
    for (uint32_t i = 0; i < LEDGER_MAX; i++) {
        ck_assert_int_eq(memory_reserve(&boot_state, three_pages, &address), STATUS_OK);
    }
    address = UNTOUCHED;
    ck_assert_int_eq(memory_reserve(&boot_state, three_pages, &address), STATUS_MEMORY_FRAGMENTED);
    ck_assert_uint_eq(address, UNTOUCHED);
    ck_assert_uint_eq(boot_state.failure.number[0], LEDGER_MAX);
    ck_assert(!memory_reserve_at(&boot_state, three_pages, 2 * MIB));
    ck_assert_uint_eq(fake.calls[FAKE_ALLOCATE] + fake.calls[FAKE_ALLOCATE_AT], LEDGER_MAX);
    memory_release_all(&boot_state);
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
    ck_assert_int_eq(memory_reserve(&boot_state, three_pages, (uint64_t *)&map.buffer), STATUS_OK);
    fake.faults[0] = (struct fake_fault){.call = 2, .status = test->answer};
    fake.stride_unsaid = test->descriptor_size != 0;
    fake.stride_said = test->descriptor_size;
    fake.map_claims = test->claims;
    enum status status = memory_map_take(&boot_state, &map, descriptors_max, stride);
    memory_release_all(&boot_state);
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
    Suite *suite = suite_create("memory");
    TCase *ledger = tcase_create("ledger");
    tcase_add_test(ledger, pages_are_counted_up);
    tcase_add_test(ledger, what_is_reserved_is_given_back_in_any_order);
    tcase_add_test(ledger, what_was_never_reserved_is_not_given_back);
    tcase_add_test(ledger, a_refusal_says_for_what_and_leaves_the_address_alone);
    tcase_add_test(ledger, a_place_that_is_taken_is_refused);
    tcase_add_test(ledger, offers_in_a_wrong_place_are_kept_until_the_end);
    tcase_add_test(ledger, a_full_ledger_is_an_error_and_not_an_overrun);
    tcase_add_test(ledger, a_map_is_taken_if_its_bytes_and_its_descriptors_fit);
    suite_add_tcase(suite, ledger);
    return suite_main(suite, "unit-memory");
}
