#include "secure.h"

#include "vm/files.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define OUTSIDE_MAX 256

static const char usage[] =
    "usage: baton secure COMMAND\n\n"
    "  keys FOLDER [--mok]            makes keys: PK, KEK and db, or one for shim's MokManager\n"
    "  seal --keys FOLDER --root DISK [--outside PATH]... [--loader FILE] -o FILE\n"
    "                                 puts DISK/loader.cfg and what it names into the loader, and\n"
    "                                 signs it; --outside leaves a file on the disk and pins it\n"
    "  check FILE|ESP [--keys FOLDER] [--root ESP]\n"
    "                                 what a machine with Secure Boot would make of it\n"
    "  install --keys FOLDER [--enroll FILE] FILE ESP\n"
    "                                 checks it, keeps the old one, puts the new one in its place\n"
    "  revoke --keys FOLDER FILE [-o dbx.auth]\n"
    "                                 makes what ENROLL.EFI takes so that FILE never boots "
    "again\n\n"
    "docs/security.md explains all of it.\n";

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

static const struct option long_options[] = {
    {"keys", required_argument, NULL, 'k'},
    {"root", required_argument, NULL, 'r'},
    {"loader", required_argument, NULL, 'l'},
    {"enroll", required_argument, NULL, 'l'},
    {"outside", required_argument, NULL, 'x'},
    {"output", required_argument, NULL, 'o'},
    {"mok", no_argument, NULL, 'm'},
    {"help", no_argument, NULL, 'h'},
    {NULL, 0, NULL, 0},
};

static bool parse(int argc, char **argv, struct secure_options *options)
{
    static const char *outside[OUTSIDE_MAX + 1];
    size_t outside_count = 0;
    optind = 1;
    options->outside = outside;
    for (int letter; (letter = getopt_long(argc, argv, "o:h", long_options, NULL)) != -1;) {
        switch (letter) {
        case 'k':
            options->keys = optarg;
            break;
        case 'r':
            options->root = optarg;
            break;
        case 'l':
            options->loader = optarg;
            break;
        case 'o':
            options->output = optarg;
            break;
        case 'm':
            options->mok = true;
            break;
        case 'x':
            if (outside_count == OUTSIDE_MAX) {
                return false;
            }
            outside[outside_count++] = optarg;
            break;
        default:
            return false;
        }
    }
    outside[outside_count] = NULL;
    for (; optind < argc && options->operand_count < 3; optind++) {
        options->operands[options->operand_count++] = argv[optind];
    }
    return optind == argc;
}

static const struct sub_command *find(const char *name)
{
    for (size_t i = 0; i < sizeof(sub_commands) / sizeof(sub_commands[0]); i++) {
        if (strcmp(sub_commands[i].name, name) == 0) {
            return &sub_commands[i];
        }
    }
    return NULL;
}

/* The loader that lies beside this program, as a build leaves it. */
static char *loader_beside(void)
{
    static char path[4096];
    ssize_t size = readlink("/proc/self/exe", path, sizeof(path) - 1);
    path[size < 0 ? 0 : size] = '\0';
    char *slash = strrchr(path, '/');
    return string_format("%.*s/BOOTX64.EFI", slash == NULL ? 0 : (int)(slash - path), path);
}

int secure_command(int argc, char **argv)
{
    struct message message = {0};
    struct secure_options options = {.keys = NULL};
    const struct sub_command *command = argc < 2 ? NULL : find(argv[1]);
    if (command == NULL || !parse(argc - 1, argv + 1, &options) ||
        options.operand_count != command->operands ||
        (command->needs_keys && options.keys == NULL) ||
        (command->run == secure_seal && (options.root == NULL || options.output == NULL))) {
        fputs(usage, argc > 1 && strcmp(argv[1], "--help") == 0 ? stdout : stderr);
        return argc > 1 && strcmp(argv[1], "--help") == 0 ? SECURE_GOOD : SECURE_CANNOT;
    }
    AUTO_STRING beside = loader_beside();
    if (command->run == secure_seal && options.loader == NULL) {
        options.loader = beside;
    }
    bool good = command->run(&options, &message);
    if (message.text != NULL && !good) {
        fprintf(stderr, "baton secure %s: %s\n", command->name, message_text(&message));
    }
    int status = good ? SECURE_GOOD : message.text == NULL ? SECURE_BAD : SECURE_CANNOT;
    message_free(&message);
    return status;
}
