/* Takes the memory that the map says may be taken. Nothing the kernel stands on may be in it. */
#include "judge.h"

#define CHUNK       (UINT64_C(64) << 10)
#define SAMPLE      (UINT64_C(1) << 20)
#define SAMPLE_STEP (UINT64_C(16) << 20)
#define PATTERN     UINT64_C(0xA5A5A5A5A5A5A5A5)

static void fill(uint64_t base, uint64_t size)
{
    uint64_t words = size / sizeof(uint64_t);
    __asm__ volatile("rep stosq" : "+D"(base), "+c"(words) : "a"(PATTERN) : "memory");
}

static uint64_t least(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

/* First and last 64 KiB, and the first of every 16 MiB: all of many gigabytes would take minutes
 * in an emulator. */
static void fill_samples(uint64_t base, uint64_t size)
{
    uint64_t edge = least(size, CHUNK);
    fill(base, edge);
    fill(base + size - edge, edge);
    for (uint64_t at = 0; at < size; at += SAMPLE_STEP) {
        fill(base + at, least(size - at, SAMPLE));
    }
}

static struct finding boot_services(const struct evidence *evidence)
{
    for (uint32_t i = 0; i < evidence->info->memory_map.count; i++) {
        const struct BootInfoRegion *region = bootinfo_region(evidence->info, i);
        if (region->type == BOOTINFO_MEMORY_BOOT_SERVICES) {
            fill(region->base, region->size);
        }
    }
    return as_promised();
}

static struct finding usable(const struct evidence *evidence)
{
    for (uint32_t i = 0; i < evidence->info->memory_map.count; i++) {
        const struct BootInfoRegion *region = bootinfo_region(evidence->info, i);
        if (region->type == BOOTINFO_MEMORY_USABLE) {
            fill_samples(region->base, region->size);
        }
    }
    return as_promised();
}

/* All of the stack is there, from its lowest to its topmost byte; zero again afterwards. */
static struct finding stack(const struct evidence *evidence)
{
    const struct BootInfoSpan *span = &evidence->info->stack;
    volatile uint64_t *words = (volatile uint64_t *)(uintptr_t)span->address;
    uint64_t count = span->size / sizeof(*words);
    for (uint64_t i = 0; i < count; i++) {
        words[i] = ~i;
    }
    for (uint64_t i = 0; i < count; i++) {
        if (words[i] != ~i) {
            return broken((uintptr_t)&words[i], words[i], ~i);
        }
        words[i] = 0;
    }
    return as_promised();
}

const struct promise reuse_promises[] = {
    {"the whole stack can be written", stack},
    {"all BOOT_SERVICES memory can be overwritten", boot_services},
    {"USABLE memory can be overwritten", usable},
    {NULL, NULL},
};
