/* baton generate: the man page and the completions, from the tables of the sub-commands. For
 * builds and packages; people have --help. */
#include "command.h"

#include <stdio.h>
#include <string.h>

static const struct command_option options[] = {{0, NULL, NULL, NULL}};

static int generate_main(const struct command *command, int argc, char **argv);

const struct command command_generate = {
    .name = "generate",
    .operands = "man|bash|zsh|fish",
    .summary = "write the man page or a completion",
    .details = "Writes to standard output what packages install:\n"
               "  man   baton.1\n"
               "  bash  share/bash-completion/completions/baton\n"
               "  zsh   share/zsh/site-functions/_baton\n"
               "  fish  share/fish/vendor_completions.d/baton.fish\n",
    .options = options,
    .run = generate_main,
};

static bool is_letter(int id)
{
    return id < 128;
}

/* Whether files complete the option's value. */
static bool takes_file(const struct command_option *option)
{
    return option->value != NULL &&
           (strstr(option->value, "FILE") != NULL || strstr(option->value, "FOLDER") != NULL);
}

/* roff: a line that begins with a dot or a quote is a request, a backslash an escape, and a minus
 * that is typed is \-. */
static void put_roff(const char *text)
{
    bool begins = true;
    for (; *text != '\0'; text++) {
        if (begins && (*text == '.' || *text == '\'')) {
            fputs("\\&", stdout);
        }
        begins = *text == '\n';
        if (*text == '\\') {
            fputs("\\e", stdout);
        } else if (*text == '-') {
            fputs("\\-", stdout);
        } else {
            putchar(*text);
        }
    }
}

/* Paragraphs; lines that begin with a blank as they are. */
static void put_details(const char *details)
{
    bool kept = false;
    while (*details != '\0') {
        size_t length = strcspn(details, "\n");
        char line[1024];
        snprintf(line, sizeof(line), "%.*s", (int)length, details);
        bool keeps = line[0] == ' ';
        if (keeps != kept) {
            puts(keeps ? ".nf" : ".fi");
            kept = keeps;
        }
        if (length == 0) {
            puts(".PP");
        } else {
            put_roff(line);
            putchar('\n');
        }
        details += length;
        details += *details == '\n';
    }
    if (kept) {
        puts(".fi");
    }
}

static void put_option(const struct command_option *option)
{
    puts(".TP");
    fputs("\\fB", stdout);
    if (is_letter(option->id)) {
        printf("\\-%c\\fR, \\fB", option->id);
    }
    fputs("\\-\\-", stdout);
    put_roff(option->name);
    fputs("\\fR", stdout);
    if (option->value != NULL) {
        printf("%s\\fI", option->value[0] == '[' ? "" : " ");
        put_roff(option->value);
        fputs("\\fR", stdout);
    }
    putchar('\n');
    put_roff(option->help);
    putchar('\n');
}

static void put_man(void)
{
    puts(".TH BATON 1 \"\" \"Baton " BATON_VERSION "\" \"User Commands\"\n"
         ".SH NAME\nbaton \\- boots, checks and packs kernels for the Baton boot loader\n"
         ".SH SYNOPSIS\n\\fBbaton\\fR \\fICOMMAND\\fR [\\fIOPTIONS\\fR] ...\n"
         ".SH COMMANDS");
    for (int i = 0; commands[i] != NULL; i++) {
        const struct command *command = commands[i];
        printf(".SS \"baton %s %s\"\n", command->name, command->operands);
        put_details(command->details);
        for (const struct command_option *o = command->options; o->name != NULL; o++) {
            put_option(o);
        }
    }
    puts(".SH ENVIRONMENT\n.TP\n\\fBQEMU\\fR\nAnother qemu\\-system\\-x86_64.\n"
         ".TP\n\\fBOVMF_CODE\\fR, \\fBOVMF_VARS\\fR\nAnother firmware: its code and a template of "
         "its "
         "variables.\n.TP\n\\fBNO_COLOR\\fR\nNo colours on terminals.\n"
         ".SH SEE ALSO\n\\fBqemu\\-system\\-x86_64\\fR(1), \\fBgdb\\fR(1)");
}

