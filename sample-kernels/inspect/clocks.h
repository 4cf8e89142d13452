/* The machine's own clocks, against which BootInfo's are held. */
#ifndef BATON_CLOCKS_H
#define BATON_CLOCKS_H

#include "bootinfo.h"

struct clocks {
    int64_t rtc;  /* seconds since 1970-01-01, as the CMOS clock has it; or BOOTINFO_TIME_UNKNOWN */
    uint64_t tsc; /* at that moment */
    uint64_t tsc_hz; /* by the ACPI timer; 0: there is none */
};

/* Takes a tenth of a second. */
struct clocks clocks_read(const struct BootInfo *info);

#endif
