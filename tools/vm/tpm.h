/* A TPM 2.0 in software for QEMU: swtpm. */
#ifndef BATON_VM_TPM_H
#define BATON_VM_TPM_H

#include "message.h"

#include <sys/types.h>

/* Starts swtpm with a new TPM, whose files are in the folder, which is there. It ends with the
 * machine that uses it, or with this program. False: message says why. */
bool tpm_start(const char *folder, struct message *message, pid_t *out_swtpm);
/* -1: none was started. */
void tpm_stop(pid_t swtpm);
/* Where QEMU finds it; freed by the caller: a value for -chardev, id "tpm". */
char *tpm_chardev(const char *folder);

#endif
