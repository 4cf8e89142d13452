/* Questions to the firmware: files on the volume that the loader was started from. */
#ifndef BATON_PLATFORM_FILES_H
#define BATON_PLATFORM_FILES_H

#include "core/base/status.h"

#define PLAT_PATH_MAX 4096 /* bytes of the loader's own path as the firmware writes it */

/* Opens the volume that the loader was started from. Writes the loader's own path to
 * out_loader_path, which has PLAT_PATH_MAX bytes: in UTF-8, as the firmware writes it; empty if the
 * firmware does not name it. Files can be opened until plat_volume_close. */
MUST_CHECK enum firmware plat_volume_open(char *out_loader_path);
void plat_volume_close(void);

struct plat_file;

/* Opens the canonical path read-only. *out_file is set by a success only; *out_size is what the
 * firmware claims. */
MUST_CHECK enum firmware plat_file_open(const char *path, struct plat_file **out_file,
                                        uint64_t *out_size, bool *out_directory);
/* Reads on from where the last read ended. size: in, bytes wanted; out, bytes got, 0 at the end. */
MUST_CHECK enum firmware plat_file_read(struct plat_file *file, void *buffer, uint64_t *size);
void plat_file_close(struct plat_file *file);

#endif
