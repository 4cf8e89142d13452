/* Calendar time to seconds. Pure. */
#ifndef BATON_CLOCK_H
#define BATON_CLOCK_H

#include <stdint.h>

/* Seconds from 1970-01-01 00:00 UTC to a date of the Gregorian calendar, which counts months and
 * days from 1. Fields out of their range give BOOTINFO_TIME_UNKNOWN. */
struct clock_time {
    uint32_t year, month, day, hour, minute, second;
    int32_t minutes_to_utc; /* UTC is this time plus so many minutes; -1440 to 1440 */
};

int64_t clock_unix_seconds(const struct clock_time *time);

#endif
