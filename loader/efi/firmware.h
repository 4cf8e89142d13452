/* What the files of loader/efi share. */
#ifndef BATON_FIRMWARE_H
#define BATON_FIRMWARE_H

#include <efi.h>
/* efi.h comes first. */
#include "arch.h"
#include "platform/console.h"
#include "platform/files.h"
#include "platform/graphics.h"
#include "platform/machine.h"
#include "platform/memory.h"
#include "platform/trust.h"
#include "platform/variables.h"

/* Set once, by efi_main. */
extern EFI_HANDLE firmware_image;
extern EFI_SYSTEM_TABLE *firmware_table;
extern EFI_LOADED_IMAGE *firmware_loaded_image;

/* firmware.c: a warning is a success (UEFI 2.10 appendix D), the call did what was asked. */
enum firmware firmware_answer(EFI_STATUS status);

/* gnu-efi declares GUIDs without const, although the firmware only reads them. Constants are not in
 * .data, which takes no bytes of the file. */
static inline EFI_GUID *guid_of(const EFI_GUID *guid)
{
    return (EFI_GUID *)guid;
}

/* graphics.c: all framebuffers, as the firmware left them. */
void graphics_describe(struct machine *machine);

/* machine.c: a configuration table (UEFI 2.10 section 4.6); 0: there is none. */
uint64_t firmware_find_table(const EFI_GUID *guid);
/* device_path.c: the loader's own path, PLAT_PATH_MAX bytes in UTF-8. */
void device_path_of_loader(char *out_path);
/* ... and the partition that it was started from; *out_partition is all zero. */
void device_path_partition(struct partition *out_partition);

/* serial.c */
void serial_write(struct text text);
/* ... even where the console goes there already. */
void serial_note(struct text text);

#endif
