/* The command line of baton run. */
#ifndef BATON_TOOL_RUN_OPTIONS_H
#define BATON_TOOL_RUN_OPTIONS_H

#include "command.h"
#include "job.h"

enum { RUN_OPTIONS_GOOD = -1 };

/* RUN_OPTIONS_GOOD, or the exit status of a program that has said all there is to say. */
int run_options_parse(const struct command *command, int argc, char **argv,
                      struct job_options *out_options);
int run_main(const struct command *command, int argc, char **argv);

#endif
