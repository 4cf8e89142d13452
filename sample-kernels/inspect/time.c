/* BootInfo's clocks, held against the machine's. */
#include "judge.h"

#define YEAR_2000 INT64_C(946684800) /* seconds since 1970-01-01 UTC */
#define YEAR_2200 INT64_C(7258118400)
#define HZ_MIN    UINT64_C(1000000)
#define HZ_MAX    UINT64_C(100000000000)

#define SECONDS_OFF 3  /* both clocks count whole seconds */
#define ONE_PART_OF 20 /* 5 % */

static struct finding boot_time(const struct evidence *evidence)
{
    int64_t time = evidence->info->boot_time;
    if (time == BOOTINFO_TIME_UNKNOWN) {
        return skipped("unknown");
    }
    return time >= YEAR_2000 && time < YEAR_2200
               ? as_promised()
               : broken(NOWHERE, (uint64_t)time, (uint64_t)YEAR_2000);
}

/* The boot time is when the loader started: the clock's time now, less what the TSC counted. */
static struct finding boot_time_by_rtc(const struct evidence *evidence)
{
    const struct clocks *clocks = evidence->clocks;
    const struct BootInfo *info = evidence->info;
    if (info->boot_time == BOOTINFO_TIME_UNKNOWN || clocks->rtc == BOOTINFO_TIME_UNKNOWN) {
        return skipped("unknown");
    }
    if (clocks->tsc_hz == 0 || info->timeline.count == 0) {
        return skipped("it is unknown how long ago it was");
    }
    uint64_t ago = (clocks->tsc - bootinfo_timestamp(info, 0)->tsc) / clocks->tsc_hz;
    int64_t off = clocks->rtc - (int64_t)ago - info->boot_time;
    return off >= -SECONDS_OFF && off <= SECONDS_OFF
               ? as_promised()
               : broken(NOWHERE, (uint64_t)info->boot_time, (uint64_t)clocks->rtc - ago);
}

static struct finding tsc_frequency(const struct evidence *evidence)
{
    uint64_t frequency = evidence->info->tsc_frequency;
    if (frequency == 0) {
        return skipped("unknown");
    }
    return frequency >= HZ_MIN && frequency <= HZ_MAX ? as_promised()
                                                      : broken(NOWHERE, frequency, HZ_MAX);
}

static struct finding tsc_frequency_by_timer(const struct evidence *evidence)
{
    uint64_t found = evidence->info->tsc_frequency;
    uint64_t expected = evidence->clocks->tsc_hz;
    if (found == 0 || expected == 0) {
        return skipped("unknown");
    }
    uint64_t off = found > expected ? found - expected : expected - found;
    return off <= expected / ONE_PART_OF ? as_promised() : broken(NOWHERE, found, expected);
}

const struct promise time_promises[] = {
    {"the boot time is plausible", boot_time},
    {"the boot time is the CMOS clock's", boot_time_by_rtc},
    {"the TSC's frequency is plausible", tsc_frequency},
    {"the TSC's frequency is right, by the ACPI timer", tsc_frequency_by_timer},
    {NULL, NULL},
};
