## Checks what the loader handed over, greets on the serial port, and stops. In Nim.
import bootinfo

bootinfoKernelHeader("kernel_main", 0x4000)

const
  debugPort = 0xE9'u16
  exitPort = 0xF4'u16
  exitSuccess = 0x10'u8
  exitFailure = 0x11'u8
  transmitterEmpty = 0x20'u8
  transmitPolls = 100_000

var serial: BootInfoSerial

proc portWrite(port: uint16, value: uint8) =
  {.emit: ["""__asm__ volatile("outb %0, %1" : : "a"(""", value, """), "Nd"(""", port, "));"].}

proc portRead(port: uint16): uint8 =
  {.emit: ["""__asm__ volatile("inb %1, %0" : "=a"(""", result, """) : "Nd"(""", port, "));"].}

proc serialPut(character: char) =
  let base = uint16(serial.base)
  let status = base + 5 * uint16(serial.register_stride)
  for i in 0 ..< transmitPolls:
    if (portRead(status) and transmitterEmpty) != 0:
      break
  portWrite(base, uint8(character))

proc put(character: char) =
  portWrite(debugPort, uint8(character))
  if serial.kind == BOOTINFO_SERIAL_16550_PORT:
    if character == '\n':
      serialPut('\r')
    serialPut(character)

proc print(text: cstring) =
  var i = 0
  while text[i] != '\0':
    put(text[i])
    inc i

proc print(value: uint64) =
  if value >= 10:
    print(value div 10)
  put(char(uint64('0') + value mod 10))

proc finish(status: uint8) {.noreturn.} =
  portWrite(exitPort, status)
  while true:
    {.emit: """__asm__ volatile("cli; hlt");""".}

proc kernelMain(info: ptr BootInfo, magic: uint64) {.exportc: "kernel_main", noreturn.} =
  if magic != BOOTINFO_MAGIC or not bootinfoValid(info):
    finish(exitFailure)
  serial = info.serial
  var usable = 0'u64
  for region in entries(info.memory_map, BootInfoRegion):
    if region.`type` == BOOTINFO_MEMORY_USABLE:
      usable += region.size
  print("hello from a kernel in Nim: ")
  print(usable shr 20)
  print(" MiB usable; loaded by ")
  print(info.loader_name.text)
  print("; command line: '")
  print(info.command_line.text)
  print("'\n")
  finish(exitSuccess)
