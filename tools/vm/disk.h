/* Disk images to boot from: GPT, one EFI system partition with FAT32, files in it. The same files
 * give the same bytes. Needs mtools; no root. */
#ifndef BATON_VM_DISK_H
#define BATON_VM_DISK_H

#include "message.h"

#include <stdint.h>

#include <stdint.h>

/* One file of the image, or one folder. Folders on the way to it are made as needed. */
struct disk_file {
    const char *path; /* in the image: "/boot/k.bin" */
    const char *host; /* a file to copy; NULL: the bytes below */
    const void *data;
    size_t size; /* of data, bytes */
    bool folder; /* an empty folder instead */
};

/* A FAT file system alone, as small as the files let it be: for what CDs boot from. */
bool disk_make_partition(const char *image, const struct disk_file *files, size_t count,
                         struct message *message);
/* Writes a new image to the path, of the smallest size. */
bool disk_make(const char *image, const struct disk_file *files, size_t count,
               struct message *message);
/* The same with at least that many bytes, whatever is in it. */
bool disk_make_sized(const char *image, uint64_t size_min, const struct disk_file *files,
                     size_t count, struct message *message);
/* The same, with clusters as large as FAT32 lets them be on a disk of that size: the fewer there
 * are, the faster firmware reads. */
bool disk_make_fast(const char *image, uint64_t size_min, const struct disk_file *files,
                    size_t count, struct message *message);
/* Bytes of a cluster of such a disk. */
uint64_t disk_cluster_size(uint64_t disk_size);

#endif
