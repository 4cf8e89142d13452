/* Dates of the Gregorian calendar. */
#ifndef BATON_CALENDAR_H
#define BATON_CALENDAR_H

#include <stdint.h>

/* Seconds since 1970-01-01 UTC of midnight. A year begins in March here, so that its leap day is
 * its last; 719,468 days lie between 0000-03-01 and 1970-01-01. year >= 1, month 1 to 12. */
static inline int64_t calendar_midnight(uint32_t year, uint32_t month, uint32_t day)
{
    int64_t years = (int64_t)year - (month < 3 ? 1 : 0);
    int64_t months = (month + 9) % 12;
    int64_t days = 365 * years + years / 4 - years / 100 + years / 400;
    days += (153 * months + 2) / 5 + day - 1;
    return (days - 719468) * 86400;
}

#endif
