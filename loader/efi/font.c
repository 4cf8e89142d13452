/* The firmware's own glyphs, from its HII database (UEFI 2.10 section 34.8). The package list with
 * the glyphs is exported once; asking for 95 glyphs one by one would cost far more. */
#include "efi/firmware.h"

#define PACKAGE_FONT 7 /* EFI_HII_PACKAGE_SIMPLE_FONTS */
#define HANDLES_MAX  16

/* gnu-efi 3.0.15 lacks this protocol. */
struct hii_database {
    void *new_package_list;
    void *remove_package_list;
    void *update_package_list;
    EFI_STATUS(EFIAPI *list)
    (struct hii_database *, UINT8 type, const EFI_GUID *guid, UINTN *size, void **handles);
    EFI_STATUS(EFIAPI *export)(struct hii_database *, void *handle, UINTN *size, void *buffer);
};

void plat_font(void *scratch, uint64_t scratch_size, struct font *font)
{
    static const EFI_GUID guid = {
        0xef9fc172, 0xa1b2, 0x4693, {0xb3, 0x27, 0x6d, 0x32, 0xfc, 0x41, 0x60, 0x42}};
    void *protocol = NULL;
    void *handles[HANDLES_MAX];
    UINTN size = sizeof(handles);
    if (EFI_ERROR(firmware_table->BootServices->LocateProtocol(guid_of(&guid), NULL, &protocol))) {
        return;
    }
    struct hii_database *database = protocol;
    if (EFI_ERROR(database->list(database, PACKAGE_FONT, NULL, &size, handles))) {
        return;
    }
    UINTN count = size / sizeof(handles[0]);
    count = count < HANDLES_MAX ? count : HANDLES_MAX;
    for (UINTN i = 0; i < count && font->known < GLYPH_COUNT; i++) {
        UINTN list_size = scratch_size;
        if (!EFI_ERROR(database->export(database, handles[i], &list_size, scratch)) &&
            list_size <= scratch_size) {
            font_collect(scratch, list_size, font);
        }
    }
}
