/* What the kernel reports of what it got, after its first instruction: nothing here is measured. */
#include <bootinfo.h>

#include "../efi/mark.h"

extern const uint64_t payload[];
extern const struct {
    uint64_t payload;
    uint64_t payload32;
    uint64_t words;
    uint64_t modules;
} sums;

void judge64(const struct BootInfo *info, uint64_t magic) __attribute__((noreturn));

static uint64_t sum_of(const uint64_t *words, uint64_t count)
{
    uint64_t sum = 0;
    for (uint64_t i = 0; i < count; i++) {
        sum += words[i];
    }
    return sum;
}

/* Bytes of regions of that type. */
static uint64_t held(const struct BootInfo *info, uint32_t type)
{
    uint64_t size = 0;
    for (uint32_t i = 0; i < info->memory_map.count; i++) {
        const struct BootInfoRegion *region = bootinfo_region(info, i);
        size += region->type == type ? region->size : 0;
    }
    return size;
}

static void judge_info(const struct BootInfo *info)
{
    uint64_t sum = 0;
    for (uint32_t i = 0; i < info->modules.count; i++) {
        const struct BootInfoSpan data = bootinfo_module(info, i)->data;
        sum += sum_of((const uint64_t *)data.address, data.size / sizeof(uint64_t));
    }
    if (sum != sums.modules) {
        debug_text("modules BAD\n");
    }
    debug_fact("held", held(info, BOOTINFO_MEMORY_LOADER) + held(info, BOOTINFO_MEMORY_INFO));
}

/* A loader of another kind has something else in RSI. Whether ours hands over BootInfo is seen by
 * the line "held": figures.c. */
void judge64(const struct BootInfo *info, uint64_t magic)
{
    debug_text("kernel\n");
    if (magic == BOOTINFO_MAGIC && info->magic == BOOTINFO_MAGIC) {
        judge_info(info);
    }
    debug_text(sum_of(payload, sums.words) == sums.payload ? "payload ok\n" : "payload BAD\n");
    leave_qemu(EXIT_DONE);
    for (;;) {
    }
}
