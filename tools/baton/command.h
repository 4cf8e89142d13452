/* A sub-command of baton: its options are a table, which parsing, --help, the man page and the
 * completions are made from. */
#ifndef BATON_TOOL_COMMAND_H
#define BATON_TOOL_COMMAND_H

#include <stdbool.h>

struct command_option {
    int id;            /* what command_next returns; a letter is also the short option */
    const char *name;  /* "memory" for --memory; NULL: the table ends */
    const char *value; /* "SIZE"; NULL: the option takes none. "[=SIZE]": it may take one */
    const char *help;
};

struct command {
    const char *name;
    const char *operands; /* "[KERNEL] [-- QEMU-ARGUMENTS]" */
    const char *summary;  /* one line, without a full stop */
    const char *details;  /* paragraphs, divided by empty lines; a line that begins with a blank
                           * stays a line */
    const struct command_option *options;
    int (*run)(const struct command *command, int argc, char **argv);
};

/* All of them, NULL after the last. */
extern const struct command *const commands[];

enum {
    COMMAND_END = -1,     /* no word is left; what stood after "--" is at line->rest */
    COMMAND_OPERAND = -2, /* a word that is no option */
    COMMAND_WRONG = -3,   /* an error was written to stderr */
    COMMAND_HELP = -4,    /* help was written to stdout */
};

/* The words of a command line, one after the other. Starts as command_line. */
struct command_line {
    const struct command *command;
    int argc;
    char **argv;
    const char *value;       /* of the last option, or the operand; NULL: it had none */
    const char *const *rest; /* the words after "--", NULL after the last */
};

struct command_line command_line(const struct command *command, int argc, char **argv);
/* The id of the next option, or one of the values above. */
int command_next(struct command_line *line);

/* "baton NAME: ...; 'baton NAME --help' lists the options" to stderr. Always EXIT_CANNOT. */
int command_misused(const struct command *command, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* "--memory" for its id. */
const char *command_option_name(const struct command *command, int id);
/* Help as --help shows it. */
void command_help(const struct command *command);

/* The exit statuses that all sub-commands share. */
enum {
    EXIT_GOOD = 0,
    EXIT_BAD = 1,    /* it ran, and what it looked at is not good */
    EXIT_CANNOT = 2, /* it could not do what was asked */
};

#endif
