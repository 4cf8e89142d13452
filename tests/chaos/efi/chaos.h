/* Firmware with faults: starts the loader again and again, each time with other answers to its
 * calls, and looks whether it gives everything back. Boots as BOOTX64.EFI of an image with
 * \chaos.plan (plan.h) and \cases\NN\loader.efi, each with its loader.cfg beside it.
 *
 * What it finds goes to the debug console:
 *   case NAME
 *   run 3: status 0x8000000000000001, calls 17, failed 1, ...
 *   console: LINE       what the loader wrote to ConOut
 *   broken: WHAT        a rule was broken
 *   changed: handles 120 -> 121
 *   ok NAME, runs 14, failed calls 13       or "not ok NAME, ..."
 *   exit: try 1, maps 3, descriptors 140    ExitBootServices was called
 *   reset: stalled ms 10000                 ResetSystem was called */
#ifndef BATON_CHAOS_H
#define BATON_CHAOS_H

#include "../../boot/efi/judge.h"
#include "../plan.h"

#define CALLER __builtin_return_address(0)

/* One start of the loader. */
struct run {
    const struct chaos_case *plan;
    uint64_t number;     /* in its case, from 1 */
    uint64_t image_base; /* of the loader */
    uint64_t image_size;
    uint64_t calls[CHAOS_CALLS]; /* made by the loader */
    uint64_t failed;             /* calls failed on purpose */
    uint64_t since_map;          /* calls since the last GetMemoryMap */
    uint64_t stalled_ms;
    uint64_t watchdog_set; /* times armed */
    bool watchdog_armed;
    bool watchdog_off; /* the last thing before the final map */
    bool reached_end;  /* ... which was refused: the boot would have gone on */
    bool exit_began;   /* ExitBootServices has failed */
    bool said_goodbye; /* ... and the loader has shown a message since */
    bool broken;
};

extern struct run run;
/* The firmware's own functions. */
extern EFI_BOOT_SERVICES firmware;
extern EFI_RUNTIME_SERVICES firmware_runtime;

/* gate.c */
/* Whether the code at that address is the loader's. */
bool from_loader(const void *caller);
/* Counts a call. An error: the one that the call is to fail with. */
EFI_STATUS gate(enum chaos_call call, const void *caller);
void broken(const char *rule);
bool same_guid(const EFI_GUID *a, const EFI_GUID *b);

/* tables.c: the patches, in place from just before StartImage to just after it. */
void tables_patch(void);
void tables_restore(void);

/* memory.c: AllocatePages and FreePages; every page that the loader has. */
void memory_patch(EFI_BOOT_SERVICES *services);
/* After the run: gives back what the loader did not. */
void memory_restore(void);
/* Takes all free memory but [base, base + size), and gives it back. */
void memory_crowd(uint64_t base, uint64_t size);
void memory_uncrowd(void);

/* map.c: GetMemoryMap, ExitBootServices. */
void map_patch(EFI_BOOT_SERVICES *services);

/* files.c */
void files_patch(EFI_FILE_IO_INTERFACE *volume);
void files_restore(void);

/* console.c */
extern SIMPLE_TEXT_OUTPUT_INTERFACE *firmware_console;
extern SIMPLE_TEXT_OUTPUT_INTERFACE chaos_console;
extern SIMPLE_INPUT_INTERFACE chaos_keyboard;
void console_end_line(void);
/* Around a start of the loader: colours and cursor are to stay. */
void console_begin(void);
void console_check(void);

/* protection.c: the firmware's page tables. */
enum { ACCESS_XP = 1, ACCESS_RO = 2, ACCESS_RP = 4 };
void access_set(uint64_t address, uint64_t page_count, unsigned access);
unsigned access_get(uint64_t address);
/* As the plan has it for memory of that type. */
unsigned access_of(EFI_MEMORY_TYPE type);
/* True: the plan has EFI_MEMORY_ATTRIBUTE_PROTOCOL, and guid is its name. */
bool attribute_protocol(const EFI_GUID *guid, void **out_interface);
void protection_patch(void);
void protection_restore(void);

/* tpm.c: True: the plan has a TPM, and guid is its protocol's name. */
bool tpm_protocol(const EFI_GUID *guid, void **out_interface);
/* Adds the table of final events to the system table's. */
void tpm_patch(void);

/* odd.c: what the firmware says that cannot be. */
void odd_patch(void);
void odd_restore(void);
/* The variables of Secure Boot, where the plan has them. */
bool odd_variable(const CHAR16 *name, UINTN *size, uint8_t *data, EFI_STATUS *out_status);
/* The loader's path and load options, where they are to be odd. */
void odd_image(EFI_LOADED_IMAGE *image);

/* start.c */
/* Loads the case's loader and runs it with the firmware patched. */
EFI_STATUS start_loader(EFI_HANDLE parent, EFI_HANDLE volume, uint32_t folder);

#endif
