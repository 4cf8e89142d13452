/* A program that runs for long: with a limit, and with something to say to it at some moment. */
#ifndef BATON_BENCHMARK_PROCESS_H
#define BATON_BENCHMARK_PROCESS_H

#include <stdbool.h>
#include <stddef.h>

struct words {
    char **words; /* NULL behind the last */
    size_t count;
};

void words_add(struct words *words, const char *word);
/* Takes the string over. */
void words_take(struct words *words, char *word);
void words_free(struct words *words);

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

#endif
