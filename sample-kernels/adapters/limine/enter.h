/* The jump, through a page below 1 MiB that the loader's tables and the kernel's both map to
 * itself. */
#ifndef LIMINE_ENTER_H
#define LIMINE_ENTER_H

#include <stdint.h>

/* enter.S knows these offsets. All but cr3 are addresses as the kernel sees them. */
struct limine_jump {
    uint64_t cr3;   /* 0 */
    uint64_t gdt;   /* 8: limit and base */
    uint64_t stack; /* 16: its end */
    uint64_t entry; /* 24: 0: the CPU waits for one at cpu->go */
    uint64_t cpu;   /* 32: struct limine_cpu, of CPUs that wait */
};

extern const uint8_t limine_enter_code[];
extern const uint8_t limine_enter_code_end[];

#endif
