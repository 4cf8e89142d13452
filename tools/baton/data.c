#include "data.h"

#include "vm/files.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Beside the program where it was built; it names the folder of the source. */
#define SOURCE_MARK "baton-source"

/* Below the folder of the source, of the installation, or of the build. */
static const char *const in_source[] = {"abi", "tests", "tools/baton"};
static const char *const in_prefix[] = {"share/baton", "share/baton/abi", "include", "lib/baton"};

enum {
    IN_SOURCE = sizeof(in_source) / sizeof(in_source[0]),
    IN_PREFIX = sizeof(in_prefix) / sizeof(in_prefix[0]),
};

const char *data_program(void)
{
    static char path[PATH_MAX];
    if (path[0] == '\0') {
        ssize_t size = readlink("/proc/self/exe", path, sizeof(path) - 1);
        path[size > 0 ? size : 0] = '\0';
    }
    return path;
}

const char *data_program_folder(void)
{
    static char folder[PATH_MAX];
    if (folder[0] == '\0') {
        const char *program = data_program();
        const char *slash = strrchr(program, '/');
        memcpy(folder, program, slash == NULL ? 0 : (size_t)(slash - program));
    }
    return folder;
}

const char *data_source_folder(void)
{
    static char *folder;
    if (folder == NULL) {
        AUTO_STRING mark = string_format("%s/" SOURCE_MARK, data_program_folder());
        struct message ignored = {0};
        struct bytes text = {0};
        if (file_read(mark, &ignored, &text)) {
            text.data[strcspn(bytes_text(&text), "\n")] = '\0';
            folder = string_copy(bytes_text(&text));
        }
        message_free(&ignored);
        bytes_free(&text);
    }
    return folder;
}

/* FOLDER/MIDDLE/NAME, where it is there. Takes nothing over. */
static char *look_in(const char *folder, const char *middle, const char *name,
                     struct message *message)
{
    char *path = string_format("%s/%s%s%s", folder, middle, middle[0] == '\0' ? "" : "/", name);
    if (!file_exists(path)) {
        message_add(message, "  %s", path);
        string_free(&path);
    }
    return path;
}

char *data_find(const char *name, struct message *message)
{
    struct message tried = {0};
    const char *source = data_source_folder();
    char *path = look_in(data_program_folder(), "", name, &tried);
    for (int i = 0; i < IN_SOURCE && source != NULL && path == NULL; i++) {
        path = look_in(source, in_source[i], name, &tried);
    }
    AUTO_STRING prefix = string_format("%s/..", data_program_folder());
    for (int i = 0; i < IN_PREFIX && source == NULL && path == NULL; i++) {
        path = look_in(prefix, in_prefix[i], name, &tried);
    }
    if (path == NULL) {
        message_add(message, "%s was not found; baton looked for\n%sIs baton installed completely?",
                    name, message_text(&tried));
    }
    message_free(&tried);
    return path;
}
