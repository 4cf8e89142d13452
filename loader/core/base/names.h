/* Names that the firmware's specification and BootInfo give, for messages. Packed: packed.h. */
#ifndef BATON_NAMES_H
#define BATON_NAMES_H

#include "core/base/writer.h"

/* By enum firmware; an empty one: it has no name (UEFI 2.10 appendix D). */
#define FIRMWARE_NAMES                                                         \
    "EFI_SUCCESS\0EFI_LOAD_ERROR\0EFI_INVALID_PARAMETER\0EFI_UNSUPPORTED\0"    \
    "EFI_BAD_BUFFER_SIZE\0EFI_BUFFER_TOO_SMALL\0EFI_NOT_READY\0"               \
    "EFI_DEVICE_ERROR\0EFI_WRITE_PROTECTED\0EFI_OUT_OF_RESOURCES\0"            \
    "EFI_VOLUME_CORRUPTED\0EFI_VOLUME_FULL\0EFI_NO_MEDIA\0EFI_MEDIA_CHANGED\0" \
    "EFI_NOT_FOUND\0EFI_ACCESS_DENIED\0EFI_NO_RESPONSE\0EFI_NO_MAPPING\0"      \
    "EFI_TIMEOUT\0EFI_NOT_STARTED\0EFI_ALREADY_STARTED\0EFI_ABORTED\0\0\0\0\0" \
    "EFI_SECURITY_VIOLATION\0EFI_CRC_ERROR\0EFI_END_OF_MEDIA\0\0\0"            \
    "EFI_END_OF_FILE\0\0EFI_COMPROMISED_DATA\0"

/* By BOOTINFO_MEMORY_*, then OCCUPANT_NOTHING. */
#define MEMORY_TYPE_NAMES                                                         \
    "reserved\0usable\0boot services\0loader\0boot info\0kernel\0stack\0module\0" \
    "ACPI reclaimable\0ACPI NVS\0EFI runtime code\0EFI runtime data\0MMIO\0"      \
    "MMIO port space\0unusable (faulty)\0persistent memory\0unaccepted\0"         \
    "special purpose\0no memory\0"

extern const unsigned char packed_firmware_names[];
extern const unsigned char packed_memory_types[];

/* "ACPI NVS" and the like for a BOOTINFO_MEMORY_* value, "no memory" for OCCUPANT_NOTHING
 * (core/base/status.h), "reserved" for a value that has no name. */
void write_memory_type(struct writer *writer, uint32_t type);

#endif
