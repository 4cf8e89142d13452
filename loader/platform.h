/* Every question that boot/ may ask of the firmware. efi/ answers with firmware calls, the unit
 * tests with a fake machine. What the CPU is asked is in arch.h. */
#ifndef BATON_PLATFORM_H
#define BATON_PLATFORM_H

#include "core/base/serial.h"
#include "core/config/config.h"
#include "core/memory/map.h"
#include "core/screen/menu.h"
#include "core/screen/mode.h"
#include "core/screen/terminal.h"

#define PLAT_FRAMEBUFFERS_MAX 16

/* What the firmware reports about the machine. Asking changes nothing. */
struct machine {
    uint32_t secure_boot; /* BOOTINFO_SECURE_BOOT_* */
    uint64_t efi_system_table;
    uint64_t acpi_rsdp;
    uint64_t madt; /* the ACPI table of CPUs, as firmware_tables_find finds it; 0: none is sound */
    uint64_t smbios;
    int64_t boot_time;                /* seconds since 1970-01-01 UTC, or BOOTINFO_TIME_UNKNOWN */
    struct BootInfoSpan loader_image; /* runs while the page tables change, and on a crash */
    /* The console's first. Their EDIDs are the firmware's. */
    struct BootInfoFramebuffer framebuffers[PLAT_FRAMEBUFFERS_MAX];
    uint32_t framebuffer_count;
};

void plat_machine(struct machine *out_machine);

/* The firmware's glyphs for text on a framebuffer; font is all zero and stays so without them, or
 * where they take more than scratch has room for. */
void plat_font(void *scratch, uint64_t scratch_size, struct font *font);

/* How many modes the first framebuffer's screen has; 0: there is no screen. */
uint32_t plat_graphics_modes(uint32_t *out_current);
/* False where the firmware does not describe it. Its address and size are not known. */
bool plat_graphics_mode(uint32_t number, struct screen_mode *out_mode);
/* Sets the mode, which clears the screen, and describes all framebuffers of machine anew. */
MUST_CHECK enum firmware plat_graphics_set(uint32_t number, struct machine *machine);

#define PLAT_PATH_MAX 4096 /* bytes of the loader's own path as the firmware writes it */

/* Opens the volume the loader was started from and writes the loader's own path (PLAT_PATH_MAX; as
 * the firmware has it, in UTF-8; empty where it does not name it). Files are opened only in
 * between. */
MUST_CHECK enum firmware plat_volume_open(char *out_loader_path);
void plat_volume_close(void);

struct plat_file;

/* Opens the canonical path read-only. *out_size is what the firmware claims. */
MUST_CHECK enum firmware plat_file_open(const char *path, struct plat_file **out_file,
                                        uint64_t *out_size, bool *out_directory);
/* Reads on from where the last read ended. size: in, bytes wanted; out, bytes got, 0 at the end. */
MUST_CHECK enum firmware plat_file_read(struct plat_file *file, void *buffer, uint64_t *size);
void plat_file_close(struct plat_file *file);

enum plat_use {
    PLAT_DATA, /* EfiLoaderData */
    PLAT_CODE, /* EfiLoaderCode */
};

MUST_CHECK enum firmware plat_pages_allocate(enum plat_use use, uint64_t page_count,
                                             uint64_t *out_address);
/* At address and nowhere else. */
MUST_CHECK enum firmware plat_pages_allocate_at(enum plat_use use, uint64_t page_count,
                                                uint64_t address);
void plat_pages_free(uint64_t address, uint64_t page_count);

/* GetMemoryMap (UEFI 2.10 section 7.2.3). */
struct plat_map {
    void *buffer;
    uint64_t capacity; /* bytes of buffer */
    uint64_t size;     /* bytes of the map; with FIRMWARE_BUFFER_TOO_SMALL those it would take */
    uint64_t key;
    uint64_t descriptor_size;
    uint32_t descriptor_version;
};

