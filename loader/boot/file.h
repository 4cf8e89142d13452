/* The volume the loader was started from, and reading its files exactly. A failure's path is the
 * file's. */
#ifndef BATON_FILE_H
#define BATON_FILE_H

#include "core/base/path.h"
#include "core/base/status.h"
#include "platform.h"

#define WATCHDOG_SECONDS 300 /* as the boot manager sets it (UEFI 2.10 section 3.1.2) */

struct volume {
    bool open;
    bool watchdog_set; /* by volume_keep_alive: the firmware may not know that it is on */
    char loader_path[PATH_MAX_BYTES];
};

/* Does nothing where the volume is open already. */
MUST_CHECK enum status volume_open(struct volume *volume, struct failure *failure);
void volume_close(struct volume *volume);
/* Loading takes time: gives the firmware's watchdog WATCHDOG_SECONDS from now on. */
void volume_keep_alive(struct volume *volume);
/* Switches the watchdog off if volume_keep_alive has set it. */
void volume_let_go(struct volume *volume);

struct file {
    struct volume *volume;
    struct text path; /* as the user wrote it */
    struct plat_file *handle;
    uint64_t size;
    uint64_t offset; /* of the next byte to read */
    uint64_t chunk;  /* bytes a Read at most */
};

/* A file of size_max bytes at most. */
MUST_CHECK enum status file_open(struct volume *volume, struct text path, uint64_t size_max,
                                 struct failure *failure, struct file *out_file);
/* Exactly size bytes, in chunks. */
MUST_CHECK enum status file_read(struct file *file, struct failure *failure, void *buffer,
                                 uint64_t size);
/* The file must end here. Closes it. */
MUST_CHECK enum status file_finish(struct file *file, struct failure *failure);
/* Does nothing where the file is not open. */
void file_close(struct file *file);

#endif
