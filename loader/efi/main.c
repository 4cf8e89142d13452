#include "boot/boot.h"
#include "core/config/load_options.h"
#include "efi/firmware.h"

EFI_HANDLE firmware_image;
EFI_SYSTEM_TABLE *firmware_table;
EFI_LOADED_IMAGE *firmware_loaded_image;

static struct boot the_boot;

struct text plat_options(void)
{
    static char options[LOAD_OPTIONS_READ * 2]; /* 3 bytes for 2, and a word that is not read */
    const EFI_LOADED_IMAGE *image = firmware_loaded_image;
    size_t size = least(image->LoadOptionsSize, LOAD_OPTIONS_MAX);
    if (image->LoadOptions == NULL || !arch_is_readable((uint64_t)image->LoadOptions, size)) {
        return TEXT("");
    }
    return load_options_decode(image->LoadOptions, size, options, sizeof(options));
}

EFI_STATUS EFIAPI efi_main(EFI_HANDLE image, EFI_SYSTEM_TABLE *table);

/* Returns to the firmware where the boot failed, or the user wants it. */
EFI_STATUS EFIAPI efi_main(EFI_HANDLE image, EFI_SYSTEM_TABLE *table)
{
    static const EFI_GUID loaded_image_guid = LOADED_IMAGE_PROTOCOL;
    static EFI_LOADED_IMAGE unknown; /* no device: config_read reports that */
    void *loaded_image = NULL;
    EFI_STATUS status =
        table->BootServices->HandleProtocol(image, guid_of(&loaded_image_guid), &loaded_image);
    firmware_image = image;
    firmware_table = table;
    firmware_loaded_image = EFI_ERROR(status) ? &unknown : loaded_image;
    enum status result = boot(&the_boot);
    if (result == STATUS_OK) {
        return EFI_ABORTED;
    }
    return result == STATUS_CONFIG_NOT_FOUND || result == STATUS_FILE_NOT_FOUND ? EFI_NOT_FOUND
                                                                                : EFI_LOAD_ERROR;
}
