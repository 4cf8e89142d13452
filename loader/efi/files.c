/* Files through EFI_SIMPLE_FILE_SYSTEM_PROTOCOL (UEFI 2.10 section 13.4), read-only. */
#include <string.h>

#include "core/base/path.h"
#include "efi/firmware.h"

/* Some firmware goes on to the next name of a directory when the buffer was too small: the first
 * buffer is large enough for any name. */
#define FILE_INFO_SIZE (sizeof(EFI_FILE_INFO) + sizeof(CHAR16) * (PATH_NAME_MAX + 1))

#define POSITION_OF_END     (~(UINT64)0) /* UEFI 2.10 section 13.5.9 */
#define FILE_SIZE_PLAUSIBLE ((UINT64)1 << 56)

static EFI_FILE_HANDLE volume_root;
static uint16_t path_units[PATH_MAX_BYTES]; /* of the path being opened */

enum firmware plat_volume_open(char *out_loader_path)
{
    static const EFI_GUID guid = SIMPLE_FILE_SYSTEM_PROTOCOL;
    EFI_HANDLE device = firmware_loaded_image->DeviceHandle;
    void *file_system = NULL;
    if (device == NULL) {
        return FIRMWARE_UNSUPPORTED;
    }
    EFI_STATUS status =
        firmware_table->BootServices->HandleProtocol(device, guid_of(&guid), &file_system);
    if (EFI_ERROR(status)) {
        return firmware_answer(status);
    }
    EFI_FILE_IO_INTERFACE *volume = file_system;
    status = volume->OpenVolume(volume, &volume_root);
    if (EFI_ERROR(status)) {
        return firmware_answer(status);
    }
    device_path_of_loader(out_loader_path);
    return FIRMWARE_OK;
}

void plat_volume_close(void)
{
    volume_root->Close(volume_root);
    volume_root = NULL;
}

/* The size as the position of the end: EDK2's GetInfo flushes the disk, this does not. A directory
 * has no position but 0 (UEFI 2.10 section 13.5.9). False: believe GetInfo instead. */
static bool size_by_position(EFI_FILE_HANDLE file, uint64_t *out_size)
{
    UINT64 end = 0;
    UINT64 start = 1;
    if (EFI_ERROR(file->SetPosition(file, POSITION_OF_END)) ||
        EFI_ERROR(file->GetPosition(file, &end)) || end == 0 || end > FILE_SIZE_PLAUSIBLE) {
        return false;
    }
    *out_size = end;
    return !EFI_ERROR(file->SetPosition(file, 0)) && !EFI_ERROR(file->GetPosition(file, &start)) &&
           start == 0;
}

static EFI_STATUS describe(EFI_FILE_HANDLE file, uint64_t *out_size, bool *out_directory)
{
    static const EFI_GUID guid = EFI_FILE_INFO_ID;
    _Alignas(EFI_FILE_INFO) uint8_t buffer[FILE_INFO_SIZE];
    UINTN size = sizeof(buffer);
    EFI_STATUS status = file->GetInfo(file, guid_of(&guid), &size, buffer);
    if (!EFI_ERROR(status)) {
        const EFI_FILE_INFO *info = (const EFI_FILE_INFO *)buffer;
        *out_size = info->FileSize;
        *out_directory = (info->Attribute & EFI_FILE_DIRECTORY) != 0;
    }
    return status;
}

static EFI_STATUS open_file(EFI_FILE_HANDLE *out_file)
{
    return volume_root->Open(volume_root, out_file, (CHAR16 *)path_units, EFI_FILE_MODE_READ, 0);
}

enum firmware plat_file_open(const char *path, struct plat_file **out_file, uint64_t *out_size,
                             bool *out_directory)
{
    EFI_FILE_HANDLE file = NULL;
    path_to_ucs2(path, path_units);
    EFI_STATUS status = open_file(&file);
    if (EFI_ERROR(status)) {
        return firmware_answer(status);
    }
    *out_directory = false;
    if (!size_by_position(file, out_size)) {
        file->Close(file); /* wherever it is now */
        status = open_file(&file);
        if (EFI_ERROR(status)) {
            return firmware_answer(status);
        }
        status = describe(file, out_size, out_directory);
    }
    if (EFI_ERROR(status)) {
        file->Close(file);
        return firmware_answer(status);
    }
    *out_file = (struct plat_file *)file;
    return FIRMWARE_OK;
}

enum firmware plat_file_read(struct plat_file *file, void *buffer, uint64_t *size)
{
    EFI_FILE_HANDLE handle = (EFI_FILE_HANDLE)file;
    UINTN count = *size;
    EFI_STATUS status = handle->Read(handle, &count, buffer);
    *size = count;
    return firmware_answer(status);
}

void plat_file_close(struct plat_file *file)
{
    EFI_FILE_HANDLE handle = (EFI_FILE_HANDLE)file;
    handle->Close(handle);
}
