//! BootInfo 1.2 for kernels in Zig: abi/bootinfo.h, with the same names.
//! Written by tools/abi/generate from abi/bootinfo.json: change bootinfo.h instead.
//! SPDX-License-Identifier: MIT
pub const BOOTINFO_VERSION_MAJOR: u16 = 1;
pub const BOOTINFO_VERSION_MINOR: u16 = 2;

pub const BOOTINFO_MAGIC: u64 = 0x4F464E49544F4F42;

pub const BOOTINFO_KERNEL_MAGIC: u64 = 0x4E52454B544F4F42;
pub const BOOTINFO_KERNEL_HEADER_LIMIT: u32 = 0x1000;

pub const BOOTINFO_TIME_UNKNOWN: i64 = -0x8000000000000000;

pub const BOOTINFO_FLAG_FAULT_HANDLERS: u32 = 0x1; // the IDT at entry reports faults
pub const BOOTINFO_FLAG_NX: u32 = 0x2; // EFER.NXE is set
pub const BOOTINFO_FLAG_LA57: u32 = 0x4; // CR4.LA57: 5-level page tables
pub const BOOTINFO_FLAG_SECURE_BOOT: u32 = 0x8; // the firmware enforces Secure Boot
pub const BOOTINFO_FLAG_FRAMEBUFFER_LINEAR: u32 = 0x10; // framebuffers[0] can be drawn on
pub const BOOTINFO_FLAG_STAGED: u32 = 0x20; // copied into place after the exit
pub const BOOTINFO_FLAG_SEALED: u32 = 0x40; // loader.cfg came from the loader
pub const BOOTINFO_FLAG_VERIFIED: u32 = 0x80; // all is sealed or pinned
pub const BOOTINFO_FLAG_MEASURED: u32 = 0x100; // files and choice are in the TPM
pub const BOOTINFO_FLAG_TPM_LOG_TRUNCATED: u32 = 0x200; // the firmware's log lacks events
pub const BOOTINFO_FLAG_EL2_DROPPED: u32 = 0x400; // AArch64: entered in EL1 from EL2

pub const BOOTINFO_MEMORY_RESERVED: u32 = 0;
pub const BOOTINFO_MEMORY_USABLE: u32 = 1;
pub const BOOTINFO_MEMORY_BOOT_SERVICES: u32 = 2;
pub const BOOTINFO_MEMORY_LOADER: u32 = 3;
pub const BOOTINFO_MEMORY_INFO: u32 = 4;
pub const BOOTINFO_MEMORY_KERNEL: u32 = 5;
pub const BOOTINFO_MEMORY_STACK: u32 = 6;
pub const BOOTINFO_MEMORY_MODULE: u32 = 7;
pub const BOOTINFO_MEMORY_ACPI_RECLAIMABLE: u32 = 8;
pub const BOOTINFO_MEMORY_ACPI_NVS: u32 = 9;
pub const BOOTINFO_MEMORY_EFI_RUNTIME_CODE: u32 = 10;
pub const BOOTINFO_MEMORY_EFI_RUNTIME_DATA: u32 = 11;
pub const BOOTINFO_MEMORY_MMIO: u32 = 12;
pub const BOOTINFO_MEMORY_MMIO_PORT: u32 = 13;
pub const BOOTINFO_MEMORY_UNUSABLE: u32 = 14;
pub const BOOTINFO_MEMORY_PERSISTENT: u32 = 15;
pub const BOOTINFO_MEMORY_UNACCEPTED: u32 = 16;
pub const BOOTINFO_MEMORY_SPECIAL_PURPOSE: u32 = 17;
pub const BOOTINFO_MEMORY_TYPE_COUNT: u32 = 18; // of those this header names

pub const BOOTINFO_STAGE_START: u32 = 1; // the loader's first instruction in C
pub const BOOTINFO_STAGE_CONFIG: u32 = 2; // loader.cfg read and parsed
pub const BOOTINFO_STAGE_IMAGE: u32 = 3; // kernel file opened and recognised
pub const BOOTINFO_STAGE_PLACEMENT: u32 = 4; // its place in memory reserved
pub const BOOTINFO_STAGE_LOAD: u32 = 5; // all its bytes read (and inflated)
pub const BOOTINFO_STAGE_INFO: u32 = 6; // the last allocation of the boot made
pub const BOOTINFO_STAGE_EXIT: u32 = 7; // right before the final ExitBootServices
pub const BOOTINFO_STAGE_MODULES: u32 = 8; // after LOAD: all modules read, if any

