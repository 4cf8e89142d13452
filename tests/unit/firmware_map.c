/* A look at the firmware's memory map: what fits is taken, what does not is refused. */
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

/* Without room every answer but that there is too little is wrong. */
START_TEST(a_map_whose_size_is_not_given_fails)
{
    static const enum firmware answers[] = {FIRMWARE_DEVICE_ERROR, FIRMWARE_UNSUPPORTED};
    struct plat_map map;
    for (size_t i = 0; i < 2; i++) {
        begin();
        fake.failures[0] = (struct fake_failure){.call = 1, .status = answers[i]};
        ck_assert_int_eq(firmware_map_measure(&session.failure, &map), STATUS_MAP_FAILED);
        ck_assert_int_eq(session.failure.status, STATUS_MAP_FAILED);
        ck_assert_int_eq(session.failure.firmware, answers[i]);
    }
}
END_TEST

START_TEST(a_survey_of_a_map_that_never_fits_ends)
{
    static struct survey survey;
    begin();
    fake.failures[0] = (struct fake_failure){.status = FIRMWARE_BUFFER_TOO_SMALL,
                                             .for_good = true,
                                             .kind = FAKE_MEMORY_MAP,
                                             .met = true};
    ck_assert_int_eq(survey_take(&session, &survey), STATUS_MAP_KEEPS_GROWING);
    ck_assert_uint_eq(fake.calls[FAKE_MEMORY_MAP], 2 * (1 + GROWTHS_MAX)); /* size and map */
    ck_assert_uint_eq(session.pages.count, 1); /* only the last try's are still there */
    pages_release_down_to(&session.pages, 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("firmware_map");
    TCase *taking = tcase_create("taking");
    tcase_add_test(taking, a_map_is_taken_if_its_bytes_and_its_descriptors_fit);
    tcase_add_test(taking, a_map_whose_size_is_not_given_fails);
    tcase_add_test(taking, a_survey_of_a_map_that_never_fits_ends);
    suite_add_tcase(suite, taking);
    return suite_main(suite, "unit-firmware_map");
}
