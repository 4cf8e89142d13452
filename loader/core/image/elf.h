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
    uint64_t address;     /* virtual, as linked */
    uint32_t flags;       /* ELF_WRITE, ELF_EXECUTE */
    uint32_t program;     /* number of its program header */
};

/* The image is physical memory, from the page that the lowest segment begins in. */
struct elf {
    uint64_t physical; /* where it begins; a multiple of 4096 */
    /* The same, virtual and as linked, by the lowest segment whose p_vaddr is not its p_paddr. */
    uint64_t address;
    uint64_t entry;            /* virtual, as linked; or physical */
    uint64_t memory_size;      /* to the end of the last segment */
    uint64_t loaded_size;      /* to the last byte that comes from the file */
    uint64_t alignment;        /* the largest p_align, at least 4096 */
    uint64_t dynamic;          /* where in the image its dynamic section is */
    uint64_t dynamic_size;     /* bytes; 0: there is none */
    uint64_t notes;            /* virtual address of the first note */
    uint64_t notes_size;       /* bytes up to the end of the last note; 0: there are no notes */
    bool position_independent; /* ET_DYN */
    uint32_t segment_count;
    /* In order of the image. Disjoint in the image, in the file, and in virtual pages that are
     * not the same physical page. */
    struct elf_segment segments[ELF_SEGMENTS_MAX];
};

/* head: the file's first bytes, ELF_HEAD_SIZE of them or all. file_size may be ELF_SIZE_UNKNOWN.
 * Class, byte order and machine have been checked: the file is an IMAGE_ELF64 (kind.h). */
MUST_CHECK enum status elf_parse(struct bytes head, uint64_t file_size, struct failure *failure,
                                 struct elf *out_elf);

/* The segment that lies first in the file, of those that begin at offset or after it and have
 * bytes there; NULL: there is none. */
const struct elf_segment *elf_next_in_file(const struct elf *elf, uint64_t offset);

/* Where in the image size bytes at a virtual address are, which the file has or lie before such;
 * false: nowhere. */
bool elf_find(const struct elf *elf, uint64_t address, uint64_t size, uint64_t *out_at);

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
