#include "services.h"

#include "mark.h"

/* Each service goes through its own thunk: a mark, then a jump to the original. */
void *service_original[SERVICE_COUNT];
extern uint8_t service_thunks[];
__asm__(".text\n"
        ".balign 16\n"
        ".globl service_thunks\n"
        "service_thunks:\n"
        ".set i, 0\n"
        ".rept 210\n"
        ".balign 16\n"
        ".byte 0x0F, 0x1F, 0x80\n"
        ".long 0x4D4B0100 + i\n"
        "jmp *(service_original + 8 * i)(%rip)\n"
        ".set i, i + 1\n"
        ".endr\n");
_Static_assert(SERVICE_COUNT == 210 && MARK_BASE + MARK_CALLS == 0x4D4B0100, "see the assembly");
enum { THUNK_SIZE = 16 };

static EFI_FILE_OPEN firmware_open;
static EFI_VOLUME_OPEN firmware_open_volume;

/* Puts the thunk where a pointer to a service is. The first original is the one for all: the file
 * protocols of a driver share their functions. */
static void patch(void *place, int number)
{
    void **pointer = place;
    void *thunk = service_thunks + (size_t)THUNK_SIZE * (size_t)number;
    if (*pointer != thunk) {
        if (service_original[number] == NULL) {
            service_original[number] = *pointer;
        }
        *pointer = thunk;
    }
}

static EFI_STATUS EFIAPI open_file(EFI_FILE *folder, EFI_FILE **out_file, CHAR16 *name, UINT64 mode,
                                   UINT64 attributes);

static void patch_file(EFI_FILE *file)
{
    if (service_original[SERVICE_FILE_OPEN] == NULL) {
        firmware_open = file->Open;
        service_original[SERVICE_FILE_OPEN] = (void *)open_file;
    }
    patch(&file->Open, SERVICE_FILE_OPEN);
    patch(&file->Close, SERVICE_FILE_CLOSE);
    patch(&file->Read, SERVICE_FILE_READ);
    patch(&file->GetInfo, SERVICE_FILE_GET_INFO);
    patch(&file->SetPosition, SERVICE_FILE_SET_POSITION);
    patch(&file->GetPosition, SERVICE_FILE_GET_POSITION);
}

static EFI_STATUS EFIAPI open_file(EFI_FILE *folder, EFI_FILE **out_file, CHAR16 *name, UINT64 mode,
                                   UINT64 attributes)
{
    EFI_STATUS status = firmware_open(folder, out_file, name, mode, attributes);
    if (!EFI_ERROR(status)) {
        patch_file(*out_file);
    }
    return status;
}

static EFI_STATUS EFIAPI open_volume(EFI_FILE_IO_INTERFACE *volume, EFI_FILE **out_root)
{
    EFI_STATUS status = firmware_open_volume(volume, out_root);
    if (!EFI_ERROR(status)) {
        patch_file(*out_root);
    }
    return status;
}

void services_count(EFI_SYSTEM_TABLE *table, EFI_HANDLE device)
{
    static EFI_GUID volume_guid = SIMPLE_FILE_SYSTEM_PROTOCOL;
    static EFI_GUID block_guid = BLOCK_IO_PROTOCOL;
    EFI_BOOT_SERVICES *services = table->BootServices;
    void **service = (void **)services;
    EFI_FILE_IO_INTERFACE *volume = NULL;
    EFI_BLOCK_IO *block = NULL;
    services->HandleProtocol(device, &volume_guid, (void **)&volume);
    services->HandleProtocol(device, &block_guid, (void **)&block);
    for (int number = SERVICE_FIRST; number < SERVICE_END; number++) {
        if (service[number] != NULL) {
            patch(&service[number], number);
        }
    }
    firmware_open_volume = volume->OpenVolume;
    service_original[SERVICE_OPEN_VOLUME] = (void *)open_volume;
    patch(&volume->OpenVolume, SERVICE_OPEN_VOLUME);
    patch(&block->ReadBlocks, SERVICE_BLOCK_READ);
    patch(&block->FlushBlocks, SERVICE_BLOCK_FLUSH);
    patch(&table->ConOut->OutputString, SERVICE_OUTPUT_STRING);
}
