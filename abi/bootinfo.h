/* BootInfo 1.2: what Baton hands to a kernel. The prose is in docs/abi.md.
 *
 * The only header a kernel needs. Compiles alone as C11, C++17 and (constants only) assembly.
 * Every address but those called virtual is physical and identity-mapped at entry; 0 means absent.
 * SPDX-License-Identifier: MIT */
#ifndef BATON_BOOTINFO_H
#define BATON_BOOTINFO_H

#ifdef __ASSEMBLER__
#define BOOTINFO_U32(x) x
#define BOOTINFO_U64(x) x
#define BOOTINFO_I64(x) x
#else
#ifndef BOOTINFO_NO_STDINT
#include <stddef.h>
#include <stdint.h>
#define BOOTINFO_U32(x) UINT32_C(x)
#define BOOTINFO_U64(x) UINT64_C(x)
#define BOOTINFO_I64(x) INT64_C(x)
#else
/* For a kernel with types of its own: it has declared uint8_t, uint16_t, uint32_t, uint64_t,
 * int64_t and uintptr_t before it includes this file. */
#define BOOTINFO_U32(x) x##U
#define BOOTINFO_U64(x) x##ULL
#define BOOTINFO_I64(x) x##LL
#endif
#define BOOTINFO_OFFSETOF(type, member) __builtin_offsetof(type, member)
#endif

#define BOOTINFO_VERSION_MAJOR 1
#define BOOTINFO_VERSION_MINOR 2

/* The bytes "BOOTINFO": in BootInfo.magic and, at entry, in RSI. */
#define BOOTINFO_MAGIC BOOTINFO_U64(0x4F464E49544F4F42)
/* The bytes "BOOTKERN": in BootInfoKernelHeader.magic. */
#define BOOTINFO_KERNEL_MAGIC BOOTINFO_U64(0x4E52454B544F4F42)
/* Where in the image the kernel header may begin: at a multiple of 8 that lets it end in here. */
#define BOOTINFO_KERNEL_HEADER_LIMIT BOOTINFO_U32(0x1000)

/* BootInfo.boot_time where the firmware has no clock (INT64_MIN). */
#define BOOTINFO_TIME_UNKNOWN (-BOOTINFO_I64(0x7FFFFFFFFFFFFFFF) - 1)

/* BootInfo.flags */
#define BOOTINFO_FLAG_FAULT_HANDLERS     BOOTINFO_U32(0x01)  /* the IDT at entry reports faults */
#define BOOTINFO_FLAG_NX                 BOOTINFO_U32(0x02)  /* EFER.NXE is set */
#define BOOTINFO_FLAG_LA57               BOOTINFO_U32(0x04)  /* CR4.LA57: 5-level page tables */
#define BOOTINFO_FLAG_SECURE_BOOT        BOOTINFO_U32(0x08)  /* the firmware enforces Secure Boot */
#define BOOTINFO_FLAG_FRAMEBUFFER_LINEAR BOOTINFO_U32(0x10)  /* framebuffers[0] can be drawn on */
#define BOOTINFO_FLAG_STAGED             BOOTINFO_U32(0x20)  /* copied into place after the exit */
#define BOOTINFO_FLAG_SEALED             BOOTINFO_U32(0x40)  /* loader.cfg came from the loader */
#define BOOTINFO_FLAG_VERIFIED           BOOTINFO_U32(0x80)  /* all is sealed or pinned */
#define BOOTINFO_FLAG_MEASURED           BOOTINFO_U32(0x100) /* files and choice are in the TPM */
#define BOOTINFO_FLAG_TPM_LOG_TRUNCATED  BOOTINFO_U32(0x200) /* the firmware's log lacks events */
#define BOOTINFO_FLAG_EL2_DROPPED        BOOTINFO_U32(0x400) /* AArch64: entered in EL1 from EL2 */

/* BootInfoRegion.type; a kernel treats every value it does not know as RESERVED. */
#define BOOTINFO_MEMORY_RESERVED         BOOTINFO_U32(0)
#define BOOTINFO_MEMORY_USABLE           BOOTINFO_U32(1)
#define BOOTINFO_MEMORY_BOOT_SERVICES    BOOTINFO_U32(2)
#define BOOTINFO_MEMORY_LOADER           BOOTINFO_U32(3)
#define BOOTINFO_MEMORY_INFO             BOOTINFO_U32(4)
#define BOOTINFO_MEMORY_KERNEL           BOOTINFO_U32(5)
#define BOOTINFO_MEMORY_STACK            BOOTINFO_U32(6)
#define BOOTINFO_MEMORY_MODULE           BOOTINFO_U32(7)
#define BOOTINFO_MEMORY_ACPI_RECLAIMABLE BOOTINFO_U32(8)
#define BOOTINFO_MEMORY_ACPI_NVS         BOOTINFO_U32(9)
#define BOOTINFO_MEMORY_EFI_RUNTIME_CODE BOOTINFO_U32(10)
#define BOOTINFO_MEMORY_EFI_RUNTIME_DATA BOOTINFO_U32(11)
#define BOOTINFO_MEMORY_MMIO             BOOTINFO_U32(12)
#define BOOTINFO_MEMORY_MMIO_PORT        BOOTINFO_U32(13)
#define BOOTINFO_MEMORY_UNUSABLE         BOOTINFO_U32(14)
#define BOOTINFO_MEMORY_PERSISTENT       BOOTINFO_U32(15)
#define BOOTINFO_MEMORY_UNACCEPTED       BOOTINFO_U32(16)
#define BOOTINFO_MEMORY_SPECIAL_PURPOSE  BOOTINFO_U32(17)
#define BOOTINFO_MEMORY_TYPE_COUNT       BOOTINFO_U32(18) /* of those this header names */

