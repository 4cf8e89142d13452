/* The Limine boot protocol, x86-64: what a kernel asks for, and where answers have their fields.
 * All are words of 64 bits unless a comment says otherwise. */
#ifndef LIMINE_PROTOCOL_H
#define LIMINE_PROTOCOL_H

#include <stdint.h>

#define LIMINE_MAGIC_0 UINT64_C(0xc7b1dd30df4c8b88) /* of every request */
#define LIMINE_MAGIC_1 UINT64_C(0x0a82e883a194f07b)
#define LIMINE_BASE_0  UINT64_C(0xf9562b2d5c95a6c8) /* the base revision's tag */
#define LIMINE_BASE_1  UINT64_C(0x6a7b384944536bdc)
#define LIMINE_START_0 UINT64_C(0xf6b8f4b39de7d1ae) /* requests lie after this one, */
#define LIMINE_START_1 UINT64_C(0xfab91a6940fcb9cf)
#define LIMINE_END_0   UINT64_C(0xadc0e0531bb10d03) /* and before this one */
#define LIMINE_END_1   UINT64_C(0x9572709f31764c62)

/* The newest base revision that the adapter has. */
#define LIMINE_REVISION_MAX 3

/* The third word of a request. */
#define LIMINE_LOADER       UINT64_C(0xf55038d8e2a1202f)
#define LIMINE_FIRMWARE     UINT64_C(0x8c2f75d90bef28a8)
#define LIMINE_STACK_SIZE   UINT64_C(0x224ef0460a8e8926)
#define LIMINE_HHDM         UINT64_C(0x48dcf1cb8ad2b852)
#define LIMINE_FRAMEBUFFER  UINT64_C(0x9d5827dcd881dd75)
#define LIMINE_PAGING_MODE  UINT64_C(0x95c1a0edab0944cb)
#define LIMINE_MP           UINT64_C(0x95a67b819a1b857e)
#define LIMINE_MEMORY_MAP   UINT64_C(0x67cf3d9d378a806f)
#define LIMINE_ENTRY        UINT64_C(0x13d86c035a1cd3e1)
#define LIMINE_KERNEL_FILE  UINT64_C(0xad97e90e83f1ed67)
#define LIMINE_COMMAND_LINE UINT64_C(0x4b161536e598651e)
#define LIMINE_MODULES      UINT64_C(0x3e7e279702be32af)
#define LIMINE_RSDP         UINT64_C(0xc5e77b6b397e7b43)
#define LIMINE_SMBIOS       UINT64_C(0x9e9046f11e095391)
#define LIMINE_EFI_TABLE    UINT64_C(0x5ceba5163eaaf6d6)
#define LIMINE_EFI_MAP      UINT64_C(0x7df62a431d6872d5)
#define LIMINE_BOOT_TIME    UINT64_C(0x502746e184c088aa)
#define LIMINE_ADDRESS      UINT64_C(0x71ba76863cc55f63)

struct limine_request {
    uint64_t id[4];
    uint64_t revision;
    uint64_t response; /* written by the loader */
    uint64_t argument; /* of some */
};

struct limine_base {
    uint64_t id[2];
    uint64_t revision; /* 0 where the loader has it */
};

/* Types of the memory map. */
#define LIMINE_USABLE      0
#define LIMINE_RESERVED    1
#define LIMINE_ACPI        2
#define LIMINE_NVS         3
#define LIMINE_BAD         4
#define LIMINE_RECLAIMABLE 5 /* once the kernel no longer needs stack, tables and answers */
#define LIMINE_KERNEL      6 /* and modules */
#define LIMINE_SCREEN      7

struct limine_range {
    uint64_t base;
    uint64_t size;
    uint64_t type;
};

struct limine_file {
    uint64_t revision;
    uint64_t address;
    uint64_t size;
    uint64_t path;
    uint64_t string;
    uint32_t media_type;
    uint32_t unused;
    uint32_t tftp_address;
    uint32_t tftp_port;
    uint32_t partition; /* from 1 */
    uint32_t mbr_disk;
    uint8_t gpt_disk[16];
    uint8_t gpt_partition[16];
    uint8_t file_system[16];
};

struct limine_screen {
    uint64_t address;
    uint64_t width;
    uint64_t height;
    uint64_t pitch;
    uint16_t bits_per_pixel;
    uint8_t model;     /* 1: direct colours */
    uint8_t colors[6]; /* size and position of red, green, blue */
    uint8_t unused[7];
    uint64_t edid_size;
    uint64_t edid;
    uint64_t mode_count;
    uint64_t modes;
};

struct limine_mode {
    uint64_t pitch;
    uint64_t width;
    uint64_t height;
    uint16_t bits_per_pixel;
    uint8_t model;
    uint8_t colors[6];
    uint8_t unused[7];
};

struct limine_cpu {
    uint32_t acpi_id;
    uint32_t apic_id;
    uint64_t reserved;
    volatile uint64_t go; /* the kernel writes its function here */
    uint64_t argument;
};

#endif
