/* What chaos.efi is to do, as the tests write it to \chaos.plan: a struct chaos_plan, then its
 * cases. Both sides are little-endian x86-64; the structs have no padding. */
#ifndef BATON_CHAOS_PLAN_H
#define BATON_CHAOS_PLAN_H

#include <stdint.h>

#define CHAOS_PLAN      u"\\chaos.plan"
#define CHAOS_PLAN_PATH "/chaos.plan"
#define CHAOS_MAGIC     UINT64_C(0x4E4C50534F414843) /* "CHAOSPLN" */

/* The firmware calls that a case can make fail. The menu, counted tries, screen modes and the font
 * need others as well (events and timers, SetVariable, SetMode, the HII database): unit-entry,
 * unit-failures, unit-tries and unit-screen_stage make those fail. */
#define CHAOS_CALL_LIST(X)                       \
    X(ALLOCATE_PAGES, "AllocatePages")           \
    X(FREE_PAGES, "FreePages")                   \
    X(ALLOCATE_POOL, "AllocatePool")             \
    X(GET_MEMORY_MAP, "GetMemoryMap")            \
    X(HANDLE_PROTOCOL, "HandleProtocol")         \
    X(OPEN_PROTOCOL, "OpenProtocol")             \
    X(LOCATE_PROTOCOL, "LocateProtocol")         \
    X(LOCATE_HANDLE, "LocateHandle")             \
    X(SET_WATCHDOG_TIMER, "SetWatchdogTimer")    \
    X(STALL, "Stall")                            \
    X(EXIT_BOOT_SERVICES, "ExitBootServices")    \
    X(GET_VARIABLE, "GetVariable")               \
    X(GET_TIME, "GetTime")                       \
    X(OPEN_VOLUME, "OpenVolume")                 \
    X(OPEN, "Open")                              \
    X(GET_INFO, "GetInfo")                       \
    X(SET_POSITION, "SetPosition")               \
    X(GET_POSITION, "GetPosition")               \
    X(READ, "Read")                              \
    X(CLOSE, "Close")                            \
    X(OUTPUT_STRING, "OutputString")             \
    X(READ_KEY_STROKE, "ReadKeyStroke")          \
    X(GET_ATTRIBUTES, "GetMemoryAttributes")     \
    X(CLEAR_ATTRIBUTES, "ClearMemoryAttributes") \
    X(SET_ATTRIBUTES, "SetMemoryAttributes")     \
    X(TPM_CAPABILITY, "GetCapability")           \
    X(TPM_LOG, "GetEventLog")                    \
    X(TPM_EXTEND, "HashLogExtendEvent")

enum chaos_call {
    CHAOS_NO_CALL,
#define CHAOS_CALL_ENUM(name, text) CHAOS_##name,
    CHAOS_CALL_LIST(CHAOS_CALL_ENUM)
#undef CHAOS_CALL_ENUM
        CHAOS_CALLS
};

/* struct chaos_case, flags */
enum {
    CHAOS_TO_KERNEL = 1 << 0,    /* let the loader leave the firmware: the last case of its plan */
    CHAOS_SWEEP = 1 << 1,        /* once for each from = 1, 2, ... until nothing fails any more */
    CHAOS_FOR_GOOD = 1 << 2,     /* the call fails from then on, not just once */
    CHAOS_ANY_CALLER = 1 << 3,   /* also where the firmware's own drivers make the call */
    CHAOS_REVERSED_MAP = 1 << 4, /* from the highest address down */
    CHAOS_NO_SCREEN = 1 << 5,    /* no graphics output protocol */
    CHAOS_NO_CONSOLE = 1 << 6,   /* ConOut and its handle are NULL */
    CHAOS_NO_KEYBOARD = 1 << 7,  /* ConIn is NULL */
    CHAOS_NO_TABLES = 1 << 8,    /* neither ACPI nor SMBIOS */
    CHAOS_NO_DEVICE = 1 << 9,    /* the loaded image has no device */
    CHAOS_NO_PATH = 1 << 10,     /* ... and no file path */
    CHAOS_ODD_TABLE = 1 << 11,   /* an ancient revision, wrong checksums */
    CHAOS_PAGE_0 = 1 << 12,      /* AllocatePages gives out address 0 first */
    CHAOS_UNMAP_PAGE_0 = 1 << 13,
    CHAOS_NX_DATA = 1 << 14,    /* EfiLoaderData is not executable */
    CHAOS_NX_CODE = 1 << 15,    /* nor is EfiLoaderCode */
    CHAOS_NX_IMAGE = 1 << 16,   /* the loader's sections have just what they ask for */
    CHAOS_ATTRIBUTES = 1 << 17, /* there is EFI_MEMORY_ATTRIBUTE_PROTOCOL */
    CHAOS_DOUBLED = 1 << 18,    /* pieces_more doubles */
    CHAOS_EDID = 1 << 19, /* the screens' monitors have an EDID of two blocks, discovered only */
    CHAOS_NO_POSITION = 1 << 20,      /* SetPosition is not supported */
    CHAOS_LITERAL_POSITION = 1 << 21, /* GetPosition gives back 2^64 - 1, not where the file ends */
    CHAOS_STUCK_POSITION = 1 << 22, /* a file cannot be set back to its start, and nobody says so */
    CHAOS_RUNTIME_MMIO = 1 << 23,   /* 64 KiB of MMIO that the runtime services use, above 4 GiB */
    CHAOS_DIRTY_CPU = 1 << 24,      /* ExitBootServices leaves the CPU as no kernel wants it */
    CHAOS_FILE_SURVIVES = 1 << 25,  /* read_limit: the file can be read on, from another position */
    CHAOS_READ_NOTHING = 1 << 26,   /* read_limit: the Read succeeds with no byte */
    CHAOS_SECURE_BOOT = 1 << 27,    /* the firmware's variables say that it is on */
    CHAOS_SETUP_MODE = 1 << 28,     /* ... that it is off, and there is no PK */
    CHAOS_TPM = 1 << 29,            /* there is EFI_TCG2_PROTOCOL */
    CHAOS_SWAPPED = 1 << 30         /* of odd_file: a byte that is read again is another one */
};

