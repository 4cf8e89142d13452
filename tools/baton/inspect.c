/* baton inspect: what a kernel's file is, what it asks for, and where it would land. No boot. */
#include "inspect.h"

#include "command.h"
#include "report.h"
#include "vm/files.h"

#include <stdio.h>
#include <stdlib.h>

enum { OPTION_JSON = 0x100, OPTION_MAP };

static const struct command_option options[] = {
    {OPTION_JSON, "json", NULL, "as JSON"},
    {OPTION_MAP, "map", "FILE",
     "a firmware's memory map as well, as the EFI shell's memmap prints it"},
    {0, NULL, NULL, NULL},
};

static int inspect_main(const struct command *command, int argc, char **argv);

const struct command command_inspect = {
    .name = "inspect",
    .operands = "KERNEL",
    .summary = "say what a kernel file is and where it would land",
    .details =
        "Looks at a kernel's file with the loader's own code, without a boot: its format, its "
        "segments and their rights, its kernel header, its entry, its .bss, its stack; and where "
        "it would land on each firmware whose memory map comes with baton:\n"
        "  free     the place is free\n"
        "  staged   boot services are there: loaded elsewhere, copied when they have left\n"
        "  moved    position-independent: loaded wherever there is room\n"
        "  refused  and by whom\n"
        "\n"
        "Exit status 1: the loader would refuse the file.\n",
    .options = options,
    .run = inspect_main,
};

static bool open_symbols(struct inspected *kernel)
{
    struct message ignored = {0};
    bool known =
        symbols_is_elf(kernel->name) && symbols_open(kernel->name, &ignored, &kernel->symbols);
    message_free(&ignored);
    return known;
}

static int inspect(struct inspected *kernel, const struct maps_list *maps, bool json)
{
    static char words[KERNEL_VIEW_WORDS_MAX];
    struct message message = {0};
    struct entry entry = kernel_view_entry(kernel->name);
    if (!file_read(kernel->name, &message, &kernel->file)) {
        report_message(&message);
        message_free(&message);
        return EXIT_CANNOT;
    }
    if (!kernel_view_make(&entry, bytes_text(&kernel->file), kernel->file.size, words,
                          &kernel->view)) {
        message_add(&message, "%s", words);
        report_message(&message);
        message_free(&message);
        return EXIT_BAD;
    }
    open_symbols(kernel);
    if (json) {
        cJSON *object = inspect_json(kernel, maps);
        char *text = cJSON_Print(object);
        puts(text);
        cJSON_free(text);
        cJSON_Delete(object);
    } else {
        inspect_show(kernel, maps);
    }
    return EXIT_GOOD;
}

static int inspect_main(const struct command *command, int argc, char **argv)
{
    static struct inspected kernel;
    struct command_line line = command_line(command, argc, argv);
    struct maps_list maps = {0};
    bool json = false;
    int status = EXIT_CANNOT;
    int id;
    maps_list_own(&maps);
    while ((id = command_next(&line)) >= 0 || id == COMMAND_OPERAND) {
        json = json || id == OPTION_JSON;
        if (id == OPTION_MAP) {
            maps_list_add(&maps, line.value);
        } else if (id == COMMAND_OPERAND && kernel.name != NULL) {
            status = command_misused(command, "one kernel at a time");
            id = COMMAND_WRONG;
            break;
        } else if (id == COMMAND_OPERAND) {
            kernel.name = line.value;
        }
    }
    if (id == COMMAND_HELP) {
        status = EXIT_GOOD;
    } else if (id == COMMAND_END) {
        status = kernel.name == NULL ? command_misused(command, "expected a kernel")
                                     : inspect(&kernel, &maps, json);
    }
    maps_list_free(&maps);
    symbols_free(&kernel.symbols);
    bytes_free(&kernel.file);
    return status;
}
