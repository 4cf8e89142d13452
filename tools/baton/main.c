/* baton: what a kernel needs on this machine, one sub-command a file. */
#include "command.h"
#include "report.h"

#include <stdio.h>
#include <string.h>

extern const struct command command_check;
extern const struct command command_doctor;
extern const struct command command_generate;
extern const struct command command_image;
extern const struct command command_inspect;
extern const struct command command_mock;
extern const struct command command_new;
extern const struct command command_run;
extern const struct command command_secure;
extern const struct command command_test;

const struct command *const commands[] = {
    &command_run,    &command_new,      &command_test, &command_image,
    &command_check,  &command_inspect,  &command_mock, &command_secure,
    &command_doctor, &command_generate, NULL,
};

static void show_usage(FILE *stream)
{
    fputs("usage: baton COMMAND [OPTIONS] ...\n\n"
          "Boots, checks and packs kernels for the Baton boot loader.\n\n",
          stream);
    for (int i = 0; commands[i] != NULL; i++) {
        fprintf(stream, "  %-10s %s\n", commands[i]->name, commands[i]->summary);
    }
    fputs("\n'baton COMMAND --help' describes one of them; --version names this one.\n", stream);
}

static const struct command *find(const char *name)
{
    for (int i = 0; commands[i] != NULL; i++) {
        if (strcmp(commands[i]->name, name) == 0) {
            return commands[i];
        }
    }
    return NULL;
}

static int run(const char *name, int argc, char **argv)
{
    static char title[64];
    const struct command *command = find(name);
    if (command == NULL) {
        report_error("baton: there is no command '%s'", name);
        show_usage(stderr);
        return EXIT_CANNOT;
    }
    snprintf(title, sizeof(title), "baton %s", name);
    argv[0] = title; /* getopt's messages begin with it */
    return command->run(command, argc, argv);
}

/* "baton help run" is "baton run --help". */
static int help(const char *name)
{
    const struct command *command = name == NULL ? NULL : find(name);
    if (command != NULL) {
        command_help(command);
    } else if (name == NULL) {
        show_usage(stdout);
    } else {
        report_error("baton: there is no command '%s'", name);
        return EXIT_CANNOT;
    }
    return EXIT_GOOD;
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        show_usage(stderr);
        return EXIT_CANNOT;
    }
    const char *name = argv[1];
    if (strcmp(name, "--version") == 0) {
        puts("baton " BATON_VERSION);
        return EXIT_GOOD;
    }
    if (strcmp(name, "help") == 0 || strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0) {
        return help(argc > 2 ? argv[2] : NULL);
    }
    return run(name, argc - 1, argv + 1);
}