/* struct chaos_case, odd: what the firmware says that cannot be. */
enum {
    CHAOS_ODD_NOTHING,
    CHAOS_ODD_RSDP,           /* it lies at odd_value */
    CHAOS_ODD_ACPI,           /* an ACPI table does */
    CHAOS_ODD_SMBIOS,         /* the entry point does */
    CHAOS_ODD_EDID,           /* the EDIDs do */
    CHAOS_ODD_SCREEN_SIZE,    /* FrameBufferSize is odd_value */
    CHAOS_ODD_SCREEN,         /* FrameBufferBase is */
    CHAOS_ODD_CONSOLE,        /* ConOut has no Mode */
    CHAOS_ODD_PATH,           /* the loader's path is odd_text, a node for each part between '|',
                               * and odd_value characters of "\." before each */
    CHAOS_ODD_PATH_END,       /* the same, and no node ends it */
    CHAOS_ODD_OPTIONS,        /* the load options are odd_text, in bytes */
    CHAOS_ODD_OPTIONS_MARKED, /* the same in UTF-16 with a byte order mark */
    CHAOS_ODD_SECURE_BOOT,    /* SecureBoot has odd_value / 256 bytes, of odd_value % 256 */
    CHAOS_ODD_TPM_ABSENT,     /* the TPM's protocol is there, and no TPM */
    CHAOS_ODD_LOG,            /* the TPM's log lies at odd_value */
    CHAOS_ODD_LOG_END,        /* its last event does */
    CHAOS_ODD_FINAL,          /* the table of final events does */
};

/* All zero: a firmware without failures. Counts are from 1 on; files are counted in the order in
 * which they are opened, without the volume's root. */
struct chaos_case {
    char name[64];
    uint32_t folder;     /* the loader is \cases\NN\loader.efi */
    uint32_t folders;    /* with times: that many folders from there on, in turn */
    uint32_t times;      /* starts of the loader; 0: 1 */
    uint32_t flags;      /* CHAOS_* */
    uint32_t call;       /* enum chaos_call: the one that fails, */
    uint32_t from;       /* for the from-th time, */
    uint64_t status;     /* with this EFI_STATUS, without its high bit */
    uint64_t read_most;  /* bytes a Read gives at most */
    uint64_t read_limit; /* a Read of more fails and breaks the file for good, but for flags */
    uint64_t size_added; /* to the size of odd_file, whoever is asked; negative ones wrap */
    uint64_t read_added; /* to the bytes that Read claims of odd_file */
    uint32_t odd_file;
    uint32_t odd;         /* CHAOS_ODD_* */
    uint64_t stride;      /* of the memory map; 0: as it is */
    uint32_t pieces;      /* more descriptors in the memory map, */
    uint32_t pieces_more; /* and still more with every further call */
    uint32_t refusals;    /* failing ExitBootServices; UINT32_MAX: all */
    uint32_t pieces_late; /* more descriptors after the first of them */
    uint64_t refusal;    /* the status; 0: the memory map changes and the firmware itself refuses */
    uint64_t map_late;   /* GetMemoryMap's status after the first refusal */
    uint64_t image_at;   /* the loader's image lies there; 0: anywhere */
    uint64_t place_base; /* where AllocatePages takes pages from first, */
    uint64_t place_end;  /* up to here */
    uint64_t odd_value;
    char odd_text[120];
};

struct chaos_plan {
    uint64_t magic;
    uint32_t case_size;
    uint32_t case_count;
};

_Static_assert(sizeof(struct chaos_case) == 328, "no padding");
_Static_assert(sizeof(struct chaos_plan) == 16, "no padding");

#endif
