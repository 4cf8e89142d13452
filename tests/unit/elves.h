/* ELF files for tests: as a linker would write them, and then one field broken. */
#ifndef BATON_TEST_ELVES_H
#define BATON_TEST_ELVES_H

#include "boot/boot.h"

/* Offsets into an ELF64 file (System V ABI, ELF-64 Object File Format). */
enum {
    E_CLASS = 4,
    E_DATA = 5,
    E_TYPE = 16,
    E_MACHINE = 18,
    E_VERSION = 20,
    E_ENTRY = 24,
    E_PHOFF = 32,
    E_PHENTSIZE = 54,
    E_PHNUM = 56,
    E_SIZE = 64,
    /* and into a program header */
    P_TYPE = 0,
    P_FLAGS = 4,
    P_OFFSET = 8,
    P_VADDR = 16,
    P_PADDR = 24,
    P_FILESZ = 32,
    P_MEMSZ = 40,
    P_ALIGN = 48,
    P_SIZE = 56,
};

enum { PF_X = 1, PF_W = 2, PF_R = 4 };
enum { PT_NULL, PT_LOAD, PT_DYNAMIC, PT_INTERP, PT_NOTE, PT_TLS = 7 };
enum { ET_REL = 1, ET_EXEC, ET_DYN, ET_CORE };

#define ELF_PROGRAMS_MAX 16

struct elf_program {
    uint32_t type; /* PT_LOAD and the like */
    uint32_t flags;
    uint64_t offset, vaddr, paddr, filesz, memsz, align;
};

struct elf_plan {
    uint16_t type; /* 0: ET_EXEC */
    uint64_t entry;
    uint32_t count;
    struct elf_program programs[ELF_PROGRAMS_MAX];
    uint64_t size; /* of the file; 0: up to the end of the last program */
};

/* Text, rodata and data with a .bss, each on its own pages, linked for these addresses. */
struct elf_plan elf_plan(uint64_t vaddr, uint64_t paddr);
/* The file of plan, in a new buffer. Bytes that plan does not set are code. */
struct text elf_file(const struct elf_plan *plan);
/* The page of the lowest segment, by p_paddr. */
uint64_t elf_base(const struct elf_plan *plan);
/* What of the file lies where in physical memory, from that page to the last loaded byte. */
struct text elf_image(const struct elf_plan *plan, struct text file);
/* From there to the end of the last segment. */
uint64_t elf_span(const struct elf_plan *plan);

/* Writes program header i; one after the last of the plan is added. */
void elf_put_program(struct text file, uint32_t i, const struct elf_program *program);
/* Overwrites size bytes of file. */
void elf_poke(struct text file, uint64_t offset, uint64_t value, uint64_t size);
/* The offset of a field of a program header. */
uint64_t elf_field(uint32_t program, uint64_t field);

#endif
