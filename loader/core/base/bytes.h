/* Bytes that are not text, such as a part of a kernel's file. For text there is struct text
 * (core/base/text.h). */
#ifndef BATON_BYTES_H
#define BATON_BYTES_H

#include "core/base/text.h"

struct bytes {
    const uint8_t *data;
    uint64_t size;
};

static inline struct bytes bytes_of(struct text text)
{
    return (struct bytes){(const uint8_t *)text.bytes, text.size};
}

#endif
