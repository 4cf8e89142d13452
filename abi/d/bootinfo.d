// BootInfo 1.2 for kernels in D, with -betterC: abi/bootinfo.h, with the same names.
// Written by tools/abi/generate from abi/bootinfo.json: change bootinfo.h instead.
// SPDX-License-Identifier: MIT
module bootinfo;

enum ushort BOOTINFO_VERSION_MAJOR = 1;
enum ushort BOOTINFO_VERSION_MINOR = 2;

enum ulong BOOTINFO_MAGIC = 0x4F464E49544F4F42;

enum ulong BOOTINFO_KERNEL_MAGIC = 0x4E52454B544F4F42;
enum uint BOOTINFO_KERNEL_HEADER_LIMIT = 0x1000;

enum long BOOTINFO_TIME_UNKNOWN = long.min;

enum uint BOOTINFO_FLAG_FAULT_HANDLERS = 0x1; // the IDT at entry reports faults
enum uint BOOTINFO_FLAG_NX = 0x2; // EFER.NXE is set
enum uint BOOTINFO_FLAG_LA57 = 0x4; // CR4.LA57: 5-level page tables
enum uint BOOTINFO_FLAG_SECURE_BOOT = 0x8; // the firmware enforces Secure Boot
enum uint BOOTINFO_FLAG_FRAMEBUFFER_LINEAR = 0x10; // framebuffers[0] can be drawn on
enum uint BOOTINFO_FLAG_STAGED = 0x20; // copied into place after the exit
enum uint BOOTINFO_FLAG_SEALED = 0x40; // loader.cfg came from the loader
enum uint BOOTINFO_FLAG_VERIFIED = 0x80; // all is sealed or pinned
enum uint BOOTINFO_FLAG_MEASURED = 0x100; // files and choice are in the TPM
enum uint BOOTINFO_FLAG_TPM_LOG_TRUNCATED = 0x200; // the firmware's log lacks events
enum uint BOOTINFO_FLAG_EL2_DROPPED = 0x400; // AArch64: entered in EL1 from EL2

enum uint BOOTINFO_MEMORY_RESERVED = 0;
enum uint BOOTINFO_MEMORY_USABLE = 1;
enum uint BOOTINFO_MEMORY_BOOT_SERVICES = 2;
enum uint BOOTINFO_MEMORY_LOADER = 3;
enum uint BOOTINFO_MEMORY_INFO = 4;
enum uint BOOTINFO_MEMORY_KERNEL = 5;
enum uint BOOTINFO_MEMORY_STACK = 6;
enum uint BOOTINFO_MEMORY_MODULE = 7;
enum uint BOOTINFO_MEMORY_ACPI_RECLAIMABLE = 8;
enum uint BOOTINFO_MEMORY_ACPI_NVS = 9;
enum uint BOOTINFO_MEMORY_EFI_RUNTIME_CODE = 10;
enum uint BOOTINFO_MEMORY_EFI_RUNTIME_DATA = 11;
enum uint BOOTINFO_MEMORY_MMIO = 12;
enum uint BOOTINFO_MEMORY_MMIO_PORT = 13;
enum uint BOOTINFO_MEMORY_UNUSABLE = 14;
enum uint BOOTINFO_MEMORY_PERSISTENT = 15;
enum uint BOOTINFO_MEMORY_UNACCEPTED = 16;
enum uint BOOTINFO_MEMORY_SPECIAL_PURPOSE = 17;
enum uint BOOTINFO_MEMORY_TYPE_COUNT = 18; // of those this header names

enum uint BOOTINFO_STAGE_START = 1; // the loader's first instruction in C
enum uint BOOTINFO_STAGE_CONFIG = 2; // loader.cfg read and parsed
enum uint BOOTINFO_STAGE_IMAGE = 3; // kernel file opened and recognised
enum uint BOOTINFO_STAGE_PLACEMENT = 4; // its place in memory reserved
enum uint BOOTINFO_STAGE_LOAD = 5; // all its bytes read (and inflated)
enum uint BOOTINFO_STAGE_INFO = 6; // the last allocation of the boot made
enum uint BOOTINFO_STAGE_EXIT = 7; // right before the final ExitBootServices
enum uint BOOTINFO_STAGE_MODULES = 8; // after LOAD: all modules read, if any

