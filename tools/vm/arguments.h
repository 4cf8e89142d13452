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

/* Appends a copy of the argument. */
void arguments_add(struct arguments *arguments, const char *argument);
/* Appends an option and its value, which arguments_free frees. */
void arguments_add_pair(struct arguments *arguments, const char *option, char *value);
/* words: ended by NULL, or NULL. */
void arguments_add_words(struct arguments *arguments, const char *const *words);
/* The value as a part of one of QEMU's options, where a comma ends a value and two are one comma.
 * Freed by the caller. */
char *comma_safe(const char *value);

bool machine_is_controlled(const struct machine *machine);
void arguments_for(const struct machine *machine, const struct machine_files *files,
                   struct arguments *out_arguments);
void arguments_free(struct arguments *arguments);

#endif
