/* The command line of tools/run. */
#ifndef BATON_RUNNER_OPTIONS_H
#define BATON_RUNNER_OPTIONS_H

#include "vm/machine.h"

struct options {
    const char *kernel; /* the name of a sample, or a file */
    const char *config; /* NULL: the sample's own, or a generated one */
    bool gdb;
    struct machine machine;
};

/* False: message says what is wrong. */
bool options_parse(int argc, char **argv, struct message *message, struct options *out_options);

#endif
