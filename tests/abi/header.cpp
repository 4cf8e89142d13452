// Compiling is the test: bootinfo.h alone, as C++17.
#include "bootinfo.h"
#include "bootinfo_console.h"

#define FROZEN(name, value) static_assert((name) == (value), #name);
#include "bootinfo_1_0.h"
#include "bootinfo_1_1.h"
static_assert(BOOTINFO_TIME_UNKNOWN == INT64_MIN, "BOOTINFO_TIME_UNKNOWN");

BOOTINFO_KERNEL_HEADER(kernel_main, 64 * 1024);

void kernel_main(const BootInfo *, uint64_t)
{
}

namespace kernel
{
// A reader in a namespace finds the C names without a prefix.
bool use_everything(const BootInfo *info);

bool use_everything(const BootInfo *info)
{
    const BootInfoRegion *region = bootinfo_region(info, 0);
    return bootinfo_valid(info) != 0 && region != nullptr &&
           region->type == BOOTINFO_MEMORY_USABLE && bootinfo_module(info, 0) != nullptr &&
           bootinfo_framebuffer(info, 0) != nullptr && bootinfo_timestamp(info, 0) != nullptr &&
           *bootinfo_text(info->log) != '\0' && BOOTINFO_HAS(info, kernel_file) &&
           bootinfo_cpu(info, 0) != nullptr;
}
} // namespace kernel
