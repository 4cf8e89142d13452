/* The state of one boot, and its stages in order. Each stage is a file of the same name. */
#ifndef BATON_BOOT_H
#define BATON_BOOT_H

#include "core/base/clock.h"
#include "core/base/path.h"
#include "core/config/load_options.h"
#include "core/image/elf.h"
#include "core/image/image.h"
#include "core/image/inflate.h"
#include "core/screen/menu.h"
#include "platform.h"

#ifndef BATON_VERSION
#define BATON_VERSION "0.1.0"
#endif
#define BATON_NAME "Baton " BATON_VERSION

#define LEDGER_MAX       64
#define LOG_SIZE         4096
#define LOG_PATH_SHOWN   160 /* bytes */
#define TIMELINE_MAX     16
#define SCRATCH_SIZE     3072
#define MESSAGE_SIZE     4096
#define GROWTHS_MAX      8   /* how often a memory map may outgrow the room made for it */
#define EXIT_TRIES       4   /* ExitBootServices calls, the first one included */
#define WATCHDOG_SECONDS 300 /* as the boot manager sets it (UEFI 2.10 section 3.1.2) */

/* Everything allocated is written down here, so that a failure can give it back. */
struct allocation {
    uint64_t address;
    uint64_t page_count;
    uint32_t type; /* BOOTINFO_MEMORY_* from the jump on; USABLE: nobody needs it any more */
};

struct ledger {
    struct allocation items[LEDGER_MAX];
    uint32_t count;
    uint64_t avoid_base; /* nothing may come to lie in [avoid_base, avoid_base + avoid_size) */
    uint64_t avoid_size;
};

struct file {
    struct text path; /* as the user wrote it */
    struct plat_file *handle;
    uint64_t size;
    uint64_t offset; /* of the next byte to read */
    uint64_t chunk;  /* bytes a Read at most */
};

struct log {
    char buffer[LOG_SIZE];
    struct writer writer;
    enum log_level shown;
};

/* The kernel's file on its way into memory. */
struct image {
    struct file file;
    enum image_format format;
    uint64_t buffer; /* the file's bytes so far (got of them), or 0 */
    uint64_t buffer_pages;
    uint64_t got;
    uint64_t size; /* of the image itself; 0: not known yet (zlib) */
    uint64_t work; /* inflate's memory and the head behind it, or 0 */
    struct inflate *inflate;
    const uint8_t *head; /* the image's first bytes */
    uint64_t head_size;
    uint64_t file_size;
    uint32_t crc32; /* gzip: of the image */
    bool has_header;
    struct image_needs needs;
    bool is_elf;
    struct elf elf;
    uint64_t taken;     /* bytes of the ELF file, inflated, that were used */
    uint64_t head_copy; /* memory of its own for the head, or 0 */
};

struct placement {
    uint64_t target;          /* where the kernel lies */
    uint64_t virtual_address; /* where it runs: target, unless it is linked for the higher half */
    uint64_t page_count;
    uint64_t source; /* where its bytes are until the exit: target, unless staged */
    uint64_t source_pages;
    bool staged;
    uint64_t stack; /* the lowest byte; the guard page lies below */
    uint64_t stack_pages;
};

/* A module in memory. The texts point into loader.cfg. */
struct module {
    struct text path;
    struct text arguments;
    uint64_t address;
    uint64_t size; /* bytes; the rest of the last page is zero */
};

struct modules {
    struct module *items; /* entry->module_count of them, or NULL */
    uint32_t count;       /* those that have memory */
    uint64_t texts_size;  /* bytes of paths and arguments, each with its NUL */
    struct file file;     /* the one being read */
};

/* Where things lie in the info block, as offsets. */
struct info {
    uint64_t address;
    uint64_t page_count;
    uint64_t texts_offset;
    uint64_t log_offset;
    uint64_t log_capacity;
    uint64_t timeline_offset;
    uint64_t modules_offset;
    uint64_t framebuffers_offset;
    uint64_t edids_offset;
    uint64_t cpus_offset;
    uint32_t cpus_max;
    uint64_t regions_offset;
    uint64_t regions_max;
    uint64_t region_count;
    uint64_t map_offset;
    uint64_t map_capacity;
    uint64_t descriptors_max;
    uint64_t scratch; /* for memory_map_convert */
    uint64_t tables;  /* reserve for the page tables */
    uint64_t table_pages;
    uint64_t hand_off;
};

