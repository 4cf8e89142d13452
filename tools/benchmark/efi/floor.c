/* The least that loads a kernel by the firmware's file driver: open, allocate, read, take the map,
 * exit, jump. Nothing is parsed, checked, shown or handed over. CHUNK: bytes a Read at most; 0: the
 * whole file in one. */
#include "mark.h"

#include <efi.h>
#ifndef CHUNK
#define CHUNK 0
#endif

enum { EXIT_FAILED = 6, BUFFER_SIZE = 256 * 1024, PAGE = 4096 };

static EFI_GUID loaded_image_guid = LOADED_IMAGE_PROTOCOL;
static EFI_GUID volume_guid = SIMPLE_FILE_SYSTEM_PROTOCOL;
static EFI_GUID info_guid = EFI_FILE_INFO_ID;
/* The file's information, then the memory map. */
static UINT8 buffer[BUFFER_SIZE] __attribute__((aligned(16)));

static void check(EFI_STATUS status, const char *call)
{
    if (EFI_ERROR(status)) {
        debug_fact(call, status);
        leave_qemu(EXIT_FAILED);
    }
}

static EFI_FILE *open_kernel(EFI_BOOT_SERVICES *services, EFI_HANDLE image)
{
    static CHAR16 path[] = L"\\kernel.bin";
    EFI_LOADED_IMAGE *self = NULL;
    EFI_FILE_IO_INTERFACE *volume = NULL;
    EFI_FILE *root = NULL;
    EFI_FILE *file = NULL;
    check(services->HandleProtocol(image, &loaded_image_guid, (void **)&self), "LoadedImage");
    check(services->HandleProtocol(self->DeviceHandle, &volume_guid, (void **)&volume), "volume");
    check(volume->OpenVolume(volume, &root), "OpenVolume");
    check(root->Open(root, &file, path, EFI_FILE_MODE_READ, 0), "Open");
    return file;
}

static UINT64 size_of(EFI_FILE *file)
{
    UINTN size = sizeof(buffer);
    check(file->GetInfo(file, &info_guid, &size, buffer), "GetInfo");
    return ((EFI_FILE_INFO *)(void *)buffer)->FileSize;
}

/* At 1 MiB, or anywhere where that is refused. */
static UINT64 allocate(EFI_BOOT_SERVICES *services, UINT64 size)
{
    EFI_PHYSICAL_ADDRESS address = 0x100000;
    UINTN pages = (size + PAGE - 1) / PAGE;
    if (EFI_ERROR(services->AllocatePages(AllocateAddress, EfiLoaderData, pages, &address))) {
        check(services->AllocatePages(AllocateAnyPages, EfiLoaderData, pages, &address),
              "AllocatePages");
    }
    return address;
}

static void read(EFI_FILE *file, UINT64 address, UINT64 size)
{
    for (UINT64 done = 0; done < size;) {
        UINTN count = size - done;
        if (CHUNK != 0 && count > CHUNK) {
            count = CHUNK;
        }
        check(file->Read(file, &count, (void *)(address + done)), "Read");
        if (count == 0) {
            return;
        }
        done += count;
    }
}

static void leave_firmware(EFI_BOOT_SERVICES *services, EFI_HANDLE image)
{
    EFI_STATUS status;
    do {
        UINTN size = sizeof(buffer);
        UINTN key = 0;
        UINTN stride = 0;
        UINT32 version = 0;
        check(services->GetMemoryMap(&size, (EFI_MEMORY_DESCRIPTOR *)(void *)buffer, &key, &stride,
                                     &version),
              "GetMemoryMap");
        status = services->ExitBootServices(image, key);
    } while (EFI_ERROR(status));
}

EFI_STATUS EFIAPI efi_main(EFI_HANDLE image, EFI_SYSTEM_TABLE *table);

EFI_STATUS EFIAPI efi_main(EFI_HANDLE image, EFI_SYSTEM_TABLE *table)
{
    EFI_BOOT_SERVICES *services = table->BootServices;
    EFI_FILE *file = open_kernel(services, image);
    UINT64 size = size_of(file);
    UINT64 address = allocate(services, size);
    read(file, address, size);
    leave_firmware(services, image);
    ((void (*)(void))address)();
    return EFI_SUCCESS;
}
