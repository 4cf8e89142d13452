/* An initrd: cpio archives in the format newc (Documentation/driver-api/early-userspace/
 * buffer-format.rst of Linux). */
#ifndef BATON_BOOT_CPIO_H
#define BATON_BOOT_CPIO_H

#include "vm/message.h"

/* Of a file's mode */
enum { CPIO_FOLDER = 0040755, CPIO_PROGRAM = 0100755, CPIO_DEVICE = 0020600 };

struct cpio_file {
    const char *path; /* without a first slash */
    unsigned mode;
    const void *data;
    size_t size;
    unsigned device_major;
    unsigned device_minor;
};

void cpio_add(struct bytes *archive, const struct cpio_file *file);
/* Nothing may be added to it any more, but another archive may follow. */
void cpio_end(struct bytes *archive);

#endif
