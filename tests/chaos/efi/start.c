/* One start of the loader, as firmware does it: LoadImage by path, StartImage. */
#include "chaos.h"

/* Pages that LoadImage needs besides the image: it aligns it, and takes pool. */
enum { PAGE = 4096, ROOM = 96 };

static EFI_HANDLE load(EFI_HANDLE parent, EFI_DEVICE_PATH *path)
{
    EFI_HANDLE image = NULL;
    uint64_t at = run.plan->image_at;
    if (at != 0) {
        memory_crowd(at, ROOM * PAGE);
    }
    EFI_STATUS status = firmware.LoadImage(FALSE, parent, path, NULL, 0, &image);
    memory_uncrowd();
    if (EFI_ERROR(status)) {
        report("LoadImage failed: ");
        report_hex(status);
        report_char('\n');
        leave(false);
    }
    const EFI_LOADED_IMAGE *loaded = protocol_of(image, (EFI_GUID)LOADED_IMAGE_PROTOCOL);
    run.image_base = (uint64_t)loaded->ImageBase;
    run.image_size = loaded->ImageSize;
    if (at != 0 && run.image_base - at >= ROOM * PAGE) {
        broken("the loader is not where it was to be");
    }
    return image;
}

EFI_STATUS start_loader(EFI_HANDLE parent, EFI_HANDLE volume, uint32_t folder)
{
    EFI_FILE_IO_INTERFACE *files = protocol_of(volume, (EFI_GUID)SIMPLE_FILE_SYSTEM_PROTOCOL);
    EFI_HANDLE image = load(parent, path_of_loader(volume, folder));
    files_patch(files);
    protection_patch();
    tables_patch();
    console_begin();
    EFI_STATUS status = firmware.StartImage(image, NULL, NULL);
    console_check();
    tables_restore();
    protection_restore();
    memory_restore();
    files_restore();
    console_end_line();
    return status;
}
