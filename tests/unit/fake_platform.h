/* A machine in a test: answers platform/ and arch.h with memory, files and a script. Memory is
 * real and lies at its true addresses, so that kernels run where they ask to; memory that the
 * loader has not allocated is poisoned and filled with 0xA5. What no firmware would tolerate (a
 * page freed twice, a call after the exit, a message between the map and the exit) aborts the test
 * at once. */
#ifndef BATON_FAKE_PLATFORM_H
#define BATON_FAKE_PLATFORM_H

#include "boot/boot.h"
#include "platform/console.h"
#include "platform/files.h"
#include "platform/graphics.h"
#include "platform/machine.h"
#include "platform/memory.h"
#include "platform/variables.h"

#define KIB UINT64_C(1024)
#define MIB (1024 * KIB)
#define GIB (1024 * MIB)

/* The part of the machine's RAM that is really there; the rest is only in its memory map. */
#define FAKE_RAM_BASE  MIB
#define FAKE_RAM_SIZE  (64 * MIB)
#define FAKE_RAM_END   (FAKE_RAM_BASE + FAKE_RAM_SIZE)
#define FAKE_RAM_PAGES (FAKE_RAM_SIZE / PAGE_SIZE)

/* The firmware's tables: fake_tables.c. Far up there is room for more. */
#define FAKE_TABLES      UINT64_C(0x4200000)
#define FAKE_RSDP        (FAKE_TABLES + 0x10014)
#define FAKE_SMBIOS      (FAKE_TABLES + 0x20000)
#define FAKE_TABLES_SIZE (192 * KIB)
#define FAKE_HIGH        UINT64_C(0x110000000000) /* beyond what sanitizers take */
#define FAKE_HIGH_SIZE   (64 * KIB)

/* EFI_MEMORY_TYPE (UEFI 2.10 section 7.2.1), as far as tests use it. */
enum {
    EFI_RESERVED = 0,
    EFI_LOADER_CODE = 1,
    EFI_LOADER_DATA = 2,
    EFI_BOOT_CODE = 3,
    EFI_BOOT_DATA = 4,
    EFI_RUNTIME_CODE = 5,
    EFI_RUNTIME_DATA = 6,
    EFI_FREE = 7,
    EFI_UNUSABLE = 8,
    EFI_ACPI_TABLES = 9,
    EFI_ACPI_NVS = 10,
    EFI_MMIO = 11,
    EFI_NOTHING = 99, /* a hole: no descriptor */
};

#define FAKE_WRITE_BACK UINT64_C(0xF) /* UC WC WT WB: the attributes OVMF gives to RAM */

/* Every call of platform.h; those before FAKE_FALLIBLE_COUNT can fail. */
enum fake_call {
    FAKE_VOLUME_OPEN,
    FAKE_FILE_OPEN,
    FAKE_FILE_READ,
    FAKE_ALLOCATE,
    FAKE_ALLOCATE_AT,
    FAKE_GRAPHICS_SET,
    FAKE_MEMORY_MAP,
    FAKE_EXIT,
    FAKE_VARIABLE_GET,
    FAKE_VARIABLE_SET,
    FAKE_TPM_FIND,
    FAKE_TPM_MEASURE,
    FAKE_TPM_LOG,
    FAKE_FALLIBLE_COUNT,
    FAKE_MACHINE = FAKE_FALLIBLE_COUNT,
    FAKE_TIMESTAMP,
    FAKE_GRAPHICS_QUERY,
    FAKE_VOLUME_CLOSE,
    FAKE_FILE_CLOSE,
    FAKE_FREE,
    FAKE_WATCHDOG,
    FAKE_SERIAL_OPEN,
    FAKE_SAY,
    FAKE_RESTART,
    FAKE_HAND_OFF,
    FAKE_KEY,
    FAKE_CONSOLE, /* plat_console_* */
    FAKE_PAUSE,
    FAKE_IMAGE_SECTION,
    FAKE_CALL_COUNT
};

struct fake_file {
    const char *path; /* canonical */
    const void *bytes;
    uint64_t size;
    bool directory;
    bool lies_about_size; /* the firmware names claimed_size instead of size */
    uint64_t claimed_size;
    uint64_t read_limit;     /* bytes a Read gives at most; 0: all that is asked for */
    uint64_t refuse_above;   /* a larger Read fails and breaks the handle for good; 0: none does */
    uint64_t nothing_above;  /* a larger Read succeeds with nothing; 0: none does */
    uint64_t claim_too_much; /* bytes more than asked for that a Read claims to have read */
    enum firmware read_error;
    uint64_t read_error_at; /* where read_error is met */
    enum firmware open_error;
    /* What was done with it: */
    uint32_t opens;
    uint32_t reads;
    uint64_t largest_read; /* asked for */
    uint64_t bytes_read;
};

