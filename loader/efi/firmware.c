#include "efi/firmware.h"

enum firmware firmware_answer(EFI_STATUS status)
{
    EFI_STATUS code = status & ~EFI_ERROR_MASK;
    if (!EFI_ERROR(status)) {
        return FIRMWARE_OK;
    }
    return code - 1 < FIRMWARE_UNNAMED ? (enum firmware)code : FIRMWARE_UNNAMED;
}
