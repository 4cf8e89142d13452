#include "command.h"

#include "report.h"
#include "vm/message.h"

#include <ctype.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum {
    OPTIONS_MAX = 32,
    IN_ORDER = 1, /* getopt: a word that is no option */
    ID_HELP = 'h',
    WIDTH = 80,
    COLUMN = 22, /* where the help of an option begins */
};

struct command_line command_line(const struct command *command, int argc, char **argv)
{
    optind = 0; /* glibc: begin anew */
    return (struct command_line){.command = command, .argc = argc, .argv = argv};
}

const char *command_option_name(const struct command *command, int id)
{
    const struct command_option *option = command->options;
    while (option->name != NULL && option->id != id) {
        option++;
    }
    return option->name == NULL ? "" : option->name;
}

static bool is_letter(int id)
{
    return id < 128 && isalnum(id);
}

/* The same options as getopt_long wants them: long ones in a table, short ones in a string. */
static void make_tables(const struct command *command, struct option *out_longs, char *out_shorts)
{
    size_t used = 0;
    char *letter = out_shorts;
    *letter++ = '-'; /* operands come where they stand */
    for (const struct command_option *o = command->options; o->name != NULL; o++) {
        bool may = o->value != NULL && o->value[0] == '[';
        int has = o->value == NULL ? no_argument : may ? optional_argument : required_argument;
        out_longs[used++] = (struct option){o->name, has, NULL, o->id};
        if (is_letter(o->id)) {
            *letter++ = (char)o->id;
            memcpy(letter, "::", (size_t)has);
            letter += has;
        }
    }
    out_longs[used] = (struct option){"help", no_argument, NULL, ID_HELP};
    memcpy(letter, "h", sizeof("h"));
}

int command_next(struct command_line *line)
{
    struct option longs[OPTIONS_MAX + 2] = {{0}};
    char shorts[3 * OPTIONS_MAX];
    make_tables(line->command, longs, shorts);
    int id = getopt_long(line->argc, line->argv, shorts, longs, NULL);
    line->value = optarg;
    switch (id) {
    case IN_ORDER:
        return COMMAND_OPERAND;
    case ID_HELP:
        command_help(line->command);
        return COMMAND_HELP;
    case '?':
        fprintf(stderr, "'baton %s --help' lists the options\n", line->command->name);
        return COMMAND_WRONG;
    case -1:
        line->rest = (const char *const *)line->argv + optind;
        return COMMAND_END;
    default:
        return id;
    }
}

int command_misused(const struct command *command, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    AUTO_STRING text = string_format_list(format, arguments);
    va_end(arguments);
    report_error("baton %s: %s", command->name, text);
    fprintf(stderr, "'baton %s --help' says more\n", command->name);
    return EXIT_CANNOT;
}

/* Words up to WIDTH, each further line with an indent; column is where the first line has come
 * to. */
static void wrap(const char *text, size_t column, size_t indent)
{
    while (*text != '\0') {
        size_t length = strcspn(text, " ");
        if (column + 1 + length > WIDTH && column > indent) {
            printf("\n%*s", (int)indent, "");
            column = indent;
        } else if (column > indent) {
            putchar(' ');
            column++;
        }
        printf("%.*s", (int)length, text);
        column += length;
        text += length;
        text += strspn(text, " ");
    }
    putchar('\n');
}

/* Lines that begin with a blank stay as they are; others are filled up. */
static void show_details(const char *details)
{
    while (*details != '\0') {
        size_t length = strcspn(details, "\n");
        AUTO_STRING line = string_format("%.*s", (int)length, details);
        if (line[0] == ' ') {
            puts(line);
        } else {
            wrap(line, 0, 0);
        }
        details += length;
        details += *details == '\n';
    }
}

static void show_option(const struct command_option *option)
{
    bool may = option->value != NULL && option->value[0] == '[';
    AUTO_STRING letter =
        is_letter(option->id) ? string_format("-%c, ", option->id) : string_copy("");
    AUTO_STRING name =
        string_format("  %s--%s%s%s", letter, option->name, option->value == NULL || may ? "" : " ",
                      option->value == NULL ? "" : option->value);
    size_t length = strlen(name);
    printf("%s", name);
    if (length + 1 >= COLUMN) {
        putchar('\n');
        length = 0;
    }
    printf("%*s", (int)(COLUMN - length), "");
    wrap(option->help, COLUMN, COLUMN);
}

void command_help(const struct command *command)
{
    printf("usage: baton %s [OPTIONS] %s\n\n", command->name, command->operands);
    show_details(command->details);
    puts("\nOptions:");
    for (const struct command_option *o = command->options; o->name != NULL; o++) {
        show_option(o);
    }
    show_option(&(struct command_option){ID_HELP, "help", NULL, "show this"});
}
