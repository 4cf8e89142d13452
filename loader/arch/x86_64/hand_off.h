/* The block that the hand-off runs from: read by hand_off.S, so every offset is asserted. */
#ifndef BATON_HAND_OFF_H
#define BATON_HAND_OFF_H

#define HAND_OFF_COPY_TARGET 0
#define HAND_OFF_COPY_SOURCE 8
#define HAND_OFF_COPY_WORDS  16
#define HAND_OFF_ZERO_WORDS  24
#define HAND_OFF_ENTRY       32
#define HAND_OFF_STACK       40
#define HAND_OFF_INFO        48
#define HAND_OFF_MAGIC       56
#define HAND_OFF_GDTR        64
#define HAND_OFF_IDTR        80
#define HAND_OFF_MXCSR       96
#define HAND_OFF_GDT         104
#define HAND_OFF_TSS         152
#define HAND_OFF_SCRATCH     512 /* the end of a stack of a few words */
#define HAND_OFF_CODE        512

#define HAND_OFF_CODE_SELECTOR 8
#define HAND_OFF_DATA_SELECTOR 16
#define HAND_OFF_TSS_SELECTOR  24
#define HAND_OFF_LAST_SELECTOR 40 /* 64-bit code once more, as in the GDT of Limine's kernels */

#ifndef __ASSEMBLER__
#include <stdint.h>

/* As LGDT and LIDT read it. */
struct descriptor_table {
    uint16_t limit;
    uint16_t base[4]; /* 64 bits, not aligned */
    uint16_t padding[3];
};

/* 64-bit task state segment (Intel SDM 3A section 8.7). */
struct task_state {
    uint32_t words[25];
    uint16_t reserved;
    uint16_t io_map_base;
};

struct hand_off_block {
    uint64_t copy_target;
    uint64_t copy_source;
    uint64_t copy_words; /* of 8 bytes */
    uint64_t zero_words;
    uint64_t entry;
    uint64_t stack; /* for RSP */
    uint64_t info;
    uint64_t magic;
    struct descriptor_table gdtr;
    struct descriptor_table idtr;
    uint32_t mxcsr;
    uint32_t padding;
    uint64_t gdt[6];
    struct task_state tss;
};
#endif

#endif
