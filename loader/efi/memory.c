/* Pages, their protection, the memory map, the exit (UEFI 2.10 sections 7.2, 7.4.6, 37.7.1). */
#include "firmware.h"

_Static_assert(sizeof(EFI_MEMORY_DESCRIPTOR) == sizeof(struct firmware_descriptor),
               "UEFI 2.10 section 7.2.3");

/* OS-defined memory types hang real firmware (edk2 10fe0d814add, uefi-rs #1375): not used. */
static EFI_MEMORY_TYPE memory_type(enum plat_use use)
{
    return use == PLAT_CODE ? EfiLoaderCode : EfiLoaderData;
}

enum firmware plat_pages_allocate(enum plat_use use, uint64_t page_count, uint64_t *out_address)
{
    EFI_PHYSICAL_ADDRESS address = 0;
    EFI_STATUS status = firmware_table->BootServices->AllocatePages(
        AllocateAnyPages, memory_type(use), page_count, &address);
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

#define MEMORY_RP         UINT64_C(0x2000)  /* EFI_MEMORY_RP: not to be read */
#define MEMORY_XP         UINT64_C(0x4000)  /* EFI_MEMORY_XP: not to be executed */
#define MEMORY_RO         UINT64_C(0x20000) /* EFI_MEMORY_RO: not to be written */
#define MEMORY_PROTECTION (MEMORY_RP | MEMORY_XP | MEMORY_RO)

/* UEFI 2.10 section 37.7.1; gnu-efi 3.0.15 does not have it. */
struct memory_attribute {
    EFI_STATUS(EFIAPI *get)(struct memory_attribute *, UINT64 base, UINT64 size, UINT64 *out);
    EFI_STATUS(EFIAPI *set)(struct memory_attribute *, UINT64 base, UINT64 size, UINT64 attributes);
    EFI_STATUS(EFIAPI *clear)
    (struct memory_attribute *, UINT64 base, UINT64 size, UINT64 attributes);
};

/* As found by plat_pages_unprotect: what it took away can be given back. */
static struct memory_attribute *memory_attribute;

static struct memory_attribute *find_memory_attribute(void)
{
    static EFI_GUID guid = {
        0xf4560cf6, 0x40ec, 0x4b4a, {0xa1, 0x92, 0xbf, 0x1d, 0x57, 0xd0, 0xb1, 0x89}};
    void *protocol = NULL;
    EFI_STATUS status = firmware_table->BootServices->LocateProtocol(&guid, NULL, &protocol);
    return EFI_ERROR(status) ? NULL : protocol;
}

enum firmware plat_pages_unprotect(uint64_t address, uint64_t page_count, uint64_t *out_attributes)
{
    struct memory_attribute *protocol = find_memory_attribute();
    UINT64 attributes = 0;
    memory_attribute = protocol;
    if (protocol == NULL) {
        *out_attributes = 0;
        return FIRMWARE_OK;
    }
    EFI_STATUS status = protocol->get(protocol, address, page_count * PAGE_SIZE, &attributes);
    if (!EFI_ERROR(status) && (attributes & MEMORY_PROTECTION) != 0) {
        status = protocol->clear(protocol, address, page_count * PAGE_SIZE,
                                 attributes & MEMORY_PROTECTION);
    }
    if (!EFI_ERROR(status)) {
        *out_attributes = attributes & MEMORY_PROTECTION;
    }
    return firmware_answer(status);
}

void plat_pages_protect(uint64_t address, uint64_t page_count, uint64_t attributes)
{
    if (memory_attribute != NULL && attributes != 0) {
        memory_attribute->set(memory_attribute, address, page_count * PAGE_SIZE, attributes);
    }
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
