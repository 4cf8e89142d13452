## RDI: BootInfo, RSI: its magic number.
import bootinfo

bootinfoKernelHeader("kernel_main", 0)

const
  debugConsole = 0xE9'u16 # QEMU's
  com1 = 0x3F8'u16
  transmitterEmpty = 0x20'u8
  exitPort = 0xF4'u16 # QEMU's

proc portWrite(port: uint16, value: uint8) =
  {.emit: ["""__asm__ volatile("outb %0, %1" : : "a"(""", value, """), "Nd"(""", port, "));"].}

proc portRead(port: uint16): uint8 =
  {.emit: ["""__asm__ volatile("inb %1, %0" : "=a"(""", result, """) : "Nd"(""", port, "));"].}

proc print(text: cstring) =
  let bytes = cast[ptr UncheckedArray[uint8]](text)
  var i = 0
  while bytes[i] != 0:
    while (portRead(com1 + 5) and transmitterEmpty) == 0:
      discard
    portWrite(com1, bytes[i])
    portWrite(debugConsole, bytes[i])
    inc i

proc finish(status: uint8) {.noreturn.} =
  portWrite(exitPort, status)
  while true:
    {.emit: """__asm__ volatile("cli; hlt");""".}

proc kernelMain(info: ptr BootInfo, magic: uint64) {.exportc: "kernel_main", noreturn.} =
  if magic != BOOTINFO_MAGIC or not bootinfoValid(info):
    finish(0x11)
  print("hello from @NAME@\n")
  finish(0x10)
