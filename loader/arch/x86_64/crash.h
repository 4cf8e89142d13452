/* The state of the CPU at an exception, and what it means. Pure. */
#ifndef BATON_ARCH_CRASH_H
#define BATON_ARCH_CRASH_H

/* Bit N: vector N pushes an error code (Intel SDM 3A table 6-1). */
#define CRASH_ERROR_CODES 0x60227D00

#ifndef __ASSEMBLER__
#include "core/screen/crash_page.h"

/* As fault.S pushes it, the last push first. */
struct crash_state {
    uint64_t cr0, cr2, cr3, cr4, efer;
    uint64_t r15, r14, r13, r12, r11, r10, r9, r8;
    uint64_t rbp, rdi, rsi, rdx, rcx, rbx, rax;
    uint64_t vector;
    uint64_t error;                    /* 0 where the vector has none */
    uint64_t rip, cs, rflags, rsp, ss; /* pushed by the CPU */
};

_Static_assert(sizeof(struct crash_state) == 27 * 8, "fault.S");
_Static_assert(offsetof(struct crash_state, vector) == 20 * 8, "fault.S");

/* pic_lines: the lines that were in service, those of the second legacy PIC from bit 8 on. */
void crash_describe(const struct crash_state *state, uint32_t pic_lines, struct crash *out_crash);

/* For struct crash_world: through the page tables at world->page_tables. */
bool crash_translate(const struct crash_world *world, uint64_t address, uint64_t *out_physical);
#endif

#endif
