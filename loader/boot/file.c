#include "boot/file.h"

#include "core/base/apart.h"
#include "core/base/span.h"
#include "platform/machine.h"

#include <string.h>

#define READS_PER_WATCHDOG 64
#define READ_STEP          UINT64_C(0x100000)   /* as Linux reads; no firmware fails at it */
#define READ_MOST          UINT64_C(0x40000000) /* more fails on real firmware (systemd #31452) */
#define READ_IS_LONG       UINT64_C(0x4000000)  /* to keep the watchdog alive for */

enum status volume_open(struct volume *volume, struct failure *failure)
{
    if (volume->open) {
        return STATUS_OK;
    }
    failure->firmware = plat_volume_open(volume->raw_path);
    if (failure->firmware != FIRMWARE_OK) {
        return fail_with(failure, STATUS_VOLUME_NOT_FOUND);
    }
    volume->open = true;
    volume->path_wrong = path_resolve(text_of(volume->raw_path), volume->loader_path);
    if (volume->path_wrong != NULL) {
        volume->loader_path[0] = '\\';
        volume->loader_path[1] = '\0';
    }
    return STATUS_OK;
}

void volume_close(const struct volume *volume)
{
    if (volume->open) {
        plat_volume_close();
    }
}

void volume_keep_alive(struct volume *volume)
{
    plat_watchdog(WATCHDOG_SECONDS);
    volume->watchdog_set = true;
}

void volume_let_go(const struct volume *volume)
{
    if (volume->watchdog_set) {
        plat_watchdog(0);
    }
}

APART static enum status file_fail(const struct file *file, struct failure *failure,
                                   enum status status)
{
    failure->path = file->path;
    return fail_with(failure, status);
}

static enum status check_size(const struct file *file, uint64_t size_max, struct failure *failure)
{
    if (file->size == 0) {
        return file_fail(file, failure, STATUS_FILE_EMPTY);
    }
    if (file->size > size_max) {
        failure->number[0] = file->size;
        failure->number[1] = size_max;
        return file_fail(file, failure, STATUS_FILE_TOO_LARGE);
    }
    return STATUS_OK;
}

enum status file_open(struct volume *volume, struct text path, uint64_t size_max,
                      struct failure *failure, struct file *file)
{
    char canonical[PATH_MAX_BYTES];
    bool directory = false;
    failure->firmware = FIRMWARE_OK;
    *file = (struct file){.volume = volume, .path = path, .chunk = CONFIG_DEFAULT_READ_CHUNK};
    const char *refused = path_canonical(path, canonical);
    if (refused != NULL) {
        failure->found = path;
        failure->hint = text_of(refused);
        return file_fail(file, failure, STATUS_CONFIG_BAD_PATH);
    }
    if (!trust_admit(&volume->trust, &file->path, &file->origin, &file->size)) {
        return file_fail(file, failure, STATUS_NOT_TRUSTED);
    }
    if (file->origin.memory == NULL) {
        TRY(volume_open(volume, failure));
        failure->firmware = plat_file_open(canonical, &file->handle, &file->size, &directory);
    }
    if (failure->firmware != FIRMWARE_OK) {
        failure->hint = text_of(path_suspicion(path));
        bool absent = failure->firmware == FIRMWARE_NOT_FOUND;
        return file_fail(file, failure, absent ? STATUS_FILE_NOT_FOUND : STATUS_FILE_OPEN_FAILED);
    }
    enum status status = directory ? file_fail(file, failure, STATUS_FILE_IS_DIRECTORY)
                                   : check_size(file, size_max, failure);
    if (status != STATUS_OK) {
        file_close(file);
    }
    return status;
}

/* One Read. Some firmware breaks the handle for good on a large one (systemd #25911), and FAT
 * drivers leave garbage in the size where they fail: only a success is believed. */