static void put_bash(void)
{
    puts("# bash completion for baton\n_baton()\n{\n"
         "    local current=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} words\n"
         "    COMPREPLY=()\n"
         "    if [ \"$COMP_CWORD\" = 1 ]; then");
    fputs("        words='help", stdout);
    for (int i = 0; commands[i] != NULL; i++) {
        printf(" %s", commands[i]->name);
    }
    puts("'\n        mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$current\")\n"
         "        return\n    fi\n    case ${COMP_WORDS[1]} in");
    for (int i = 0; commands[i] != NULL; i++) {
        printf("        %s) words='--help", commands[i]->name);
        for (const struct command_option *o = commands[i]->options; o->name != NULL; o++) {
            printf(" --%s", o->name);
        }
        puts("' ;;");
    }
    puts("    esac\n    case $current in\n"
         "        -*) mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$current\") ;;\n"
         "        *) mapfile -t COMPREPLY < <(compgen -f -- \"$current\") ;;\n"
         "    esac\n    : \"$before\"\n}\ncomplete -o filenames -F _baton baton");
}

/* In single quotes, for zsh and fish: those, and zsh's brackets and colons. */
static void put_quoted(const char *text, const char *special)
{
    for (; *text != '\0'; text++) {
        if (*text == '\'') {
            fputs("'\\''", stdout);
        } else if (strchr(special, *text) != NULL) {
            printf("\\%c", *text);
        } else {
            putchar(*text);
        }
    }
}

static void put_zsh(void)
{
    puts("#compdef baton\n_baton() {\n    local -a list\n    if (( CURRENT == 2 )); then\n"
         "        list=(");
    for (int i = 0; commands[i] != NULL; i++) {
        printf("            '%s:", commands[i]->name);
        put_quoted(commands[i]->summary, ":");
        puts("'");
    }
    puts("        )\n        _describe command list\n        return\n    fi\n"
         "    local command=${words[2]}\n    shift words\n    (( CURRENT-- ))\n    case $command "
         "in");
    for (int i = 0; commands[i] != NULL; i++) {
        printf("        %s)\n            _arguments '--help[show help]'", commands[i]->name);
        for (const struct command_option *o = commands[i]->options; o->name != NULL; o++) {
            bool may = o->value != NULL && o->value[0] == '[';
            printf(" \\\n                '--%s%s[", o->name, may ? "=-" : "");
            put_quoted(o->help, "[]:");
            printf("]%s%s'",
                   o->value == NULL ? ""
                   : may            ? "::value:"
                                    : ":value:",
                   takes_file(o) ? "_files" : "");
        }
        puts(" \\\n                '*:file:_files'\n            ;;");
    }
    puts("    esac\n}\n_baton \"$@\"");
}

static void put_fish(void)
{
    puts("complete -c baton -n __fish_use_subcommand -f");
    for (int i = 0; commands[i] != NULL; i++) {
        printf("complete -c baton -n __fish_use_subcommand -a %s -d '", commands[i]->name);
        put_quoted(commands[i]->summary, "\\");
        puts("'");
        for (const struct command_option *o = commands[i]->options; o->name != NULL; o++) {
            bool needs = o->value != NULL && o->value[0] != '[';
            printf("complete -c baton -n '__fish_seen_subcommand_from %s' -l %s%s -d '",
                   commands[i]->name, o->name, needs ? " -r" : "");
            put_quoted(o->help, "\\");
            puts("'");
        }
    }
}

static int generate_main(const struct command *command, int argc, char **argv)
{
    static const struct {
        const char *name;
        void (*put)(void);
    } kinds[] = {{"man", put_man}, {"bash", put_bash}, {"zsh", put_zsh}, {"fish", put_fish}};
    struct command_line line = command_line(command, argc, argv);
    int id = command_next(&line);
    if (id == COMMAND_HELP || id == COMMAND_WRONG) {
        return id == COMMAND_HELP ? EXIT_GOOD : EXIT_CANNOT;
    }
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]) && id == COMMAND_OPERAND; i++) {
        if (strcmp(kinds[i].name, line.value) == 0) {
            kinds[i].put();
            return EXIT_GOOD;
        }
    }
    return command_misused(command, "expected man, bash, zsh or fish");
}