/* Fills in all but buffer and capacity. */
MUST_CHECK enum firmware plat_memory_map(struct plat_map *map);

/* The firmware resets the machine after that many seconds; 0: never. */
void plat_watchdog(uint32_t seconds);

/* The port that CONFIG_SERIAL_AUTO means from now on. Without this: COM1 where a UART answers. */
void plat_serial_found(const struct serial_port *port);
/* Chooses and initialises the serial port that plat_say writes to. Before it is called, plat_say
 * does as for CONFIG_SERIAL_AUTO. */
void plat_serial_open(enum config_serial serial, uint16_t port, struct serial_port *out_serial);

/* Shows UTF-8 text, lines ended by LF, on the console and the serial port. */
void plat_say(struct text text);
/* The same on the serial port only: a line on a graphics console costs more than a whole boot. */
void plat_note(struct text text);

/* The loader's EFI variables. size: in, bytes of data; out, bytes of the variable. */
MUST_CHECK enum firmware plat_variable_get(const char *name, void *data, uint64_t *size);
/* size 0 deletes it. keep: it outlives a reset; else it is gone then. The kernel has both, too. */
MUST_CHECK enum firmware plat_variable_set(const char *name, const void *data, uint64_t size,
                                           bool keep);

/* The load options the loader was started with; empty where there are none, or no text. */
struct text plat_options(void);

/* The section of that name in the loader's own image, in the memory that the firmware loaded
 * (and, with Secure Boot, verified): empty where there is none. False: the image's headers are
 * damaged. */
MUST_CHECK bool plat_image_section(const char *name, struct text *out_section);

/* Looks for a TPM 2.0 that works. FIRMWARE_UNSUPPORTED: there is none. */
MUST_CHECK enum firmware plat_tpm_find(void);
/* Extends the register with the hash of the text and logs the text, of PLAT_EVENT_MAX bytes at
 * most. FIRMWARE_VOLUME_FULL: it was extended, but the firmware's log has no room for it. */
MUST_CHECK enum firmware plat_tpm_measure(uint32_t pcr, struct text event);

#define PLAT_EVENT_MAX 6144 /* a line of loader.cfg, a path, and what stands around them */

/* The firmware's event log, crypto-agile. */
struct plat_event_log {
    const char *start;
    uint64_t last; /* the offset of the last event */
    bool truncated;
    uint64_t final_events; /* EFI_TCG2_FINAL_EVENTS_TABLE, or 0 */
    uint32_t final_count;  /* events in it now */
};

/* What is measured from here on is in the table of final events as well. FIRMWARE_UNSUPPORTED:
 * there is no TPM. */
MUST_CHECK enum firmware plat_tpm_log(struct plat_event_log *out_log);

/* Waits for a key, but not longer than that; 0: only looks whether there is one. What menu.h calls
 * it, or KEY_NONE. Comes back in time from a keyboard that is not there or does not answer. */
uint32_t plat_key(uint32_t milliseconds);

/* The console, for the menu: clears it and hides the cursor. */
void plat_console_open(uint32_t *out_columns, uint32_t *out_rows);
/* A row from its first column on. marked: it stands out. */
void plat_console_row(uint32_t row, struct text text, bool marked);
/* Shows the cursor there, until the next row is written. */
void plat_console_cursor(uint32_t column, uint32_t row);
/* Clears it, and restores colours and cursor. */
void plat_console_close(void);

/* Gives the user time to read the last message: waits for a key, but not for long. */
void plat_pause(void);

/* ExitBootServices (UEFI 2.10 section 7.4.6). After its first failure only plat_memory_map,
 * plat_exit, plat_say, plat_restart, arch_counter, arch_reference and functions that ask nobody may
 * be called; after success only arch_hand_off. */
MUST_CHECK enum firmware plat_exit(uint64_t key);

/* Gives the user time to read, then resets the machine. */
_Noreturn void plat_restart(void);

#endif
