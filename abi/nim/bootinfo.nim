## BootInfo 1.2 for kernels in Nim: abi/bootinfo.h, with the same names. The prose is in docs/abi.md.
## Needs neither heap nor runtime: nim c --os:standalone --mm:none.
## SPDX-License-Identifier: MIT

# -- written by tools/abi/generate from bootinfo.json --
const
  BOOTINFO_VERSION_MAJOR* = 1'u16
  BOOTINFO_VERSION_MINOR* = 2'u16

  BOOTINFO_MAGIC* = 0x4F464E49544F4F42'u64

  BOOTINFO_KERNEL_MAGIC* = 0x4E52454B544F4F42'u64
  BOOTINFO_KERNEL_HEADER_LIMIT* = 0x1000'u32

  BOOTINFO_TIME_UNKNOWN* = low(int64)

  BOOTINFO_FLAG_FAULT_HANDLERS* = 0x1'u32 ## the IDT at entry reports faults
  BOOTINFO_FLAG_NX* = 0x2'u32 ## EFER.NXE is set
  BOOTINFO_FLAG_LA57* = 0x4'u32 ## CR4.LA57: 5-level page tables
  BOOTINFO_FLAG_SECURE_BOOT* = 0x8'u32 ## the firmware enforces Secure Boot
  BOOTINFO_FLAG_FRAMEBUFFER_LINEAR* = 0x10'u32 ## framebuffers[0] can be drawn on
  BOOTINFO_FLAG_STAGED* = 0x20'u32 ## copied into place after the exit
  BOOTINFO_FLAG_SEALED* = 0x40'u32 ## loader.cfg came from the loader
  BOOTINFO_FLAG_VERIFIED* = 0x80'u32 ## all is sealed or pinned
  BOOTINFO_FLAG_MEASURED* = 0x100'u32 ## files and choice are in the TPM
  BOOTINFO_FLAG_TPM_LOG_TRUNCATED* = 0x200'u32 ## the firmware's log lacks events
  BOOTINFO_FLAG_EL2_DROPPED* = 0x400'u32 ## AArch64: entered in EL1 from EL2

  BOOTINFO_MEMORY_RESERVED* = 0'u32
  BOOTINFO_MEMORY_USABLE* = 1'u32
  BOOTINFO_MEMORY_BOOT_SERVICES* = 2'u32
  BOOTINFO_MEMORY_LOADER* = 3'u32
  BOOTINFO_MEMORY_INFO* = 4'u32
  BOOTINFO_MEMORY_KERNEL* = 5'u32
  BOOTINFO_MEMORY_STACK* = 6'u32
  BOOTINFO_MEMORY_MODULE* = 7'u32
  BOOTINFO_MEMORY_ACPI_RECLAIMABLE* = 8'u32
  BOOTINFO_MEMORY_ACPI_NVS* = 9'u32
  BOOTINFO_MEMORY_EFI_RUNTIME_CODE* = 10'u32
  BOOTINFO_MEMORY_EFI_RUNTIME_DATA* = 11'u32
  BOOTINFO_MEMORY_MMIO* = 12'u32
  BOOTINFO_MEMORY_MMIO_PORT* = 13'u32
  BOOTINFO_MEMORY_UNUSABLE* = 14'u32
  BOOTINFO_MEMORY_PERSISTENT* = 15'u32
  BOOTINFO_MEMORY_UNACCEPTED* = 16'u32
  BOOTINFO_MEMORY_SPECIAL_PURPOSE* = 17'u32
  BOOTINFO_MEMORY_TYPE_COUNT* = 18'u32 ## of those this header names

  BOOTINFO_STAGE_START* = 1'u32 ## the loader's first instruction in C
  BOOTINFO_STAGE_CONFIG* = 2'u32 ## loader.cfg read and parsed
  BOOTINFO_STAGE_IMAGE* = 3'u32 ## kernel file opened and recognised
  BOOTINFO_STAGE_PLACEMENT* = 4'u32 ## its place in memory reserved
  BOOTINFO_STAGE_LOAD* = 5'u32 ## all its bytes read (and inflated)
  BOOTINFO_STAGE_INFO* = 6'u32 ## the last allocation of the boot made
  BOOTINFO_STAGE_EXIT* = 7'u32 ## right before the final ExitBootServices
  BOOTINFO_STAGE_MODULES* = 8'u32 ## after LOAD: all modules read, if any

  BOOTINFO_SERIAL_NONE* = 0'u32
  BOOTINFO_SERIAL_16550_PORT* = 1'u32 ## base is an x86 I/O port
  BOOTINFO_SERIAL_16550_MEMORY* = 2'u32 ## base is a physical address

  BOOTINFO_MACHINE_ANY* = 0'u32 ## in a kernel header: it does not say
  BOOTINFO_MACHINE_X86_64* = 62'u32
  BOOTINFO_MACHINE_AARCH64* = 183'u32

  BOOTINFO_SECURE_BOOT_OFF* = 0'u32
  BOOTINFO_SECURE_BOOT_ON* = 1'u32 ## the firmware enforces it
  BOOTINFO_SECURE_BOOT_SETUP* = 2'u32 ## no platform key is enrolled
  BOOTINFO_SECURE_BOOT_UNKNOWN* = 3'u32 ## the firmware does not say

  BOOTINFO_TPM_LOG_NONE* = 0'u32
  BOOTINFO_TPM_LOG_CRYPTO_AGILE* = 2'u32 ## TCG2: digests of several algorithms

  BOOTINFO_PSCI_NONE* = 0'u32
  BOOTINFO_PSCI_HVC* = 1'u32
  BOOTINFO_PSCI_SMC* = 2'u32

  BOOTINFO_RANDOM_EFI* = 1'u32 ## EFI_RNG_PROTOCOL
  BOOTINFO_RANDOM_RDSEED* = 2'u32
  BOOTINFO_RANDOM_RDRAND* = 4'u32
  BOOTINFO_RANDOM_RNDRRS* = 8'u32 ## AArch64

  BOOTINFO_PARTITION_UNKNOWN* = 0'u32
  BOOTINFO_PARTITION_MBR* = 1'u32
  BOOTINFO_PARTITION_GPT* = 2'u32

  BOOTINFO_CPU_ENABLED* = 1'u32
  BOOTINFO_CPU_LATER* = 2'u32 ## not enabled, but can be while the system runs
  BOOTINFO_CPU_BOOT* = 4'u32 ## the one that runs the kernel

  BOOTINFO_KERNEL_KEEP_EL2* = 1'u64 ## AArch64: enter in EL2 where the firmware is
  BOOTINFO_KERNEL_LOW* = 2'u64 ## modules, stack, info, tables below 4 GiB

  BOOTINFO_SIZE_1_0* = 304'u32
  BOOTINFO_SIZE_1_1* = 320'u32
  BOOTINFO_SIZE_1_2* = 520'u32

  BOOTINFO_KERNEL_HEADER_SIZE_1_0* = 56'u32
  BOOTINFO_KERNEL_HEADER_SIZE_1_1* = 64'u32
  BOOTINFO_KERNEL_HEADER_SIZE_1_2* = 72'u32