/* BootInfoTimestamp.stage */
#define BOOTINFO_STAGE_START     BOOTINFO_U32(1) /* the loader's first instruction in C */
#define BOOTINFO_STAGE_CONFIG    BOOTINFO_U32(2) /* loader.cfg read and parsed */
#define BOOTINFO_STAGE_IMAGE     BOOTINFO_U32(3) /* kernel file opened and recognised */
#define BOOTINFO_STAGE_PLACEMENT BOOTINFO_U32(4) /* its place in memory reserved */
#define BOOTINFO_STAGE_LOAD      BOOTINFO_U32(5) /* all its bytes read (and inflated) */
#define BOOTINFO_STAGE_INFO      BOOTINFO_U32(6) /* the last allocation of the boot made */
#define BOOTINFO_STAGE_EXIT      BOOTINFO_U32(7) /* right before the final ExitBootServices */
#define BOOTINFO_STAGE_MODULES   BOOTINFO_U32(8) /* after LOAD: all modules read, if any */

/* BootInfoSerial.kind */
#define BOOTINFO_SERIAL_NONE         BOOTINFO_U32(0)
#define BOOTINFO_SERIAL_16550_PORT   BOOTINFO_U32(1) /* base is an x86 I/O port */
#define BOOTINFO_SERIAL_16550_MEMORY BOOTINFO_U32(2) /* base is a physical address */

/* BootInfo.machine and BootInfoKernelHeader.machine: e_machine of ELF */
#define BOOTINFO_MACHINE_ANY     BOOTINFO_U32(0) /* in a kernel header: it does not say */
#define BOOTINFO_MACHINE_X86_64  BOOTINFO_U32(62)
#define BOOTINFO_MACHINE_AARCH64 BOOTINFO_U32(183)

/* BootInfo.secure_boot */
#define BOOTINFO_SECURE_BOOT_OFF     BOOTINFO_U32(0)
#define BOOTINFO_SECURE_BOOT_ON      BOOTINFO_U32(1) /* the firmware enforces it */
#define BOOTINFO_SECURE_BOOT_SETUP   BOOTINFO_U32(2) /* no platform key is enrolled */
#define BOOTINFO_SECURE_BOOT_UNKNOWN BOOTINFO_U32(3) /* the firmware does not say */

/* BootInfo.tpm_log_format */
#define BOOTINFO_TPM_LOG_NONE         BOOTINFO_U32(0)
#define BOOTINFO_TPM_LOG_CRYPTO_AGILE BOOTINFO_U32(2) /* TCG2: digests of several algorithms */

/* BootInfo.psci: how AArch64 firmware is called */
#define BOOTINFO_PSCI_NONE BOOTINFO_U32(0)
#define BOOTINFO_PSCI_HVC  BOOTINFO_U32(1)
#define BOOTINFO_PSCI_SMC  BOOTINFO_U32(2)

/* BootInfo.random_sources */
#define BOOTINFO_RANDOM_EFI    BOOTINFO_U32(1) /* EFI_RNG_PROTOCOL */
#define BOOTINFO_RANDOM_RDSEED BOOTINFO_U32(2)
#define BOOTINFO_RANDOM_RDRAND BOOTINFO_U32(4)
#define BOOTINFO_RANDOM_RNDRRS BOOTINFO_U32(8) /* AArch64 */

/* BootInfo.partition_kind */
#define BOOTINFO_PARTITION_UNKNOWN BOOTINFO_U32(0)
#define BOOTINFO_PARTITION_MBR     BOOTINFO_U32(1)
#define BOOTINFO_PARTITION_GPT     BOOTINFO_U32(2)

/* BootInfoCpu.flags */
#define BOOTINFO_CPU_ENABLED BOOTINFO_U32(1)
#define BOOTINFO_CPU_LATER   BOOTINFO_U32(2) /* not enabled, but can be while the system runs */
#define BOOTINFO_CPU_BOOT    BOOTINFO_U32(4) /* the one that runs the kernel */

/* BootInfoKernelHeader.flags */
#define BOOTINFO_KERNEL_KEEP_EL2 BOOTINFO_U64(1) /* AArch64: enter in EL2 where the firmware is */
#define BOOTINFO_KERNEL_LOW      BOOTINFO_U64(2) /* modules, stack, info, tables below 4 GiB */

