/* The kernel as an EFI application, for loaders that start nothing else: it leaves boot services by
 * itself. The harness appends the kernel as the image's last section, ".kernel". */
#include "mark.h"

#include <efi.h>

enum { MAP_SIZE = 256 * 1024, EXIT_FAILED = 6, PE_OFFSET_AT = 0x3C };

/* Of the PE format: the COFF header, and a section header. */
struct coff {
    UINT32 signature;
    UINT16 machine;
    UINT16 section_count;
    UINT32 timestamp;
    UINT32 symbols;
    UINT32 symbol_count;
    UINT16 optional_size;
    UINT16 flags;
};

struct section {
    char name[8];
    UINT32 size;
    UINT32 address;
    UINT32 rest[6];
};

static UINT8 map[MAP_SIZE] __attribute__((aligned(16)));

static UINT64 kernel_of(UINT64 base)
{
    const struct coff *coff = (const struct coff *)(base + *(const UINT32 *)(base + PE_OFFSET_AT));
    const struct section *sections =
        (const struct section *)((UINT64)(coff + 1) + coff->optional_size);
    return base + sections[coff->section_count - 1].address;
}

EFI_STATUS EFIAPI efi_main(EFI_HANDLE image, EFI_SYSTEM_TABLE *table);

EFI_STATUS EFIAPI efi_main(EFI_HANDLE image, EFI_SYSTEM_TABLE *table)
{
    static EFI_GUID loaded_image_guid = LOADED_IMAGE_PROTOCOL;
    EFI_BOOT_SERVICES *services = table->BootServices;
    EFI_LOADED_IMAGE *self = NULL;
    EFI_STATUS status = services->HandleProtocol(image, &loaded_image_guid, (void **)&self);
    if (EFI_ERROR(status)) {
        leave_qemu(EXIT_FAILED);
    }
    do {
        UINTN size = sizeof(map);
        UINTN key = 0;
        UINTN stride = 0;
        UINT32 version = 0;
        services->GetMemoryMap(&size, (EFI_MEMORY_DESCRIPTOR *)(void *)map, &key, &stride,
                               &version);
        status = services->ExitBootServices(image, key);
    } while (EFI_ERROR(status));
    ((void (*)(void))kernel_of((UINT64)self->ImageBase))();
    return EFI_SUCCESS;
}
