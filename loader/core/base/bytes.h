/* Bytes that are no text: a file as it was read, a kernel. */
#ifndef BATON_BYTES_H
#define BATON_BYTES_H

#include <stdint.h>

struct bytes {
    const uint8_t *data;
    uint64_t size;
};

#endif
