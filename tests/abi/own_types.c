/* Compiling is the test: the headers in a kernel that is compiled with -nostdinc and has types of
 * its own, which <stdint.h> would contradict. */
typedef unsigned char uint8_t;
typedef unsigned short uint16_t;
typedef unsigned int uint32_t;
typedef unsigned long long uint64_t; /* unsigned long in that of gcc and clang */
typedef long long int64_t;
typedef unsigned long uintptr_t;

#define BOOTINFO_NO_STDINT
#include "bootinfo.h"

#include "boot_success.h"
#include "bootinfo_console.h"

BOOTINFO_KERNEL_HEADER(kernel_main, 0x4000);

void kernel_main(const struct BootInfo *info, uint64_t magic)
{
    if (magic == BOOTINFO_MAGIC && bootinfo_valid(info) && bootinfo_region(info, 0) != 0 &&
        bootinfo_cpu(info, 0) != 0 && BOOTINFO_HAS(info, direct_map_size) &&
        info->boot_time != BOOTINFO_TIME_UNKNOWN) {
        (void)bootinfo_boot_success(info);
    }
    for (;;) {
    }
}
