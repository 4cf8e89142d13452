/* baton run --gdb: the script for gdb, and gdb itself where somebody is there to type. */
#ifndef BATON_TOOL_DEBUGGER_H
#define BATON_TOOL_DEBUGGER_H

#include "project.h"
#include "vm/machine.h"

#include <sys/types.h>

/* Names that stay the same from one run to the next, so that editors can have them in their
 * settings. */
struct debugger {
    char *script; /* build/gdb.txt, absolute */
    char *where;  /* for machine.gdb: a port or a socket */
    char *target; /* the same as gdb wants it */
    bool socket;
};

/* at: as given to --gdb, or NULL. Makes the folder build where there is none. */
bool debugger_choose(const char *at, struct message *message, struct debugger *out_debugger);
void debugger_free(struct debugger *debugger);

/* Finds out where the firmware loads the loader: boots the disk's contents once, up to its log.
 * False where that log does not come. */
bool debugger_find_loader(const struct machine *machine, const struct project *project,
                          const char *folder, uint64_t *out_address);

/* loader_address 0: unknown. */
bool debugger_write_script(const struct debugger *debugger, const struct symbols *symbols,
                           uint64_t loader_address, struct message *message);

/* Waits for the socket, then runs gdb on this terminal. Its process; -1: there is none. */
pid_t debugger_start(const struct debugger *debugger);

#endif