type
  BootInfoSpan* {.bycopy.} = object
    address*: uint64 ## 0: absent
    size*: uint64 ## bytes

  BootInfoArray* {.bycopy.} = object
    address*: uint64 ## 0 where count is 0
    count*: uint32
    entry_size*: uint32 ## bytes

  BootInfoRegion* {.bycopy.} = object
    base*: uint64 ## multiple of 4096
    size*: uint64 ## bytes, multiple of 4096
    `type`*: uint32 ## BOOTINFO_MEMORY_*
    reserved*: uint32
    efi_attributes*: uint64 ## EFI_MEMORY_* (UEFI 2.10 section 7.2.3)

  BootInfoModule* {.bycopy.} = object
    data*: BootInfoSpan ## page-aligned
    name*: BootInfoSpan
    arguments*: BootInfoSpan

  BootInfoFramebuffer* {.bycopy.} = object
    address*: uint64
    size*: uint64 ## bytes
    width*: uint32 ## pixels
    height*: uint32 ## pixels
    pitch*: uint32 ## bytes from one line to the next
    bits_per_pixel*: uint32
    red_position*: uint8 ## bits within a pixel
    red_size*: uint8
    green_position*: uint8
    green_size*: uint8
    blue_position*: uint8
    blue_size*: uint8
    reserved*: array[2, uint8]
    edid*: BootInfoSpan

  BootInfoTimestamp* {.bycopy.} = object
    tsc*: uint64
    stage*: uint32 ## BOOTINFO_STAGE_*
    reserved*: uint32

  BootInfoSerial* {.bycopy.} = object
    base*: uint64 ## I/O port or physical address, by kind
    kind*: uint32 ## BOOTINFO_SERIAL_*
    baud*: uint32 ## 0: unknown
    register_stride*: uint32 ## bytes from one register to the next
    reserved*: uint32

  BootInfoFile* {.bycopy.} = object
    name*: BootInfoSpan ## the path, UTF-8, NUL behind it
    size*: uint64 ## bytes of the file, compressed where it is
    crc32*: uint32 ## of the inflated image, from the gzip trailer; 0: not known
    reserved*: uint32

  BootInfoCpu* {.bycopy.} = object
    id*: uint64 ## APIC id, or MPIDR_EL1's affinity
    acpi_id*: uint32 ## the processor UID that ACPI's other tables use
    flags*: uint32 ## BOOTINFO_CPU_*
    wake_up*: uint64 ## address of the ACPI mailbox that starts it; 0: INIT and SIPI, or PSCI
    reserved*: uint64

  BootInfo* {.bycopy.} = object
    magic*: uint64 ## BOOTINFO_MAGIC
    version_major*: uint16
    version_minor*: uint16
    size*: uint32 ## bytes of this struct as the loader wrote it
    checksum*: uint32 ## CRC-32 (RFC 1952) of [0, size) with this field 0
    flags*: uint32 ## BOOTINFO_FLAG_*
    memory_map*: BootInfoArray ## of BootInfoRegion
    modules*: BootInfoArray ## of BootInfoModule
    framebuffers*: BootInfoArray ## of BootInfoFramebuffer, the console's first
    timeline*: BootInfoArray ## of BootInfoTimestamp, as they happened
    kernel*: BootInfoSpan ## exact, zeroed tail included
    stack*: BootInfoSpan ## without the guard page below it
    info*: BootInfoSpan ## the pages that hold this struct and what it points at
    command_line*: BootInfoSpan ## UTF-8, a NUL behind it; never absent, may be empty
    loader_name*: BootInfoSpan ## likewise
    log*: BootInfoSpan ## likewise: lines the loader logged
    efi_system_table*: uint64
    efi_memory_map*: BootInfoSpan ## the firmware's own final map
    efi_descriptor_size*: uint32 ## its stride
    efi_descriptor_version*: uint32
    acpi_rsdp*: uint64 ## ACPI 2.0 or later, else 1.0
    smbios*: uint64 ## SMBIOS 3 entry point, else 2.x
    boot_time*: int64 ## seconds since 1970-01-01 UTC, or BOOTINFO_TIME_UNKNOWN
    tsc_frequency*: uint64 ## Hz; 0: unknown
    serial*: BootInfoSerial
    kernel_file*: BootInfoFile
    kernel_virtual*: uint64 ## where kernel.address is mapped for the kernel to run
    direct_map*: uint64 ## virtual address of physical 0; 0: there is none
    tpm_event_log*: BootInfoSpan ## the firmware's TPM event log, a copy; absent without a TPM
    tpm_final_events*: uint64 ## EFI_TCG2_FINAL_EVENTS_TABLE; 0: there is none
    tpm_final_first*: uint32 ## events in that table which tpm_event_log has too
    tpm_log_format*: uint32 ## BOOTINFO_TPM_LOG_*
    secure_boot*: uint32 ## BOOTINFO_SECURE_BOOT_*
    machine*: uint32 ## BOOTINFO_MACHINE_*
    kernel_sha256*: array[32, uint8] ## of the kernel's file as stored; zeros: not computed
    device_tree*: BootInfoSpan ## a copy; absent where the firmware has none
    cpus*: BootInfoArray ## of BootInfoCpu, the boot CPU first; empty without a MADT
    madt*: uint64 ## the ACPI table of CPUs and interrupt controllers
    boot_cpu*: uint64 ## APIC id, or MPIDR_EL1, of the CPU that runs the kernel
    kernel_level*: uint32 ## AArch64: exception level at entry; x86-64: 0
    psci*: uint32 ## BOOTINFO_PSCI_*
    random_seed*: array[32, uint8] ## zeros where random_sources is 0; wipe it once it is used
    random_sources*: uint32 ## BOOTINFO_RANDOM_* bits
    partition_kind*: uint32 ## BOOTINFO_PARTITION_*: of the volume of loader.cfg
    partition_id*: array[16, uint8] ## GPT: the partition's GUID; MBR: disk signature, 4 bytes
    partition_number*: uint32 ## from 1; 0: unknown
    reserved_1_2*: uint32
    direct_map_size*: uint64 ## bytes of the window at direct_map; 0 without one

  BootInfoKernelHeader* {.bycopy.} = object
    magic*: uint64 ## BOOTINFO_KERNEL_MAGIC
    abi_major*: uint16
    abi_minor*: uint16 ## the least the kernel can live with
    size*: uint32 ## of this struct
    load_address*: uint64
    memory_size*: uint64 ## bytes: image and .bss
    entry*: uint64 ## address, within the image
    stack_size*: uint64 ## bytes, the least
    flags*: uint64 ## BOOTINFO_KERNEL_*
    direct_map*: uint64 ## 1.1: virtual address where physical 0 is to be mapped as well
    machine*: uint32 ## 1.2: BOOTINFO_MACHINE_*
    reserved*: uint32
