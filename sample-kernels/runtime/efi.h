/* What this sample uses of UEFI: UEFI 2.10 chapters 4, 7 and 8. */
#ifndef RUNTIME_EFI_H
#define RUNTIME_EFI_H

#include <stddef.h>
#include <stdint.h>

#define EFI_CALL __attribute__((ms_abi))

#define EFI_SUCCESS   UINT64_C(0)
#define EFI_NOT_FOUND UINT64_C(0x800000000000000E)

#define EFI_MEMORY_RUNTIME       (UINT64_C(1) << 63)
#define EFI_RUNTIME_SIGNATURE    UINT64_C(0x56524553544E5552) /* "RUNTSERV" */
#define EFI_UNSPECIFIED_TIMEZONE 0x7FF

struct efi_guid {
    uint64_t low;
    uint64_t high;
};

/* 8BE4DF61-93CA-11D2-AA0D-00E098032B8C */
#define EFI_GLOBAL_VARIABLE ((struct efi_guid){0x11D293CA8BE4DF61, 0x8C2B0398E0000DAA})

struct efi_time {
    uint16_t year;
    uint8_t month, day, hour, minute, second, padding_1;
    uint32_t nanosecond;
    int16_t minutes_to_utc; /* EFI_UNSPECIFIED_TIMEZONE: local time */
    uint8_t daylight, padding_2;
};

struct efi_descriptor {
    uint32_t type;
    uint32_t padding;
    uint64_t physical_start;
    uint64_t virtual_start;
    uint64_t page_count;
    uint64_t attributes;
};

struct efi_runtime_services {
    uint64_t signature;
    uint32_t revision, header_size, crc32, reserved;
    EFI_CALL uint64_t (*get_time)(struct efi_time *time, void *capabilities);
    void *set_time, *get_wakeup_time, *set_wakeup_time;
    EFI_CALL uint64_t (*set_virtual_address_map)(uint64_t map_size, uint64_t descriptor_size,
                                                 uint32_t descriptor_version, void *map);
    void *convert_pointer;
    EFI_CALL uint64_t (*get_variable)(const uint16_t *name, const struct efi_guid *vendor,
                                      uint32_t *attributes, uint64_t *size, void *data);
    EFI_CALL uint64_t (*get_next_variable_name)(uint64_t *size, uint16_t *name,
                                                struct efi_guid *vendor);
};

_Static_assert(offsetof(struct efi_runtime_services, set_virtual_address_map) == 56, "4.5");
_Static_assert(offsetof(struct efi_runtime_services, get_variable) == 72, "4.5");

/* EFI_SYSTEM_TABLE.RuntimeServices */
#define EFI_SYSTEM_TABLE_RUNTIME 88

#endif
