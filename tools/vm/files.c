#include "files.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { CHUNK = 64 * 1024 };

bool file_read(const char *path, struct message *message, struct bytes *out_bytes)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        return message_add(message, "%s: %s", path, strerror(errno));
    }
    struct bytes bytes = {0};
    char *chunk = malloc(CHUNK);
    size_t size = 0;
    while (chunk != NULL && (size = fread(chunk, 1, CHUNK, file)) > 0) {
        bytes_add(&bytes, chunk, size);
    }
    bool good = chunk != NULL && ferror(file) == 0;
    free(chunk);
    fclose(file);
    if (!good) {
        bytes_free(&bytes);
        return message_add(message, "%s: reading failed", path);
    }
    *out_bytes = bytes;
    return true;
}

bool file_write(const char *path, const void *data, size_t size, struct message *message)
{
    FILE *file = fopen(path, "wb");
    if (file == NULL) {
        return message_add(message, "%s: %s", path, strerror(errno));
    }
    bool good = size == 0 || fwrite(data, 1, size, file) == size;
    if (fclose(file) != 0 || !good) {
        return message_add(message, "%s: writing failed: %s", path, strerror(errno));
    }
    return true;
}

static bool copy_descriptors(int from, int to)
{
    for (;;) {
        ssize_t size = sendfile(to, from, NULL, CHUNK * 1024);
        if (size <= 0) {
            return size == 0;
        }
    }
}

bool file_copy(const char *from, const char *to, struct message *message)
{
    int source = open(from, O_RDONLY | O_CLOEXEC);
    int target = source < 0 ? -1 : open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    bool good = target >= 0 && copy_descriptors(source, target);
    int error = errno;
    if (source >= 0) {
        close(source);
    }
    if (target >= 0 && close(target) != 0) {
        good = false;
    }
    return good || message_add(message, "cannot copy %s to %s: %s", from, to, strerror(error));
}

static bool streams_equal(FILE *one, FILE *other)
{
    char *chunks = malloc((size_t)2 * CHUNK);
    bool equal = chunks != NULL;
    while (equal) {
        size_t size = fread(chunks, 1, CHUNK, one);
        equal = fread(chunks + CHUNK, 1, CHUNK, other) == size &&
                memcmp(chunks, chunks + CHUNK, size) == 0;
        if (size < CHUNK) {
            break;
        }
    }
    free(chunks);
    return equal && ferror(one) == 0 && ferror(other) == 0;
}

bool file_equal(const char *path, const char *other)
{
    FILE *one = fopen(path, "rb");
    FILE *two = fopen(other, "rb");
    bool equal = one != NULL && two != NULL && streams_equal(one, two);
    if (one != NULL) {
        fclose(one);
    }
    if (two != NULL) {
        fclose(two);
    }
    return equal;
}

bool file_exists(const char *path)
{
    return access(path, R_OK) == 0;
}

bool folder_exists(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

bool folder_make(const char *path, struct message *message)
{
    return mkdir(path, 0777) == 0 || message_add(message, "%s: %s", path, strerror(errno));
}

long long file_size(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 ? (long long)status.st_size : -1;
}

bool folder_make_temporary(struct message *message, char **out_path)
{
    const char *parent = getenv("TMPDIR");
    char *path = string_format("%s/baton-XXXXXX", parent == NULL ? "/tmp" : parent);
    if (mkdtemp(path) == NULL) {
        message_add(message, "cannot make a folder %s: %s", path, strerror(errno));
        free(path);
        return false;
    }
    *out_path = path;
    return true;
}

static int remove_one(const char *path, const struct stat *status, int type, struct FTW *walk)
{
    (void)status;
    (void)type;
    (void)walk;
    return remove(path);
}

void folder_remove(const char *path)
{
    nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

/* Debian keeps some programs where only root's PATH looks. */
static char *program_folders(void)
{
    const char *path = getenv("PATH");
    return string_format("%s:/usr/sbin:/sbin", path == NULL ? "/usr/bin" : path);
}

char *program_find(const char *name)
{
    AUTO_STRING folders = program_folders();
    char *rest = folders;
    char *folder;
    while ((folder = strsep(&rest, ":")) != NULL) {
        char *file = string_format("%s/%s", folder, name);
        if (access(file, X_OK) == 0 && !folder_exists(file)) {
            return file;
        }
        free(file);
    }
    return NULL;
}

static void exec_program(const char *const argv[], int output)
{
    AUTO_STRING longer = program_folders();
    setenv("PATH", longer, 1);
    dup2(output, STDOUT_FILENO);
    dup2(output, STDERR_FILENO);
    execvp(argv[0], (char *const *)argv);
    fprintf(stderr, "%s: %s", argv[0], strerror(errno));
}

static void collect(int descriptor, struct bytes *bytes)
{
    char chunk[512];
    ssize_t size;
    while ((size = read(descriptor, chunk, sizeof(chunk))) > 0) {
        bytes_add(bytes, chunk, (size_t)size);
    }
}

bool program_output(const char *const argv[], struct message *message, struct bytes *out_output)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) {
        return message_add(message, "no pipe: %s", strerror(errno));
    }
    pid_t child = fork();
    if (child == 0) {
        exec_program(argv, ends[1]);
        _exit(127);
    }
    close(ends[1]);
    struct bytes output = {0};
    collect(ends[0], &output);
    close(ends[0]);
    int status = -1;
    bool good = child > 0 && waitpid(child, &status, 0) == child && WIFEXITED(status) &&
                WEXITSTATUS(status) == 0;
    if (!good) {
        message_add(message, "%s failed: %s", argv[0], bytes_text(&output));
        bytes_free(&output);
        return false;
    }
    *out_output = output;
    return true;
}

bool program_run(const char *const argv[], struct message *message)
{
    struct bytes output;
    if (!program_output(argv, message, &output)) {
        return false;
    }
    bytes_free(&output);
    return true;
}
