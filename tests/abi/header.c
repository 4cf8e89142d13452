/* Compiling is the test: bootinfo.h alone, as C11. */
#include "bootinfo.h"
#include "bootinfo_console.h"

#define FROZEN(name, value) _Static_assert((name) == (value), #name);
#include "bootinfo_1_0.h"
#include "bootinfo_1_1.h"
_Static_assert(BOOTINFO_TIME_UNKNOWN == INT64_MIN, "BOOTINFO_TIME_UNKNOWN");

#ifdef __ELF__
BOOTINFO_KERNEL_HEADER(kernel_main, 0x4000);

void kernel_main(const struct BootInfo *info, uint64_t magic)
{
    (void)info;
    (void)magic;
}
#endif

int use_everything(const struct BootInfo *info);

int use_everything(const struct BootInfo *info)
{
    return bootinfo_valid(info) && bootinfo_region(info, 0) != NULL &&
           bootinfo_module(info, 0) != NULL && bootinfo_framebuffer(info, 0) != NULL &&
           bootinfo_timestamp(info, 0) != NULL && *bootinfo_text(info->log) != '\0' &&
           BOOTINFO_HAS(info, kernel_file) && BOOTINFO_HAS(info, direct_map) &&
           bootinfo_cpu(info, 0) != NULL;
}