/* Offsets for assembly; asserted below for C. */
#define BOOTINFO_OFFSET_MAGIC               0
#define BOOTINFO_OFFSET_VERSION_MAJOR       8
#define BOOTINFO_OFFSET_VERSION_MINOR       10
#define BOOTINFO_OFFSET_SIZE                12
#define BOOTINFO_OFFSET_CHECKSUM            16
#define BOOTINFO_OFFSET_FLAGS               20
#define BOOTINFO_OFFSET_MEMORY_MAP          24
#define BOOTINFO_OFFSET_MODULES             40
#define BOOTINFO_OFFSET_FRAMEBUFFERS        56
#define BOOTINFO_OFFSET_TIMELINE            72
#define BOOTINFO_OFFSET_KERNEL              88
#define BOOTINFO_OFFSET_STACK               104
#define BOOTINFO_OFFSET_INFO                120
#define BOOTINFO_OFFSET_COMMAND_LINE        136
#define BOOTINFO_OFFSET_LOADER_NAME         152
#define BOOTINFO_OFFSET_LOG                 168
#define BOOTINFO_OFFSET_EFI_SYSTEM_TABLE    184
#define BOOTINFO_OFFSET_EFI_MEMORY_MAP      192
#define BOOTINFO_OFFSET_EFI_DESCRIPTOR_SIZE 208
#define BOOTINFO_OFFSET_ACPI_RSDP           216
#define BOOTINFO_OFFSET_SMBIOS              224
#define BOOTINFO_OFFSET_BOOT_TIME           232
#define BOOTINFO_OFFSET_TSC_FREQUENCY       240
#define BOOTINFO_OFFSET_SERIAL              248
#define BOOTINFO_OFFSET_KERNEL_FILE         272
#define BOOTINFO_OFFSET_KERNEL_VIRTUAL      304
#define BOOTINFO_OFFSET_DIRECT_MAP          312
#define BOOTINFO_OFFSET_TPM_EVENT_LOG       320
#define BOOTINFO_OFFSET_TPM_FINAL_EVENTS    336
#define BOOTINFO_OFFSET_TPM_FINAL_FIRST     344
#define BOOTINFO_OFFSET_TPM_LOG_FORMAT      348
#define BOOTINFO_OFFSET_SECURE_BOOT         352
#define BOOTINFO_OFFSET_MACHINE             356
#define BOOTINFO_OFFSET_KERNEL_SHA256       360
#define BOOTINFO_OFFSET_DEVICE_TREE         392
#define BOOTINFO_OFFSET_CPUS                408
#define BOOTINFO_OFFSET_MADT                424
#define BOOTINFO_OFFSET_BOOT_CPU            432
#define BOOTINFO_OFFSET_KERNEL_LEVEL        440
#define BOOTINFO_OFFSET_PSCI                444
#define BOOTINFO_OFFSET_RANDOM_SEED         448
#define BOOTINFO_OFFSET_RANDOM_SOURCES      480
#define BOOTINFO_OFFSET_PARTITION_KIND      484
#define BOOTINFO_OFFSET_PARTITION_ID        488
#define BOOTINFO_OFFSET_PARTITION_NUMBER    504
#define BOOTINFO_OFFSET_DIRECT_MAP_SIZE     512
#define BOOTINFO_SIZE_1_0                   304
#define BOOTINFO_SIZE_1_1                   320
#define BOOTINFO_SIZE_1_2                   520
#define BOOTINFO_KERNEL_HEADER_SIZE_1_0     56
#define BOOTINFO_KERNEL_HEADER_SIZE_1_1     64
#define BOOTINFO_KERNEL_HEADER_SIZE_1_2     72

/* What this file is compiled for; a kernel header of 1.2 says so. */
#ifdef __aarch64__
#define BOOTINFO_MACHINE_TARGET BOOTINFO_MACHINE_AARCH64
#else
#define BOOTINFO_MACHINE_TARGET BOOTINFO_MACHINE_X86_64
#endif

#ifndef __ASSEMBLER__

/* Bytes [address, address + size). */
struct BootInfoSpan {
    uint64_t address; /* 0: absent */
    uint64_t size;    /* bytes */
};

/* Step by entry_size, never by sizeof: entries can grow in a minor version. */
struct BootInfoArray {
    uint64_t address; /* 0 where count is 0 */
    uint32_t count;
    uint32_t entry_size; /* bytes */
};

struct BootInfoRegion {
    uint64_t base; /* multiple of 4096 */
    uint64_t size; /* bytes, multiple of 4096 */
    uint32_t type; /* BOOTINFO_MEMORY_* */
    uint32_t reserved;
    uint64_t efi_attributes; /* EFI_MEMORY_* (UEFI 2.10 section 7.2.3) */
};

struct BootInfoModule {
    struct BootInfoSpan data; /* page-aligned */
    struct BootInfoSpan name;
    struct BootInfoSpan arguments;
};

struct BootInfoFramebuffer {
    uint64_t address;
    uint64_t size;   /* bytes */
    uint32_t width;  /* pixels */
    uint32_t height; /* pixels */
    uint32_t pitch;  /* bytes from one line to the next */
    uint32_t bits_per_pixel;
    uint8_t red_position, red_size; /* bits within a pixel */
    uint8_t green_position, green_size;
    uint8_t blue_position, blue_size;
    uint8_t reserved[2];
    struct BootInfoSpan edid;
};

struct BootInfoTimestamp {
    uint64_t tsc;
    uint32_t stage; /* BOOTINFO_STAGE_* */
    uint32_t reserved;
};

struct BootInfoSerial {
    uint64_t base;            /* I/O port or physical address, by kind */
    uint32_t kind;            /* BOOTINFO_SERIAL_* */
    uint32_t baud;            /* 0: unknown */
    uint32_t register_stride; /* bytes from one register to the next */
    uint32_t reserved;
};

struct BootInfoFile {
    struct BootInfoSpan name; /* the path, UTF-8, NUL behind it */
    uint64_t size;            /* bytes of the file, compressed where it is */
    uint32_t crc32;           /* of the inflated image, from the gzip trailer; 0: not known */
    uint32_t reserved;
};

