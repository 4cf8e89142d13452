/* QEMU's command line. */
#ifndef BATON_VM_ARGUMENTS_H
#define BATON_VM_ARGUMENTS_H

#include "machine.h"

struct arguments {
    char **argv; /* ended by NULL */
    size_t count;
};

/* Descriptors that QEMU inherits as sockets. */
enum {
    CONTROL_DESCRIPTOR = 3, /* its machine protocol; where the machine is controlled */
    EXIT_DESCRIPTOR = 4,    /* what the guest writes to port 0xF4; for a screenshot */
};

/* Files a machine needs, in their own folder. */
struct machine_files {
    char *vars;     /* the copy of the firmware's variables */
    char *debugcon; /* what the guest writes to port 0xE9 */
    char *log;      /* QEMU's: of every reset of a CPU */
};

bool machine_is_controlled(const struct machine *machine);
void arguments_for(const struct machine *machine, const struct machine_files *files,
                   struct arguments *out_arguments);
void arguments_free(struct arguments *arguments);

#endif
