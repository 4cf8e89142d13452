#include "core/base/search.h"

#include <string.h>

/* A register of 16 bytes, compared in one instruction: each kernel without a header of BootInfo
 * pays for the search. */
typedef uint32_t lanes __attribute__((vector_size(16)));

#define LANES UINT64_C(16)
#define ROUND (16 * LANES)

static inline lanes equal(const uint8_t *at, lanes wanted)
{
    lanes found;
    memcpy(&found, at, sizeof(found));
    return (lanes)(found == wanted);
}

static inline __attribute__((always_inline)) lanes equal_4(const uint8_t *at, lanes wanted)
{
    return equal(at, wanted) | equal(at + LANES, wanted) | equal(at + 2 * LANES, wanted) |
           equal(at + 3 * LANES, wanted);
}

/* Whether one of the words at at, ROUND bytes, is the wanted one of its lane. */
static bool is_in_round(const uint8_t *at, lanes wanted)
{
    lanes found = equal_4(at, wanted) | equal_4(at + 4 * LANES, wanted) |
                  equal_4(at + 8 * LANES, wanted) | equal_4(at + 12 * LANES, wanted);
    uint64_t halves[2];
    memcpy(halves, &found, sizeof(halves));
    return (halves[0] | halves[1]) != 0;
}

uint64_t search_words(struct bytes bytes, uint64_t from, uint32_t even, uint32_t odd)
{
    const lanes wanted = {even, odd, even, odd};
    uint32_t words[2];
    uint64_t at = from;
    while (bytes.size - at >= ROUND && !is_in_round(bytes.data + at, wanted)) {
        at += ROUND;
    }
    for (; bytes.size - at >= sizeof(words); at += sizeof(words)) {
        memcpy(words, bytes.data + at, sizeof(words));
        if (words[0] == even || words[1] == odd) {
            return at;
        }
    }
    return bytes.size;
}
