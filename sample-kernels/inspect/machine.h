/* The machine as entry.S found it, before it changed anything. */
#ifndef BATON_MACHINE_H
#define BATON_MACHINE_H

#define MACHINE_RAX     0
#define MACHINE_RBX     8
#define MACHINE_RCX     16
#define MACHINE_RDX     24
#define MACHINE_RSI     32
#define MACHINE_RDI     40
#define MACHINE_RBP     48
#define MACHINE_RSP     56
#define MACHINE_R8      64
#define MACHINE_R9      72
#define MACHINE_R10     80
#define MACHINE_R11     88
#define MACHINE_R12     96
#define MACHINE_R13     104
#define MACHINE_R14     112
#define MACHINE_R15     120
#define MACHINE_RIP     128
#define MACHINE_RFLAGS  136
#define MACHINE_CR0     144
#define MACHINE_CR3     152
#define MACHINE_CR4     160
#define MACHINE_EFER    168
#define MACHINE_FS_BASE 176
#define MACHINE_GS_BASE 184
#define MACHINE_DR7     192
#define MACHINE_GDT     206 /* limit and base, as SGDT writes them */
#define MACHINE_IDT     222
#define MACHINE_CS      232
#define MACHINE_DS      234
#define MACHINE_ES      236
#define MACHINE_SS      238
#define MACHINE_FS      240
#define MACHINE_GS      242
#define MACHINE_LDTR    244
#define MACHINE_TR      246
#define MACHINE_MXCSR   248
#define MACHINE_X87     252 /* 28 bytes, as FNSTENV writes them */
#define MACHINE_SIZE    280

#ifndef __ASSEMBLER__
#include <stddef.h>
#include <stdint.h>

/* Indices of machine.general, in the order above. */
#define GENERAL_RSI 4
#define GENERAL_RDI 5
#define GENERAL_RSP 7

struct machine {
    uint64_t general[16];
    uint64_t rip;
    uint64_t rflags;
    uint64_t cr0;
    uint64_t cr3;
    uint64_t cr4;
    uint64_t efer;
    uint64_t fs_base;
    uint64_t gs_base;
    uint64_t dr7;
    uint16_t padding_1[3];
    uint16_t gdt_limit;
    uint64_t gdt_base;
    uint16_t padding_2[3];
    uint16_t idt_limit;
    uint64_t idt_base;
    uint16_t cs, ds, es, ss, fs, gs, ldtr, tr;
    uint32_t mxcsr; /* 0 where SSE is off */
    uint32_t x87_control, x87_status, x87_tags, x87_pointers[4];
};

_Static_assert(offsetof(struct machine, general[GENERAL_RSI]) == MACHINE_RSI, "entry.S");
_Static_assert(offsetof(struct machine, general[GENERAL_RDI]) == MACHINE_RDI, "entry.S");
_Static_assert(offsetof(struct machine, general[GENERAL_RSP]) == MACHINE_RSP, "entry.S");
_Static_assert(offsetof(struct machine, rip) == MACHINE_RIP, "entry.S");
_Static_assert(offsetof(struct machine, rflags) == MACHINE_RFLAGS, "entry.S");
_Static_assert(offsetof(struct machine, cr0) == MACHINE_CR0, "entry.S");
_Static_assert(offsetof(struct machine, cr3) == MACHINE_CR3, "entry.S");
_Static_assert(offsetof(struct machine, cr4) == MACHINE_CR4, "entry.S");
_Static_assert(offsetof(struct machine, efer) == MACHINE_EFER, "entry.S");
_Static_assert(offsetof(struct machine, fs_base) == MACHINE_FS_BASE, "entry.S");
_Static_assert(offsetof(struct machine, gs_base) == MACHINE_GS_BASE, "entry.S");
_Static_assert(offsetof(struct machine, dr7) == MACHINE_DR7, "entry.S");
_Static_assert(offsetof(struct machine, gdt_limit) == MACHINE_GDT, "entry.S");
_Static_assert(offsetof(struct machine, gdt_base) == MACHINE_GDT + 2, "Intel SDM 2B, SGDT");
_Static_assert(offsetof(struct machine, idt_limit) == MACHINE_IDT, "entry.S");
_Static_assert(offsetof(struct machine, idt_base) == MACHINE_IDT + 2, "Intel SDM 2B, SIDT");
_Static_assert(offsetof(struct machine, cs) == MACHINE_CS, "entry.S");
_Static_assert(offsetof(struct machine, tr) == MACHINE_TR, "entry.S");
_Static_assert(offsetof(struct machine, mxcsr) == MACHINE_MXCSR, "entry.S");
_Static_assert(offsetof(struct machine, x87_control) == MACHINE_X87, "entry.S");
_Static_assert(sizeof(struct machine) == MACHINE_SIZE, "entry.S");
#endif

#endif
