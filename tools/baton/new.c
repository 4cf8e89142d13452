/* baton new: a project that builds, boots, debugs, tests and makes an image, with nothing
 * outside of its folder but a compiler and baton. */
#include "new.h"
#include "command.h"
#include "data.h"
#include "report.h"
#include "vm/files.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { OPTION_LANGUAGE = 'l', OPTION_BUILD = 'b' };

static const struct command_option options[] = {
    {OPTION_LANGUAGE, "lang", "LANGUAGE", "c, cpp, asm (GNU), nasm, rust or nim (default: c)"},
    {OPTION_BUILD, "build", "SYSTEM", "make, cmake, meson or cargo (default: make; rust: cargo)"},
    {0, NULL, NULL, NULL},
};

static int new_main(const struct command *command, int argc, char **argv);

const struct command command_new = {
    .name = "new",
    .operands = "NAME",
    .summary = "begin a kernel of your own",
    .details =
        "Makes a folder NAME with a kernel that says hello, its loader.cfg, Baton's header and "
        "linker script, and what builds, boots, debugs and tests it and makes an image of it. "
        "Nothing outside of the folder is needed but the compiler and baton.\n"
        "\n"
        "make builds all languages but rust, cmake and meson c, cpp, asm and (cmake) nasm, cargo "
        "rust.\n",
    .options = options,
    .run = new_main,
};

static bool good_name(const char *name)
{
    bool good = isalpha((unsigned char)name[0]) && strlen(name) <= 40;
    for (const char *c = name; *c != '\0'; c++) {
        good = good && (isalnum((unsigned char)*c) || *c == '-' || *c == '_');
    }
    return good;
}

/* As a shell would start this program. */
static char *own_command(void)
{
    const char *path = getenv("PATH");
    AUTO_STRING folders = string_copy(path == NULL ? "" : path);
    char *rest = folders;
    char *folder;
    while ((folder = strsep(&rest, ":")) != NULL) {
        AUTO_STRING candidate = string_format("%s/baton", folder);
        char *real = realpath(candidate, NULL);
        bool own = real != NULL && strcmp(real, data_program()) == 0;
        free(real);
        if (own) {
            return string_copy("baton");
        }
    }
    return string_copy(data_program());
}

/* The value of a placeholder, freed by the caller; NULL: no such one. */
static char *value_of(const struct new_project *project, const char *name, size_t length)
{
    for (size_t i = 0; i < project->value_count; i++) {
        const struct new_value *value = &project->values[i];
        if (strlen(value->name) == length && strncmp(value->name, name, length) == 0) {
            return string_copy(value->text);
        }
    }
    return NULL;
}

/* "@NAME@" becomes its value; any other @ stays. Values are not looked at again. */
static void fill_in(const struct new_project *project, const char *text, struct bytes *out)
{
    while (*text != '\0') {
        size_t length = strspn(text + 1, "ABCDEFGHIJKLMNOPQRSTUVWXYZ");
        char *value =
            *text == '@' && text[1 + length] == '@' ? value_of(project, text + 1, length) : NULL;
        if (value == NULL) {
            bytes_add(out, text++, 1);
            continue;
        }
        bytes_add(out, value, strlen(value));
        text += length + 2;
        free(value);
    }
}

bool new_read(const struct new_project *project, const char *template, struct message *message,
              struct bytes *out)
{
    AUTO_STRING name = string_format("templates/%s", template);
    AUTO_STRING path = data_find(name, message);
    struct bytes text = {0};
    if (path == NULL || !file_read(path, message, &text)) {
        return false;
    }
    fill_in(project, bytes_text(&text), out);
    bytes_free(&text);
    return true;
}

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

static bool write_file(const struct new_project *project, const char *name,
                       const struct bytes *bytes, struct message *message)
{
    AUTO_STRING path = string_format("%s/%s", project->name, name);
    return make_folders(path, message) && file_write(path, bytes_text(bytes), bytes->size, message);
}

static bool write_one(const struct new_project *project, const struct new_file *file,
                      struct message *message)
{
    struct bytes bytes = {0};
    bool good;
    if (file->data) {
        AUTO_STRING path = data_find(file->from, message);
        good = path != NULL && file_read(path, message, &bytes);
    } else {
        good = new_read(project, file->from, message, &bytes);
    }
    good = good && write_file(project, file->to, &bytes, message);
    bytes_free(&bytes);
    return good;
}

static int write_all(const struct new_project *project, struct message *message)
{
    for (const struct new_file *file = project->files; file->from != NULL; file++) {
        if (!write_one(project, file, message)) {
            return EXIT_CANNOT;
        }
    }
    printf("%s: a kernel in %s. Next:\n  cd %s\n  %s\n", project->name, project->language,
           project->name, project->next);
    return EXIT_GOOD;
}

static int make(const char *name, const char *language, const char *build, struct message *message)
{
    static struct new_project project;
    project = (struct new_project){.name = name};
    AUTO_STRING own = own_command();
    if (!new_choose(language, build, message, &project)) {
        return EXIT_CANNOT;
    }
    if (file_exists(name)) {
        message_add(message, "baton new: %s is there already", name);
        return EXIT_CANNOT;
    }
    new_value(&project, "NAME", name);
    new_value(&project, "BATON", own);
    if (!new_rules(&project, message) || !folder_make(name, message)) {
        return EXIT_CANNOT;
    }
    int status = write_all(&project, message);
    new_free(&project);
    return status;
}

static int new_main(const struct command *command, int argc, char **argv)
{
    struct command_line line = command_line(command, argc, argv);
    struct message message = {0};
    const char *name = NULL;
    const char *language = "c";
    const char *build = NULL;
    int id;
    while ((id = command_next(&line)) != COMMAND_END) {
        if (id == COMMAND_WRONG || id == COMMAND_HELP) {
            return id == COMMAND_HELP ? EXIT_GOOD : EXIT_CANNOT;
        }
        if (id == COMMAND_OPERAND && name != NULL) {
            return command_misused(command, "one name at a time");
        }
        name = id == COMMAND_OPERAND ? line.value : name;
        language = id == OPTION_LANGUAGE ? line.value : language;
        build = id == OPTION_BUILD ? line.value : build;
    }
    if (name == NULL || !good_name(name)) {
        return command_misused(command, "expected a name: a letter, then letters, digits, - and _, "
                                        "at most 40");
    }
    build = build != NULL ? build : strcmp(language, "rust") == 0 ? "cargo" : "make";
    int status = make(name, language, build, &message);
    report_message(&message);
    message_free(&message);
    return status;
}