struct BootInfoCpu {
    uint64_t id;      /* APIC id, or MPIDR_EL1's affinity */
    uint32_t acpi_id; /* the processor UID that ACPI's other tables use */
    uint32_t flags;   /* BOOTINFO_CPU_* */
    uint64_t wake_up; /* address of the ACPI mailbox that starts it; 0: INIT and SIPI, or PSCI */
    uint64_t reserved;
};

/* A field exists where its end lies within size: BOOTINFO_HAS. */
struct BootInfo {
    uint64_t magic; /* BOOTINFO_MAGIC */
    uint16_t version_major;
    uint16_t version_minor;
    uint32_t size;                     /* bytes of this struct as the loader wrote it */
    uint32_t checksum;                 /* CRC-32 (RFC 1952) of [0, size) with this field 0 */
    uint32_t flags;                    /* BOOTINFO_FLAG_* */
    struct BootInfoArray memory_map;   /* of BootInfoRegion */
    struct BootInfoArray modules;      /* of BootInfoModule */
    struct BootInfoArray framebuffers; /* of BootInfoFramebuffer, the console's first */
    struct BootInfoArray timeline;     /* of BootInfoTimestamp, as they happened */
    struct BootInfoSpan kernel;        /* exact, zeroed tail included */
    struct BootInfoSpan stack;         /* without the guard page below it */
    struct BootInfoSpan info;          /* the pages that hold this struct and what it points at */
    struct BootInfoSpan command_line;  /* UTF-8, a NUL behind it; never absent, may be empty */
    struct BootInfoSpan loader_name;   /* likewise */
    struct BootInfoSpan log;           /* likewise: lines the loader logged */
    uint64_t efi_system_table;
    struct BootInfoSpan efi_memory_map; /* the firmware's own final map */
    uint32_t efi_descriptor_size;       /* its stride */
    uint32_t efi_descriptor_version;
    uint64_t acpi_rsdp;     /* ACPI 2.0 or later, else 1.0 */
    uint64_t smbios;        /* SMBIOS 3 entry point, else 2.x */
    int64_t boot_time;      /* seconds since 1970-01-01 UTC, or BOOTINFO_TIME_UNKNOWN */
    uint64_t tsc_frequency; /* Hz; 0: unknown */
    struct BootInfoSerial serial;
    struct BootInfoFile kernel_file;
    /* 1.1 */
    uint64_t kernel_virtual; /* where kernel.address is mapped for the kernel to run */
    uint64_t direct_map;     /* virtual address of physical 0; 0: there is none */
    /* 1.2: what the loader does not know is 0 */
    struct BootInfoSpan
        tpm_event_log;         /* the firmware's TPM event log, a copy; absent without a TPM */
    uint64_t tpm_final_events; /* EFI_TCG2_FINAL_EVENTS_TABLE; 0: there is none */
    uint32_t tpm_final_first;  /* events in that table which tpm_event_log has too */
    uint32_t tpm_log_format;   /* BOOTINFO_TPM_LOG_* */
    uint32_t secure_boot;      /* BOOTINFO_SECURE_BOOT_* */
    uint32_t machine;          /* BOOTINFO_MACHINE_* */
    uint8_t kernel_sha256[32]; /* of the kernel's file as stored; zeros: not computed */
    struct BootInfoSpan device_tree; /* a copy; absent where the firmware has none */
    struct BootInfoArray cpus;       /* of BootInfoCpu, the boot CPU first; empty without a MADT */
    uint64_t madt;                   /* the ACPI table of CPUs and interrupt controllers */
    uint64_t boot_cpu;               /* APIC id, or MPIDR_EL1, of the CPU that runs the kernel */
    uint32_t kernel_level;           /* AArch64: exception level at entry; x86-64: 0 */
    uint32_t psci;                   /* BOOTINFO_PSCI_* */
    uint8_t random_seed[32];         /* zeros where random_sources is 0; wipe it once it is used */
    uint32_t random_sources;         /* BOOTINFO_RANDOM_* bits */
    uint32_t partition_kind;         /* BOOTINFO_PARTITION_*: of the volume of loader.cfg */
    uint8_t partition_id[16];        /* GPT: the partition's GUID; MBR: disk signature, 4 bytes */
    uint32_t partition_number;       /* from 1; 0: unknown */
    uint32_t reserved_1_2;
    uint64_t direct_map_size; /* bytes of the window at direct_map; 0 without one */
};

/* One of these, 8-byte aligned, in the first 4 KiB of an image tells the loader what the kernel
 * needs. 0 leaves the choice to loader.cfg or the default. */
struct BootInfoKernelHeader {
    uint64_t magic; /* BOOTINFO_KERNEL_MAGIC */
    uint16_t abi_major;
    uint16_t abi_minor; /* the least the kernel can live with */
    uint32_t size;      /* of this struct */
    uint64_t load_address;
    uint64_t memory_size; /* bytes: image and .bss */
    uint64_t entry;       /* address, within the image */
    uint64_t stack_size;  /* bytes, the least */
    uint64_t flags;       /* BOOTINFO_KERNEL_* */
    uint64_t direct_map;  /* 1.1: virtual address where physical 0 is to be mapped as well */
    uint32_t machine;     /* 1.2: BOOTINFO_MACHINE_* */
    uint32_t reserved;
};

#ifdef __cplusplus
#define BOOTINFO_ASSERT(condition) static_assert(condition, #condition)
#else
#define BOOTINFO_ASSERT(condition) _Static_assert(condition, #condition)
#endif
#define BOOTINFO_ASSERT_OFFSET(type, member, offset) \
    BOOTINFO_ASSERT(BOOTINFO_OFFSETOF(struct type, member) == (offset))

