#include "boot/boot.h"

#define CHUNKS_PER_WATCHDOG 64

static enum status file_fail(struct boot *boot, const struct file *file, enum status status)
{
    boot->failure.path = file->path;
    return fail(boot, status);
}

static enum status open_failed(struct boot *boot, const struct file *file)
{
    bool absent = boot->failure.firmware == FIRMWARE_NOT_FOUND;
    return file_fail(boot, file, absent ? STATUS_FILE_NOT_FOUND : STATUS_FILE_OPEN_FAILED);
}

static enum status check_size(struct boot *boot, const struct file *file, uint64_t size_max)
{
    if (file->size == 0) {
        return file_fail(boot, file, STATUS_FILE_EMPTY);
    }
    if (file->size > size_max) {
        boot->failure.number[0] = file->size;
        boot->failure.number[1] = size_max;
        return file_fail(boot, file, STATUS_FILE_TOO_LARGE);
    }
    return STATUS_OK;
}

enum status file_open(struct boot *boot, struct text path, uint64_t size_max, struct file *file)
{
    char canonical[PATH_MAX_BYTES];
    bool directory = false;
    *file = (struct file){.path = path, .chunk = CONFIG_DEFAULT_READ_CHUNK};
    const char *refused = path_canonical(path, canonical);
    if (refused != NULL) {
        boot->failure.found = path;
        boot->failure.hint = text_of(refused);
        return file_fail(boot, file, STATUS_CONFIG_BAD_PATH);
    }
    boot->failure.firmware = plat_file_open(canonical, &file->handle, &file->size, &directory);
    if (boot->failure.firmware != FIRMWARE_OK) {
        file->handle = NULL;
        return open_failed(boot, file);
    }
    enum status status = directory ? file_fail(boot, file, STATUS_FILE_IS_DIRECTORY)
                                   : check_size(boot, file, size_max);
    if (status != STATUS_OK) {
        file_close(file);
    }
    return status;
}

/* One Read. Some firmware breaks the handle for good on a large one (systemd #25911), and FAT
 * drivers leave garbage in the size where they fail: only a success is believed. */
static enum status read_once(struct boot *boot, struct file *file, uint8_t *buffer, uint64_t wanted,
                             uint64_t *out_got)
{
    struct failure *failure = &boot->failure;
    uint64_t got = wanted;
    failure->firmware = plat_file_read(file->handle, buffer, &got);
    failure->number[0] = file->offset;
    failure->number[1] = file->size;
    if (failure->firmware != FIRMWARE_OK) {
        return file_fail(boot, file, STATUS_FILE_READ_FAILED);
    }
    if (got > wanted) {
        failure->number[0] = got;
        failure->number[1] = wanted;
        return file_fail(boot, file, STATUS_FILE_READ_LIED);
    }
    if (got == 0) {
        return file_fail(boot, file, STATUS_FILE_SHORT);
    }
    *out_got = got;
    return STATUS_OK;
}

enum status file_read(struct boot *boot, struct file *file, void *buffer, uint64_t size)
{
    uint8_t *bytes = buffer;
    uint64_t done = 0;
    for (uint64_t reads = 1; done < size; reads++) {
        uint64_t left = size - done;
        uint64_t got = 0;
        TRY(read_once(boot, file, bytes + done, left < file->chunk ? left : file->chunk, &got));
        done += got;
        file->offset += got;
        if (reads % CHUNKS_PER_WATCHDOG == 0) {
            plat_watchdog(WATCHDOG_SECONDS);
            boot->watchdog_set = true;
        }
    }
    return STATUS_OK;
}

enum status file_finish(struct boot *boot, struct file *file)
{
    uint8_t byte;
    uint64_t got = sizeof(byte);
    boot->failure.firmware = plat_file_read(file->handle, &byte, &got);
    bool grew = boot->failure.firmware == FIRMWARE_OK && got != 0;
    file_close(file);
    if (grew) {
        boot->failure.number[0] = file->size;
        return file_fail(boot, file, STATUS_FILE_GREW);
    }
    return STATUS_OK;
}

void file_close(struct file *file)
{
    if (file->handle != NULL) {
        plat_file_close(file->handle);
        file->handle = NULL;
    }
}