/* "The call-th fallible call fails"; with for_good all of its kind from there on. */
struct fake_failure {
    uint32_t call; /* from 1; 0: none */
    enum firmware status;
    bool for_good;
    enum fake_call kind; /* which kind of call it was, once it was met */
    bool met;
};

struct fake_event {
    enum fake_call call;
    enum firmware answer;
    uint64_t argument; /* bytes wanted, pages, address or key */
};

#define FAKE_FILES_MAX       8
#define FAKE_DESCRIPTORS_MAX 32
#define FAKE_OFFERS_MAX      80
#define FAKE_MODES_MAX       8
#define FAKE_MODE_UNKNOWN    UINT64_MAX /* as address: QueryMode fails, all the same filled */
#define FAKE_EVENTS_MAX      4096
#define FAKE_SAID_MAX        (64 * 1024)
#define FAKE_STALE_FOR_EVER  UINT32_MAX
#define KEY_LAST             UINT32_MAX

enum fake_outcome {
    FAKE_RETURNED,
    FAKE_HANDED_OFF,
    FAKE_RESTARTED,
    FAKE_POWER_FAILED,
};

/* Variables outlive a reset of the machine: fake_reset leaves those that are kept. */
#define FAKE_VARIABLES_MAX 8
struct fake_variable {
    char name[96]; /* "": none */
    uint8_t data[256];
    uint64_t size;
    bool keep;
};

struct fake {
    /* The script. */
    const char *context; /* for messages: which case this is */
    struct machine machine;
    struct arch_cpu cpu;
    struct serial_port serial; /* what plat_serial_found was given, or a test says */
    bool serial_never_ready;   /* it was waited for in vain when it was opened */
    bool serial_stuck;         /* the same, at the last line only */
    uint64_t counter_hz; /* of a clock that runs as calls take time; 0: each reading is later */
    uint64_t read_ms;    /* that a Read takes */
    uint64_t clock_ms;   /* how late it is */
    bool readable_ram;   /* arch_is_readable says so of all below 2^47, too */
    const char *loader_path;
    const char *options;     /* load options */
    uint32_t power_fails_at; /* at which call of plat_variable_set, from 1; 0: never */
    bool power_fails_after;  /* after it was written, not before */
    const uint32_t *keys; /* as plat_key gives them; KEY_NONE: none in time; KEY_LAST ends them */
    struct text seal;     /* the section .baton of the loader */
    bool seal_lost;       /* its section table is damaged */
    bool tpm;             /* there is one */
    bool tpm_log_truncated;
    struct fake_file files[FAKE_FILES_MAX];
    uint32_t file_count;
    struct fake_failure failures[2];
    struct firmware_descriptor descriptors[FAKE_DESCRIPTORS_MAX]; /* of what is outside of RAM */
    uint32_t descriptor_count;
    uint64_t stride;    /* of the memory map */
    bool stride_unsaid; /* descriptor_size is given as stride_said */
    uint64_t stride_said;
    uint32_t stride_true_maps;  /* with stride_unsaid: how many maps are right at first */
    bool shuffled;              /* the map is out of order */
    uint64_t filler_count;      /* descriptors of reserved memory far up */
    uint64_t growth;            /* fillers that each memory map adds */
    uint32_t growths;           /* how many maps grow; 0: each */
    uint64_t growth_at_exit;    /* fillers added once the exit has begun */
    uint32_t first_descriptors; /* how many at first, one more with each map; 0: all at once */
    uint32_t late_descriptors;  /* how many descriptors come only once the exit has begun */
    uint64_t map_needs;         /* bytes that BUFFER_TOO_SMALL asks for; 0: the truth */
    uint64_t map_claims;        /* bytes that a map claims to have beyond those it has */
    bool bottom_up;             /* pages are offered from the lowest address up */
    uint64_t offers[FAKE_OFFERS_MAX]; /* where pages are offered first of all, in this order */
    uint32_t offer_count;
    const void *stale_page;                   /* what every fresh page holds; NULL: 0xA5 */
    struct screen_mode modes[FAKE_MODES_MAX]; /* of the screen */
    uint32_t mode_count;
    uint32_t mode;       /* the current one */
    uint32_t stale_keys; /* how many ExitBootServices are refused, whatever the key */
    enum firmware stale_status;

    struct seed random_efi; /* what plat_random and arch_random mix in; sources 0: nothing */
    struct seed random_cpu;

