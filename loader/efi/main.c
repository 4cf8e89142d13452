#include "../core/boot.h"
#include "firmware.h"

EFI_HANDLE firmware_image;
EFI_SYSTEM_TABLE *firmware_table;
EFI_LOADED_IMAGE *firmware_loaded_image;

static struct boot the_boot;

EFI_STATUS EFIAPI efi_main(EFI_HANDLE image, EFI_SYSTEM_TABLE *table);

/* Returns to the firmware only where the boot failed. */
EFI_STATUS EFIAPI efi_main(EFI_HANDLE image, EFI_SYSTEM_TABLE *table)
{
    static EFI_GUID loaded_image_guid = LOADED_IMAGE_PROTOCOL;
    static EFI_LOADED_IMAGE unknown; /* no device: the boot will say so */
    void *loaded_image = NULL;
    EFI_STATUS status =
        table->BootServices->HandleProtocol(image, &loaded_image_guid, &loaded_image);
    firmware_image = image;
    firmware_table = table;
    firmware_loaded_image = EFI_ERROR(status) ? &unknown : loaded_image;
    enum status result = boot(&the_boot);
    console_pause();
    return result == STATUS_CONFIG_NOT_FOUND || result == STATUS_FILE_NOT_FOUND ? EFI_NOT_FOUND
                                                                                : EFI_LOAD_ERROR;
}