BOOTINFO_ASSERT(sizeof(struct BootInfoSpan) == 16);
BOOTINFO_ASSERT_OFFSET(BootInfoSpan, address, 0);
BOOTINFO_ASSERT_OFFSET(BootInfoSpan, size, 8);
BOOTINFO_ASSERT(sizeof(struct BootInfoArray) == 16);
BOOTINFO_ASSERT_OFFSET(BootInfoArray, address, 0);
BOOTINFO_ASSERT_OFFSET(BootInfoArray, count, 8);
BOOTINFO_ASSERT_OFFSET(BootInfoArray, entry_size, 12);
BOOTINFO_ASSERT(sizeof(struct BootInfoRegion) == 32);
BOOTINFO_ASSERT_OFFSET(BootInfoRegion, base, 0);
BOOTINFO_ASSERT_OFFSET(BootInfoRegion, size, 8);
BOOTINFO_ASSERT_OFFSET(BootInfoRegion, type, 16);
BOOTINFO_ASSERT_OFFSET(BootInfoRegion, reserved, 20);
BOOTINFO_ASSERT_OFFSET(BootInfoRegion, efi_attributes, 24);
BOOTINFO_ASSERT(sizeof(struct BootInfoModule) == 48);
BOOTINFO_ASSERT_OFFSET(BootInfoModule, data, 0);
BOOTINFO_ASSERT_OFFSET(BootInfoModule, name, 16);
BOOTINFO_ASSERT_OFFSET(BootInfoModule, arguments, 32);
BOOTINFO_ASSERT(sizeof(struct BootInfoFramebuffer) == 56);
BOOTINFO_ASSERT_OFFSET(BootInfoFramebuffer, address, 0);
BOOTINFO_ASSERT_OFFSET(BootInfoFramebuffer, size, 8);
BOOTINFO_ASSERT_OFFSET(BootInfoFramebuffer, width, 16);
BOOTINFO_ASSERT_OFFSET(BootInfoFramebuffer, height, 20);
BOOTINFO_ASSERT_OFFSET(BootInfoFramebuffer, pitch, 24);
BOOTINFO_ASSERT_OFFSET(BootInfoFramebuffer, bits_per_pixel, 28);
BOOTINFO_ASSERT_OFFSET(BootInfoFramebuffer, red_position, 32);
BOOTINFO_ASSERT_OFFSET(BootInfoFramebuffer, red_size, 33);
BOOTINFO_ASSERT_OFFSET(BootInfoFramebuffer, green_position, 34);
BOOTINFO_ASSERT_OFFSET(BootInfoFramebuffer, green_size, 35);
BOOTINFO_ASSERT_OFFSET(BootInfoFramebuffer, blue_position, 36);
BOOTINFO_ASSERT_OFFSET(BootInfoFramebuffer, blue_size, 37);
BOOTINFO_ASSERT_OFFSET(BootInfoFramebuffer, reserved, 38);
BOOTINFO_ASSERT_OFFSET(BootInfoFramebuffer, edid, 40);
BOOTINFO_ASSERT(sizeof(struct BootInfoTimestamp) == 16);
BOOTINFO_ASSERT_OFFSET(BootInfoTimestamp, tsc, 0);
BOOTINFO_ASSERT_OFFSET(BootInfoTimestamp, stage, 8);
BOOTINFO_ASSERT_OFFSET(BootInfoTimestamp, reserved, 12);
BOOTINFO_ASSERT(sizeof(struct BootInfoSerial) == 24);
BOOTINFO_ASSERT_OFFSET(BootInfoSerial, base, 0);
BOOTINFO_ASSERT_OFFSET(BootInfoSerial, kind, 8);
BOOTINFO_ASSERT_OFFSET(BootInfoSerial, baud, 12);
BOOTINFO_ASSERT_OFFSET(BootInfoSerial, register_stride, 16);
BOOTINFO_ASSERT_OFFSET(BootInfoSerial, reserved, 20);
BOOTINFO_ASSERT(sizeof(struct BootInfoFile) == 32);
BOOTINFO_ASSERT_OFFSET(BootInfoFile, name, 0);
BOOTINFO_ASSERT_OFFSET(BootInfoFile, size, 16);
BOOTINFO_ASSERT_OFFSET(BootInfoFile, crc32, 24);
BOOTINFO_ASSERT_OFFSET(BootInfoFile, reserved, 28);
BOOTINFO_ASSERT(sizeof(struct BootInfoCpu) == 32);
BOOTINFO_ASSERT_OFFSET(BootInfoCpu, id, 0);
BOOTINFO_ASSERT_OFFSET(BootInfoCpu, acpi_id, 8);
BOOTINFO_ASSERT_OFFSET(BootInfoCpu, flags, 12);
BOOTINFO_ASSERT_OFFSET(BootInfoCpu, wake_up, 16);
BOOTINFO_ASSERT_OFFSET(BootInfoCpu, reserved, 24);
BOOTINFO_ASSERT(sizeof(struct BootInfo) == BOOTINFO_SIZE_1_2);
BOOTINFO_ASSERT_OFFSET(BootInfo, magic, BOOTINFO_OFFSET_MAGIC);
BOOTINFO_ASSERT_OFFSET(BootInfo, version_major, BOOTINFO_OFFSET_VERSION_MAJOR);
BOOTINFO_ASSERT_OFFSET(BootInfo, version_minor, BOOTINFO_OFFSET_VERSION_MINOR);
BOOTINFO_ASSERT_OFFSET(BootInfo, size, BOOTINFO_OFFSET_SIZE);
BOOTINFO_ASSERT_OFFSET(BootInfo, checksum, BOOTINFO_OFFSET_CHECKSUM);
BOOTINFO_ASSERT_OFFSET(BootInfo, flags, BOOTINFO_OFFSET_FLAGS);
BOOTINFO_ASSERT_OFFSET(BootInfo, memory_map, BOOTINFO_OFFSET_MEMORY_MAP);
BOOTINFO_ASSERT_OFFSET(BootInfo, modules, BOOTINFO_OFFSET_MODULES);
BOOTINFO_ASSERT_OFFSET(BootInfo, framebuffers, BOOTINFO_OFFSET_FRAMEBUFFERS);
BOOTINFO_ASSERT_OFFSET(BootInfo, timeline, BOOTINFO_OFFSET_TIMELINE);
BOOTINFO_ASSERT_OFFSET(BootInfo, kernel, BOOTINFO_OFFSET_KERNEL);
BOOTINFO_ASSERT_OFFSET(BootInfo, stack, BOOTINFO_OFFSET_STACK);
BOOTINFO_ASSERT_OFFSET(BootInfo, info, BOOTINFO_OFFSET_INFO);
BOOTINFO_ASSERT_OFFSET(BootInfo, command_line, BOOTINFO_OFFSET_COMMAND_LINE);
BOOTINFO_ASSERT_OFFSET(BootInfo, loader_name, BOOTINFO_OFFSET_LOADER_NAME);
BOOTINFO_ASSERT_OFFSET(BootInfo, log, BOOTINFO_OFFSET_LOG);
BOOTINFO_ASSERT_OFFSET(BootInfo, efi_system_table, BOOTINFO_OFFSET_EFI_SYSTEM_TABLE);
BOOTINFO_ASSERT_OFFSET(BootInfo, efi_memory_map, BOOTINFO_OFFSET_EFI_MEMORY_MAP);
BOOTINFO_ASSERT_OFFSET(BootInfo, efi_descriptor_size, BOOTINFO_OFFSET_EFI_DESCRIPTOR_SIZE);
BOOTINFO_ASSERT_OFFSET(BootInfo, efi_descriptor_version, BOOTINFO_OFFSET_EFI_DESCRIPTOR_SIZE + 4);
BOOTINFO_ASSERT_OFFSET(BootInfo, acpi_rsdp, BOOTINFO_OFFSET_ACPI_RSDP);
BOOTINFO_ASSERT_OFFSET(BootInfo, smbios, BOOTINFO_OFFSET_SMBIOS);
BOOTINFO_ASSERT_OFFSET(BootInfo, boot_time, BOOTINFO_OFFSET_BOOT_TIME);
BOOTINFO_ASSERT_OFFSET(BootInfo, tsc_frequency, BOOTINFO_OFFSET_TSC_FREQUENCY);
BOOTINFO_ASSERT_OFFSET(BootInfo, serial, BOOTINFO_OFFSET_SERIAL);
BOOTINFO_ASSERT_OFFSET(BootInfo, kernel_file, BOOTINFO_OFFSET_KERNEL_FILE);
BOOTINFO_ASSERT_OFFSET(BootInfo, kernel_virtual, BOOTINFO_OFFSET_KERNEL_VIRTUAL);
BOOTINFO_ASSERT_OFFSET(BootInfo, direct_map, BOOTINFO_OFFSET_DIRECT_MAP);
BOOTINFO_ASSERT_OFFSET(BootInfo, tpm_event_log, BOOTINFO_OFFSET_TPM_EVENT_LOG);
BOOTINFO_ASSERT_OFFSET(BootInfo, tpm_final_events, BOOTINFO_OFFSET_TPM_FINAL_EVENTS);
BOOTINFO_ASSERT_OFFSET(BootInfo, tpm_final_first, BOOTINFO_OFFSET_TPM_FINAL_FIRST);
BOOTINFO_ASSERT_OFFSET(BootInfo, tpm_log_format, BOOTINFO_OFFSET_TPM_LOG_FORMAT);
BOOTINFO_ASSERT_OFFSET(BootInfo, secure_boot, BOOTINFO_OFFSET_SECURE_BOOT);
BOOTINFO_ASSERT_OFFSET(BootInfo, machine, BOOTINFO_OFFSET_MACHINE);
BOOTINFO_ASSERT_OFFSET(BootInfo, kernel_sha256, BOOTINFO_OFFSET_KERNEL_SHA256);
BOOTINFO_ASSERT_OFFSET(BootInfo, device_tree, BOOTINFO_OFFSET_DEVICE_TREE);
BOOTINFO_ASSERT_OFFSET(BootInfo, cpus, BOOTINFO_OFFSET_CPUS);
BOOTINFO_ASSERT_OFFSET(BootInfo, madt, BOOTINFO_OFFSET_MADT);
BOOTINFO_ASSERT_OFFSET(BootInfo, boot_cpu, BOOTINFO_OFFSET_BOOT_CPU);
BOOTINFO_ASSERT_OFFSET(BootInfo, kernel_level, BOOTINFO_OFFSET_KERNEL_LEVEL);
BOOTINFO_ASSERT_OFFSET(BootInfo, psci, BOOTINFO_OFFSET_PSCI);
BOOTINFO_ASSERT_OFFSET(BootInfo, random_seed, BOOTINFO_OFFSET_RANDOM_SEED);
BOOTINFO_ASSERT_OFFSET(BootInfo, random_sources, BOOTINFO_OFFSET_RANDOM_SOURCES);
BOOTINFO_ASSERT_OFFSET(BootInfo, partition_kind, BOOTINFO_OFFSET_PARTITION_KIND);
BOOTINFO_ASSERT_OFFSET(BootInfo, partition_id, BOOTINFO_OFFSET_PARTITION_ID);
BOOTINFO_ASSERT_OFFSET(BootInfo, partition_number, BOOTINFO_OFFSET_PARTITION_NUMBER);
BOOTINFO_ASSERT_OFFSET(BootInfo, reserved_1_2, BOOTINFO_OFFSET_PARTITION_NUMBER + 4);
BOOTINFO_ASSERT_OFFSET(BootInfo, direct_map_size, BOOTINFO_OFFSET_DIRECT_MAP_SIZE);
BOOTINFO_ASSERT(sizeof(struct BootInfoKernelHeader) == BOOTINFO_KERNEL_HEADER_SIZE_1_2);
BOOTINFO_ASSERT_OFFSET(BootInfoKernelHeader, magic, 0);
BOOTINFO_ASSERT_OFFSET(BootInfoKernelHeader, abi_major, 8);
BOOTINFO_ASSERT_OFFSET(BootInfoKernelHeader, abi_minor, 10);
BOOTINFO_ASSERT_OFFSET(BootInfoKernelHeader, size, 12);
BOOTINFO_ASSERT_OFFSET(BootInfoKernelHeader, load_address, 16);
BOOTINFO_ASSERT_OFFSET(BootInfoKernelHeader, memory_size, 24);
BOOTINFO_ASSERT_OFFSET(BootInfoKernelHeader, entry, 32);
BOOTINFO_ASSERT_OFFSET(BootInfoKernelHeader, stack_size, 40);
BOOTINFO_ASSERT_OFFSET(BootInfoKernelHeader, flags, 48);
BOOTINFO_ASSERT_OFFSET(BootInfoKernelHeader, direct_map, 56);
BOOTINFO_ASSERT_OFFSET(BootInfoKernelHeader, machine, 64);
BOOTINFO_ASSERT_OFFSET(BootInfoKernelHeader, reserved, 68);