enum uint BOOTINFO_SERIAL_NONE = 0;
enum uint BOOTINFO_SERIAL_16550_PORT = 1; // base is an x86 I/O port
enum uint BOOTINFO_SERIAL_16550_MEMORY = 2; // base is a physical address

enum uint BOOTINFO_MACHINE_ANY = 0; // in a kernel header: it does not say
enum uint BOOTINFO_MACHINE_X86_64 = 62;
enum uint BOOTINFO_MACHINE_AARCH64 = 183;

enum uint BOOTINFO_SECURE_BOOT_OFF = 0;
enum uint BOOTINFO_SECURE_BOOT_ON = 1; // the firmware enforces it
enum uint BOOTINFO_SECURE_BOOT_SETUP = 2; // no platform key is enrolled
enum uint BOOTINFO_SECURE_BOOT_UNKNOWN = 3; // the firmware does not say

enum uint BOOTINFO_TPM_LOG_NONE = 0;
enum uint BOOTINFO_TPM_LOG_CRYPTO_AGILE = 2; // TCG2: digests of several algorithms

enum uint BOOTINFO_PSCI_NONE = 0;
enum uint BOOTINFO_PSCI_HVC = 1;
enum uint BOOTINFO_PSCI_SMC = 2;

enum uint BOOTINFO_RANDOM_EFI = 1; // EFI_RNG_PROTOCOL
enum uint BOOTINFO_RANDOM_RDSEED = 2;
enum uint BOOTINFO_RANDOM_RDRAND = 4;
enum uint BOOTINFO_RANDOM_RNDRRS = 8; // AArch64

enum uint BOOTINFO_PARTITION_UNKNOWN = 0;
enum uint BOOTINFO_PARTITION_MBR = 1;
enum uint BOOTINFO_PARTITION_GPT = 2;

enum uint BOOTINFO_CPU_ENABLED = 1;
enum uint BOOTINFO_CPU_LATER = 2; // not enabled, but can be while the system runs
enum uint BOOTINFO_CPU_BOOT = 4; // the one that runs the kernel

enum ulong BOOTINFO_KERNEL_KEEP_EL2 = 1; // AArch64: enter in EL2 where the firmware is
enum ulong BOOTINFO_KERNEL_LOW = 2; // modules, stack, info, tables below 4 GiB

enum uint BOOTINFO_SIZE_1_0 = 304;
enum uint BOOTINFO_SIZE_1_1 = 320;
enum uint BOOTINFO_SIZE_1_2 = 520;

enum uint BOOTINFO_KERNEL_HEADER_SIZE_1_0 = 56;
enum uint BOOTINFO_KERNEL_HEADER_SIZE_1_1 = 64;
enum uint BOOTINFO_KERNEL_HEADER_SIZE_1_2 = 72;

extern (C) struct BootInfoSpan
{
    ulong address; // 0: absent
    ulong size; // bytes
}

extern (C) struct BootInfoArray
{
    ulong address; // 0 where count is 0
    uint count;
    uint entry_size; // bytes
}

extern (C) struct BootInfoRegion
{
    ulong base; // multiple of 4096
    ulong size; // bytes, multiple of 4096
    uint type; // BOOTINFO_MEMORY_*
    uint reserved;
    ulong efi_attributes; // EFI_MEMORY_* (UEFI 2.10 section 7.2.3)
}

extern (C) struct BootInfoModule
{
    BootInfoSpan data; // page-aligned
    BootInfoSpan name;
    BootInfoSpan arguments;
}

extern (C) struct BootInfoFramebuffer
{
    ulong address;
    ulong size; // bytes
    uint width; // pixels
    uint height; // pixels
    uint pitch; // bytes from one line to the next
    uint bits_per_pixel;
    ubyte red_position; // bits within a pixel
    ubyte red_size;
    ubyte green_position;
    ubyte green_size;
    ubyte blue_position;
    ubyte blue_size;
    ubyte[2] reserved;
    BootInfoSpan edid;
}

extern (C) struct BootInfoTimestamp
{
    ulong tsc;
    uint stage; // BOOTINFO_STAGE_*
    uint reserved;
}

extern (C) struct BootInfoSerial
{
    ulong base; // I/O port or physical address, by kind
    uint kind; // BOOTINFO_SERIAL_*
    uint baud; // 0: unknown
    uint register_stride; // bytes from one register to the next
    uint reserved;
}

extern (C) struct BootInfoFile
{
    BootInfoSpan name; // the path, UTF-8, NUL behind it
    ulong size; // bytes of the file, compressed where it is
    uint crc32; // of the inflated image, from the gzip trailer; 0: not known
    uint reserved;
}

