/* baton run --secure: Secure Boot and a TPM for one boot, with keys that are thrown away. */
#ifndef BATON_TOOL_RUN_SECURE_H
#define BATON_TOOL_RUN_SECURE_H

#include "job.h"

#include <signal.h>
#include <sys/types.h>

/* Starts as {.swtpm = -1}. */
struct run_secure {
    struct machine machine; /* as the job wants it, and secure */
    struct ovmf ovmf;
    char *vars;
    char *disk;
    char *tpm; /* -chardev */
    const char **extra;
    pid_t swtpm; /* -1: none */
};

/* Makes keys, seals and signs what job->project names, enrols the keys in variables of the job's
 * folder, and starts the TPM. False: job->message says why. */
bool run_secure_begin(struct job *job, const volatile sig_atomic_t *interrupted,
                      struct run_secure *secure);
void run_secure_end(struct run_secure *secure);

#endif
