/* baton check: what the loader would say about a loader.cfg and all that it names. No boot. */
#include "command.h"
#include "inspect.h"
#include "project.h"
#include "report.h"
#include "vm/files.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { OPTION_JSON = 0x100, OPTION_MAP, KERNELS_MAX = 64 };

struct checked {
    struct project_request request;
    const char *kernels[KERNELS_MAX];
    char *config; /* found on a volume */
    struct project project;
    struct maps_list maps;
    struct message errors; /* all that the loader would say */
    struct bytes summary;  /* lines on what is good */
};

static const struct command_option options[] = {
    {OPTION_JSON, "json", NULL, "as JSON"},
    {OPTION_MAP, "map", "FILE",
     "a firmware's memory map as well, as the EFI shell's memmap prints it"},
    {0, NULL, NULL, NULL},
};

static int check_main(const struct command *command, int argc, char **argv);

const struct command command_check = {
    .name = "check",
    .operands = "[LOADER.CFG|FOLDER] [KERNEL...]",
    .summary = "find what the loader would refuse, without a boot",
    .details =
        "Reads loader.cfg, every kernel and every module that it names with the loader's own code, "
        "and says what the loader would say: each error with file, line and column. FOLDER is an "
        "EFI system partition, or a folder with what goes there; else files are found by their "
        "names, as 'baton run' does it. Without a loader.cfg the kernels are checked alone.\n"
        "\n"
        "A kernel is tried on each firmware whose memory map comes with baton.\n"
        "\n"
        "Exit status: 0 good, 1 errors, 2 could not look.\n",
    .options = options,
    .run = check_main,
};

static void note(struct checked *checked, const char *line)
{
    bytes_add(&checked->summary, line, strlen(line));
    bytes_add(&checked->summary, "\n", 1);
}

/* Where the loader looks, in its order. */
static bool find_config(struct checked *checked, const char *folder, struct message *message)
{
    static const char *const places[] = {"EFI/BOOT/loader.cfg", "loader.cfg", "boot/loader.cfg"};
    checked->request.root = folder;
    for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
        checked->config = string_format("%s/%s", folder, places[i]);
        if (file_exists(checked->config)) {
            checked->request.config = checked->config;
            return true;
        }
        string_free(&checked->config);
    }
    return message_add(message, "%s: error: no loader.cfg found; tried EFI/BOOT, / and boot",
                       folder);
}

static bool is_config(const char *name)
{
    size_t length = strlen(name);
    return length > 4 && strcmp(name + length - 4, ".cfg") == 0;
}

static bool take_operand(struct checked *checked, const char *name, struct message *message)
{
    if (folder_exists(name)) {
        return find_config(checked, name, message);
    }
    if (is_config(name)) {
        checked->request.config = name;
        return true;
    }
    if (checked->request.kernel_count == KERNELS_MAX) {
        return message_add(message, "at most %d kernels at a time", KERNELS_MAX);
    }
    checked->kernels[checked->request.kernel_count++] = name;
    return true;
}

static void check_rooms(struct checked *checked, const char *path, const struct kernel_view *view)
{
    static char words[KERNEL_VIEW_WORDS_MAX];
    for (size_t i = 0; i < checked->maps.count; i++) {
        const char *map = checked->maps.paths[i];
        AUTO_STRING name = maps_list_name(map);
        AUTO_STRING subject = string_format("%s on %s", path, name);
        enum kernel_view_room room = kernel_view_room(view, map, subject, words);
        if (room == KERNEL_VIEW_REFUSED || room == KERNEL_VIEW_NO_MAP) {
            message_add(&checked->errors, "%s", words);
        }
    }
}

static void check_kernel(struct checked *checked, const struct entry *entry,
                         const struct project_file *file)
{
    static char words[KERNEL_VIEW_WORDS_MAX];
    static struct inspected kernel;
    kernel = (struct inspected){.name = file->path};
    if (!file_read(file->host, &checked->errors, &kernel.file)) {
        return;
    }
    if (kernel_view_make(entry, bytes_text(&kernel.file), kernel.file.size, words, &kernel.view)) {
        struct message ignored = {0};
        if (symbols_is_elf(file->host)) {
            symbols_open(file->host, &ignored, &kernel.symbols);
        }
        AUTO_STRING at = inspect_entry(&kernel);
        AUTO_STRING line = string_format("%s: 0x%" PRIx64 "-0x%" PRIx64 ", entry %s", file->path,
                                         kernel.view.physical,
                                         kernel.view.physical + kernel.view.memory_size - 1, at);
        note(checked, line);
        check_rooms(checked, file->path, &kernel.view);
        message_free(&ignored);
        symbols_free(&kernel.symbols);
    } else {
        message_add(&checked->errors, "%s", words);
    }
    bytes_free(&kernel.file);
}

static void check_module(struct checked *checked, const struct config_module *module)
{
    static char words[KERNEL_VIEW_WORDS_MAX];
    const struct project_file *file = project_file_of(&checked->project, module->path);
    struct bytes bytes = {0};
    if (file == NULL || file->host == NULL || !file_read(file->host, &checked->errors, &bytes)) {
        return; /* loader.cfg itself, or an error already */
    }
    if (!kernel_view_module(module, bytes_text(&bytes), bytes.size, words)) {
        message_add(&checked->errors, "%s", words);
    }
    bytes_free(&bytes);
}

