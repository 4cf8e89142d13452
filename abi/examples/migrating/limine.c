/* One file for two loaders: Baton enters at kernel_main, a loader of the Limine protocol at
 * from_limine. Each fills the kernel's own structure, and the kernel goes on from there. */
#include "bootinfo.h"
#include "kernel.h"

/* BootInfo: everything is in one structure. */
BOOTINFO_KERNEL_HEADER(kernel_main, 0x4000);

void kernel_main(const struct BootInfo *info, uint64_t magic)
{
    struct facts facts = {"BootInfo", "nobody", 0};
    if (magic == BOOTINFO_MAGIC && bootinfo_valid(info)) {
        facts.loader = bootinfo_text(info->loader_name);
        for (uint32_t i = 0; i < info->memory_map.count; i++) {
            const struct BootInfoRegion *region = bootinfo_region(info, i);
            facts.usable += region->type == BOOTINFO_MEMORY_USABLE ? region->size : 0;
        }
    }
    kernel(&facts);
}

/* Limine: requests, which the loader answers in place. Its addresses are in the HHDM. */
struct request {
    uint64_t id[4], revision;
    uint64_t *answer;
    void (*entry)(void);
};

#define REQUEST(first, second) {0xC7B1DD30DF4C8B88, 0x0A82E883A194F07B, first, second}, 0, 0

static void from_limine(void);

static volatile uint64_t base[] = {0xF9562B2D5C95A6C8, 0x6A7B384944536BDC, 3};
static volatile struct request loader = {REQUEST(0xF55038D8E2A1202F, 0x279426FCF5F59740), 0};
static volatile struct request map = {REQUEST(0x67CF3D9D378A806F, 0xE304ACDFC50C3C62), 0};
static volatile struct request entry = {REQUEST(0x13D86C035A1CD3E1, 0x2B0CAA89D8F3026A),
                                        from_limine};

static void from_limine(void)
{
    struct facts facts = {"Limine", "nobody", 0};
    if (base[2] == 0 && entry.answer != 0 && loader.answer != 0 && map.answer != 0) {
        uint64_t *const *ranges = (uint64_t *const *)map.answer[2];
        facts.loader = (const char *)loader.answer[1];
        for (uint64_t i = 0; i < map.answer[1]; i++) {
            facts.usable += ranges[i][2] == 0 ? ranges[i][1] : 0; /* base, length, type */
        }
    }
    kernel(&facts);
}