/* Which entry is being tried, and what came before. */
struct choice {
    uint32_t entry;            /* its index */
    bool by_hand;              /* the user chose it */
    uint64_t tried;            /* bits of the entries since the user was last asked */
    struct entry edited;       /* the user's choice, with the command line as edited */
    uint32_t first;            /* where the search began */
    uint64_t skipped;          /* bits of those that have no tries left, or cannot be counted */
    bool last_resort;          /* nothing but them is left: they are booted all the same */
    uint32_t kept_allocations; /* of the ledger, from one attempt to the next */
    uint32_t kept_stamps;
};

/* The count of boot->entry, where it has one. */
struct tries {
    uint32_t kernel;
    uint32_t left;
    bool announced; /* the kernel's variable is named to it */
};

struct boot {
    struct failure failure;
    struct ledger ledger;
    struct log log;
    struct machine machine;
    struct BootInfoSerial serial;
    struct BootInfoTimestamp timeline[TIMELINE_MAX];
    uint32_t timeline_count;
    struct clock_rate tsc_rate;
    bool volume_open;
    bool watchdog_set; /* by us: the firmware may not know that it is on */
    bool asked;        /* the menu was shown */
    char loader_path[PATH_MAX_BYTES];
    char config_path[PATH_MAX_BYTES];
    char scratch[SCRATCH_SIZE]; /* texts of the failure that are put together */
    char message[MESSAGE_SIZE]; /* the failure in words */
    struct load_options options;
    struct config *config; /* NULL until the file was found */
    const struct entry *entry;
    struct choice choice;
    struct tries tries;
    struct menu menu;
    uint32_t shown[MENU_ROWS_MOST]; /* a checksum of each row of the menu on the screen */
    /* From here on: of one attempt. boot_forget clears it. */
    struct image image;
    struct placement placement;
    struct modules modules;
    struct info info;
    bool screen_changed;    /* by us */
    uint32_t screen_before; /* its mode */
    struct plat_map map;
    struct hand_off hand_off;
    struct font font;
};

/* Boots what loader.cfg says, and the user. Returns when that failed and the user was told, or with
 * STATUS_OK where the user left the menu; everything was given back. boot is all zero at first. */
enum status boot(struct boot *boot);

/* The stages. On failure boot->failure holds the facts. */
MUST_CHECK enum status config_read(struct boot *boot);
MUST_CHECK enum status choice_run(struct boot *boot);
MUST_CHECK enum status boot_entry(struct boot *boot);
MUST_CHECK enum status image_read(struct boot *boot);
MUST_CHECK enum status placement_choose(struct boot *boot);
MUST_CHECK enum status image_load(struct boot *boot);
MUST_CHECK enum status modules_load(struct boot *boot); /* only where the entry has some */
void screen_set(struct boot *boot);                     /* likewise */
void screen_restore(struct boot *boot);
MUST_CHECK enum status bootinfo_reserve(struct boot *boot);
MUST_CHECK enum status exit_firmware(struct boot *boot);

/* boot.c: shows and logs the failure in words, which are in boot->message. */
struct text boot_say(struct boot *boot, const struct failure *failure);
/* boot.c: gives back what the last attempt took; config and log stay. */
void boot_forget(struct boot *boot);
/* config_file.c: opens the loader's volume, if it is not open. */
MUST_CHECK enum status config_open_volume(struct boot *boot);
/* choice.c: the entry is booted even if its tries are used up. */
bool choice_is_forced(const struct boot *boot);
/* tries.c: whether the entry has tries left; takes one of them; takes back what tries_count told the
 * kernel; gives an entry all its tries. */
