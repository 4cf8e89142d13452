/* Calendar time to seconds. Pure. */
#ifndef BATON_CLOCK_H
#define BATON_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

/* Seconds from 1970-01-01 00:00 UTC to a date of the Gregorian calendar, which counts months and
 * days from 1. Fields out of their range give BOOTINFO_TIME_UNKNOWN. */
struct clock_time {
    uint32_t year, month, day, hour, minute, second;
    int32_t minutes_to_utc; /* add these to this time to get UTC; -1440 to 1440 */
};

int64_t clock_unix_seconds(const struct clock_time *time);

/* Measures a fast counter against a slow one of known rate, over any number of readings. A time
 * between two readings in which the slow one may have wrapped around more than once, such as that
 * of a slow disk or of a menu, is left out of both. */
struct clock_rate {
    uint64_t fast_last;
    uint64_t fast_elapsed;
    uint64_t slow_elapsed;
    uint32_t slow_last;
    bool started;
};

void clock_rate_read(struct clock_rate *rate, uint64_t fast, uint32_t slow, uint32_t slow_mask);
/* Hz of the fast counter; 0: what the readings tell for certain is too little. */
uint64_t clock_rate_result(const struct clock_rate *rate, uint64_t slow_hz);

#endif
