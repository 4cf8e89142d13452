/* tools/run --gdb: the script for gdb, and gdb itself where somebody is there to type. */
#ifndef BATON_RUNNER_DEBUGGER_H
#define BATON_RUNNER_DEBUGGER_H

#include "kernel.h"

#include <sys/types.h>

/* Finds out where the firmware loads the loader: boots the disk's contents once, up to its log.
 * False where that log does not come. */
bool debugger_find_loader(const struct machine *machine, const struct kernel *kernel,
                          const char *folder, uint64_t *out_address);

/* loader_address 0: unknown. */
bool debugger_write_script(const char *script, const char *socket, const struct kernel *kernel,
                           uint64_t loader_address, struct message *message);

/* Waits for the socket, then runs gdb on this terminal. Its process; -1: there is none. */
pid_t debugger_start(const char *script, const char *socket);

#endif
