/* What a kernel is told: the information of Multiboot 1 and 2, and PVH's start info. */
#ifndef MULTIBOOT_INFORM_H
#define MULTIBOOT_INFORM_H

#include "header.h"
#include "low.h"

#define MODULES_MAX 64

struct module {
    uint64_t address; /* below 4 GiB */
    uint64_t size;
    struct BootInfoSpan text;
};

/* Memory below 4 GiB, all zero at first, which fills up from its beginning. */
struct block {
    uint8_t *bytes;
    uint64_t size;
    uint64_t used; /* more than size: it was too small, and what did not fit was left out */
};

struct facts {
    const struct BootInfo *info;
    const struct multiboot *kernel;
    const struct module *modules;
    uint32_t module_count;
    const struct range *ranges;
    uint32_t range_count;
    struct block *block;
};

/* Bytes that will do for the block. */
uint64_t inform_size(const struct facts *facts);

/* Each returns the address of the information. */
uint32_t inform_1(const struct facts *facts);
uint32_t inform_2(const struct facts *facts);
uint32_t inform_pvh(const struct facts *facts);

/* size bytes at a multiple of 8, all zero; where the block is too small, bytes at its beginning. */
uint8_t *block_add(struct block *block, uint64_t size);
/* A copy, with a NUL after it. */
uint32_t block_text(struct block *block, struct BootInfoSpan text);
/* The kernel's section headers, as they are but for those of sections that have no address: these
 * are copied, and get one. NULL: there are none. */
uint8_t *block_sections(const struct facts *facts);

#endif
