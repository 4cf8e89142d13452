/* loader.cfg: text in, entries or diagnostics out. Pure: no firmware, no allocation.
 * The language is described in docs/config.md. */
#ifndef BATON_CONFIG_H
#define BATON_CONFIG_H

#include "core/base/status.h"

#define CONFIG_SIZE_MAX        65536 /* bytes of a loader.cfg */
#define CONFIG_LINE_MAX        4096  /* bytes of a line, without its end */
#define CONFIG_ENTRIES_MAX     64
#define CONFIG_HASHES          64 /* of the names of entries */
#define CONFIG_NAME_MAX        64 /* bytes */
#define CONFIG_DIAGNOSTICS_MAX 20

#define CONFIG_DEFAULT_STACK      UINT64_C(0x10000)
#define CONFIG_DEFAULT_READ_CHUNK CONFIG_READ_CHUNK_AUTO
#define CONFIG_READ_CHUNK_AUTO    UINT64_C(0)
#define CONFIG_STACK_MAX          UINT64_C(0x40000000)
#define CONFIG_READ_CHUNK_WHOLE   UINT64_MAX
#define CONFIG_TIMEOUT_MAX        UINT64_C(3600) /* seconds */
#define CONFIG_TIMEOUT_NEVER      UINT32_MAX

enum compression {
    COMPRESSION_AUTO,
    COMPRESSION_NONE,
    COMPRESSION_GZIP,
    COMPRESSION_ZLIB,
};

/* What the file of 'kernel' is, compressed or not. */
enum kernel_format {
    FORMAT_AUTO, /* its bytes decide, and kernels of other loaders are refused by name */
    FORMAT_RAW,
    FORMAT_ELF,
};

enum log_level {
    LOG_QUIET,
    LOG_NORMAL,
    LOG_VERBOSE,
};

enum config_serial {
    CONFIG_SERIAL_AUTO, /* COM1 where a UART answers */
    CONFIG_SERIAL_NONE,
    CONFIG_SERIAL_PORT, /* at config.serial_port, answering or not */
};

/* What the fault handlers do after they have printed the crash page. */
enum on_fault_kind {
    ON_FAULT_HALT,
    ON_FAULT_REBOOT,
    ON_FAULT_NONE, /* no handlers: the IDT is empty */
};

struct on_fault {
    enum on_fault_kind kind;
    uint32_t seconds; /* before the reboot */
};

/* The mode the kernel wants on the screen. */
enum config_screen {
    CONFIG_SCREEN_AUTO, /* as the firmware left it */
    CONFIG_SCREEN_NONE, /* the kernel gets no framebuffer */
    CONFIG_SCREEN_MODE, /* this mode, or the nearest */
};

struct screen_wish {
    enum config_screen kind;
    uint32_t width;  /* pixels */
    uint32_t height; /* pixels */
    uint32_t bits;   /* a pixel; 0: any */
};

#define CONFIG_SCREEN_MAX 65535 /* pixels in either direction */

#define CONFIG_REBOOT_SECONDS_MAX 86400

/* Whether what boots is entered in the TPM. */
enum config_measure {
    CONFIG_MEASURE_AUTO, /* with Secure Boot on, where there is a TPM */
    CONFIG_MEASURE_NO,
    CONFIG_MEASURE_YES,
    CONFIG_MEASURE_REQUIRED, /* else nothing boots */
};

#define CONFIG_PINS_MAX      64
#define CONFIG_DIGEST_DIGITS 64 /* of a SHA-256 */

/* Keys of an entry: indices of entry.line. */
enum entry_key {
    ENTRY_KERNEL,
    ENTRY_ADDRESS,
    ENTRY_STACK,
    ENTRY_MEMORY,
    ENTRY_CMDLINE,
    ENTRY_COMPRESSION,
    ENTRY_ABI,
    ENTRY_READ_CHUNK,
    ENTRY_ON_FAULT,
    ENTRY_DIRECT_MAP,
    ENTRY_MODULE,
    ENTRY_MODULE_GZ,
    ENTRY_FRAMEBUFFER,
    ENTRY_FALLBACK,
    ENTRY_TRIES,
    ENTRY_ADAPTER,
    ENTRY_FORMAT,
    ENTRY_LOW,
    ENTRY_KEY_COUNT
};

#define CONFIG_ADAPTER_FOLDER   "\\EFI\\baton\\"
#define CONFIG_ADAPTER_NAME_MAX 32 /* bytes */

