/* ELF64 executables (System V ABI, "Object Files"). Pure: looks at bytes and writes to an image
 * that the caller has loaded. What is honoured and what is refused is in docs/abi.md, "ELF
 * files". */
#ifndef BATON_ELF_H
#define BATON_ELF_H

#include "core/base/bytes.h"
#include "core/base/status.h"
#include "core/base/target.h"

#include <stdbool.h>
#include <stdint.h>

#define ELF_HEAD_SIZE    4096 /* ELF header and program headers lie in here */
#define ELF_SEGMENTS_MAX 16
#define ELF_SIZE_UNKNOWN UINT64_MAX

enum {
    ELF_EXECUTE = 1, /* p_flags */
    ELF_WRITE = 2,
};

/* A PT_LOAD segment. */
struct elf_segment {
    uint64_t offset;      /* in the file */
    uint64_t file_size;   /* bytes of it from there on; the rest of memory_size is zero */
    uint64_t at;          /* in the image */
    uint64_t memory_size; /* bytes */
    uint32_t flags;       /* ELF_WRITE, ELF_EXECUTE */
};

/* The image begins with the page that the first segment begins in. */
struct elf {
    uint64_t address;          /* virtual, as linked; a multiple of 4096 */
    uint64_t physical;         /* physical, as linked; a multiple of 4096 */
    uint64_t entry;            /* virtual, as linked */
    uint64_t memory_size;      /* from address to the end of the last segment */
    uint64_t loaded_size;      /* from address to the last byte that comes from the file */
    uint64_t alignment;        /* the largest p_align, at least 4096 */
    uint64_t dynamic;          /* where in the image its dynamic section is */
    uint64_t dynamic_size;     /* bytes; 0: there is none */
    bool position_independent; /* ET_DYN */
    uint32_t segment_count;
    struct elf_segment
        segments[ELF_SEGMENTS_MAX]; /* disjoint, in the same order in memory and in the file */
};

/* head: the file's first bytes, ELF_HEAD_SIZE of them or all. file_size may be ELF_SIZE_UNKNOWN.
 * Class, byte order and machine have been checked: the file is an IMAGE_ELF64 (kind.h). */
MUST_CHECK enum status elf_parse(struct bytes head, uint64_t file_size, struct failure *failure,
                                 struct elf *out_elf);

/* Whether [at, at + size) of the image is within loaded_size. */
bool elf_is_loaded(const struct elf *elf, uint64_t at, uint64_t size);

/* How far from its linked address the image runs, and the target that says which relocations move
 * it there. */
struct elf_move {
    const struct target *target;
    uint64_t distance; /* bytes, modulo 2^64 */
};

/* elf_relocate.c: applies the relocations of image, which has elf->loaded_size bytes. */
MUST_CHECK enum status elf_relocate(const struct elf *elf, uint8_t *image, struct elf_move move,
                                    struct failure *failure);

#endif
