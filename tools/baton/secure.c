#include "secure.h"

#include "command.h"
#include "data.h"
#include "report.h"

#include <stdio.h>
#include <string.h>

#define OUTSIDE_MAX 256

enum { OPTION_ROOT = 256, OPTION_OUTSIDE, OPTION_LOADER, OPTION_ENROLL, OPTION_MOK };

static const struct command_option option_table[] = {
    {'k', "keys", "FOLDER", "the keys that 'baton secure keys' made"},
    {OPTION_ROOT, "root", "FOLDER",
     "seal: what is at / for the loader, loader.cfg too; check: the mounted partition, with the "
     "pinned files"},
    {OPTION_OUTSIDE, "outside", "PATH",
     "seal: leave this file on the disk, and pin it; repeatable"},
    {OPTION_LOADER, "loader", "FILE", "seal: this BOOTX64.EFI (default: that of this baton)"},
    {OPTION_ENROLL, "enroll", "FILE",
     "install: sign this ENROLL.EFI and put it beside the public keys (default: that of this "
     "baton)"},
    {OPTION_MOK, "mok", NULL, "keys: one key for shim's MokManager"},
    {'o', "output", "FILE", "seal, revoke: the file to write"},
    {0, NULL, NULL, NULL},
};

struct sub_command {
    const char *name;
    int operands;
    bool needs_keys;
    bool (*run)(const struct secure_options *options, struct message *message);
};

static bool check(const struct secure_options *options, struct message *message)
{
    bool good = false;
    return secure_check(options, message, &good) && good;
}

static const struct sub_command sub_commands[] = {
    {"keys", 1, false, secure_keys},    {"seal", 0, true, secure_seal},
    {"check", 1, false, check},         {"install", 2, true, secure_install},
    {"revoke", 1, true, secure_revoke},
};

static const struct sub_command *find(const char *name)
{
    for (size_t i = 0; i < sizeof(sub_commands) / sizeof(sub_commands[0]); i++) {
        if (strcmp(sub_commands[i].name, name) == 0) {
            return &sub_commands[i];
        }
    }
    return NULL;
}

struct parsed {
    struct secure_options options;
    const struct sub_command *command;
    const char *outside[OUTSIDE_MAX + 1];
    size_t outside_count;
};

/* Whether there was room for it. */
static bool take_operand(struct parsed *parsed, const char *word)
{
    struct secure_options *wanted = &parsed->options;
    if (parsed->command == NULL) {
        parsed->command = find(word);
        return parsed->command != NULL;
    }
    if (wanted->operand_count == parsed->command->operands) {
        return false;
    }
    wanted->operands[wanted->operand_count++] = word;
    return true;
}

static bool take(struct parsed *parsed, int id, const char *value)
{
    struct secure_options *wanted = &parsed->options;
    switch (id) {
    case 'k':
        wanted->keys = value;
        return true;
    case 'o':
        wanted->output = value;
        return true;
    case OPTION_ROOT:
        wanted->root = value;
        return true;
    case OPTION_LOADER:
    case OPTION_ENROLL:
        wanted->loader = value;
        return true;
    case OPTION_MOK:
        wanted->mok = true;
        return true;
    case OPTION_OUTSIDE:
        parsed->outside[parsed->outside_count] = value;
        return ++parsed->outside_count <= OUTSIDE_MAX;
    default:
        return take_operand(parsed, value);
    }
}

/* What is missing on the command line; NULL: nothing. */
static const char *missing(const struct parsed *parsed)
{
    const struct secure_options *wanted = &parsed->options;
    const struct sub_command *command = parsed->command;
    if (command == NULL) {
        return "expected keys, seal, check, install or revoke";
    }
    if (wanted->operand_count < command->operands) {
        return "expected another operand";
    }
    if (command->needs_keys && wanted->keys == NULL) {
        return "--keys is missing";
    }
    if (command->run == secure_seal && (wanted->root == NULL || wanted->output == NULL)) {
        return "seal needs --root and -o";
    }
    return NULL;
}

static int run_it(struct parsed *parsed)
{
    struct message message = {0};
    const struct sub_command *command = parsed->command;
    AUTO_STRING own = NULL;
    bool installs = command->run == secure_install;
    if ((installs || command->run == secure_seal) && parsed->options.loader == NULL) {
        own = data_find(installs ? "ENROLL.EFI" : "BOOTX64.EFI", &message);
        parsed->options.loader = own;
    }
    bool good = message.text == NULL && command->run(&parsed->options, &message);
    if (message.text != NULL && !good) {
        report_error("baton secure %s: %s", command->name, message_text(&message));
    }
    int status = good ? EXIT_GOOD : message.text == NULL ? EXIT_BAD : EXIT_CANNOT;
    message_free(&message);
    return status;
}

static int secure_main(const struct command *command, int argc, char **argv)
{
    static struct parsed parsed;
    struct command_line line = command_line(command, argc, argv);
    parsed.options.outside = parsed.outside;
    for (int id; (id = command_next(&line)) != COMMAND_END;) {
        if (id == COMMAND_WRONG || id == COMMAND_HELP) {
            return id == COMMAND_HELP ? EXIT_GOOD : EXIT_CANNOT;
        }
        if (!take(&parsed, id, line.value)) {
            return command_misused(command, "expected no '%s'", line.value);
        }
    }
    const char *wrong = missing(&parsed);
    return wrong == NULL ? run_it(&parsed) : command_misused(command, "%s", wrong);
}

const struct command command_secure = {
    .name = "secure",
    .operands = "keys|seal|check|install|revoke [FILE] [FOLDER]",
    .summary = "make keys, seal and sign a loader, see what a machine would make of it",
    .details =
        "For machines with Secure Boot: loader.cfg, kernels and modules become a part of the "
        "loader, which is then signed. sbsign, openssl and efitools do the cryptography.\n"
        "\n"
        " keys FOLDER [--mok]      makes keys: PK, KEK and db, or one for shim\n"
        " seal --keys FOLDER --root FOLDER -o FILE\n"
        "                          puts loader.cfg and what it names into the loader, signs it\n"
        " check FILE|ESP           says what a machine with Secure Boot would make of it\n"
        " install --keys FOLDER FILE ESP\n"
        "                          checks it, keeps the old one, puts the new one in its place\n"
        " revoke --keys FOLDER FILE\n"
        "                          makes what ENROLL.EFI takes so that FILE never boots again, or\n"
        "                          nothing that the key of FILE.crt has signed\n"
        "\n"
        "docs/security.md has all of it, and every way out of trouble.",
    .options = option_table,
    .run = secure_main,
};
