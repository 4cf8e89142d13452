## RDI: BootInfo, RSI: its magic number.
import bootinfo

bootinfoKernelHeader("kernel_main", 0)

# Serial port, QEMU's debug console and the screen.
{.pragma: kit, header: "bootinfo_console.h".}
type Console {.kit, importc: "struct BootInfoConsole".} = object

proc open(console: ptr Console, info: pointer) {.kit, importc: "bootinfo_console_open".}
proc print(console: ptr Console, text: cstring) {.kit, importc: "bootinfo_print".}
proc finish(success: cint) {.kit, importc: "bootinfo_finish".} # ends a virtual machine

var console: Console

proc kernelMain(info: ptr BootInfo, magic: uint64) {.exportc: "kernel_main".} =
  if magic != BOOTINFO_MAGIC or not bootinfoValid(info):
    finish(0)
  open(addr console, info)
  print(addr console, "hello from @NAME@\n")
  finish(1)
