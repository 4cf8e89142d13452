/* What baton image makes, besides disk images (vm/disk.h). */
#ifndef BATON_TOOL_IMAGE_H
#define BATON_TOOL_IMAGE_H

#include "vm/disk.h"

/* image_iso.c: a CD (El Torito) that is a disk with a partition table as well, through
 * xorriso. */
bool image_iso(const char *image, const struct disk_file *files, size_t count,
               struct message *message);

/* image_install.c: the files below a folder, which is made where it is missing. All are
 * written beside their places and read back before the first one is renamed; a loader that is
 * replaced by another is kept as .OLD (*out_kept). On failure the folder is as it was, but for
 * empty folders. */
bool image_install(const char *target, const struct disk_file *files, size_t count,
                   struct message *message, bool *out_kept);

#endif
