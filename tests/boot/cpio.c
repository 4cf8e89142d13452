#include "cpio.h"

#include <string.h>

enum { ALIGNMENT = 4 };

static void align(struct bytes *archive)
{
    static const char zeros[ALIGNMENT] = {0};
    bytes_add(archive, zeros, (ALIGNMENT - archive->size % ALIGNMENT) % ALIGNMENT);
}

void cpio_add(struct bytes *archive, const struct cpio_file *file)
{
    static unsigned inode;
    size_t name_size = strlen(file->path) + 1;
    /* inode, mode, owner, group, links, time, size, device (2), device it is (2), name, checksum */
    AUTO_STRING header = string_format(
        "070701%08X%08X%08X%08X%08X%08X%08zX%08X%08X%08X%08X%08zX%08X", ++inode, file->mode, 0, 0,
        1, 0, file->size, 0, 0, file->device_major, file->device_minor, name_size, 0);
    bytes_add(archive, header, strlen(header));
    bytes_add(archive, file->path, name_size);
    align(archive);
    if (file->size > 0) {
        bytes_add(archive, file->data, file->size);
    }
    align(archive);
}

void cpio_end(struct bytes *archive)
{
    const struct cpio_file trailer = {.path = "TRAILER!!!"};
    cpio_add(archive, &trailer);
}
