/* Bytes that are not text, such as a part of a kernel's file. For text there is struct text
 * (core/base/text.h). */
#ifndef BATON_BYTES_H
#define BATON_BYTES_H

#include "core/base/text.h"

#include <stdint.h>
#include <string.h>

struct bytes {
    const uint8_t *data;
    uint64_t size;
};

static inline struct bytes bytes_of(struct text text)
{
    return (struct bytes){(const uint8_t *)text.bytes, text.size};
}

/* The little-endian numbers that begin at at, aligned or not: 2, 4 and 8 bytes. */
#define ALWAYS_INLINE static inline __attribute__((always_inline))
ALWAYS_INLINE uint32_t half_at(const void *at)
{
    uint16_t number;
    memcpy(&number, at, sizeof(number));
    return number;
}

ALWAYS_INLINE uint32_t word_at(const void *at)
{
    uint32_t number;
    memcpy(&number, at, sizeof(number));
    return number;
}

ALWAYS_INLINE uint64_t long_at(const void *at)
{
    uint64_t number;
    memcpy(&number, at, sizeof(number));
    return number;
}

#endif