MUST_CHECK enum status tries_check(struct boot *boot);
MUST_CHECK enum status tries_count(struct boot *boot);
void tries_forget(struct boot *boot);
void tries_refill(const struct entry *entry);
/* boot.c: records when a stage was over. */
void boot_stamp(struct boot *boot, uint32_t stage);
/* boot.c: "return fail(boot, STATUS_X);" with the facts in boot->failure set by the caller. */
enum status fail(struct boot *boot, enum status status);

/* file.c: reading files exactly. The failure's path is the file's. */
MUST_CHECK enum status file_open(struct boot *boot, struct text path, uint64_t size_max,
                                 struct file *file);
/* Exactly size bytes, in chunks. */
MUST_CHECK enum status file_read(struct boot *boot, struct file *file, void *buffer, uint64_t size);
/* The file must end here. Closes it. */
MUST_CHECK enum status file_finish(struct boot *boot, struct file *file);
void file_close(struct file *file);

/* memory.c: the first address of the higher half, with as many levels as the firmware has. */
uint64_t higher_half(const struct machine *machine);
/* bootinfo.c: whether the loader itself lies where the kernel goes. */
bool loader_is_in_the_way(const struct boot *boot);

/* elf_load.c: image_read and image_load for ELF files. */
MUST_CHECK enum status elf_read(struct boot *boot);
MUST_CHECK enum status elf_load(struct boot *boot, uint8_t *target);

/* memory.c: the ledger. what is a phrase such as "the stack". */
struct memory_request {
    enum plat_use use;
    uint32_t type;
    uint64_t page_count;
    const char *what;
};
MUST_CHECK enum status memory_reserve(struct boot *boot, struct memory_request request,
                                      uint64_t *out_address);
/* False where the firmware refuses (boot->failure.firmware says how) or the ledger is full. */
MUST_CHECK bool memory_reserve_at(struct boot *boot, struct memory_request request,
                                  uint64_t address);
void memory_release(struct boot *boot, uint64_t address);
void memory_release_all(struct boot *boot);
/* memory.c: GetMemoryMap into map->buffer, which has room for descriptors_max of them. A map that
 * does not fit is STATUS_MAP_KEEPS_GROWING: then map->size and map->descriptor_size are known. */
MUST_CHECK enum status memory_map_take(struct boot *boot, struct plat_map *map,
                                       uint64_t descriptors_max, uint64_t *out_stride);
/* Takes a range out of the ledger without giving it back: the caller will. */
void memory_disown(struct boot *boot, uint64_t address);
/* All but the first count allocations. */
void memory_release_down_to(struct boot *boot, uint32_t count);
/* Pages that hold size bytes. size is at most 2^64 - 4096. */
uint64_t page_count_of(uint64_t size);

/* bootinfo.c: how many descriptors a map has. More than 2^32 count as 2^32, which is more than any
 * memory holds, so that no size computed from it wraps around. */
uint64_t descriptor_count(uint64_t map_size, uint64_t stride);
/* bootinfo.c: how many framebuffers the kernel is told of. */
uint32_t bootinfo_framebuffer_count(const struct boot *boot);
/* bootinfo.c: room for a map of map_size bytes and more; frees what was there before. */
MUST_CHECK enum status bootinfo_reserve_map(struct boot *boot, uint64_t map_size,
                                            uint64_t descriptor_size);
/* bootinfo.c: boot->map, as it lies in the info block, to regions there; then all the rest. */
void bootinfo_convert_map(struct boot *boot, uint64_t stride);
void bootinfo_fill(struct boot *boot);

/* modules.c: gives back the modules of a boot that failed. */
void modules_release(struct boot *boot);

/* log.c: one line for each stage; all of them go to BootInfo.log, whatever is shown. */
void log_begin(struct log *log);
/* The end of a path, at most LOG_PATH_SHOWN bytes of it, whole characters. */
void log_path(struct writer *line, struct text path);
void log_stage(struct log *log, const char *stage, const struct writer *line);
void log_machine(struct log *log, const struct machine *machine, uint64_t serial);
/* Lines that are always shown. */
void log_message(struct log *log, struct text message);
void log_line(struct log *log, enum log_level level, struct text line);

#endif
