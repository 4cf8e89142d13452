/* The program headers of an ELF file, of 32 or 64 bits (System V ABI, chapters 4 and 5). */
#ifndef ADAPTER_ELF_H
#define ADAPTER_ELF_H

#include "refusal.h"

#define ELF_SEGMENTS_MAX 32
#define ELF_EXECUTE      1 /* flags of a segment */
#define ELF_WRITE        2
#define ELF_READ         4
#define ELF_TYPE_EXEC    2
#define ELF_TYPE_DYN     3
#define ELF_MACHINE_386  3

/* A segment that is loaded: file_size bytes at offset, zeros up to memory_size. */
struct elf_segment {
    uint64_t offset;
    uint64_t virtual_address;
    uint64_t physical;
    uint64_t file_size;
    uint64_t memory_size; /* at least 1 and file_size */
    uint32_t flags;
};

struct elf {
    const uint8_t *file;
    uint64_t file_size;
    uint32_t is_64;
    uint32_t type;
    uint32_t machine;
    uint64_t entry;
    struct elf_segment
        segments[ELF_SEGMENTS_MAX]; /* PT_LOAD, as in the file; empty ones left out */
    uint32_t segment_count;
    struct BootInfoSpan dynamic; /* of the file: offset and size; size 0: there is none */
    uint64_t programs;           /* offset of the program headers */
    uint32_t program_size;
    uint32_t program_count;
    uint64_t sections; /* offset of the section headers, as the file has it; not checked */
    uint32_t section_size;
    uint32_t section_count;
    uint32_t section_names;
};

/* Refuses what is no ELF file for x86 and what points beyond the file's end. */
struct refusal elf_read(struct BootInfoSpan file, struct elf *out_elf);

/* Where the segment that holds the virtual address has it physically; the same, where none does. */
uint64_t elf_physical(const struct elf *elf, uint64_t virtual_address);

/* The first word of the note with this name and type, in a PT_NOTE segment; false: there is none.
 * */
int elf_note(const struct elf *elf, const char *name, uint32_t type, uint64_t *out_value);

#endif
