/* Takes the place of zlib's own crc32, which brings 12.7 KB of tables and code: a sixth of the
 * loader (docs/decisions/0006-own-crc32.md). Eight bytes a step, tables made when first used. */
#include <stdint.h>
#include <string.h>
#include <zlib.h>

#define SLICES     8
#define POLYNOMIAL 0xEDB88320u /* RFC 1952, reflected */

static uint32_t table[SLICES][256];

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

/* As zlib documents it: NULL gives the value to start with. */
uLong crc32(uLong crc, const Bytef *bytes, uInt size)
{
    if (bytes == NULL) {
        return 0;
    }
    if (table[0][1] == 0) {
        make_table();
    }
    uint32_t state = ~(uint32_t)crc;
    for (; size >= SLICES; size -= SLICES, bytes += SLICES) {
        state = step(state, bytes);
    }
    for (; size > 0; size--) {
        state = (state >> 8) ^ table[0][(state ^ *bytes++) & 0xFF];
    }
    return (uint32_t)~state;
}
