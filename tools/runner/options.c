#include "options.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>

static bool parse_number(const char *text, unsigned *out_number)
{
    char *end;
    unsigned long number = strtoul(text, &end, 10);
    if (end == text || *end != '\0' || number > 100000) {
        return false;
    }
    *out_number = (unsigned)number;
    return true;
}

static bool take_option(int option, struct options *options, struct message *message)
{
    switch (option) {
    case 'c':
        options->config = optarg;
        return true;
    case 'm':
        options->machine.memory = optarg;
        return true;
    case 'p':
        options->machine.cpu = optarg;
        return true;
    case 'M':
        options->machine.machine_type = optarg;
        return true;
    case 'g':
        options->gdb = true;
        return true;
    case 's':
        options->machine.screenshot = optarg;
        return true;
    case 'r':
        options->machine.raw = true;
        return true;
    case 'n':
        return parse_number(optarg, &options->machine.cpus) ||
               message_add(message, "--cpus: expected a number, found '%s'", optarg);
    case 't':
        return parse_number(optarg, &options->machine.silence_s) ||
               message_add(message, "--timeout: expected seconds, found '%s'", optarg);
    default:
        return message_add(message, "tools/run --help lists the options");
    }
}

bool options_parse(int argc, char **argv, struct message *message, struct options *out_options)
{
    static const struct option known[] = {{"config", required_argument, NULL, 'c'},
                                          {"memory", required_argument, NULL, 'm'},
                                          {"cpu", required_argument, NULL, 'p'},
                                          {"machine", required_argument, NULL, 'M'},
                                          {"raw", no_argument, NULL, 'r'},
                                          {"cpus", required_argument, NULL, 'n'},
                                          {"timeout", required_argument, NULL, 't'},
                                          {"gdb", no_argument, NULL, 'g'},
                                          {"screenshot", required_argument, NULL, 's'},
                                          {NULL, 0, NULL, 0}};
    int option;
    struct options options = {.kernel = "hello", .machine.silence_s = 60};
    while ((option = getopt_long(argc, argv, "+", known, NULL)) != -1) {
        if (!take_option(option, &options, message)) {
            return false;
        }
    }
    bool behind_dashes = optind > 1 && strcmp(argv[optind - 1], "--") == 0;
    if (optind < argc && !behind_dashes) {
        options.kernel = argv[optind++];
        if (optind < argc && strcmp(argv[optind], "--") == 0) {
            optind++;
        } else if (optind < argc) {
            return message_add(message, "one kernel at a time; QEMU's arguments stand behind --");
        }
    }
    options.machine.extra = (const char *const *)argv + optind;
    *out_options = options;
    return true;
}
