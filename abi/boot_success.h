/* "I came up": for kernels whose entry in loader.cfg has 'tries =' (docs/menu.md). Freestanding C11
 * and C++17; gcc and clang, x86-64. */
#ifndef BATON_BOOT_SUCCESS_H
#define BATON_BOOT_SUCCESS_H

#include "bootinfo.h"

/* EFI_SYSTEM_TABLE and EFI_RUNTIME_SERVICES (UEFI 2.10 sections 4.3 and 4.5), in bytes. */
#define BOOT_SUCCESS_RUNTIME_SERVICES 88
#define BOOT_SUCCESS_GET_VARIABLE     72
#define BOOT_SUCCESS_SET_VARIABLE     88

#define BOOT_SUCCESS_ERROR     (BOOTINFO_U64(1) << 63)
#define BOOT_SUCCESS_NOT_FOUND (BOOT_SUCCESS_ERROR | 14) /* EFI_NOT_FOUND */
#define BOOT_SUCCESS_KEPT      7u /* NON_VOLATILE, BOOTSERVICE_ACCESS, RUNTIME_ACCESS */
#define BOOT_SUCCESS_NAME_MAX  80 /* UCS-2 units, with the 0 behind */

typedef uint64_t(__attribute__((ms_abi)) * boot_success_get)(const uint16_t *name, const void *guid,
                                                             uint32_t *attributes, uint64_t *size,
                                                             void *data);
typedef uint64_t(__attribute__((ms_abi)) * boot_success_set)(const uint16_t *name, const void *guid,
                                                             uint32_t attributes, uint64_t size,
                                                             const void *data);

static inline uint64_t boot_success_field(uint64_t table, uint64_t offset)
{
    return *(const uint64_t *)(uintptr_t)(table + offset);
}

/* Keeps the loader from counting this kernel's starts against it. 0 where that is done, was done
 * before, or nothing is counted; else the EFI_STATUS of the firmware that could not do it.
 *
 * To be called once the kernel is sure of itself, on one CPU, with interrupts off or handlers that
 * leave the firmware alone, while the regions EFI_RUNTIME_CODE and _DATA and the firmware's MMIO
 * are mapped at their own addresses, writable and executable, as the loader's page tables map them;
 * with 8 KiB of stack free; never behind SetVirtualAddressMap. It takes as long as writing to
 * flash. */
static inline uint64_t bootinfo_boot_success(const struct BootInfo *info)
{
    static const struct {
        uint32_t a;
        uint16_t b, c;
        uint8_t d[8];
    } vendor = {0x91686e00, 0x93d2, 0x469c, {0x8b, 0xd0, 0xf9, 0x4b, 0x07, 0xf7, 0x46, 0x80}};
    static const uint16_t booted[] = {'B', 'a', 't', 'o', 'n', 'B', 'o', 'o', 't', 'e', 'd', 0};
    uint16_t name[BOOT_SUCCESS_NAME_MAX];
    uint32_t count[2] = {0, 0}; /* which kernel; how many tries it has left */
    uint64_t size = sizeof(name);
    if (info->efi_system_table == 0) {
        return 0;
    }
    uint64_t services = boot_success_field(info->efi_system_table, BOOT_SUCCESS_RUNTIME_SERVICES);
    boot_success_get get =
        (boot_success_get)(uintptr_t)boot_success_field(services, BOOT_SUCCESS_GET_VARIABLE);
    boot_success_set set =
        (boot_success_set)(uintptr_t)boot_success_field(services, BOOT_SUCCESS_SET_VARIABLE);
    /* The loader has left the name of our variable in one that is gone after a reset. */
    uint64_t status = get(booted, &vendor, (uint32_t *)0, &size, name);
    if (status != 0) {
        return status == BOOT_SUCCESS_NOT_FOUND ? 0 : status;
    }
    size = sizeof(count);
    status = get(name, &vendor, (uint32_t *)0, &size, count);
    if (status != 0 || count[1] == BOOTINFO_U32(0xFFFFFFFF)) {
        return status;
    }
    count[1] = BOOTINFO_U32(0xFFFFFFFF);
    return set(name, &vendor, BOOT_SUCCESS_KEPT, sizeof(count), count);
}

#endif
