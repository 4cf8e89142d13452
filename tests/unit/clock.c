#include "core/base/clock.h"

#include "bootinfo.h"
#include "suite.h"

#include <time.h>

struct date {
    struct clock_time time;
    int64_t seconds;
};

static const struct date dates[] = {
    {{1970, 1, 1, 0, 0, 0, 0}, 0},
    {{1970, 1, 1, 0, 0, 1, 0}, 1},
    {{1969, 12, 31, 23, 59, 59, 0}, -1},
    {{1970, 1, 1, 0, 0, 0, -60}, -3600}, /* Berlin is an hour ahead: an hour to be taken off */
    {{1969, 12, 31, 19, 0, 0, 300}, 0},  /* New York */
    {{1970, 1, 2, 0, 0, 0, -1440}, 0},
    {{1969, 12, 31, 0, 0, 0, 1440}, 0},
    {{2000, 2, 29, 12, 30, 15, 0}, 951827415},
    {{2000, 3, 1, 0, 0, 0, 0}, 951868800},
    {{2001, 9, 9, 1, 46, 40, 0}, 1000000000},
    {{2024, 2, 29, 23, 59, 59, 0}, 1709251199},
    {{2038, 1, 19, 3, 14, 8, 0}, INT64_C(1) << 31},
    {{2100, 3, 1, 0, 0, 0, 0}, INT64_C(4107542400)},
    {{1900, 1, 1, 0, 0, 0, 0}, INT64_C(-2208988800)},
    {{9999, 12, 31, 23, 59, 59, 0}, INT64_C(253402300799)},
};

START_TEST(dates_become_seconds)
{
    for (size_t i = 0; i < sizeof(dates) / sizeof(dates[0]); i++) {
        ck_assert_msg(clock_unix_seconds(&dates[i].time) == dates[i].seconds, "date %zu: %lld", i,
                      (long long)clock_unix_seconds(&dates[i].time));
    }
}
END_TEST

/* Every day of 500 years, against the C library. */
START_TEST(every_day_is_what_the_c_library_says)
{
    for (int64_t seconds = -86400 * INT64_C(25567); seconds < INT64_C(13569465600);
         seconds += 86400) {
        time_t at = (time_t)(seconds + 45296);
        struct tm tm;
        ck_assert_ptr_nonnull(gmtime_r(&at, &tm));
        struct clock_time time = {
            .year = (uint32_t)tm.tm_year + 1900,
            .month = (uint32_t)tm.tm_mon + 1,
            .day = (uint32_t)tm.tm_mday,
            .hour = (uint32_t)tm.tm_hour,
            .minute = (uint32_t)tm.tm_min,
            .second = (uint32_t)tm.tm_sec,
        };
        if (clock_unix_seconds(&time) != (int64_t)at) {
            ck_abort_msg("%u-%u-%u", time.year, time.month, time.day);
        }
    }
}
END_TEST

static const struct clock_time nonsense[] = {
    {0, 0, 0, 0, 0, 0, 0},       {1899, 12, 31, 0, 0, 0, 0},
    {10000, 1, 1, 0, 0, 0, 0},   {65535, 1, 1, 0, 0, 0, 0},
    {2024, 0, 1, 0, 0, 0, 0},    {2024, 13, 1, 0, 0, 0, 0},
    {2024, 255, 1, 0, 0, 0, 0},  {2024, 1, 0, 0, 0, 0, 0},
    {2024, 1, 32, 0, 0, 0, 0},   {2024, 4, 31, 0, 0, 0, 0},
    {2024, 12, 32, 0, 0, 0, 0},  {2024, 2, 30, 0, 0, 0, 0},
    {2023, 2, 29, 0, 0, 0, 0},   {1900, 2, 29, 0, 0, 0, 0},
    {2100, 2, 29, 0, 0, 0, 0},   {2024, 1, 1, 24, 0, 0, 0},
    {2024, 1, 1, 0, 60, 0, 0},   {2024, 1, 1, 0, 0, 60, 0},
    {2024, 1, 1, 0, 0, 0, 1441}, {2024, 1, 1, 0, 0, 0, -1441},
    {2024, 1, 1, 0, 0, 0, 2047}, /* EFI_UNSPECIFIED_TIMEZONE: the caller's business */
};

START_TEST(dates_that_are_none_are_unknown)
{
    for (size_t i = 0; i < sizeof(nonsense) / sizeof(nonsense[0]); i++) {
        ck_assert_msg(clock_unix_seconds(&nonsense[i]) == BOOTINFO_TIME_UNKNOWN, "date %zu", i);
    }
}
END_TEST

START_TEST(fast_counter_is_measured_against_the_slow_one)
{
    struct clock_rate rate = {.started = false};
    clock_rate_read(&rate, 5000, 100, UINT32_MAX);
    clock_rate_read(&rate, 5000 + 2000000, 100 + 1000, UINT32_MAX);
    ck_assert_uint_eq(clock_rate_result(&rate, 1000000), 2000000000);
}
END_TEST

