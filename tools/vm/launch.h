/* QEMU's process and what connects it to us. */
#ifndef BATON_VM_LAUNCH_H
#define BATON_VM_LAUNCH_H

#include "arguments.h"

#include <sys/types.h>

/* All are sockets but CHANNEL_SERIAL, a pipe. */
enum channel {
    CHANNEL_SERIAL, /* QEMU's standard output */
    CHANNEL_KEYS,   /* its standard input: a write to a socket does not end us where it is gone */
    CHANNEL_ERRORS, /* its standard error */
    CHANNEL_CONTROL,
    CHANNEL_EXIT,
    CHANNELS,
};

struct launch {
    pid_t qemu;
    int channels[CHANNELS]; /* closed by the caller */
};

bool launch_qemu(const struct machine *machine, const struct machine_files *files,
                 struct message *message, struct launch *out_launch);

#endif
