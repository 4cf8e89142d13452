/* The last steps of an adapter whose kernel is entered in 32-bit mode: moves the kernel into
 * place, over the adapter itself if need be, leaves long mode, and jumps. Selectors are 0x10 for
 * code and 0x18 for data, all flat; paging and interrupts are off, CR4 and the IDT are empty. */
#ifndef ADAPTER_ENTER_H
#define ADAPTER_ENTER_H

#include "bootinfo.h"

#define ENTER_MOVES_MAX 32
#define ENTER_SIZE      UINT64_C(4096) /* of the page below */

/* size bytes from source to target, then zeros. */
struct enter_move {
    uint64_t target;
    uint64_t source;
    uint64_t size;
    uint64_t zeros;
};

/* A page that no move touches, below 4 GiB. enter.S knows these offsets. */
struct enter {
    uint32_t entry;       /* 0 */
    uint32_t eax;         /* 4 */
    uint32_t ebx;         /* 8 */
    uint32_t esi;         /* 12 */
    uint32_t move_count;  /* 16 */
    uint16_t base_memory; /* 20: KiB, to 0x413 of page 0; 0: page 0 is left alone */
    uint16_t ebda;        /* 22: segment, to 0x40E */
    uint16_t reserved[3];
    uint16_t gdt_limit;                       /* 30 */
    uint64_t gdt_base;                        /* 32 */
    uint64_t gdt[4];                          /* 40 */
    uint16_t no_idt[8];                       /* 72 */
    struct enter_move moves[ENTER_MOVES_MAX]; /* 88 */
    uint8_t code[1024];
};

BOOTINFO_ASSERT(offsetof(struct enter, gdt_limit) == 30);
BOOTINFO_ASSERT(offsetof(struct enter, gdt) == 40);
BOOTINFO_ASSERT(offsetof(struct enter, no_idt) == 72);
BOOTINFO_ASSERT(offsetof(struct enter, moves) == 88);
BOOTINFO_ASSERT(sizeof(struct enter) < ENTER_SIZE - 512); /* the rest of the page is the stack */

/* Fills in code and GDT; all else is the caller's. page is ENTER_SIZE bytes. */
void enter_kernel(struct enter *page) __attribute__((noreturn));

#endif
