/* The least that asks a TPM 2.0 for its registers: TIS, as PCs have it at a fixed address. */
#ifndef BATON_TPM_H
#define BATON_TPM_H

#include <stdbool.h>
#include <stdint.h>

/* The SHA-256 bank. False: there is no TPM, or it does not answer. */
bool tpm_read_register(uint32_t number, uint8_t *out_digest);

#endif
