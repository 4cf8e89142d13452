/* Says what the loader gave: random numbers, its partition, memory below 4 GiB, and the direct map
 * where this kernel is linked. With the command line "write" it writes to its own code. */
#include "console.h"
#include "finish.h"

#include <stdbool.h>

#define WINDOW   UINT64_C(0xFFFFFFFF80000000)
#define FOUR_GIB UINT64_C(0x100000000)

BOOTINFO_KERNEL_HEADER_1_2(kernel_main, 0x4000, WINDOW, BOOTINFO_KERNEL_LOW);

static void say(const char *what, uint64_t value)
{
    print(what);
    print_hex(value, 0);
    print("\n");
}

static uint64_t page_tables(void)
{
    uint64_t value;
    __asm__ volatile("mov %%cr3, %0" : "=r"(value));
    return value;
}

static bool is_low(const struct BootInfo *info)
{
    uint64_t module = bootinfo_module(info, 0)->data.address;
    return (uintptr_t)info < FOUR_GIB && info->stack.address < FOUR_GIB && module < FOUR_GIB &&
           page_tables() < FOUR_GIB;
}

/* The same bytes at both addresses, of BootInfo and of this kernel. */
static bool is_window(const struct BootInfo *info)
{
    const struct BootInfo *again = (const struct BootInfo *)(WINDOW + (uintptr_t)info);
    const uint64_t *own = (const uint64_t *)(uintptr_t)bootinfo_kernel_start;
    const uint64_t *physical = (const uint64_t *)(uintptr_t)info->kernel.address;
    return info->direct_map == WINDOW && info->direct_map_size == 0 - WINDOW &&
           again->magic == BOOTINFO_MAGIC && again->checksum == info->checksum &&
           own[0] == BOOTINFO_KERNEL_MAGIC && physical[0] == own[0] &&
           (uintptr_t)own == WINDOW + (uintptr_t)physical;
}

/* On the debug console alone, which nothing else writes to before: what must not hold the seed, and
 * the seed. */
static void tell_seed(const struct BootInfo *info)
{
    print_span(info->log);
    print("\nseed:");
    for (int i = 0; i < 4; i++) {
        print(" ");
        print_hex(((const uint64_t *)(const void *)info->random_seed)[i], 16);
    }
    print("\n");
}

void kernel_main(const struct BootInfo *info, uint64_t magic)
{
    uint64_t seed = 0;
    if (magic != BOOTINFO_MAGIC || !bootinfo_valid(info)) {
        finish(0);
    }
    tell_seed(info);
    console_use(&info->serial);
    if (bootinfo_text(info->command_line)[0] == 'w') {
        *(volatile uint8_t *)(uintptr_t)kernel_main = 0;
    }
    for (int i = 0; i < 32; i++) {
        seed = seed * 257 + info->random_seed[i];
    }
    say("random sources: ", info->random_sources);
    say("sum of the seed: ", seed);
    say("partition kind: ", info->partition_kind);
    say("partition number: ", info->partition_number);
    say("partition id: ", *(const uint64_t *)(const void *)info->partition_id);
    say("low: ", is_low(info));
    say("window: ", is_window(info));
    finish(1);
}
