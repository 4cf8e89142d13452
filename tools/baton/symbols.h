/* Names for places in a kernel, from the ELF file its raw image was made of. */
#ifndef BATON_TOOL_SYMBOLS_H
#define BATON_TOOL_SYMBOLS_H

#include "vm/message.h"

#include <stdint.h>

#define SYMBOLS_SECTIONS_MAX 40

/* A section with an address. */
struct symbols_section {
    char name[24];
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
    struct bytes table; /* what nm says, sorted by address; empty: not asked yet, or it has none */
};

/* True: the file begins as ELF files do. */
bool symbols_is_elf(const char *path);
/* Only 64-bit little-endian files have names here. */
bool symbols_open(const char *elf, struct message *message, struct symbols *out_symbols);
void symbols_free(struct symbols *symbols);

/* An address as the CPU had it: one the kernel was linked for, or the place its image lies at. */
bool symbols_offset(const struct symbols *symbols, uint64_t address, uint64_t *out_offset);
/* The section of an offset in the raw image, or NULL; its address there. */
const struct symbols_section *symbols_section_of(const struct symbols *symbols, uint64_t offset,
                                                 uint64_t *out_address);
/* The symbol that begins last at or before the address, in the same section, demangled; NULL:
 * there is none. Freed by the caller. Of several at one address, bootinfo_kernel_entry comes
 * last: that is the linker scripts' name for the entry, not the kernel's own. */
char *symbols_name(struct symbols *symbols, uint64_t address, uint64_t *out_distance);

#endif