static void check_entry(struct checked *checked, const struct entry *entry)
{
    const struct project_file *file = project_file_of(&checked->project, entry->kernel);
    struct config_cursor cursor = {.line = 0};
    struct config_module module;
    if (file != NULL && file->host != NULL) {
        check_kernel(checked, entry, file);
    }
    while (config_next_module(checked->project.config, entry, &cursor, &module)) {
        check_module(checked, &module);
    }
}

static void check_all(struct checked *checked)
{
    const struct config *config = checked->project.config;
    const struct text name = config->entries[config->default_entry].name;
    AUTO_STRING first = name.size == 0
                            ? string_copy("")
                            : string_format(", default '%.*s'", (int)name.size, name.bytes);
    AUTO_STRING line =
        string_format("%s: %u %s%s", checked->project.config_name, config->entry_count,
                      config->entry_count == 1 ? "entry" : "entries", first);
    if (!checked->project.generated) {
        note(checked, line);
    }
    for (uint32_t i = 0; i < config->entry_count; i++) {
        check_entry(checked, &config->entries[i]);
    }
}

/* "FILE:LINE:COLUMN: error: WHAT" as fields; lines of another form are part of the one before. */
static cJSON *errors_json(const char *text)
{
    cJSON *array = cJSON_CreateArray();
    while (*text != '\0') {
        size_t length = strcspn(text, "\n");
        AUTO_STRING line = string_format("%.*s", (int)length, text);
        char *mark = strstr(line, ": error: ");
        unsigned number = 0;
        unsigned column = 0;
        if (mark != NULL) {
            cJSON *item = cJSON_CreateObject();
            *mark = '\0';
            char *colon = strchr(line, ':');
            bool placed = colon != NULL && sscanf(colon, ":%u:%u", &number, &column) == 2;
            cJSON_AddStringToObject(item, "message", mark + strlen(": error: "));
            if (placed) {
                *colon = '\0';
                cJSON_AddNumberToObject(item, "line", number);
                cJSON_AddNumberToObject(item, "column", column);
            }
            cJSON_AddStringToObject(item, "file", line);
            cJSON_AddItemToArray(array, item);
        }
        text += length;
        text += *text == '\n';
    }
    return array;
}

static void show_json(const struct checked *checked, bool good)
{
    cJSON *object = cJSON_CreateObject();
    cJSON_AddBoolToObject(object, "good", good);
    cJSON_AddItemToObject(object, "errors", errors_json(message_text(&checked->errors)));
    cJSON_AddStringToObject(object, "text", message_text(&checked->errors));
    char *text = cJSON_Print(object);
    puts(text);
    cJSON_free(text);
    cJSON_Delete(object);
}

static int check(struct checked *checked, bool json)
{
    checked->request.kernels = checked->kernels;
    checked->request.every_entry = true;
    enum project_status found =
        project_find(&checked->request, &checked->errors, &checked->project);
    if (found == PROJECT_MISSING) {
        report_message(&checked->errors);
        return EXIT_CANNOT;
    }
    if (checked->project.files != NULL) {
        check_all(checked);
    }
    bool good = message_text(&checked->errors)[0] == '\0';
    if (json) {
        show_json(checked, good);
    } else {
        fputs(bytes_text(&checked->summary), stdout);
        report_message(&checked->errors);
        if (good) {
            puts("No errors.");
        }
    }
    return good ? EXIT_GOOD : EXIT_BAD;
}

/* COMMAND_END, or why not. */
static int parse(struct command_line *line, struct checked *checked, bool *out_json)
{
    struct message message = {0};
    int id;
    while ((id = command_next(line)) != COMMAND_END) {
        if (id == COMMAND_WRONG || id == COMMAND_HELP) {
            return id;
        }
        if (id == OPTION_MAP) {
            maps_list_add(&checked->maps, line->value);
        } else if (id == OPTION_JSON) {
            *out_json = true;
        } else if (!take_operand(checked, line->value, &message)) {
            report_message(&message);
            message_free(&message);
            return COMMAND_WRONG;
        }
    }
    return COMMAND_END;
}

static int check_main(const struct command *command, int argc, char **argv)
{
    static struct checked checked;
    struct command_line line = command_line(command, argc, argv);
    bool json = false;
    int status = EXIT_CANNOT;
    maps_list_own(&checked.maps);
    int ended = parse(&line, &checked, &json);
    if (ended == COMMAND_HELP) {
        status = EXIT_GOOD;
    } else if (ended == COMMAND_END && checked.request.config == NULL &&
               checked.request.kernel_count == 0) {
        status = file_exists("loader.cfg") && take_operand(&checked, "loader.cfg", &checked.errors)
                     ? check(&checked, json)
                     : command_misused(command, "expected a loader.cfg, a folder or a kernel");
    } else if (ended == COMMAND_END) {
        status = check(&checked, json);
    }
    string_free(&checked.config);
    project_free(&checked.project);
    maps_list_free(&checked.maps);
    message_free(&checked.errors);
    bytes_free(&checked.summary);
    return status;
}
