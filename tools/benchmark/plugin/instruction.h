/* What the plugin has to know about an x86 instruction. */
#ifndef BATON_BENCHMARK_INSTRUCTION_H
#define BATON_BENCHMARK_INSTRUCTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct instruction {
    bool is_mark;
    bool repeats;   /* rep movs, stos, cmps, scas */
    bool stores;    /* mov to memory: how drivers write to devices */
    uint32_t mark;  /* its number */
    unsigned width; /* of a repeated one: the power of 2 of its operand's bytes */
};

struct instruction instruction_of(const uint8_t *bytes, size_t size);

#endif
