/* A program that runs for long: with a limit, and with input that it gets at some moment. */
#ifndef BATON_BENCHMARK_PROCESS_H
#define BATON_BENCHMARK_PROCESS_H

#include <stdbool.h>
#include <sys/types.h>

struct process {
    char *const *argv;
    const char *output; /* file for what it writes */
    unsigned timeout_s;
    /* Once this is true, input is written to its standard input. NULL: it has none. */
    bool (*is_ready)(void *context);
    void *context;
    const char *input;
};

/* Its exit status; -1: it could not be started, was killed, or took too long and was killed. */
int process_run(const struct process *process);
/* In a child: the kernel kills it when parent ends, so that no machine outlives the harness. */
void process_end_with(pid_t parent);

#endif
