/* The fake's volume and its files. */
#include "fake_platform.h"

#include <string.h>

struct plat_file {
    struct fake_file *file;
    uint64_t position;
    bool open;
    bool broken;
};

static bool is_open;
static struct plat_file handles[FAKE_FILES_MAX];

void fake_files_reset(void)
{
    memset(handles, 0, sizeof(handles));
    is_open = false;
}

void fake_files_check_closed(const char *when)
{
    for (size_t i = 0; i < FAKE_FILES_MAX; i++) {
        if (handles[i].open) {
            fake_violation("%s was left open %s", handles[i].file->path, when);
        }
    }
}

void fake_files_check_volume_closed(void)
{
    if (is_open) {
        fake_violation("the volume was left open");
    }
}

struct fake_file *fake_add_file(const char *path, const void *bytes, uint64_t size)
{
    if (fake.file_count == FAKE_FILES_MAX) {
        fake_violation("more than %d files", FAKE_FILES_MAX);
    }
    struct fake_file *file = &fake.files[fake.file_count++];
    *file = (struct fake_file){.path = path, .bytes = bytes, .size = size};
    file->read_error_at = UINT64_MAX;
    return file;
}

struct fake_file *fake_add_config(const char *text)
{
    return fake_add_file("\\EFI\\BOOT\\loader.cfg", text, strlen(text));
}

struct fake_file *fake_find_file(const char *path)
{
    for (uint32_t i = 0; i < fake.file_count; i++) {
        if (strcmp(fake.files[i].path, path) == 0) {
            return &fake.files[i];
        }
    }
    return NULL;
}

enum firmware plat_volume_open(char *out_loader_path)
{
    enum firmware answer = fake_enter(FAKE_VOLUME_OPEN, 0);
    if (is_open) {
        fake_violation("the volume is open already");
    }
    if (answer == FIRMWARE_OK) {
        is_open = true;
        memcpy(out_loader_path, fake.loader_path, strlen(fake.loader_path) + 1);
    }
    return answer;
}

void plat_volume_close(void)
{
    (void)fake_enter(FAKE_VOLUME_CLOSE, 0);
    if (!is_open) {
        fake_violation("the volume is not open");
    }
    is_open = false;
}

enum firmware plat_file_open(const char *path, struct plat_file **out_file, uint64_t *out_size,
                             bool *out_directory)
{
    enum firmware answer = fake_enter(FAKE_FILE_OPEN, 0);
    if (!is_open) {
        fake_violation("%s is opened on a closed volume", path);
    }
    struct fake_file *file = fake_find_file(path);
    if (file != NULL) {
        file->opens++;
    }
    if (answer != FIRMWARE_OK || file == NULL || file->open_error != FIRMWARE_OK) {
        answer = answer != FIRMWARE_OK ? answer
                 : file == NULL        ? FIRMWARE_NOT_FOUND
                                       : file->open_error;
        return fake_answer(answer);
    }
    fake_key_changes();
    for (size_t i = 0; i < FAKE_FILES_MAX; i++) {
        if (!handles[i].open) {
            handles[i] = (struct plat_file){.file = file, .open = true};
            *out_file = &handles[i];
            *out_size = file->lies_about_size ? file->claimed_size : file->size;
            *out_directory = file->directory;
            return FIRMWARE_OK;
        }
    }
    fake_violation("more than %d open files", FAKE_FILES_MAX);
}

/* FAT drivers move on in the file before they fail and leave anything in the size. */
static enum firmware failed_read(enum firmware status, uint64_t *size)
{
    *size = UINT64_MAX / 2;
    return fake_answer(status);
}

enum firmware plat_file_read(struct plat_file *handle, void *buffer, uint64_t *size)
{
    uint64_t wanted = *size;
    enum firmware answer = fake_enter(FAKE_FILE_READ, wanted);
    if (handle < handles || handle >= handles + FAKE_FILES_MAX || !handle->open) {
        fake_violation("a read of a file that is not open");
    }
    if (!fake_is_allocated((uint64_t)buffer, wanted)) {
        fake_violation("a read to memory that is not the core's: %p", buffer);
    }
    struct fake_file *file = handle->file;
    file->reads++;
    fake.clock_ms += fake.read_ms;
    file->largest_read = wanted > file->largest_read ? wanted : file->largest_read;
    handle->broken |= file->refuse_above != 0 && wanted > file->refuse_above;
    if (answer != FIRMWARE_OK) {
        return failed_read(answer, size);
    }
    if (handle->broken) {
        return failed_read(FIRMWARE_BAD_BUFFER_SIZE, size);
    }
    uint64_t got = file->size - handle->position;
    got = got < wanted ? got : wanted;
    got = file->nothing_above != 0 && wanted > file->nothing_above ? 0 : got;
    got = file->read_limit != 0 && got > file->read_limit ? file->read_limit : got;
    if (handle->position + got > file->read_error_at) {
        return failed_read(file->read_error, size);
    }
    if (got > 0) {
        memcpy(buffer, (const uint8_t *)file->bytes + handle->position, got);
    }
    handle->position += got;
    file->bytes_read += got;
    *size = file->claim_too_much > 0 ? wanted + file->claim_too_much : got;
    return FIRMWARE_OK;
}

void plat_file_close(struct plat_file *handle)
{
    (void)fake_enter(FAKE_FILE_CLOSE, 0);
    if (handle < handles || handle >= handles + FAKE_FILES_MAX || !handle->open) {
        fake_violation("a file is closed that is not open");
    }
    handle->open = false;
}
