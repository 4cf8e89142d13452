#include "payload.h"

#include <stdlib.h>
#include <string.h>

/* xorshift64: G. Marsaglia, "Xorshift RNGs", 2003. */
static uint64_t next(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

static uint8_t *allocate(uint64_t size)
{
    uint8_t *bytes = malloc(size);
    if (bytes == NULL) {
        abort();
    }
    return bytes;
}

uint8_t *payload_random(uint64_t size)
{
    uint8_t *bytes = allocate(size);
    uint64_t state = 1;
    for (uint64_t at = 0; at < size; at += sizeof(state)) {
        uint64_t word = next(&state);
        uint64_t left = size - at;
        memcpy(bytes + at, &word, left < sizeof(word) ? left : sizeof(word));
    }
    return bytes;
}

/* Of 256 values small ones are the more frequent: the lesser of three. */
static uint8_t literal(uint64_t *state)
{
    uint64_t bits = next(state);
    uint8_t least = (uint8_t)bits;
    for (int i = 1; i < 3; i++) {
        uint8_t other = (uint8_t)(bits >> (8 * i));
        least = other < least ? other : least;
    }
    return least;
}

enum { WINDOW_BITS = 15, COPY_LEAST = 3, COPY_IN_64 = 22 };

/* Short distances and short lengths are the more frequent. */
static uint64_t copy(uint8_t *bytes, uint64_t at, uint64_t size, uint64_t *state)
{
    uint64_t bits = next(state);
    uint64_t distance = 1 + (bits & ((UINT64_C(2) << (bits >> 32) % WINDOW_BITS) - 1));
    uint64_t length = COPY_LEAST + ((bits >> 40 & 7) & (bits >> 43 & 7)) + (bits >> 46) % 3;
    if ((bits >> 50 & 15) == 0) {
        length += bits >> 54 & 31;
    }
    if (distance > at) {
        return at;
    }
    for (; length > 0 && at < size; length--, at++) {
        bytes[at] = bytes[at - distance];
    }
    return at;
}

uint8_t *payload_like_code(uint64_t size)
{
    uint8_t *bytes = allocate(size);
    uint64_t state = 1;
    for (uint64_t at = 0; at < size;) {
        if (next(&state) >> 58 < COPY_IN_64) {
            at = copy(bytes, at, size, &state);
        } else {
            bytes[at++] = literal(&state);
        }
    }
    return bytes;
}
