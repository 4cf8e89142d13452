/* A kernel's crash in words: a page of facts. Pure: looks at what the CPU was doing and at
 * memory it may read. docs/debugging.md shows the page and what each line means. */
#ifndef BATON_CRASH_PAGE_H
#define BATON_CRASH_PAGE_H

#include "abi/bootinfo.h"
#include "core/base/text.h"

#include <stdbool.h>

#define CRASH_REGIONS_MAX   256
#define CRASH_MODULES_MAX   16
#define CRASH_NAME_SIZE     48
#define CRASH_LINE_MAX      128
#define CRASH_REGISTERS_MAX 40

struct crash_register {
    const char *name;
    uint64_t value;
};

/* What an exception has left of the CPU, in the words of its architecture: arch/NAME fills it
 * in. */
struct crash {
    char title[CRASH_LINE_MAX]; /* such as "page fault (#PF, vector 14), error code 0x2" */
    char cause[CRASH_LINE_MAX]; /* "": nothing more is known */
    bool has_address;
    uint64_t address; /* of the memory that was asked for */
    bool is_fetch;    /* the instruction itself could not be fetched */
    uint64_t program_counter;
    uint64_t stack_pointer;
    uint64_t frame_pointer;
    uint64_t return_address; /* where a call leaves it in a register; 0: on top of the stack */
    struct crash_register registers[CRASH_REGISTERS_MAX];
    uint32_t register_count;
};

struct crash_module {
    struct BootInfoSpan data;
    char name[CRASH_NAME_SIZE]; /* the end of its path, ended by NUL */
};

struct crash_world;

/* Where the page tables lead that the kernel made itself; false: nowhere. */
typedef bool crash_translator(const struct crash_world *world, uint64_t address,
                              uint64_t *out_physical);

/* What is known about memory: copies, since the kernel may have reused BootInfo. */
struct crash_world {
    struct BootInfoSpan kernel;
    uint64_t kernel_virtual;   /* where it runs */
    uint64_t direct_map;       /* as in BootInfo */
    struct BootInfoSpan stack; /* the guard page lies below */
    uint64_t suspect; /* the first instruction of a kernel without a kernel header; 0: it has one */
    const struct BootInfoRegion *regions;
    uint64_t region_count;
    const struct crash_module *modules;
    uint32_t module_count;
    crash_translator *translate; /* NULL: the page tables are the loader's */
    uint64_t page_tables;        /* for translate */
    bool five_levels;            /* the same */
};

/* Whether the loader's page tables map all of it, at its physical address. world: a struct
 * crash_world. size is small. */
bool crash_memory_is_readable(const void *world, uint64_t physical, uint64_t size);

/* Gives the page line by line, without line ends. */
typedef void crash_emit(void *context, struct text line);
void crash_page(const struct crash_world *world, const struct crash *crash, crash_emit *emit,
                void *context);

#endif