START_TEST(slow_counter_may_wrap_between_two_readings)
{
    struct clock_rate rate = {.started = false};
    clock_rate_read(&rate, 0, 0xFFFF00, 0xFFFFFF);
    clock_rate_read(&rate, 1000, 0xAB000100, 0xFFFFFF); /* the upper bits are undefined */
    clock_rate_read(&rate, 2000, 0x000300, 0xFFFFFF);
    ck_assert_uint_eq(clock_rate_result(&rate, 1024), 2000);
}
END_TEST

enum { SLOW_HZ = 3579545, SLOW_MASK = 0xFFFFFF };

/* A reading of both counters, so many milliseconds after the last one. */
static void read_after(struct clock_rate *rate, uint64_t hz, uint64_t milliseconds)
{
    static uint64_t fast;
    static uint64_t slow;
    fast += hz / 1000 * milliseconds;
    slow += SLOW_HZ * milliseconds / 1000;
    clock_rate_read(rate, fast, (uint32_t)slow, SLOW_MASK);
}

static const uint64_t rates[] = {100000000, 1000000000, 2100000000, 3000000000, 6000000000};

/* The slow counter wraps around after 4.687 s. */
START_TEST(a_wrap_that_may_be_lost_is_left_out)
{
    static const uint64_t pauses[] = {1, 140, 3000, 4600, 4700, 9374, 10000, 600000};
    const uint64_t hz = rates[_i];
    for (size_t i = 0; i < sizeof(pauses) / sizeof(pauses[0]); i++) {
        struct clock_rate rate = {.started = false};
        read_after(&rate, hz, 1);
        read_after(&rate, hz, 10);
        read_after(&rate, hz, pauses[i]);
        read_after(&rate, hz, 20);
        read_after(&rate, hz, pauses[i]);
        uint64_t result = clock_rate_result(&rate, SLOW_HZ);
        ck_assert_msg(result > hz / 1000 * 999 && result < hz / 1000 * 1001,
                      "%lu Hz, pause %lu: %lu", hz, pauses[i], result);
    }
}
END_TEST

START_TEST(where_every_time_is_long_nothing_is_known)
{
    struct clock_rate rate = {.started = false};
    for (int i = 0; i < 10; i++) {
        read_after(&rate, rates[_i], 5000);
    }
    ck_assert_uint_eq(clock_rate_result(&rate, SLOW_HZ), 0);
}
END_TEST

/* A first time of so many ticks of the slow counter, with 1000 of the fast one to each, and a
 * second one of so many of the fast one: both make 600. The result where 600 are a second. */
static const struct {
    uint64_t first, second, result;
} times[] = {
    {299, 419430375, 419729375},                         /* 25 times the mask: it counts */
    {299, 419430376, 0},                                 /* nothing is known of the rate */
    {300, 419430376, 419730376},                         /* now it is */
    {300, UINT64_C(12582912999), UINT64_C(12583212999)}, /* three quarters of the mask */
    {300, UINT64_C(12582913000), 600000},                /* it does not count */
};

START_TEST(a_time_counts_where_the_slow_counter_wraps_around_once_at_most)
{
    struct clock_rate rate = {.started = false};
    uint64_t fast = 7;
    clock_rate_read(&rate, fast, 5, SLOW_MASK);
    fast += times[_i].first * 1000;
    clock_rate_read(&rate, fast, (uint32_t)(5 + times[_i].first), SLOW_MASK);
    clock_rate_read(&rate, fast + times[_i].second, 5 + 600, SLOW_MASK);
    ck_assert_uint_eq(clock_rate_result(&rate, 600), times[_i].result);
}
END_TEST

START_TEST(too_short_a_time_tells_nothing)
{
    struct clock_rate rate = {.started = false};
    ck_assert_uint_eq(clock_rate_result(&rate, 1000), 0);
    clock_rate_read(&rate, 0, 0, UINT32_MAX);
    ck_assert_uint_eq(clock_rate_result(&rate, 1000), 0);
    clock_rate_read(&rate, 1000000, 299, UINT32_MAX);
    ck_assert_uint_eq(clock_rate_result(&rate, 1000), 0);
    clock_rate_read(&rate, UINT64_MAX, 300, UINT32_MAX);
    ck_assert_uint_eq(clock_rate_result(&rate, 1000), 0); /* the product has no room */
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("clock");
    TCase *clock = tcase_create("clock");
    tcase_add_test(clock, dates_become_seconds);
    tcase_add_test(clock, every_day_is_what_the_c_library_says);
    tcase_add_test(clock, dates_that_are_none_are_unknown);
    tcase_add_test(clock, fast_counter_is_measured_against_the_slow_one);
    tcase_add_test(clock, slow_counter_may_wrap_between_two_readings);
    tcase_add_loop_test(clock, a_wrap_that_may_be_lost_is_left_out, 0, 5);
    tcase_add_loop_test(clock, where_every_time_is_long_nothing_is_known, 0, 5);
    tcase_add_loop_test(clock, a_time_counts_where_the_slow_counter_wraps_around_once_at_most, 0,
                        sizeof(times) / sizeof(times[0]));
    tcase_add_test(clock, too_short_a_time_tells_nothing);
    suite_add_tcase(suite, clock);
    return suite_main(suite, "unit-clock");
}
