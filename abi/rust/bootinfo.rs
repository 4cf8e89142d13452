//! BootInfo 1.2 for kernels in Rust (1.63 or later, core only): abi/bootinfo.h, with the same names.
//! The prose is in docs/abi.md. Use it as a module:
//!     #[path = "path/to/abi/rust/bootinfo.rs"]
//!     mod bootinfo;
//! SPDX-License-Identifier: MIT
#![allow(dead_code)]

use core::slice;

// -- written by tools/abi/generate from bootinfo.json --
pub const BOOTINFO_VERSION_MAJOR: u16 = 1;
pub const BOOTINFO_VERSION_MINOR: u16 = 2;

pub const BOOTINFO_MAGIC: u64 = 0x4F464E49544F4F42;

pub const BOOTINFO_KERNEL_MAGIC: u64 = 0x4E52454B544F4F42;
pub const BOOTINFO_KERNEL_HEADER_LIMIT: u32 = 0x1000;

pub const BOOTINFO_TIME_UNKNOWN: i64 = i64::MIN;

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

#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct BootInfoSpan {
    pub address: u64, // 0: absent
    pub size: u64, // bytes
}

#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct BootInfoArray {
    pub address: u64, // 0 where count is 0
    pub count: u32,
    pub entry_size: u32, // bytes
}

#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct BootInfoRegion {
    pub base: u64, // multiple of 4096
    pub size: u64, // bytes, multiple of 4096
    pub r#type: u32, // BOOTINFO_MEMORY_*
    pub reserved: u32,
    pub efi_attributes: u64, // EFI_MEMORY_* (UEFI 2.10 section 7.2.3)
}

#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct BootInfoModule {
    pub data: BootInfoSpan, // page-aligned
    pub name: BootInfoSpan,
    pub arguments: BootInfoSpan,
}

#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct BootInfoFramebuffer {
    pub address: u64,
    pub size: u64, // bytes
    pub width: u32, // pixels
    pub height: u32, // pixels
    pub pitch: u32, // bytes from one line to the next
    pub bits_per_pixel: u32,
    pub red_position: u8, // bits within a pixel
    pub red_size: u8,
    pub green_position: u8,
    pub green_size: u8,
    pub blue_position: u8,
    pub blue_size: u8,
    pub reserved: [u8; 2],
    pub edid: BootInfoSpan,
}

#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct BootInfoTimestamp {
    pub tsc: u64,
    pub stage: u32, // BOOTINFO_STAGE_*
    pub reserved: u32,
}

#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct BootInfoSerial {
    pub base: u64, // I/O port or physical address, by kind
    pub kind: u32, // BOOTINFO_SERIAL_*
    pub baud: u32, // 0: unknown
    pub register_stride: u32, // bytes from one register to the next
    pub reserved: u32,
}

#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct BootInfoFile {
    pub name: BootInfoSpan, // the path, UTF-8, NUL behind it
    pub size: u64, // bytes of the file, compressed where it is
    pub crc32: u32, // of the inflated image, from the gzip trailer; 0: not known
    pub reserved: u32,
}

#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct BootInfoCpu {
    pub id: u64, // APIC id, or MPIDR_EL1's affinity
    pub acpi_id: u32, // the processor UID that ACPI's other tables use
    pub flags: u32, // BOOTINFO_CPU_*
    pub wake_up: u64, // address of the ACPI mailbox that starts it; 0: INIT and SIPI, or PSCI
    pub reserved: u64,
}

#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct BootInfo {
    pub magic: u64, // BOOTINFO_MAGIC
    pub version_major: u16,
    pub version_minor: u16,
    pub size: u32, // bytes of this struct as the loader wrote it
    pub checksum: u32, // CRC-32 (RFC 1952) of [0, size) with this field 0
    pub flags: u32, // BOOTINFO_FLAG_*
    pub memory_map: BootInfoArray, // of BootInfoRegion
    pub modules: BootInfoArray, // of BootInfoModule
    pub framebuffers: BootInfoArray, // of BootInfoFramebuffer, the console's first
    pub timeline: BootInfoArray, // of BootInfoTimestamp, as they happened
    pub kernel: BootInfoSpan, // exact, zeroed tail included
    pub stack: BootInfoSpan, // without the guard page below it
    pub info: BootInfoSpan, // the pages that hold this struct and what it points at
    pub command_line: BootInfoSpan, // UTF-8, a NUL behind it; never absent, may be empty
    pub loader_name: BootInfoSpan, // likewise
    pub log: BootInfoSpan, // likewise: lines the loader logged
    pub efi_system_table: u64,
    pub efi_memory_map: BootInfoSpan, // the firmware's own final map
    pub efi_descriptor_size: u32, // its stride
    pub efi_descriptor_version: u32,
    pub acpi_rsdp: u64, // ACPI 2.0 or later, else 1.0
    pub smbios: u64, // SMBIOS 3 entry point, else 2.x
    pub boot_time: i64, // seconds since 1970-01-01 UTC, or BOOTINFO_TIME_UNKNOWN
    pub tsc_frequency: u64, // Hz; 0: unknown
    pub serial: BootInfoSerial,
    pub kernel_file: BootInfoFile,
    pub kernel_virtual: u64, // where kernel.address is mapped for the kernel to run
    pub direct_map: u64, // virtual address of physical 0; 0: there is none
    pub tpm_event_log: BootInfoSpan, // the firmware's TPM event log, a copy; absent without a TPM
    pub tpm_final_events: u64, // EFI_TCG2_FINAL_EVENTS_TABLE; 0: there is none
    pub tpm_final_first: u32, // events in that table which tpm_event_log has too
    pub tpm_log_format: u32, // BOOTINFO_TPM_LOG_*
    pub secure_boot: u32, // BOOTINFO_SECURE_BOOT_*
    pub machine: u32, // BOOTINFO_MACHINE_*
    pub kernel_sha256: [u8; 32], // of the kernel's file as stored; zeros: not computed
    pub device_tree: BootInfoSpan, // a copy; absent where the firmware has none
    pub cpus: BootInfoArray, // of BootInfoCpu, the boot CPU first; empty without a MADT
    pub madt: u64, // the ACPI table of CPUs and interrupt controllers
    pub boot_cpu: u64, // APIC id, or MPIDR_EL1, of the CPU that runs the kernel
    pub kernel_level: u32, // AArch64: exception level at entry; x86-64: 0
    pub psci: u32, // BOOTINFO_PSCI_*
    pub random_seed: [u8; 32], // zeros where random_sources is 0; wipe it once it is used
    pub random_sources: u32, // BOOTINFO_RANDOM_* bits
    pub partition_kind: u32, // BOOTINFO_PARTITION_*: of the volume of loader.cfg
    pub partition_id: [u8; 16], // GPT: the partition's GUID; MBR: disk signature, 4 bytes
    pub partition_number: u32, // from 1; 0: unknown
    pub reserved_1_2: u32,
    pub direct_map_size: u64, // bytes of the window at direct_map; 0 without one
}

