/* The judge: runs the loader on one bad input after another, in one boot, and looks whether the
 * firmware is afterwards as it was before. Boots as BOOTX64.EFI of an image with a folder
 * \cases\NN for each input: loader.efi, its loader.cfg, its files.
 *
 * What it finds goes to the debug console, what the loader says itself to the serial port:
 *   case 07
 *   console: LINE                  what the loader wrote to ConOut
 *   status: 0x800000000000000E     what the loader returned
 *   changed: handles 120 -> 121    one line for each difference
 *   ok 07                          or "not ok 07" */
#ifndef BATON_JUDGE_H
#define BATON_JUDGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
/* The standard headers come first. */
#include <efi.h>

#define MEMORY_TYPES 16

/* What a loader that gives up must leave as it was. */
struct snapshot {
    uint64_t pages[MEMORY_TYPES]; /* by EFI_MEMORY_TYPE */
    uint64_t handles;
    uint64_t volume_users; /* entries of OpenProtocolInformation on the volume */
    uint64_t open_files;
    uint64_t console_mode;
    uint64_t console_attribute;
    uint64_t task_priority;
};

extern EFI_SYSTEM_TABLE *table;
extern EFI_GUID file_system_guid;

/* report.c: to the debug console. */
void report(const char *text);
void report_hex(uint64_t value);
void report_decimal(uint64_t value);
void report_char(char c);
/* A line: the text and the two digits of the case. */
void report_case(const char *text, uint64_t number);
/* The same, to the serial port. */
void serial_case(const char *text, uint64_t number);
/* Ends QEMU. */
_Noreturn void leave(bool passed);

/* path.c */
/* Ends QEMU where the handle does not have it. */
void *protocol_of(EFI_HANDLE handle, EFI_GUID guid);
/* \cases\NN\loader.efi on the volume; valid until the next call. */
EFI_DEVICE_PATH *path_of_loader(EFI_HANDLE volume, uint64_t number);

/* snapshot.c */
void snapshot_take(EFI_HANDLE volume, struct snapshot *out_snapshot);
/* Reports every difference; true where there is none. */
bool snapshot_compare(const struct snapshot *before, const struct snapshot *after);

/* hooks.c: stand between the loader and the firmware's console, keyboard and files. */
void hooks_install(EFI_FILE_IO_INTERFACE *volume);
/* In between the loader's console output is reported. alone: the console is no serial port, so that
 * what reaches the serial port comes from the loader's own hand. */
void hooks_begin(bool alone);
void hooks_end(void);
uint64_t hooks_open_files(void);
bool hooks_saw_writing(void);

#endif
