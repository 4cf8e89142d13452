/* Pages, the memory map, the exit (UEFI 2.10 sections 7.2, 7.4.6). */
#include "efi/firmware.h"

_Static_assert(sizeof(EFI_MEMORY_DESCRIPTOR) == sizeof(struct firmware_descriptor),
               "UEFI 2.10 section 7.2.3");

/* The OS-defined memory types are not used: they hang real firmware (edk2 10fe0d814add, uefi-rs
 * #1375). */
static EFI_MEMORY_TYPE memory_type(enum plat_use use)
{
    return use == PLAT_CODE ? EfiLoaderCode : EfiLoaderData;
}

enum firmware plat_pages_allocate(enum plat_use use, uint64_t page_count, uint64_t last,
                                  uint64_t *out_address)
{
    EFI_PHYSICAL_ADDRESS address = last;
    EFI_ALLOCATE_TYPE type = last == 0 ? AllocateAnyPages : AllocateMaxAddress;
    EFI_STATUS status =
        firmware_table->BootServices->AllocatePages(type, memory_type(use), page_count, &address);
    if (!EFI_ERROR(status)) {
        *out_address = address;
    }
    return firmware_answer(status);
}

enum firmware plat_pages_allocate_at(enum plat_use use, uint64_t page_count, uint64_t address)
{
    EFI_PHYSICAL_ADDRESS at = address;
    return firmware_answer(firmware_table->BootServices->AllocatePages(
        AllocateAddress, memory_type(use), page_count, &at));
}

void plat_pages_free(uint64_t address, uint64_t page_count)
{
    firmware_table->BootServices->FreePages(address, page_count);
}

enum firmware plat_memory_map(struct plat_map *map)
{
    UINTN size = map->capacity;
    UINTN key = 0;
    UINTN descriptor_size = 0;
    UINT32 version = 0;
    EFI_STATUS status = firmware_table->BootServices->GetMemoryMap(&size, map->buffer, &key,
                                                                   &descriptor_size, &version);
    map->size = size;
    map->key = key;
    map->descriptor_size = descriptor_size;
    map->descriptor_version = version;
    return firmware_answer(status);
}

/* UEFI 2.10 section 7.5.1: codes up to 0xFFFF are the firmware's. */
#define WATCHDOG_CODE 0x10000

void plat_watchdog(uint32_t seconds)
{
    firmware_table->BootServices->SetWatchdogTimer(seconds, WATCHDOG_CODE, 0, NULL);
}

enum firmware plat_exit(uint64_t key)
{
    return firmware_answer(firmware_table->BootServices->ExitBootServices(firmware_image, key));
}
