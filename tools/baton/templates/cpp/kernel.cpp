#include "bootinfo.h"
#include "bootinfo_console.h"

BOOTINFO_KERNEL_HEADER(kernel_main, 0);

void run_constructors(); // runtime.cpp

namespace
{

BootInfoConsole console; // serial port, QEMU's debug console and the screen

class Greeter
{
  public:
    Greeter() : greeting("hello from @NAME@\n")
    {
    }
    void greet() const
    {
        bootinfo_print(&console, greeting);
    }

  private:
    const char *greeting;
};

Greeter greeter; // its constructor runs before kernel_main uses it

} // namespace

void kernel_main(const BootInfo *info, uint64_t magic)
{
    if (magic != BOOTINFO_MAGIC || !bootinfo_valid(info)) {
        bootinfo_finish(0); // ends a virtual machine, halts a real one
    }
    bootinfo_console_open(&console, info);
    run_constructors();
    greeter.greet();
    bootinfo_finish(1);
}