/* Nonzero where the loader that wrote info knew this field. */
#define BOOTINFO_HAS(info, field) \
    ((info)->size >= BOOTINFO_OFFSETOF(struct BootInfo, field) + sizeof((info)->field))

/* CRC-32 as in RFC 1952, bit by bit: small, and called once. Start with crc = 0. */
static inline uint32_t bootinfo_crc32(uint32_t crc, const void *bytes, uint64_t size)
{
    const uint8_t *byte = (const uint8_t *)bytes;
    crc = ~crc;
    for (uint64_t i = 0; i < size; i++) {
        crc ^= byte[i];
        for (int bit = 0; bit < 8; bit++) {
            crc = (crc >> 1) ^ (BOOTINFO_U32(0xEDB88320) & (0 - (crc & 1)));
        }
    }
    return ~crc;
}

/* The checksum that info ought to carry. Only for an info whose size is known to be sane. */
static inline uint32_t bootinfo_checksum(const struct BootInfo *info)
{
    const uint32_t zero = 0;
    const uint64_t behind = BOOTINFO_OFFSET_CHECKSUM + sizeof(zero);
    uint32_t crc = bootinfo_crc32(0, info, BOOTINFO_OFFSET_CHECKSUM);
    crc = bootinfo_crc32(crc, &zero, sizeof(zero));
    return bootinfo_crc32(crc, (const uint8_t *)info + behind, info->size - behind);
}

