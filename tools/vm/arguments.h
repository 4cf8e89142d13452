/* QEMU's command line. */
#ifndef BATON_VM_ARGUMENTS_H
#define BATON_VM_ARGUMENTS_H

#include "machine.h"

struct arguments {
    char **argv; /* NULL behind the last */
    size_t count;
};

/* vars: the copy of the firmware's variables; debugcon: the file for port 0xE9. */
void arguments_for(const struct machine *machine, const char *vars, const char *debugcon,
                   struct arguments *out_arguments);
void arguments_free(struct arguments *arguments);

#endif