pub const BOOTINFO_SERIAL_NONE: u32 = 0;
pub const BOOTINFO_SERIAL_16550_PORT: u32 = 1; // base is an x86 I/O port
pub const BOOTINFO_SERIAL_16550_MEMORY: u32 = 2; // base is a physical address

pub const BOOTINFO_MACHINE_ANY: u32 = 0; // in a kernel header: it does not say
pub const BOOTINFO_MACHINE_X86_64: u32 = 62;
pub const BOOTINFO_MACHINE_AARCH64: u32 = 183;

pub const BOOTINFO_SECURE_BOOT_OFF: u32 = 0;
pub const BOOTINFO_SECURE_BOOT_ON: u32 = 1; // the firmware enforces it
pub const BOOTINFO_SECURE_BOOT_SETUP: u32 = 2; // no platform key is enrolled
pub const BOOTINFO_SECURE_BOOT_UNKNOWN: u32 = 3; // the firmware does not say

pub const BOOTINFO_TPM_LOG_NONE: u32 = 0;
pub const BOOTINFO_TPM_LOG_CRYPTO_AGILE: u32 = 2; // TCG2: digests of several algorithms

pub const BOOTINFO_PSCI_NONE: u32 = 0;
pub const BOOTINFO_PSCI_HVC: u32 = 1;
pub const BOOTINFO_PSCI_SMC: u32 = 2;

pub const BOOTINFO_RANDOM_EFI: u32 = 1; // EFI_RNG_PROTOCOL
pub const BOOTINFO_RANDOM_RDSEED: u32 = 2;
pub const BOOTINFO_RANDOM_RDRAND: u32 = 4;
pub const BOOTINFO_RANDOM_RNDRRS: u32 = 8; // AArch64

pub const BOOTINFO_PARTITION_UNKNOWN: u32 = 0;
pub const BOOTINFO_PARTITION_MBR: u32 = 1;
pub const BOOTINFO_PARTITION_GPT: u32 = 2;

pub const BOOTINFO_CPU_ENABLED: u32 = 1;
pub const BOOTINFO_CPU_LATER: u32 = 2; // not enabled, but can be while the system runs
pub const BOOTINFO_CPU_BOOT: u32 = 4; // the one that runs the kernel

pub const BOOTINFO_KERNEL_KEEP_EL2: u64 = 1; // AArch64: enter in EL2 where the firmware is
pub const BOOTINFO_KERNEL_LOW: u64 = 2; // modules, stack, info, tables below 4 GiB

pub const BOOTINFO_SIZE_1_0: u32 = 304;
pub const BOOTINFO_SIZE_1_1: u32 = 320;
pub const BOOTINFO_SIZE_1_2: u32 = 520;

pub const BOOTINFO_KERNEL_HEADER_SIZE_1_0: u32 = 56;
pub const BOOTINFO_KERNEL_HEADER_SIZE_1_1: u32 = 64;
pub const BOOTINFO_KERNEL_HEADER_SIZE_1_2: u32 = 72;

pub const BootInfoSpan = extern struct {
    address: u64, // 0: absent
    size: u64, // bytes
};

pub const BootInfoArray = extern struct {
    address: u64, // 0 where count is 0
    count: u32,
    entry_size: u32, // bytes
};

pub const BootInfoRegion = extern struct {
    base: u64, // multiple of 4096
    size: u64, // bytes, multiple of 4096
    @"type": u32, // BOOTINFO_MEMORY_*
    reserved: u32,
    efi_attributes: u64, // EFI_MEMORY_* (UEFI 2.10 section 7.2.3)
};

pub const BootInfoModule = extern struct {
    data: BootInfoSpan, // page-aligned
    name: BootInfoSpan,
    arguments: BootInfoSpan,
};

pub const BootInfoFramebuffer = extern struct {
    address: u64,
    size: u64, // bytes
    width: u32, // pixels
    height: u32, // pixels
    pitch: u32, // bytes from one line to the next
    bits_per_pixel: u32,
    red_position: u8, // bits within a pixel
    red_size: u8,
    green_position: u8,
    green_size: u8,
    blue_position: u8,
    blue_size: u8,
    reserved: [2]u8,
    edid: BootInfoSpan,
};

pub const BootInfoTimestamp = extern struct {
    tsc: u64,
    stage: u32, // BOOTINFO_STAGE_*
    reserved: u32,
};

pub const BootInfoSerial = extern struct {
    base: u64, // I/O port or physical address, by kind
    kind: u32, // BOOTINFO_SERIAL_*
    baud: u32, // 0: unknown
    register_stride: u32, // bytes from one register to the next
    reserved: u32,
};

