#include "bootinfo.h"
#include "bootinfo_console.h"

BOOTINFO_KERNEL_HEADER(kernel_main, 0);

static struct BootInfoConsole console; /* serial port, QEMU's debug console and the screen */

void kernel_main(const struct BootInfo *info, uint64_t magic)
{
    if (magic != BOOTINFO_MAGIC || !bootinfo_valid(info)) {
        bootinfo_finish(0); /* ends a virtual machine, halts a real one */
    }
    bootinfo_console_open(&console, info);
    bootinfo_print(&console, "hello from @NAME@\n");
    bootinfo_finish(1);
}
