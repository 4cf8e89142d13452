/* A kernel's fault in words. Pure: looks at a saved CPU state and at memory it may read.
 * docs/debugging.md shows the page and what each line means. */
#ifndef BATON_FAULT_H
#define BATON_FAULT_H

#include "abi/bootinfo.h"
#include "core/base/text.h"

#include <stdbool.h>

#define FAULT_REGIONS_MAX 256
#define FAULT_MODULES_MAX 16
#define FAULT_NAME_SIZE   48

/* As fault.S pushes it, the last push first. */
struct fault_state {
    uint64_t cr0, cr2, cr3, cr4, efer;
    uint64_t r15, r14, r13, r12, r11, r10, r9, r8;
    uint64_t rbp, rdi, rsi, rdx, rcx, rbx, rax;
    uint64_t vector;
    uint64_t error;                    /* 0 where the vector has none */
    uint64_t rip, cs, rflags, rsp, ss; /* pushed by the CPU */
};

_Static_assert(sizeof(struct fault_state) == 27 * 8, "fault.S");
_Static_assert(offsetof(struct fault_state, vector) == 20 * 8, "fault.S");

struct fault_module {
    struct BootInfoSpan data;
    char name[FAULT_NAME_SIZE]; /* the end of its path, ended by NUL */
};

/* What is known about memory: copies, since the kernel may have reused BootInfo. */
struct fault_world {
    struct BootInfoSpan kernel;
    uint64_t kernel_virtual;   /* where it runs */
    uint64_t direct_map;       /* as in BootInfo */
    struct BootInfoSpan stack; /* the guard page lies below */
    uint64_t page_tables;      /* CR3 as the loader set it */
    const struct BootInfoRegion *regions;
    uint64_t region_count;
    const struct fault_module *modules;
    uint32_t module_count;
};

/* Gives the page line by line, without line ends. */
typedef void fault_emit(void *context, struct text line);
void fault_report(const struct fault_world *world, const struct fault_state *state,
                  fault_emit *emit, void *context);

/* Whether vector pushes an error code (Intel SDM 3A table 6-1). */
bool fault_has_error_code(uint32_t vector);

#endif
