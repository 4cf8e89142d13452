/* Checks what the loader handed over, greets on the serial port, and stops. */
#include "console.h"
#include "finish.h"

BOOTINFO_KERNEL_HEADER(kernel_main, 0x4000);

static uint64_t total(const struct BootInfo *info, uint32_t type)
{
    uint64_t size = 0;
    for (uint32_t i = 0; i < info->memory_map.count; i++) {
        const struct BootInfoRegion *region = bootinfo_region(info, i);
        size += region->type == type ? region->size : 0;
    }
    return size;
}

void kernel_main(const struct BootInfo *info, uint64_t magic)
{
    if (magic != BOOTINFO_MAGIC || !bootinfo_valid(info)) {
        finish(0);
    }
    console_use(&info->serial);
    print("hello from a kernel at ");
    print_hex(info->kernel.address, 0);
    print(": ");
    print_decimal(total(info, BOOTINFO_MEMORY_USABLE) >> 20, 0);
    print(" MiB usable, ");
    print_decimal(total(info, BOOTINFO_MEMORY_BOOT_SERVICES) >> 20, 0);
    print(" MiB more after the firmware; loaded by ");
    print_span(info->loader_name);
    print("; command line: '");
    print_span(info->command_line);
    print("'\n");
    finish(1);
}
