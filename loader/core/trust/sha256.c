#include "core/trust/sha256.h"

#include <string.h>

#define ROUNDS 64

const uint32_t sha256_constants[ROUNDS] = {
    0x428A2F98, 0x71374491, 0xB5C0FBCF, 0xE9B5DBA5, 0x3956C25B, 0x59F111F1, 0x923F82A4, 0xAB1C5ED5,
    0xD807AA98, 0x12835B01, 0x243185BE, 0x550C7DC3, 0x72BE5D74, 0x80DEB1FE, 0x9BDC06A7, 0xC19BF174,
    0xE49B69C1, 0xEFBE4786, 0x0FC19DC6, 0x240CA1CC, 0x2DE92C6F, 0x4A7484AA, 0x5CB0A9DC, 0x76F988DA,
    0x983E5152, 0xA831C66D, 0xB00327C8, 0xBF597FC7, 0xC6E00BF3, 0xD5A79147, 0x06CA6351, 0x14292967,
    0x27B70A85, 0x2E1B2138, 0x4D2C6DFC, 0x53380D13, 0x650A7354, 0x766A0ABB, 0x81C2C92E, 0x92722C85,
    0xA2BFE8A1, 0xA81A664B, 0xC24B8B70, 0xC76C51A3, 0xD192E819, 0xD6990624, 0xF40E3585, 0x106AA070,
    0x19A4C116, 0x1E376C08, 0x2748774C, 0x34B0BCB5, 0x391C0CB3, 0x4ED8AA4A, 0x5B9CCA4F, 0x682E6FF3,
    0x748F82EE, 0x78A5636F, 0x84C87814, 0x8CC70208, 0x90BEFFFA, 0xA4506CEB, 0xBEF9A3F7, 0xC67178F2};

enum { A, B, C, D, E, F, G, H }; /* where the words are in a state */

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

/* The word of the message schedule that comes to w[0]; w[-16] to w[-1] are there. */
static uint32_t schedule(const uint32_t *w)
{
    uint32_t early = w[-15];
    uint32_t late = w[-2];
    return w[-16] + (rotate(early, 7) ^ rotate(early, 18) ^ early >> 3) + w[-7] +
           (rotate(late, 17) ^ rotate(late, 19) ^ late >> 10);
}

/* A round moves each word on by one place: instead, the state begins one place earlier, at the new
 * word A. The word D becomes E where it is. */
static uint32_t *round_of(uint32_t *s, uint32_t word)
{
    uint32_t a = s[A];
    uint32_t e = s[E];
    uint32_t t =
        s[H] + (rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)) + ((e & s[F]) | (~e & s[G])) + word;
    uint32_t u =
        (rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)) + ((a & s[B]) | (a & s[C]) | (s[B] & s[C]));
    s[D] += t;
    *--s = t + u;
    return s;
}

void sha256_block_plain(uint32_t state[8], const uint8_t *block)
{
    uint32_t words[ROUNDS];
    uint32_t states[ROUNDS + 8]; /* each begins one place before the last */
    uint32_t *s = states + ROUNDS;
    memcpy(words, block, SHA256_BLOCK_SIZE);
    memcpy(s, state, 8 * sizeof(*s));
    for (uint32_t i = 0; i < ROUNDS; i++) {
        words[i] = i < 16 ? big_endian(words[i]) : schedule(words + i);
        s = round_of(s, sha256_constants[i] + words[i]);
    }
    for (int i = 0; i < 8; i++) {
        state[i] += s[i];
    }
}

/* The bytes are followed by the bit 1, zeros, the number of bits in the last 8 bytes of a block
 * (section 5.1.1). */
void sha256(sha256_block *take_block, const void *bytes, uint64_t size, uint8_t *out_digest)
{
    uint32_t state[8];
    memcpy(state, initial_state, sizeof(state));
    for (uint64_t at = 0; at <= size + sizeof(size); at += SHA256_BLOCK_SIZE) {
        uint8_t end[SHA256_BLOCK_SIZE] = {0};
        const uint8_t *block = (const uint8_t *)bytes + at;
        if (size - at < SHA256_BLOCK_SIZE) {
            memcpy(end, block, size - at);
            end[size - at] = 0x80;
        }
        if (size + sizeof(size) - at < SHA256_BLOCK_SIZE) {
            uint64_t bits = __builtin_bswap64(8 * size);
            memcpy(end + SHA256_BLOCK_SIZE - sizeof(bits), &bits, sizeof(bits));
        }
        take_block(state, at + SHA256_BLOCK_SIZE <= size ? block : end);
    }
    for (int i = 0; i < 8; i++) {
        uint32_t word = big_endian(state[i]);
        memcpy(out_digest + i * sizeof(word), &word, sizeof(word));
    }
}
