/* The least that asks a TPM 2.0 for its registers: TIS, as PCs have it at a fixed address. */
#ifndef BATON_TPM_H
#define BATON_TPM_H

#include <stdbool.h>
#include <stdint.h>

/* Algorithms (TCG Algorithm Registry). */
enum { TPM_SHA1 = 0x04, TPM_SHA256 = 0x0B, TPM_SHA384 = 0x0C, TPM_SHA512 = 0x0D };

#define TPM_DIGEST_MAX 64

struct tpm_bank {
    uint8_t id;
    uint32_t digest_size;
};

/* False: there is no TPM, it does not answer, or it keeps no such bank. */
bool tpm_read_register(struct tpm_bank bank, uint32_t number, uint8_t *out_digest);

#endif