extern (C) struct BootInfoCpu
{
    ulong id; // APIC id, or MPIDR_EL1's affinity
    uint acpi_id; // the processor UID that ACPI's other tables use
    uint flags; // BOOTINFO_CPU_*
    ulong wake_up; // address of the ACPI mailbox that starts it; 0: INIT and SIPI, or PSCI
    ulong reserved;
}

extern (C) struct BootInfo
{
    ulong magic; // BOOTINFO_MAGIC
    ushort version_major;
    ushort version_minor;
    uint size; // bytes of this struct as the loader wrote it
    uint checksum; // CRC-32 (RFC 1952) of [0, size) with this field 0
    uint flags; // BOOTINFO_FLAG_*
    BootInfoArray memory_map; // of BootInfoRegion
    BootInfoArray modules; // of BootInfoModule
    BootInfoArray framebuffers; // of BootInfoFramebuffer, the console's first
    BootInfoArray timeline; // of BootInfoTimestamp, as they happened
    BootInfoSpan kernel; // exact, zeroed tail included
    BootInfoSpan stack; // without the guard page below it
    BootInfoSpan info; // the pages that hold this struct and what it points at
    BootInfoSpan command_line; // UTF-8, a NUL behind it; never absent, may be empty
    BootInfoSpan loader_name; // likewise
    BootInfoSpan log; // likewise: lines the loader logged
    ulong efi_system_table;
    BootInfoSpan efi_memory_map; // the firmware's own final map
    uint efi_descriptor_size; // its stride
    uint efi_descriptor_version;
    ulong acpi_rsdp; // ACPI 2.0 or later, else 1.0
    ulong smbios; // SMBIOS 3 entry point, else 2.x
    long boot_time; // seconds since 1970-01-01 UTC, or BOOTINFO_TIME_UNKNOWN
    ulong tsc_frequency; // Hz; 0: unknown
    BootInfoSerial serial;
    BootInfoFile kernel_file;
    ulong kernel_virtual; // where kernel.address is mapped for the kernel to run
    ulong direct_map; // virtual address of physical 0; 0: there is none
    BootInfoSpan tpm_event_log; // the firmware's TPM event log, a copy; absent without a TPM
    ulong tpm_final_events; // EFI_TCG2_FINAL_EVENTS_TABLE; 0: there is none
    uint tpm_final_first; // events in that table which tpm_event_log has too
    uint tpm_log_format; // BOOTINFO_TPM_LOG_*
    uint secure_boot; // BOOTINFO_SECURE_BOOT_*
    uint machine; // BOOTINFO_MACHINE_*
    ubyte[32] kernel_sha256; // of the kernel's file as stored; zeros: not computed
    BootInfoSpan device_tree; // a copy; absent where the firmware has none
    BootInfoArray cpus; // of BootInfoCpu, the boot CPU first; empty without a MADT
    ulong madt; // the ACPI table of CPUs and interrupt controllers
    ulong boot_cpu; // APIC id, or MPIDR_EL1, of the CPU that runs the kernel
    uint kernel_level; // AArch64: exception level at entry; x86-64: 0
    uint psci; // BOOTINFO_PSCI_*
    ubyte[32] random_seed; // zeros where random_sources is 0; wipe it once it is used
    uint random_sources; // BOOTINFO_RANDOM_* bits
    uint partition_kind; // BOOTINFO_PARTITION_*: of the volume of loader.cfg
    ubyte[16] partition_id; // GPT: the partition's GUID; MBR: disk signature, 4 bytes
    uint partition_number; // from 1; 0: unknown
    uint reserved_1_2;
    ulong direct_map_size; // bytes of the window at direct_map; 0 without one
}

extern (C) struct BootInfoKernelHeader
{
    ulong magic; // BOOTINFO_KERNEL_MAGIC
    ushort abi_major;
    ushort abi_minor; // the least the kernel can live with
    uint size; // of this struct
    ulong load_address;
    ulong memory_size; // bytes: image and .bss
    ulong entry; // address, within the image
    ulong stack_size; // bytes, the least
    ulong flags; // BOOTINFO_KERNEL_*
    ulong direct_map; // 1.1: virtual address where physical 0 is to be mapped as well
    uint machine; // 1.2: BOOTINFO_MACHINE_*
    uint reserved;
}
