/* Little-endian fields anywhere. */
#ifndef ADAPTER_BYTES_H
#define ADAPTER_BYTES_H

#include "bootinfo.h"

static inline uint64_t field(const uint8_t *bytes, uint64_t offset, uint32_t size)
{
    uint64_t value = 0;
    for (uint32_t i = 0; i < size; i++) {
        value |= (uint64_t)bytes[offset + i] << (8 * i);
    }
    return value;
}

static inline void set_field(uint8_t *bytes, uint64_t offset, uint32_t size, uint64_t value)
{
    for (uint32_t i = 0; i < size; i++) {
        bytes[offset + i] = (uint8_t)(value >> (8 * i));
    }
}

static inline const uint8_t *bytes_of(struct BootInfoSpan span)
{
    return (const uint8_t *)(uintptr_t)span.address;
}

#endif
