#include "sha256.h"

#include <string.h>

const uint32_t sha256_constants[64] = {
    0x428A2F98, 0x71374491, 0xB5C0FBCF, 0xE9B5DBA5, 0x3956C25B, 0x59F111F1, 0x923F82A4, 0xAB1C5ED5,
    0xD807AA98, 0x12835B01, 0x243185BE, 0x550C7DC3, 0x72BE5D74, 0x80DEB1FE, 0x9BDC06A7, 0xC19BF174,
    0xE49B69C1, 0xEFBE4786, 0x0FC19DC6, 0x240CA1CC, 0x2DE92C6F, 0x4A7484AA, 0x5CB0A9DC, 0x76F988DA,
    0x983E5152, 0xA831C66D, 0xB00327C8, 0xBF597FC7, 0xC6E00BF3, 0xD5A79147, 0x06CA6351, 0x14292967,
    0x27B70A85, 0x2E1B2138, 0x4D2C6DFC, 0x53380D13, 0x650A7354, 0x766A0ABB, 0x81C2C92E, 0x92722C85,
    0xA2BFE8A1, 0xA81A664B, 0xC24B8B70, 0xC76C51A3, 0xD192E819, 0xD6990624, 0xF40E3585, 0x106AA070,
    0x19A4C116, 0x1E376C08, 0x2748774C, 0x34B0BCB5, 0x391C0CB3, 0x4ED8AA4A, 0x5B9CCA4F, 0x682E6FF3,
    0x748F82EE, 0x78A5636F, 0x84C87814, 0x8CC70208, 0x90BEFFFA, 0xA4506CEB, 0xBEF9A3F7, 0xC67178F2};

static const uint32_t initial_state[8] = {0x6A09E667, 0xBB67AE85, 0x3C6EF372, 0xA54FF53A,
                                          0x510E527F, 0x9B05688C, 0x1F83D9AB, 0x5BE0CD19};

static uint32_t rotate(uint32_t value, int count)
{
    return value >> count | value << (32 - count);
}

static uint32_t big_endian(uint32_t value)
{
    return __builtin_bswap32(value);
}

/* The next word of the message schedule, in place of the one sixteen before it. */
static uint32_t schedule(uint32_t *words, uint32_t i)
{
    uint32_t early = words[(i + 1) % 16];
    uint32_t late = words[(i + 14) % 16];
    words[i % 16] += (rotate(early, 7) ^ rotate(early, 18) ^ early >> 3) + words[(i + 9) % 16] +
                     (rotate(late, 17) ^ rotate(late, 19) ^ late >> 10);
    return words[i % 16];
}

/* s holds a to h; a round moves each on by one place. */
static void round_of(uint32_t *s, uint32_t word)
{
    uint32_t a = s[0];
    uint32_t e = s[4];
    uint32_t t =
        s[7] + (rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)) + ((e & s[5]) ^ (~e & s[6])) + word;
    uint32_t u =
        (rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)) + ((a & s[1]) ^ (a & s[2]) ^ (s[1] & s[2]));
    s[7] = s[6];
    s[6] = s[5];
    s[5] = e;
    s[4] = s[3] + t;
    s[3] = s[2];
    s[2] = s[1];
    s[1] = a;
    s[0] = t + u;
}

void sha256_blocks_plain(uint32_t state[8], const uint8_t *blocks, uint64_t count)
{
    for (; count > 0; count--, blocks += SHA256_BLOCK_SIZE) {
        uint32_t words[16];
        uint32_t s[8];
        memcpy(words, blocks, sizeof(words));
        memcpy(s, state, sizeof(s));
        for (uint32_t i = 0; i < 64; i++) {
            uint32_t word = words[i % 16];
            if (i < 16) {
                word = words[i] = big_endian(word);
            } else {
                word = schedule(words, i);
            }
            round_of(s, sha256_constants[i] + word);
        }
        for (int i = 0; i < 8; i++) {
            state[i] += s[i];
        }
    }
}

/* What follows the whole blocks: the rest, the bit 1, zeros, the number of bits (section 5.1.1). */
static void add_end(sha256_blocks *blocks, uint32_t state[8], const uint8_t *rest, uint64_t size)
{
    uint8_t end[2 * SHA256_BLOCK_SIZE] = {0};
    uint64_t rest_size = size % SHA256_BLOCK_SIZE;
    uint64_t count = rest_size < SHA256_BLOCK_SIZE - sizeof(uint64_t) ? 1 : 2;
    uint64_t bits = __builtin_bswap64(8 * size);
    if (rest_size > 0) {
        memcpy(end, rest, rest_size);
    }
    end[rest_size] = 0x80;
    memcpy(end + count * SHA256_BLOCK_SIZE - sizeof(bits), &bits, sizeof(bits));
    blocks(state, end, count);
}

void sha256(sha256_blocks *blocks, const void *bytes, uint64_t size, uint8_t *out_digest)
{
    uint32_t state[8];
    uint64_t count = size / SHA256_BLOCK_SIZE;
    memcpy(state, initial_state, sizeof(state));
    blocks(state, bytes, count);
    add_end(blocks, state, (const uint8_t *)bytes + count * SHA256_BLOCK_SIZE, size);
    for (int i = 0; i < 8; i++) {
        state[i] = big_endian(state[i]);
    }
    memcpy(out_digest, state, SHA256_SIZE);
}