/* What to boot. Values not given in the file have their defaults. Texts point into the file. */
struct entry {
    struct text name;        /* empty where the file has no sections */
    struct text kernel;      /* as written; path_canonical has accepted it */
    struct text adapter;     /* as written: a name or a path; empty: none */
    struct text foreign;     /* with an adapter: the file of 'kernel', whose place it takes */
    struct text cmdline;     /* empty by default */
    struct text fallback;    /* the name of the entry to boot instead; empty: no fallback */
    uint64_t address;        /* 0 where line[ENTRY_ADDRESS] is 0: the architecture has a default */
    uint64_t stack;          /* bytes */
    uint64_t memory;         /* bytes; 0: as the image says */
    uint64_t read_chunk;     /* bytes a Read, or CONFIG_READ_CHUNK_* */
    bool fallback_inherited; /* from above the first section: no fallback of the entry it names */
    enum compression compression;
    enum kernel_format format;
    bool low; /* the loader's memory for the kernel ends below 4 GiB */
    struct on_fault on_fault;
    uint64_t direct_map; /* virtual address of physical 0; 0: no direct map */
    struct screen_wish screen;
    uint32_t tries;        /* 0: not counted */
    uint32_t abi_minor;    /* of the one major version there is, BOOTINFO_VERSION_MAJOR */
    uint32_t next;         /* the entry before it whose name has the same hash: index + 1 */
    uint32_t header_line;  /* of '[entry NAME]'; 0: the file has no sections */
    uint32_t module_count; /* lines before the first section included: config_next_module */
    enum compression foreign_compression;
    char adapter_path[sizeof(CONFIG_ADAPTER_FOLDER) + CONFIG_ADAPTER_NAME_MAX + sizeof(".bin")];
    uint32_t line[ENTRY_KEY_COUNT]; /* where the value was given; 0: it is the default */
};

/* A line "module = /path arguments". Texts point into the file. */
struct config_module {
    struct text path; /* as written, without quotes; path_canonical has accepted it */
    struct text arguments;
    bool gzip;    /* module-gz */
    bool gzip_or; /* a file that is no gzip file is loaded as it is */
    uint32_t line;
    struct text source; /* the line itself */
};

/* A line "sha256 = DIGEST PATH". Texts point into the file. */
struct config_pin {
    struct text digits; /* CONFIG_DIGEST_DIGITS of them, of either case */
    struct text path;   /* as written */
    uint32_t line;
    bool used; /* an entry has such a file */
};

/* How far config_next_module has come; all zero at first. */
struct config_cursor {
    uint32_t line;
    bool begun;
    bool applies; /* the lines of this section belong to the entry */
    struct text rest;
};

struct config {
    struct text path; /* of the file, for errors */
    struct text file; /* without a byte order mark */
    struct entry entries[CONFIG_ENTRIES_MAX];
    uint32_t entry_count;
    uint32_t last_of[CONFIG_HASHES]; /* the last entry whose name has this hash: index + 1 */
    uint32_t default_entry;          /* index of the one to boot */
    enum config_serial serial;
    uint16_t serial_port; /* I/O port, for CONFIG_SERIAL_PORT */
    enum log_level log;
    enum config_measure measure;
    struct config_pin pins[CONFIG_PINS_MAX];
    uint32_t pin_count;
    uint32_t timeout; /* seconds until the default entry boots; CONFIG_TIMEOUT_NEVER */
    struct failure diagnostics[CONFIG_DIAGNOSTICS_MAX];
    uint32_t diagnostic_count; /* those kept */
    uint32_t omitted_count;    /* those for which there was no room */
};

/* Parses file, the bytes of path (named in the diagnostics only; kept by reference, like file).
 * On success there are no diagnostics and at least one entry; on failure the status is that of the
 * first diagnostic, and every error of the file is in config->diagnostics, in the order of the
 * lines (at most one a line). Entries and diagnostics beyond their counts are not written: *config
 * need not be cleared, before or after. */
MUST_CHECK enum status config_parse(struct text file, struct text path, struct config *config);

/* The next module of an entry without errors: first the file of 'kernel' where the entry has an
 * adapter, then those for all entries, then the entry's own, each in the order of the lines.
 * config->file is searched again, not a list kept by config_parse: there may be thousands of
 * modules, and most boots have none. */
bool config_next_module(const struct config *config, const struct entry *entry,
                        struct config_cursor *cursor, struct config_module *out_module);
/* pins.c: the digest that the file at path must have; NULL: any. */
struct config_pin *config_find_pin(struct config *config, const struct text *path);
/* entries.c: the entry of that name; NULL: there is none. */
const struct entry *config_find(const struct config *config, struct text name);
/* The only entry whose name differs from name in upper and lower case (ASCII) at most; NULL: there
 * is none, or more than one. */
const struct entry *config_find_any_case(const struct config *config, struct text name);
/* The name of the entry that is nearest to name; empty: none is near. */
struct text config_guess(const struct config *config, struct text name);
/* What to boot instead of the entry; NULL: nothing. */
const struct entry *config_fallback(const struct config *config, const struct entry *entry);

#endif