static enum status read_once(struct file *file, struct failure *failure, uint8_t *buffer,
                             uint64_t wanted, uint64_t *out_got)
{
    uint64_t got = wanted;
    failure->firmware = plat_file_read(file->handle, buffer, &got);
    failure->number[0] = file->offset;
    failure->number[1] = file->size;
    if (failure->firmware != FIRMWARE_OK) {
        return file_fail(file, failure, STATUS_FILE_READ_FAILED);
    }
    if (got > wanted) {
        failure->number[0] = got;
        failure->number[1] = wanted;
        return file_fail(file, failure, STATUS_FILE_READ_LIED);
    }
    if (got == 0) {
        return file_fail(file, failure, STATUS_FILE_SHORT);
    }
    *out_got = got;
    return STATUS_OK;
}

uint64_t file_next_read(const struct file *file, uint64_t left)
{
    if (file->chunk != CONFIG_READ_CHUNK_AUTO) {
        return least(left, file->chunk);
    }
    bool small = file->offset == 0 || file->volume->small_reads;
    return least(left, small ? READ_STEP : READ_MOST);
}

static void log_large_read(const struct file *file, const struct failure *failure, uint64_t wanted)
{
    struct writer *line = log_begin(file->volume->log, "read");
    log_path(line, file->path);
    write_string(line, ", ");
    write_size(line, wanted);
    write_string(line, " at once failed (");
    write_firmware(line, failure->firmware);
    write_string(line, "): read anew in steps of 1 MiB");
    log_end(file->volume->log, LOG_NORMAL);
}

/* After a large Read that failed its handle may be broken for good. The bytes before the file's
 * offset go through the buffer once more, which has room for a step at least. */
static enum status go_on_in_steps(struct file *file, struct failure *failure, uint8_t *buffer)
{
    struct file anew;
    uint64_t offset = file->offset;
    file_close(file);
    TRY(file_open(file->volume, file->path, UINT64_MAX, failure, &anew));
    file->handle = anew.handle;
    file->volume->small_reads = true;
    for (file->offset = 0; file->offset < offset;) {
        uint64_t got = 0;
        TRY(read_once(file, failure, buffer, least(offset - file->offset, READ_STEP), &got));
        file->offset += got;
    }
    return STATUS_OK;
}

/* One Read, or where that is a large one and fails, none: *out_got is 0 then. */
static enum status read_some(struct file *file, struct failure *failure, uint8_t *buffer,
                             uint64_t left, uint64_t *out_got)
{
    uint64_t wanted = file_next_read(file, left);
    if (wanted > READ_IS_LONG) {
        volume_keep_alive(file->volume);
    }
    enum status status = read_once(file, failure, buffer, wanted, out_got);
    bool failed = status == STATUS_FILE_READ_FAILED || status == STATUS_FILE_SHORT;
    if (!failed || file->chunk != CONFIG_READ_CHUNK_AUTO || wanted <= READ_STEP) {
        return status;
    }
    log_large_read(file, failure, wanted);
    *out_got = 0;
    return go_on_in_steps(file, failure, buffer);
}

enum status file_read(struct file *file, struct failure *failure, void *buffer, uint64_t size)
{
    uint8_t *bytes = buffer;
    uint64_t done = 0;
    if (file->origin.memory != NULL) {
        memcpy(buffer, file->origin.memory + file->offset, size);
        file->offset += size;
        return STATUS_OK;
    }
    for (uint64_t reads = 1; done < size; reads++) {
        uint64_t got = 0;
        TRY(read_some(file, failure, bytes + done, size - done, &got));
        done += got;
        file->offset += got;
        if (reads % READS_PER_WATCHDOG == 0) {
            volume_keep_alive(file->volume);
        }
    }
    return STATUS_OK;
}

/* A Read that fails here does not count as a failure: all bytes of the file are there already. */
enum status file_finish(struct file *file, struct failure *failure)
{
    uint8_t byte;
    uint64_t got = sizeof(byte);
    if (file->handle == NULL) {
        return STATUS_OK;
    }
    failure->firmware = plat_file_read(file->handle, &byte, &got);
    bool grew = failure->firmware == FIRMWARE_OK && got != 0;
    file_close(file);
    if (grew) {
        failure->number[0] = file->size;
        return file_fail(file, failure, STATUS_FILE_GREW);
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