/* Nonzero where info is a BootInfo that a kernel built with this header can read. */
static inline int bootinfo_valid(const struct BootInfo *info)
{
    return info != 0 && info->magic == BOOTINFO_MAGIC &&
           info->version_major == BOOTINFO_VERSION_MAJOR && info->size >= BOOTINFO_SIZE_1_0 &&
           info->size <= info->info.size && info->checksum == bootinfo_checksum(info);
}

/* Entry i of any of BootInfo's arrays; 0 behind the last. */
static inline const void *bootinfo_entry(const struct BootInfoArray *array, uint32_t i)
{
    if (i >= array->count) {
        return 0;
    }
    return (const void *)(uintptr_t)(array->address + (uint64_t)i * array->entry_size);
}

static inline const struct BootInfoRegion *bootinfo_region(const struct BootInfo *info, uint32_t i)
{
    return (const struct BootInfoRegion *)bootinfo_entry(&info->memory_map, i);
}

static inline const struct BootInfoModule *bootinfo_module(const struct BootInfo *info, uint32_t i)
{
    return (const struct BootInfoModule *)bootinfo_entry(&info->modules, i);
}

static inline const struct BootInfoFramebuffer *bootinfo_framebuffer(const struct BootInfo *info,
                                                                     uint32_t i)
{
    return (const struct BootInfoFramebuffer *)bootinfo_entry(&info->framebuffers, i);
}

static inline const struct BootInfoTimestamp *bootinfo_timestamp(const struct BootInfo *info,
                                                                 uint32_t i)
{
    return (const struct BootInfoTimestamp *)bootinfo_entry(&info->timeline, i);
}

