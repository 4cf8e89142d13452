#include "boot/timeline.h"

/* Each stamp also measures the counter against the reference: a calibration that takes no time. */
uint64_t timeline_read(struct timeline *timeline, const struct arch_cpu *cpu)
{
    uint64_t now = arch_counter();
    if (cpu->counter_hz == 0 && cpu->reference_hz != 0) {
        clock_rate_read(&timeline->rate, now, arch_reference(cpu), cpu->reference_mask);
    }
    return now;
}

void timeline_stamp(struct timeline *timeline, const struct arch_cpu *cpu, uint32_t stage)
{
    if (timeline->count < TIMELINE_MAX) {
        timeline->items[timeline->count++] =
            (struct BootInfoTimestamp){.tsc = timeline_read(timeline, cpu), .stage = stage};
    }
}

uint64_t timeline_counter_hz(const struct timeline *timeline, const struct arch_cpu *cpu)
{
    return cpu->counter_hz != 0 ? cpu->counter_hz
                                : clock_rate_result(&timeline->rate, cpu->reference_hz);
}
