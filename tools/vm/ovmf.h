/* Where this machine keeps UEFI firmware for QEMU: $OVMF_CODE and $OVMF_VARS, QEMU's firmware
 * descriptors (docs/interop/firmware.json of QEMU), then the places distributions are known
 * for. */
#ifndef BATON_VM_OVMF_H
#define BATON_VM_OVMF_H

#include "message.h"

/* Bytes of code and variables together: what the flash chip has. */
enum ovmf_size {
    OVMF_ANY = 0,
    OVMF_2M = 2 * 1024 * 1024,
    OVMF_4M = 4 * 1024 * 1024,
};

struct ovmf {
    char *code;
    char *vars;        /* a template: every run has a copy */
    char *code_format; /* "raw" or "qcow2" */
    char *vars_format;
    char *source; /* how it was found: a descriptor, "known place", the environment */
};

/* What an x86-64 machine of that type ("q35", "pc") can boot from, without Secure Boot and
 * without SMM. size other than OVMF_ANY: raw images that make up just that. On failure message
 * lists what was tried and what to install. */
bool ovmf_find(const char *machine_type, enum ovmf_size size, struct message *message,
               struct ovmf *out_ovmf);
/* The same for a q35 with SMM: firmware that enforces Secure Boot once its variables have keys, and
 * variables without any. */
bool ovmf_find_secure(struct message *message, struct ovmf *out_ovmf);
void ovmf_free(struct ovmf *ovmf);

#endif