pub const BootInfoFile = extern struct {
    name: BootInfoSpan, // the path, UTF-8, NUL behind it
    size: u64, // bytes of the file, compressed where it is
    crc32: u32, // of the inflated image, from the gzip trailer; 0: not known
    reserved: u32,
};

pub const BootInfoCpu = extern struct {
    id: u64, // APIC id, or MPIDR_EL1's affinity
    acpi_id: u32, // the processor UID that ACPI's other tables use
    flags: u32, // BOOTINFO_CPU_*
    wake_up: u64, // address of the ACPI mailbox that starts it; 0: INIT and SIPI, or PSCI
    reserved: u64,
};

pub const BootInfo = extern struct {
    magic: u64, // BOOTINFO_MAGIC
    version_major: u16,
    version_minor: u16,
    size: u32, // bytes of this struct as the loader wrote it
    checksum: u32, // CRC-32 (RFC 1952) of [0, size) with this field 0
    flags: u32, // BOOTINFO_FLAG_*
    memory_map: BootInfoArray, // of BootInfoRegion
    modules: BootInfoArray, // of BootInfoModule
    framebuffers: BootInfoArray, // of BootInfoFramebuffer, the console's first
    timeline: BootInfoArray, // of BootInfoTimestamp, as they happened
    kernel: BootInfoSpan, // exact, zeroed tail included
    stack: BootInfoSpan, // without the guard page below it
    info: BootInfoSpan, // the pages that hold this struct and what it points at
    command_line: BootInfoSpan, // UTF-8, a NUL behind it; never absent, may be empty
    loader_name: BootInfoSpan, // likewise
    log: BootInfoSpan, // likewise: lines the loader logged
    efi_system_table: u64,
    efi_memory_map: BootInfoSpan, // the firmware's own final map
    efi_descriptor_size: u32, // its stride
    efi_descriptor_version: u32,
    acpi_rsdp: u64, // ACPI 2.0 or later, else 1.0
    smbios: u64, // SMBIOS 3 entry point, else 2.x
    boot_time: i64, // seconds since 1970-01-01 UTC, or BOOTINFO_TIME_UNKNOWN
    tsc_frequency: u64, // Hz; 0: unknown
    serial: BootInfoSerial,
    kernel_file: BootInfoFile,
    kernel_virtual: u64, // where kernel.address is mapped for the kernel to run
    direct_map: u64, // virtual address of physical 0; 0: there is none
    tpm_event_log: BootInfoSpan, // the firmware's TPM event log, a copy; absent without a TPM
    tpm_final_events: u64, // EFI_TCG2_FINAL_EVENTS_TABLE; 0: there is none
    tpm_final_first: u32, // events in that table which tpm_event_log has too
    tpm_log_format: u32, // BOOTINFO_TPM_LOG_*
    secure_boot: u32, // BOOTINFO_SECURE_BOOT_*
    machine: u32, // BOOTINFO_MACHINE_*
    kernel_sha256: [32]u8, // of the kernel's file as stored; zeros: not computed
    device_tree: BootInfoSpan, // a copy; absent where the firmware has none
    cpus: BootInfoArray, // of BootInfoCpu, the boot CPU first; empty without a MADT
    madt: u64, // the ACPI table of CPUs and interrupt controllers
    boot_cpu: u64, // APIC id, or MPIDR_EL1, of the CPU that runs the kernel
    kernel_level: u32, // AArch64: exception level at entry; x86-64: 0
    psci: u32, // BOOTINFO_PSCI_*
    random_seed: [32]u8, // zeros where random_sources is 0; wipe it once it is used
    random_sources: u32, // BOOTINFO_RANDOM_* bits
    partition_kind: u32, // BOOTINFO_PARTITION_*: of the volume of loader.cfg
    partition_id: [16]u8, // GPT: the partition's GUID; MBR: disk signature, 4 bytes
    partition_number: u32, // from 1; 0: unknown
    reserved_1_2: u32,
    direct_map_size: u64, // bytes of the window at direct_map; 0 without one
};

pub const BootInfoKernelHeader = extern struct {
    magic: u64, // BOOTINFO_KERNEL_MAGIC
    abi_major: u16,
    abi_minor: u16, // the least the kernel can live with
    size: u32, // of this struct
    load_address: u64,
    memory_size: u64, // bytes: image and .bss
    entry: u64, // address, within the image
    stack_size: u64, // bytes, the least
    flags: u64, // BOOTINFO_KERNEL_*
    direct_map: u64, // 1.1: virtual address where physical 0 is to be mapped as well
    machine: u32, // 1.2: BOOTINFO_MACHINE_*
    reserved: u32,
};
