#include "core/base/clock.h"

#include "abi/bootinfo.h"

#define DAYS_BEFORE_1970 719162 /* since 0001-01-01 */

static bool is_leap(uint32_t year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static uint32_t days_in_month(uint32_t year, uint32_t month)
{
    static const uint8_t days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return month == 2 && is_leap(year) ? 29 : days[month - 1];
}

static bool is_valid(const struct clock_time *time)
{
    return time->year >= 1900 && time->year <= 9999 && time->month >= 1 && time->month <= 12 &&
           time->day >= 1 && time->day <= days_in_month(time->year, time->month) &&
           time->hour <= 23 && time->minute <= 59 && time->second <= 59 &&
           time->minutes_to_utc >= -1440 && time->minutes_to_utc <= 1440;
}

int64_t clock_unix_seconds(const struct clock_time *time)
{
    if (!is_valid(time)) {
        return BOOTINFO_TIME_UNKNOWN;
    }
    int64_t years = (int64_t)time->year - 1;
    int64_t days = years * 365 + years / 4 - years / 100 + years / 400 - DAYS_BEFORE_1970;
    for (uint32_t month = 1; month < time->month; month++) {
        days += days_in_month(time->year, month);
    }
    days += time->day - 1;
    int64_t minutes = (days * 24 + time->hour) * 60 + time->minute + time->minutes_to_utc;
    return minutes * 60 + time->second;
}

#define SLOW_TICKS_MIN 300 /* an error of one tick is a third of a percent */

/* No fast counter is slower than that: 89 MHz against the ACPI timer. */
#define FAST_A_SLOW_MIN UINT64_C(25)

/* Whether the slow counter wraps around at most once in so many ticks of the fast one: for sure, or
 * by what is known of its rate, with a quarter to spare. */
static bool is_certain(const struct clock_rate *rate, uint64_t fast, uint32_t slow_mask)
{
    uint64_t limit = slow_mask * FAST_A_SLOW_MIN;
    uint64_t known = 0;
    if (rate->slow_elapsed >= SLOW_TICKS_MIN) {
        known = rate->fast_elapsed / rate->slow_elapsed;
    }
    return fast <= limit || (known != 0 && fast / known <= slow_mask - slow_mask / 4);
}

void clock_rate_read(struct clock_rate *rate, uint64_t fast, uint32_t slow, uint32_t slow_mask)
{
    uint64_t elapsed = fast - rate->fast_last;
    if (rate->started && is_certain(rate, elapsed, slow_mask)) {
        rate->fast_elapsed += elapsed;
        rate->slow_elapsed += (slow - rate->slow_last) & slow_mask;
    }
    rate->started = true;
    rate->fast_last = fast;
    rate->slow_last = slow;
}

uint64_t clock_rate_result(const struct clock_rate *rate, uint64_t slow_hz)
{
    uint64_t product;
    if (rate->slow_elapsed < SLOW_TICKS_MIN ||
        __builtin_mul_overflow(rate->fast_elapsed, slow_hz, &product)) {
        return 0;
    }
    return product / rate->slow_elapsed;
}