    /* What happened. */
    bool no_pools;          /* no room for POOL_PAGES in one piece: every allocation is its own */
    uint64_t allocate_last; /* of the last plat_pages_allocate */
    uint32_t allocated_low; /* how many of those had a limit */
    uint32_t calls[FAKE_CALL_COUNT];
    uint32_t fallible_calls;
    struct fake_event events[FAKE_EVENTS_MAX]; /* the last ones: fake_event */
    uint32_t timer;           /* of the ACPI power management timer, when it was last read */
    uint32_t event_count;     /* all but FAKE_TIMESTAMP */
    char said[FAKE_SAID_MAX]; /* on the serial port */
    size_t said_size;
    char shown[FAKE_SAID_MAX]; /* of that, on the screen as well */
    size_t shown_size;
    size_t said_before_exit; /* bytes of said when ExitBootServices was first called */
    struct hand_off hand_off;
    uint64_t font_scratch; /* bytes that plat_font was given; 0: it was not called */
    uint32_t watchdog;     /* seconds, as last set */
    uint64_t waited_ms;    /* for keys */
    uint32_t key_count;    /* taken */
    bool screen_open;
    char screen[MENU_ROWS_MOST][MENU_ROW_SIZE]; /* as last drawn */
    uint32_t rows_drawn;
    uint32_t cursor_column, cursor_row; /* where it was put last */
    enum status returned;
    char tpm_events[32768]; /* "PCR TEXT" lines */
    size_t tpm_last;        /* the offset of the last event in the TPM's log; 0: none */
    uint64_t peak_pages;    /* allocated at one time */
};

extern struct fake fake;

/* A healthy machine with nothing on its volume: all RAM free, a map of a stride of 48. */
void fake_reset(void);
/* Makes it a machine whose firmware has set up five levels of page tables. */
void fake_five_levels(void);
struct fake_file *fake_add_file(const char *path, const void *bytes, uint64_t size);
/* \EFI\BOOT\loader.cfg, beside the loader. text is kept by reference. */
struct fake_file *fake_add_config(const char *text);
struct fake_file *fake_find_file(const char *path);
/* Makes whole pages of RAM memory of this EFI_MEMORY_TYPE. */
void fake_set_memory(uint64_t base, uint64_t size, int efi_type);
/* A descriptor of what is outside of RAM. */
void fake_add_descriptor(uint32_t efi_type, uint64_t base, uint64_t page_count,
                         uint64_t attributes);

/* Runs boot() as a firmware would. After a return, nothing may be left allocated or open. */
enum fake_outcome fake_boot(struct boot *boot);

/* fake_memory.c: for the tests. */
int fake_type_at(uint64_t address); /* EFI_MEMORY_TYPE, EFI_NOTHING outside of RAM */
/* False for RAM that the core has not allocated, and below RAM. */
bool fake_is_allocated(uint64_t base, uint64_t size);
uint64_t fake_pages_allocated(void);
/* fake_map.c: whether this is, byte by byte, the current map. */
bool fake_is_final_map(struct BootInfoSpan map);
/* Aborts unless memory is as it was when fake_boot began. */
void fake_memory_check_returned(void);

/* fake_tables.c */
void fake_tables_reset(void);
/* Whether all of it lies in the firmware's tables. */
bool fake_tables_hold(uint64_t address, uint64_t size);
/* Writes a table of that size, and seals it. */
void fake_write_table(uint64_t address, const char *signature, uint32_t size);
/* Makes the sum of the bytes 0; the one at checksum does it. */
void fake_seal(uint64_t address, uint32_t size, uint32_t checksum);
/* An RSDP, then an XSDT that name these tables; they become the machine's. */
void fake_write_acpi(uint64_t rsdp, const uint64_t *tables, uint32_t count);
/* A sealed entry point of SMBIOS 3 that names this table; it becomes the machine's. */
void fake_write_smbios(uint64_t address, uint64_t table, uint32_t size);
/* fake_trust.c: the TPM's log as it is now. */
struct text fake_tpm_log(void);
void fake_trust_reset(void);

/* fake_variables.c: NULL: there is none. */
struct fake_variable *fake_find_variable(const char *name);
void fake_forget_variables(void); /* the kept ones, too */

/* fake_files.c, fake_map.c, fake_memory.c: for fake_platform.c. */
void fake_map_reset(void);
void fake_map_exit_began(void);
void fake_files_reset(void);
void fake_files_check_closed(const char *when);
void fake_files_check_volume_closed(void);
void fake_memory_reset(void);
void fake_memory_snapshot(void);
void fake_memory_lift_poison(uint64_t base, uint64_t size);
/* Every call begins with this: checks that the call is allowed now, and gives the answer of the
 * script. */
enum firmware fake_enter(enum fake_call call, uint64_t argument);
/* "return fake_answer(status);": records the answer. */
enum firmware fake_answer(enum firmware answer);
void fake_key_changes(void);
uint64_t fake_key(void);
void fake_variables_reset(void);
_Noreturn void fake_power_fails(void);

/* number: from 0; the last FAKE_EVENTS_MAX are kept. */
struct fake_event *fake_event(uint32_t number);
_Noreturn void fake_violation(const char *format, ...) __attribute__((format(printf, 1, 2)));
const char *fake_call_name(enum fake_call call);

#endif