# -- end of what tools/abi/generate writes --

func bootinfoCrc32*(crc: uint32, bytes: ptr UncheckedArray[uint8], size: uint64): uint32 =
  ## CRC-32 as in RFC 1952. Start with crc = 0.
  result = not crc
  for i in 0'u64 ..< size:
    result = result xor bytes[i]
    for bit in 0 ..< 8:
      let low = result and 1
      result = result shr 1
      if low != 0:
        result = result xor 0xEDB88320'u32
  result = not result

func bytesAt(address: uint64): ptr UncheckedArray[uint8] =
  cast[ptr UncheckedArray[uint8]](address)

func bootinfoChecksum*(info: ptr BootInfo): uint32 =
  ## The checksum that info ought to carry.
  var zero = 0'u32
  let start = cast[uint64](info)
  let before = cast[uint64](addr info.checksum) - start
  let behind = before + uint64(sizeof(zero))
  result = bootinfoCrc32(0, bytesAt(start), before)
  result = bootinfoCrc32(result, cast[ptr UncheckedArray[uint8]](addr zero), uint64(sizeof(zero)))
  result = bootinfoCrc32(result, bytesAt(start + behind), uint64(info.size) - behind)

func bootinfoValid*(info: ptr BootInfo): bool =
  ## Whether info is a BootInfo that this file can read.
  info != nil and info.magic == BOOTINFO_MAGIC and
    info.version_major == BOOTINFO_VERSION_MAJOR and info.size >= BOOTINFO_SIZE_1_0 and
    uint64(info.size) <= info.info.size and info.checksum == bootinfoChecksum(info)

iterator entries*(array: BootInfoArray, kind: typedesc): ptr kind =
  ## The entries of any of BootInfo's arrays, entry_size apart.
  for i in 0'u64 ..< uint64(array.count):
    yield cast[ptr kind](array.address + i * uint64(array.entry_size))

func text*(span: BootInfoSpan): cstring =
  ## The text of a span that is documented to end in NUL.
  if span.address == 0: cstring("") else: cast[cstring](span.address)

template bootinfoKernelHeader*(entry: static string, stackSize: static int) =
  ## The kernel header, at file scope. entry is the C name of
  ##   proc kernelMain(info: ptr BootInfo, magic: uint64) {.exportc: "kernel_main", noreturn.}
  ## and stackSize the least stack in bytes; 0 leaves it to loader.cfg.
  {.emit: ["""
__asm__(".pushsection .bootinfo.header, \"a\", @progbits\n"
        ".balign 8\n"
        ".ascii \"BOOTKERN\"\n"
        ".short 1, 0\n"
        ".long 56\n"
        ".quad bootinfo_kernel_start, bootinfo_kernel_memory_size\n"
        ".quad """, entry, ", ", $stackSize, """, 0\n"
        ".popsection\n");
"""].}
