/* The volume the loader was started from, and reading its files exactly. A failure's path is the
 * file's. */
#ifndef BATON_FILE_H
#define BATON_FILE_H

#include "boot/log.h"
#include "boot/trust.h"
#include "core/base/path.h"
#include "core/base/status.h"
#include "platform/files.h"

#define WATCHDOG_SECONDS 300 /* as the boot manager sets it (UEFI 2.10 section 3.1.2) */

struct volume {
    bool open;
    bool watchdog_set; /* by volume_keep_alive: the firmware may not know that it is on */
    bool small_reads;  /* a large Read has failed: no other one is tried */
    struct log *log;
    struct trust trust; /* which of its files may be opened, and what lies in the loader instead */
    char loader_path[PATH_MAX_BYTES]; /* canonical; "\\" where it is not known */
    char raw_path[PLAT_PATH_MAX];     /* as the firmware has it */
    const char *path_wrong;           /* why raw_path cannot be used; NULL: it can */
};

/* Does nothing where the volume is open already. */
MUST_CHECK enum status volume_open(struct volume *volume, struct failure *failure);
/* At the end of the session: no file can be opened after it. */
void volume_close(const struct volume *volume);
/* Loading takes time: gives the firmware's watchdog WATCHDOG_SECONDS from now on. */
void volume_keep_alive(struct volume *volume);
/* Then, too: switches the watchdog off if volume_keep_alive has set it. */
void volume_let_go(const struct volume *volume);

struct file {
    struct volume *volume;
    struct text path; /* as the user wrote it */
    struct plat_file *handle;
    uint64_t size;
    uint64_t offset; /* of the next byte to read */
    uint64_t chunk;  /* bytes a Read at most, or CONFIG_READ_CHUNK_AUTO */
    struct origin origin;
    uint8_t sha256[SHA256_SIZE]; /* by measure_file, where trust_wants_all; else zeros */
};

/* A file of size_max bytes at most: from the loader's own image, or from the volume, which is
 * opened only then. On failure it is not open, but has its path. */
MUST_CHECK enum status file_open(struct volume *volume, struct text path, uint64_t size_max,
                                 struct failure *failure, struct file *file);
/* How many of the next left bytes one Read is to fetch. CONFIG_READ_CHUNK_AUTO: 1 MiB at the file's
 * beginning, then the rest at once. */
uint64_t file_next_read(const struct file *file, uint64_t left);
/* Exactly size bytes, in chunks. Where a large Read of CONFIG_READ_CHUNK_AUTO fails, the file is
 * opened anew and read in steps of 1 MiB, and a line of the log says so. */
MUST_CHECK enum status file_read(struct file *file, struct failure *failure, void *buffer,
                                 uint64_t size);
/* The file must end here. Closes it. */
MUST_CHECK enum status file_finish(struct file *file, struct failure *failure);
/* Does nothing where the file is not open. */
void file_close(struct file *file);

#endif
