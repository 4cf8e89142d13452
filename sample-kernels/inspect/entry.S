/* Writes down every register as the loader left it, then calls inspect_main on a stack of its own:
 * the boot stack is evidence. MOV and LEA change no flags and no register but their target. */
#include "bootinfo.h"
#include "machine.h"

#define MSR_EFER    0xC0000080
#define MSR_FS_BASE 0xC0000100
#define MSR_GS_BASE 0xC0000101
#define CR0_EM_TS   0x0C
#define CR4_OSFXSR  0x200

#define STACK_SIZE 0x10000

BOOTINFO_KERNEL_HEADER(kernel_main, 0x10000)

    .macro save_msr number, offset
    movl    $\number, %ecx
    rdmsr
    movl    %eax, machine + \offset(%rip)
    movl    %edx, machine + \offset + 4(%rip)
    .endm

    .section .text.entry, "ax"
    .globl  kernel_main
kernel_main:
    movq    %rax, machine + MACHINE_RAX(%rip)
    movq    %rbx, machine + MACHINE_RBX(%rip)
    movq    %rcx, machine + MACHINE_RCX(%rip)
    movq    %rdx, machine + MACHINE_RDX(%rip)
    movq    %rsi, machine + MACHINE_RSI(%rip)
    movq    %rdi, machine + MACHINE_RDI(%rip)
    movq    %rbp, machine + MACHINE_RBP(%rip)
    movq    %rsp, machine + MACHINE_RSP(%rip)
    movq    %r8,  machine + MACHINE_R8(%rip)
    movq    %r9,  machine + MACHINE_R9(%rip)
    movq    %r10, machine + MACHINE_R10(%rip)
    movq    %r11, machine + MACHINE_R11(%rip)
    movq    %r12, machine + MACHINE_R12(%rip)
    movq    %r13, machine + MACHINE_R13(%rip)
    movq    %r14, machine + MACHINE_R14(%rip)
    movq    %r15, machine + MACHINE_R15(%rip)
    leaq    kernel_main(%rip), %rax
    movq    %rax, machine + MACHINE_RIP(%rip)
    leaq    own_stack_end(%rip), %rsp
    pushfq
    popq    machine + MACHINE_RFLAGS(%rip)
    cld

    movq    %cr0, %rax
    movq    %rax, machine + MACHINE_CR0(%rip)
    movq    %cr3, %rbx
    movq    %rbx, machine + MACHINE_CR3(%rip)
    movq    %cr4, %rbx
    movq    %rbx, machine + MACHINE_CR4(%rip)
    testl   $CR0_EM_TS, %eax
    jnz     1f
    fnstenv machine + MACHINE_X87(%rip)
    testl   $CR4_OSFXSR, %ebx
    jz      1f
    stmxcsr machine + MACHINE_MXCSR(%rip)
1:
    movq    %dr7, %rax
    movq    %rax, machine + MACHINE_DR7(%rip)
    save_msr MSR_EFER, MACHINE_EFER
    save_msr MSR_FS_BASE, MACHINE_FS_BASE
    save_msr MSR_GS_BASE, MACHINE_GS_BASE
    sgdt    machine + MACHINE_GDT(%rip)
    sidt    machine + MACHINE_IDT(%rip)
    sldt    machine + MACHINE_LDTR(%rip)
    str     machine + MACHINE_TR(%rip)
    movw    %cs, machine + MACHINE_CS(%rip)
    movw    %ds, machine + MACHINE_DS(%rip)
    movw    %es, machine + MACHINE_ES(%rip)
    movw    %ss, machine + MACHINE_SS(%rip)
    movw    %fs, machine + MACHINE_FS(%rip)
    movw    %gs, machine + MACHINE_GS(%rip)

    leaq    machine(%rip), %rdi
    xorl    %ebp, %ebp
    call    inspect_main

    .bss
    .balign 16
machine:
    .skip   MACHINE_SIZE
    .balign 16
    .skip   STACK_SIZE
own_stack_end:

    .section .note.GNU-stack, "", @progbits