#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct BootInfoKernelHeader {
    pub magic: u64, // BOOTINFO_KERNEL_MAGIC
    pub abi_major: u16,
    pub abi_minor: u16, // the least the kernel can live with
    pub size: u32, // of this struct
    pub load_address: u64,
    pub memory_size: u64, // bytes: image and .bss
    pub entry: u64, // address, within the image
    pub stack_size: u64, // bytes, the least
    pub flags: u64, // BOOTINFO_KERNEL_*
    pub direct_map: u64, // 1.1: virtual address where physical 0 is to be mapped as well
    pub machine: u32, // 1.2: BOOTINFO_MACHINE_*
    pub reserved: u32,
}
// -- end of what tools/abi/generate writes --

/// CRC-32 as in RFC 1952. Start with crc = 0.
pub fn bootinfo_crc32(crc: u32, bytes: &[u8]) -> u32 {
    let mut crc = !crc;
    for byte in bytes {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            crc = (crc >> 1) ^ (0xEDB8_8320 & 0u32.wrapping_sub(crc & 1));
        }
    }
    !crc
}

impl BootInfoSpan {
    /// # Safety
    /// The bytes lie there, and nobody changes them: true of what BootInfo points at, until the
    /// kernel takes that memory for something else.
    pub unsafe fn bytes(&self) -> &'static [u8] {
        if self.address == 0 {
            return &[];
        }
        slice::from_raw_parts(self.address as usize as *const u8, self.size as usize)
    }

    /// # Safety
    /// As bytes(). What is not UTF-8 is "".
    pub unsafe fn text(&self) -> &'static str {
        core::str::from_utf8(self.bytes()).unwrap_or("")
    }
}

impl BootInfoArray {
    /// The entries, entry_size apart.
    ///
    /// # Safety
    /// T is what docs/abi.md says of this array; as for BootInfoSpan::bytes().
    pub unsafe fn entries<T: 'static>(&self) -> impl Iterator<Item = &'static T> {
        let (address, entry_size) = (self.address, u64::from(self.entry_size));
        (0..u64::from(self.count))
            .map(move |i| &*((address + i * entry_size) as usize as *const T))
    }
}

impl BootInfo {
    /// The BootInfo a kernel was entered with: None where it is not one that this file can read.
    ///
    /// # Safety
    /// info and magic are RDI and RSI at entry.
    pub unsafe fn at_entry(info: *const BootInfo, magic: u64) -> Option<&'static BootInfo> {
        if magic != BOOTINFO_MAGIC || info.is_null() {
            return None;
        }
        let info = &*info;
        let good = info.magic == BOOTINFO_MAGIC
            && info.version_major == BOOTINFO_VERSION_MAJOR
            && info.size >= BOOTINFO_SIZE_1_0
            && u64::from(info.size) <= info.info.size
            && info.checksum == info.right_checksum();
        if good {
            Some(info)
        } else {
            None
        }
    }

    unsafe fn right_checksum(&self) -> u32 {
        let start = self as *const BootInfo as *const u8;
        let field = &self.checksum as *const u32 as *const u8;
        let before = field.offset_from(start) as usize;
        let behind = before + 4;
        let crc = bootinfo_crc32(0, slice::from_raw_parts(start, before));
        let crc = bootinfo_crc32(crc, &[0; 4]);
        let rest = slice::from_raw_parts(start.add(behind), self.size as usize - behind);
        bootinfo_crc32(crc, rest)
    }
}

/// The kernel header: bootinfo_kernel_header!(kernel_main, 0x10000); at file scope. The entry is
///     #[no_mangle]
///     extern "sysv64" fn kernel_main(info: *const BootInfo, magic: u64) -> !
/// and the number is the least stack in bytes; 0 leaves it to loader.cfg.
#[macro_export]
macro_rules! bootinfo_kernel_header {
    ($entry:ident, $stack_size:literal) => {
        core::arch::global_asm!(
            ".pushsection .bootinfo.header, \"a\", @progbits",
            ".balign 8",
            ".ascii \"BOOTKERN\"",
            ".short 1, 0",
            ".long 56",
            ".quad bootinfo_kernel_start, bootinfo_kernel_memory_size",
            concat!(".quad ", stringify!($entry), ", ", stringify!($stack_size), ", 0"),
            ".popsection"
        );
    };
}
