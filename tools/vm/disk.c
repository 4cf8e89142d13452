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
#define CLUSTERS_MIN        UINT64_C(65600) /* some are not there for FATs and reserved sectors */
#define CLUSTER_SECTORS_MIN UINT64_C(8)
#define CLUSTER_SECTORS_MAX UINT64_C(64)
#define PARTITION_SIZE_MIN  (2 * MIB)

/* Files of the host are copied in with their date; this makes all dates the same. */
#define FIXED_DATE "1000000000"

/* Bytes of files, and what FAT needs besides. */
static uint64_t room_for(const struct disk_file *files, size_t count)
{
    uint64_t size = 0;
    for (size_t i = 0; i < count; i++) {
        long long of_host = files[i].host == NULL ? 0 : file_size(files[i].host);
        size += files[i].size + (of_host > 0 ? (uint64_t)of_host : 0) + 64 * 1024;
    }
    return size + size / 64;
}

static uint64_t disk_size_for(const struct disk_file *files, size_t count)
{
    uint64_t wanted = (room_for(files, count) + 16 * MIB) / MIB * MIB;
    return wanted > DISK_SIZE_MIN ? wanted : DISK_SIZE_MIN;
}

/* The largest that leaves enough clusters for FAT32. */
static uint64_t cluster_sectors_for(uint64_t sectors)
{
    uint64_t cluster = CLUSTER_SECTORS_MIN;
    while (cluster < CLUSTER_SECTORS_MAX && sectors / (2 * cluster) >= CLUSTERS_MIN) {
        cluster *= 2;
    }
    return cluster;
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

static bool make_file_system(const char *drive, uint64_t sectors, uint64_t cluster_sectors,
                             struct message *message)
{
    AUTO_STRING size = string_format("%" PRIu64, sectors);
    AUTO_STRING hidden = string_format("%" PRIu64, PARTITION_FIRST_SECTOR);
    AUTO_STRING cluster = string_format("%" PRIu64, cluster_sectors);
    const char *const argv[] = {"mformat", "-i",       drive, "-F",    "-T", size, "-H",
                                hidden,    "-h",       "255", "-s",    "63", "-c", cluster,
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

static bool fill(const char *drive, const char *image, const struct disk_file *files, size_t count,
                 struct message *message)
{
    AUTO_STRING scratch = string_format("%s.file", image);
    bool good = true;
    for (size_t i = 0; i < count && good; i++) {
        const struct disk_file *file = &files[i];
        size_t folders = file->folder ? strlen(file->path) : parent_length(file->path);
        good = make_folders(drive, files, i, file->path, folders, message) &&
               (file->folder || copy_in(drive, file, scratch, message));
    }
    remove(scratch);
    return good;
}

uint64_t disk_cluster_size(uint64_t disk_size)
{
    return cluster_sectors_for(gpt_partition_sectors(disk_size / SECTOR_SIZE)) * SECTOR_SIZE;
}

struct disk_content {
    const struct disk_file *files;
    size_t count;
};

/* cluster: sectors. */
static bool make_disk(const char *image, uint64_t size, uint64_t cluster,
                      struct disk_content content, struct message *message)
{
    uint64_t sectors = gpt_partition_sectors(size / SECTOR_SIZE);
    AUTO_STRING drive = string_format("%s@@%" PRIu64, image, PARTITION_FIRST_SECTOR * SECTOR_SIZE);
    setenv("SOURCE_DATE_EPOCH", FIXED_DATE, 1);
    return make_partition(image, size, message) &&
           make_file_system(drive, sectors, cluster, message) &&
           fill(drive, image, content.files, content.count, message);
}

bool disk_make_sized(const char *image, uint64_t size_min, const struct disk_file *files,
                     size_t count, struct message *message)
{
    uint64_t least = disk_size_for(files, count);
    return make_disk(image, least > size_min ? least : size_min, CLUSTER_SECTORS_MIN,
                     (struct disk_content){files, count}, message);
}

bool disk_make_fast(const char *image, uint64_t size_min, const struct disk_file *files,
                    size_t count, struct message *message)
{
    uint64_t least = disk_size_for(files, count);
    uint64_t size = size_min / MIB * MIB > least ? size_min / MIB * MIB : least;
    uint64_t cluster = disk_cluster_size(size) / SECTOR_SIZE;
    return make_disk(image, size, cluster, (struct disk_content){files, count}, message);
}

bool disk_make(const char *image, const struct disk_file *files, size_t count,
               struct message *message)
{
    return disk_make_sized(image, 0, files, count, message);
}

bool disk_make_partition(const char *image, const struct disk_file *files, size_t count,
                         struct message *message)
{
    uint64_t size = (room_for(files, count) + PARTITION_SIZE_MIN) / MIB * MIB;
    AUTO_STRING sectors = string_format("%" PRIu64, size / SECTOR_SIZE);
    const char *const argv[] = {"mformat", "-i", image, "-C",       "-T", sectors, "-h", "255",
                                "-s",      "63", "-N",  "BA7017E5", "-v", "BATON", "::", NULL};
    setenv("SOURCE_DATE_EPOCH", FIXED_DATE, 1);
    remove(image);
    return program_run(argv, message) && fill(image, image, files, count, message);
}
