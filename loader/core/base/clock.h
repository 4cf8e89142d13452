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

/* Measures a fast counter against a slow one of known rate, over any number of readings. Between
 * two readings the slow counter may wrap around once: a second time would go unnoticed. */
struct clock_rate {
    uint64_t fast_first, fast_last;
    uint64_t slow_elapsed;
    uint32_t slow_last;
    bool started;
};

void clock_rate_read(struct clock_rate *rate, uint64_t fast, uint32_t slow, uint32_t slow_mask);
/* Hz of the fast counter; 0: the readings were too close together to tell. */
uint64_t clock_rate_result(const struct clock_rate *rate, uint64_t slow_hz);

#endif
