#include "disk.h"

#include "files.h"
#include "gpt.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MIB UINT64_C(0x100000)

/* FAT32 begins at 65,525 clusters; with clusters of 4 KiB, which keep the chains short, that is
 * 256 MiB. The image has holes where nothing is written. */
#define DISK_SIZE_MIN       (272 * MIB)
#define SECTORS_PER_CLUSTER "8"

/* Files of the host are copied in with their date; this makes all dates the same. */
#define FIXED_DATE "1000000000"

static uint64_t disk_size_for(const struct disk_file *files, size_t count)
{
    uint64_t size = 0;
    for (size_t i = 0; i < count; i++) {
        long long of_host = files[i].host == NULL ? 0 : file_size(files[i].host);
        size += files[i].size + (of_host > 0 ? (uint64_t)of_host : 0) + 64 * 1024;
    }
    uint64_t wanted = (size + size / 64 + 16 * MIB) / MIB * MIB;
    return wanted > DISK_SIZE_MIN ? wanted : DISK_SIZE_MIN;
}

static bool make_partition(const char *image, uint64_t size, struct message *message)
{
    FILE *disk = fopen(image, "wb");
    bool good = disk != NULL && ftruncate(fileno(disk), (off_t)size) == 0 &&
                gpt_write(disk, size / SECTOR_SIZE);
    if (disk != NULL && fclose(disk) != 0) {
        good = false;
    }
    return good || message_add(message, "%s: %s", image, strerror(errno));
}

static bool make_file_system(const char *drive, uint64_t disk_size, struct message *message)
{
    AUTO_STRING sectors = string_format("%" PRIu64, gpt_partition_sectors(disk_size / SECTOR_SIZE));
    AUTO_STRING hidden = string_format("%" PRIu64, PARTITION_FIRST_SECTOR);
    const char *const argv[] = {
        "mformat", "-i",       drive, "-F",    "-T", sectors, "-H",
        hidden,    "-h",       "255", "-s",    "63", "-c",    SECTORS_PER_CLUSTER,
        "-N",      "BA7017E5", "-v",  "BATON", "::", NULL};
    return program_run(argv, message);
}

/* Length of the parent's path: 0 for the root. */
static size_t parent_length(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash == NULL ? 0 : (size_t)(slash - path);
}

static bool folder_known(const struct disk_file *files, size_t count, const char *path,
                         size_t length)
{
    for (size_t i = 0; i < count; i++) {
        size_t own = files[i].folder ? strlen(files[i].path) : parent_length(files[i].path);
        if (own >= length && strncmp(files[i].path, path, length) == 0 &&
            (files[i].path[length] == '/' || files[i].path[length] == '\0')) {
            return true;
        }
    }
    return false;
}

/* Every folder of path, up to length, that the files before did not need. */
static bool make_folders(const char *drive, const struct disk_file *before, size_t count,
                         const char *path, size_t length, struct message *message)
{
    for (size_t end = 1; end <= length; end++) {
        if ((end < length && path[end] != '/') || folder_known(before, count, path, end)) {
            continue;
        }
        AUTO_STRING folder = string_format("::%.*s", (int)end, path);
        const char *const argv[] = {"mmd", "-i", drive, folder, NULL};
        if (!program_run(argv, message)) {
            return false;
        }
    }
    return true;
}

static bool copy_in(const char *drive, const struct disk_file *file, const char *scratch,
                    struct message *message)
{
    if (file->host == NULL && !file_write(scratch, file->data, file->size, message)) {
        return false;
    }
    AUTO_STRING target = string_format("::%s", file->path);
    const char *source = file->host == NULL ? scratch : file->host;
    const char *const argv[] = {"mcopy", "-i", drive, source, target, NULL};
    return program_run(argv, message);
}

bool disk_make(const char *image, const struct disk_file *files, size_t count,
               struct message *message)
{
    return disk_make_sized(image, 0, files, count, message);
}

bool disk_make_sized(const char *image, uint64_t size_min, const struct disk_file *files,
                     size_t count, struct message *message)
{
    uint64_t wanted = disk_size_for(files, count);
    uint64_t size = wanted > size_min ? wanted : size_min;
    AUTO_STRING drive = string_format("%s@@%" PRIu64, image, PARTITION_FIRST_SECTOR * SECTOR_SIZE);
    AUTO_STRING scratch = string_format("%s.file", image);
    setenv("SOURCE_DATE_EPOCH", FIXED_DATE, 1);
    bool good = make_partition(image, size, message) && make_file_system(drive, size, message);
    for (size_t i = 0; i < count && good; i++) {
        const struct disk_file *file = &files[i];
        size_t folders = file->folder ? strlen(file->path) : parent_length(file->path);
        good = make_folders(drive, files, i, file->path, folders, message) &&
               (file->folder || copy_in(drive, file, scratch, message));
    }
    remove(scratch);
    return good;
}
