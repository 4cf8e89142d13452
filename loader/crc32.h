/* CRC-32 (RFC 1952) by the CPU's own instructions: efi/ asks, arch/NAME answers. */
#ifndef BATON_CRC32_H
#define BATON_CRC32_H

#include <stddef.h>
#include <stdint.h>

enum { CRC32_STEP = 64, CRC32_REDUCED = 16 };

/* Reduces size bytes, a multiple of CRC32_STEP and not 0, to CRC32_REDUCED bytes that have the same
 * CRC-32. state is the register of the CRC before the size bytes; before the reduced ones the
 * register is 0. */
typedef void crc32_reduce(uint32_t state, const uint8_t *bytes, size_t size, uint8_t *out_reduced);

/* NULL: this CPU has no instruction for it. Pure. */
crc32_reduce *arch_crc32_reduce(void);

#endif
