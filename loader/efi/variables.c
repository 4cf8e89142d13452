/* The loader's EFI variables (UEFI 2.10 section 8.2). */
#include "core/base/path.h"
#include "efi/firmware.h"

#define NAME_MAX 128

/* The same GUID is in abi/boot_success.h. */
static const EFI_GUID vendor = {
    0x91686e00, 0x93d2, 0x469c, {0x8b, 0xd0, 0xf9, 0x4b, 0x07, 0xf7, 0x46, 0x80}};

enum firmware plat_variable_get(const char *name, void *data, uint64_t *size)
{
    uint16_t units[NAME_MAX];
    UINTN count = *size;
    path_to_ucs2(name, units);
    EFI_STATUS status = firmware_table->RuntimeServices->GetVariable(
        (CHAR16 *)units, guid_of(&vendor), NULL, &count, data);
    *size = count;
    return firmware_answer(status);
}

enum firmware plat_variable_set(const char *name, const void *data, uint64_t size, bool keep)
{
    uint16_t units[NAME_MAX];
    UINT32 attributes = EFI_VARIABLE_BOOTSERVICE_ACCESS | EFI_VARIABLE_RUNTIME_ACCESS |
                        (keep ? EFI_VARIABLE_NON_VOLATILE : 0);
    path_to_ucs2(name, units);
    return firmware_answer(firmware_table->RuntimeServices->SetVariable(
        (CHAR16 *)units, guid_of(&vendor), attributes, size, (void *)data));
}
