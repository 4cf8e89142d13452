/* Names for places in a kernel, from the ELF file its raw image was made of. */
#ifndef BATON_RUNNER_SYMBOLS_H
#define BATON_RUNNER_SYMBOLS_H

#include "vm/message.h"

#include <stdint.h>

#define SYMBOLS_SECTIONS_MAX 40

/* A section with an address. */
struct symbols_section {
    uint64_t offset;  /* in the raw image */
    uint64_t address; /* it was linked for */
    uint64_t size;
    bool code;
};

struct symbols {
    char *elf; /* NULL: there are no names */
    struct symbols_section sections[SYMBOLS_SECTIONS_MAX];
    size_t count;
    uint64_t entry;
};

/* A line of a source file. */
struct place {
    char *words; /* "function at file.c:42, inlined into caller at file.c:99" */
    char *file;  /* as the debug information names it; NULL: unknown */
    unsigned line;
};

/* True: the file begins as ELF files do. */
bool symbols_is_elf(const char *path);
/* Only 64-bit little-endian files have names here. */
bool symbols_open(const char *elf, struct message *message, struct symbols *out_symbols);
void symbols_free(struct symbols *symbols);

/* An address as the CPU had it: one the kernel was linked for, or the place its image lies at. */
bool symbols_offset(const struct symbols *symbols, uint64_t address, uint64_t *out_offset);
/* False: nobody knows a name. offset: in the raw image. */
bool symbols_find(const struct symbols *symbols, uint64_t offset, struct place *out_place);
/* The place's line of the source, with its number; NULL: the file is not there. */
char *place_source(const struct place *place);
void place_free(struct place *place);

#endif
