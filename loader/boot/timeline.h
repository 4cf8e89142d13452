/* When each stage was over, and how fast the counter of these times runs. */
#ifndef BATON_TIMELINE_H
#define BATON_TIMELINE_H

#include "abi/bootinfo.h"
#include "arch.h"
#include "core/base/clock.h"

#define TIMELINE_MAX 16

struct timeline {
    struct BootInfoTimestamp items[TIMELINE_MAX];
    uint32_t count;
    struct clock_rate rate; /* measured where the CPU does not say it */
};

/* Reads both counters. */
uint64_t timeline_read(struct timeline *timeline, const struct arch_cpu *cpu);
/* Records that a stage is over now. */
void timeline_stamp(struct timeline *timeline, const struct arch_cpu *cpu, uint32_t stage);
/* Hz of arch_counter; 0: not known. */
uint64_t timeline_counter_hz(const struct timeline *timeline, const struct arch_cpu *cpu);

#endif
