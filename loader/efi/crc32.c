/* Replaces zlib's own crc32, which brings 12.7 KB of tables and code: a sixth of the loader
 * (docs/decisions/0006-own-crc32.md). Where the CPU multiplies without carries, 64 bytes a step;
 * elsewhere eight, with tables made at the first use. */
#include "crc32.h"

#include <stdint.h>
#include <string.h>
#include <zlib.h>

#define SLICES     8
#define POLYNOMIAL 0xEDB88320u /* RFC 1952, reflected */
#define SHORT      1024 /* bytes for which tables, or asking for the CPU's features, cost more */

static uint32_t table[SLICES][256];

/* Half a byte at a time, without the tables: for BootInfo, in every boot. Not inlined: of two
 * copies of the loop the linker makes one with a call in it, 8 instructions a byte more. */
static __attribute__((noinline)) uint32_t short_crc(uint32_t crc, const Bytef *bytes, uInt size)
{
    static const uint32_t nibbles[] = {
        0x00000000, 0x1DB71064, 0x3B6E20C8, 0x26D930AC, 0x76DC4190, 0x6B6B51F4,
        0x4DB26158, 0x5005713C, 0xEDB88320, 0xF00F9344, 0xD6D6A3E8, 0xCB61B38C,
        0x9B64C2B0, 0x86D3D2D4, 0xA00AE278, 0xBDBDF21C,
    };
    for (; size > 0; size--) {
        crc ^= *bytes++;
        crc = (crc >> 4) ^ nibbles[crc & 15];
        crc = (crc >> 4) ^ nibbles[crc & 15];
    }
    return crc;
}

static void make_table(void)
{
    for (uint32_t byte = 0; byte < 256; byte++) {
        uint32_t crc = byte;
        for (int bit = 0; bit < 8; bit++) {
            crc = (crc >> 1) ^ ((crc & 1) != 0 ? POLYNOMIAL : 0);
        }
        table[0][byte] = crc;
    }
    for (int slice = 1; slice < SLICES; slice++) {
        for (int byte = 0; byte < 256; byte++) {
            uint32_t before = table[slice - 1][byte];
            table[slice][byte] = (before >> 8) ^ table[0][before & 0xFF];
        }
    }
}

static uint32_t step(uint32_t crc, const Bytef *bytes)
{
    uint32_t low;
    uint32_t high;
    memcpy(&low, bytes, sizeof(low));
    memcpy(&high, bytes + sizeof(low), sizeof(high));
    low ^= crc;
    return table[7][low & 0xFF] ^ table[6][low >> 8 & 0xFF] ^ table[5][low >> 16 & 0xFF] ^
           table[4][low >> 24] ^ table[3][high & 0xFF] ^ table[2][high >> 8 & 0xFF] ^
           table[1][high >> 16 & 0xFF] ^ table[0][high >> 24];
}

static uint32_t long_crc(uint32_t state, const Bytef *bytes, uInt size)
{
    if (table[0][1] == 0) {
        make_table();
    }
    for (; size >= SLICES; size -= SLICES, bytes += SLICES) {
        state = step(state, bytes);
    }
    return short_crc(state, bytes, size);
}

static uint32_t reduced_crc(crc32_reduce *reduce, uint32_t state, const Bytef *bytes, uInt size)
{
    uint8_t reduced[CRC32_REDUCED];
    uInt rest = size % CRC32_STEP;
    reduce(state, bytes, size - rest, reduced);
    return short_crc(short_crc(0, reduced, sizeof(reduced)), bytes + (size - rest), rest);
}

/* As zlib documents it: NULL gives the value to start with. */
uLong crc32(uLong crc, const Bytef *bytes, uInt size)
{
    if (bytes == NULL) {
        return 0;
    }
    uint32_t state = ~(uint32_t)crc;
    if (size < SHORT) {
        return (uint32_t)~short_crc(state, bytes, size);
    }
    crc32_reduce *reduce = arch_crc32_reduce();
    return (uint32_t) ~(reduce != NULL ? reduced_crc(reduce, state, bytes, size)
                                       : long_crc(state, bytes, size));
}
