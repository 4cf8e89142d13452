#include "image.h"

#include "vm/files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#define BESIDE ".baton-new" /* after the name of a file that is not in its place yet */

static char *path_in(const char *target, const char *path)
{
    size_t length = strlen(target);
    while (length > 1 && target[length - 1] == '/') {
        length--;
    }
    return string_format("%.*s%s", (int)length, target, path);
}

/* Every folder on the way to the file. */
static bool make_folders(const char *path, struct message *message)
{
    AUTO_STRING folder = string_copy(path);
    for (char *slash = strchr(folder + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        if (!folder_exists(folder) && !folder_make(folder, message)) {
            return false;
        }
        *slash = '/';
    }
    return true;
}

static bool read_source(const struct disk_file *file, struct message *message,
                        struct bytes *out_bytes)
{
    if (file->host != NULL) {
        return file_read(file->host, message, out_bytes);
    }
    bytes_add(out_bytes, file->data, file->size);
    return true;
}

/* To the medium itself, not to the host's memory alone. */
static bool flush(const char *path, struct message *message)
{
    int descriptor = open(path, O_RDONLY | O_CLOEXEC);
    bool good = descriptor >= 0 && fsync(descriptor) == 0;
    int error = errno;
    if (descriptor >= 0) {
        close(descriptor);
    }
    return good || message_add(message, "%s: %s", path, strerror(error));
}

static bool same_bytes(const char *path, const struct bytes *wanted, struct message *message)
{
    struct bytes found = {0};
    bool good = file_read(path, message, &found) && found.size == wanted->size &&
                memcmp(bytes_text(&found), bytes_text(wanted), wanted->size) == 0;
    bytes_free(&found);
    return good || message_add(message, "%s: what was read back is not what was written", path);
}

static bool write_beside(const char *target, const struct disk_file *file, struct message *message)
{
    struct bytes bytes = {0};
    AUTO_STRING place = path_in(target, file->path);
    AUTO_STRING beside = string_format("%s" BESIDE, place);
    bool good = make_folders(place, message) && read_source(file, message, &bytes) &&
                file_write(beside, bytes_text(&bytes), bytes.size, message) &&
                flush(beside, message) && same_bytes(beside, &bytes, message);
    bytes_free(&bytes);
    return good;
}

static bool rename_to(const char *from, const char *to, struct message *message)
{
    return rename(from, to) == 0 ||
           message_add(message, "%s: cannot be renamed to %s: %s", from, to, strerror(errno));
}

static bool is_loader(const struct disk_file *file)
{
    return strcasecmp(file->path, "/EFI/BOOT/BOOTX64.EFI") == 0;
}

/* The loader that was there, if it is another one. A copy: there is no moment without a
 * loader. */
static bool keep_old(const char *place, const char *beside, struct message *message, bool *out_kept)
{
    AUTO_STRING old = string_format("%s.OLD", place);
    if (!file_exists(place) || file_equal(place, beside)) {
        return true;
    }
    *out_kept = true;
    return file_copy(place, old, message) && flush(old, message);
}

static bool put_in_place(const char *target, const struct disk_file *file, struct message *message,
                         bool *out_kept)
{
    AUTO_STRING place = path_in(target, file->path);
    AUTO_STRING beside = string_format("%s" BESIDE, place);
    return (!is_loader(file) || keep_old(place, beside, message, out_kept)) &&
           rename_to(beside, place, message);
}

static void remove_beside(const char *target, const struct disk_file *files, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        AUTO_STRING place = path_in(target, files[i].path);
        AUTO_STRING beside = string_format("%s" BESIDE, place);
        unlink(beside); /* a file of ours, or what is not ours to remove */
    }
}

bool image_install(const char *target, const struct disk_file *files, size_t count,
                   struct message *message, bool *out_kept)
{
    bool good = true;
    for (size_t i = 0; i < count && good; i++) {
        good = write_beside(target, &files[i], message);
    }
    /* The loader is the first of the files and comes last: what it needs is there by then. */
    for (size_t i = count; i > 0 && good; i--) {
        good = put_in_place(target, &files[i - 1], message, out_kept);
    }
    remove_beside(target, files, count);
    return good;
}
