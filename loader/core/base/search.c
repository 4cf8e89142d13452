#include "core/base/search.h"

#include <string.h>

static uint32_t word_at(const uint8_t *at)
{
    uint32_t word;
    memcpy(&word, at, sizeof(word));
    return word;
}

/* Four words a round: each kernel without a header of BootInfo pays for this. */
uint64_t search_word(struct bytes bytes, uint64_t from, uint64_t step, uint32_t word)
{
    const uint64_t three = 3 * step;
    const uint64_t four = 4 * step;
    uint64_t at = from;
    if (bytes.size >= from + three + sizeof(word)) {
        const uint8_t *data = bytes.data + from;
        const uint8_t *last = bytes.data + bytes.size - three - sizeof(word);
        while (data <= last && word_at(data) != word && word_at(data + step) != word &&
               word_at(data + 2 * step) != word && word_at(data + three) != word) {
            data += four;
        }
        at = (uint64_t)(data - bytes.data);
    }
    for (; at + sizeof(word) <= bytes.size; at += step) {
        if (word_at(bytes.data + at) == word) {
            return at;
        }
    }
    return bytes.size;
}
