/* Bytes that are the same ones on every machine; freed by the caller. */
#ifndef BATON_BENCHMARK_PAYLOAD_H
#define BATON_BENCHMARK_PAYLOAD_H

#include <stdint.h>

/* Noise, which no loader mistakes for a format. */
uint8_t *payload_random(uint64_t size);
/* Packs as x86 code does: literals of few values, and copies of what was before. */
uint8_t *payload_like_code(uint64_t size);

#endif