static inline const struct BootInfoCpu *bootinfo_cpu(const struct BootInfo *info, uint32_t i)
{
    return BOOTINFO_HAS(info, cpus) ? (const struct BootInfoCpu *)bootinfo_entry(&info->cpus, i)
                                    : 0;
}

/* The text of a span that is documented to end in NUL; "" where it is absent. */
static inline const char *bootinfo_text(struct BootInfoSpan span)
{
    return span.address == 0 ? "" : (const char *)(uintptr_t)span.address;
}

#ifdef __cplusplus
#define BOOTINFO_C_LINKAGE extern "C"
#else
#define BOOTINFO_C_LINKAGE extern
#endif

/* From abi/kernel.ld, or from the kernel's own linker script: the first byte of the image, and a
 * symbol whose address is the number of bytes that the image takes with its .bss. */
BOOTINFO_C_LINKAGE const uint8_t bootinfo_kernel_start[];
BOOTINFO_C_LINKAGE const uint8_t bootinfo_kernel_memory_size[];

/* The kernel header, at file scope: BOOTINFO_KERNEL_HEADER(kernel_main, 0x10000);
 * declares the entry, with C linkage. stack_size is in bytes, 0 leaves it to loader.cfg. Asks for
 * minor 0: a kernel that cannot live without a later field says so with 'abi =' in loader.cfg.
 * A constant in C++ too. */
#define BOOTINFO_KERNEL_HEADER(entry_function, stack_size)                                        \
    BOOTINFO_KERNEL_HEADER_FILLED(0, BOOTINFO_KERNEL_HEADER_SIZE_1_0, entry_function, stack_size, \
                                  0, 0)
/* The same for a kernel that needs BootInfo 1.1, with all physical memory mapped at direct_map. */
#define BOOTINFO_KERNEL_HEADER_1_1(entry_function, stack_size, direct_map)                        \
    BOOTINFO_KERNEL_HEADER_FILLED(1, BOOTINFO_KERNEL_HEADER_SIZE_1_1, entry_function, stack_size, \
                                  direct_map, 0)
/* The same for one that needs BootInfo 1.2; flags are BOOTINFO_KERNEL_*, direct_map may be 0. */
#define BOOTINFO_KERNEL_HEADER_1_2(entry_function, stack_size, direct_map, flags)                 \
    BOOTINFO_KERNEL_HEADER_FILLED(2, BOOTINFO_KERNEL_HEADER_SIZE_1_2, entry_function, stack_size, \
                                  direct_map, flags)
#define BOOTINFO_KERNEL_HEADER_FILLED(minor, size, entry_function, stack_size, direct_map, flags) \
    BOOTINFO_C_LINKAGE void entry_function(const struct BootInfo *info, uint64_t magic);          \
    BOOTINFO_KERNEL_HEADER_PLACE                                                                  \
    static const struct BootInfoKernelHeader bootinfo_kernel_header = {                           \
        BOOTINFO_KERNEL_MAGIC,                                                                    \
        BOOTINFO_VERSION_MAJOR,                                                                   \
        minor,                                                                                    \
        size,                                                                                     \
        (uint64_t)(uintptr_t)bootinfo_kernel_start,                                               \
        (uint64_t)(uintptr_t)bootinfo_kernel_memory_size,                                         \
        (uint64_t)(uintptr_t)(entry_function),                                                    \
        (stack_size),                                                                             \
        (flags),                                                                                  \
        (direct_map),                                                                             \
        BOOTINFO_MACHINE_TARGET,                                                                  \
        0}
#define BOOTINFO_KERNEL_HEADER_PLACE __attribute__((section(".bootinfo.header"), used, aligned(8)))

#else /* __ASSEMBLER__ */

/* clang-format off */
/* The same for GNU as and clang, on a line of its own. */
#define BOOTINFO_KERNEL_HEADER(entry_function, stack_size)                            \
    BOOTINFO_KERNEL_HEADER_FILLED(0, BOOTINFO_KERNEL_HEADER_SIZE_1_0, entry_function, \
                                  stack_size, 0, 0)
#define BOOTINFO_KERNEL_HEADER_1_1(entry_function, stack_size, direct_map)            \
    BOOTINFO_KERNEL_HEADER_FILLED(1, BOOTINFO_KERNEL_HEADER_SIZE_1_1, entry_function, \
                                  stack_size, direct_map, 0)
#define BOOTINFO_KERNEL_HEADER_1_2(entry_function, stack_size, direct_map, flags)     \
    BOOTINFO_KERNEL_HEADER_FILLED(2, BOOTINFO_KERNEL_HEADER_SIZE_1_2, entry_function, \
                                  stack_size, direct_map, flags)
#define BOOTINFO_KERNEL_HEADER_FILLED(minor, size, entry_function, stack_size, direct_map, flags) \
    .pushsection .bootinfo.header, "a", @progbits;                                    \
    .balign 8;                                                                        \
    .quad BOOTINFO_KERNEL_MAGIC;                                                      \
    .short BOOTINFO_VERSION_MAJOR, minor;                                             \
    .long size;                                                                       \
    .quad bootinfo_kernel_start, bootinfo_kernel_memory_size, entry_function;         \
    .quad stack_size, flags, direct_map;                                              \
    .long BOOTINFO_MACHINE_TARGET, 0;                                                 \
    .popsection
/* clang-format on */

#endif /* __ASSEMBLER__ */
#endif
