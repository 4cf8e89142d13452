/* SHA-256 (FIPS 180-4, section 6.2) of bytes that are in memory as a whole. */
#ifndef BATON_SHA256_H
#define BATON_SHA256_H

#include <stdint.h>

#define SHA256_SIZE       32 /* bytes of a digest */
#define SHA256_BLOCK_SIZE 64

/* The constants K of section 4.2.2, for those who have a block function of their own. */
extern const uint32_t sha256_constants[64];

/* Takes a block into the state: the words a to h of the standard. */
typedef void sha256_block(uint32_t state[8], const uint8_t *block);

/* In plain C, for every machine. */
sha256_block sha256_block_plain;

void sha256(sha256_block *take_block, const void *bytes, uint64_t size, uint8_t *out_digest);

#endif
