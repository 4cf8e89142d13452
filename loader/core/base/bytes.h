/* Bytes of a file, which are no text: beside struct text of core/base/text.h. */
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
