/* From the firmware's world to the kernel's: docs/abi.md, "Machine state at entry". */
#include "arch/x86_64/hand_off.h"

#define CR0_KERNEL   0x80010033 /* PG WP NE ET MP PE */
#define CR0_WP       0x10000
#define CR4_KERNEL   0x620      /* OSXMMEXCPT OSFXSR PAE */
#define CR4_KEPT     0x1040     /* LA57 MCE: as the firmware left them */
#define MSR_EFER     0xC0000080
#define EFER_NXE_BIT 11
#define DR7_DEFAULT  0x400
#define RFLAGS_KERNEL 2
#define PIC_1        0x20
#define PIC_1_MASK   0x21
#define PIC_2        0xA0
#define PIC_2_MASK   0xA1
#define PIC_1_BASE   0x20
#define PIC_2_BASE   0x28

/* void hand_off_switch(block in RCX, page_tables in RDX, no_execute in R8), Microsoft x64 ABI.
 * Runs in the loader's own .text, which is executable under the firmware's tables whatever its
 * policy for allocated memory, and mapped by ours. No stack from here on: it may be copied over. */
        .text
        .globl  hand_off_switch
hand_off_switch:
        cli
        cld
        movq    %rcx, %r15
        movq    %rdx, %r14
        movq    %cr4, %rax
        andq    $CR4_KEPT, %rax
        orq     $CR4_KERNEL, %rax
        movq    %rax, %cr4
        testq   %r8, %r8
        jz      1f
        movl    $MSR_EFER, %ecx
        rdmsr
        btsl    $EFER_NXE_BIT, %eax
        jc      1f              /* Intel TDX forbids the write even where it changes nothing */
        wrmsr
1:
        movq    %r14, %cr3
        leaq    HAND_OFF_CODE(%r15), %rax
        jmp     *%rax

/* Copied to HAND_OFF_CODE of the block, which lies outside the kernel's place. R15: the block. */
        .globl  hand_off_code
hand_off_code:
        leaq    HAND_OFF_SCRATCH(%r15), %rsp
        movl    $(CR0_KERNEL - CR0_WP), %eax    /* a staged kernel's code is read-only by now */
        movq    %rax, %cr0
        lgdt    HAND_OFF_GDTR(%r15)
        pushq   $HAND_OFF_CODE_SELECTOR
        leaq    1f(%rip), %rax
        pushq   %rax
        lretq
1:
        movl    $HAND_OFF_DATA_SELECTOR, %eax
        movw    %ax, %ds
        movw    %ax, %es
        movw    %ax, %ss
        movw    %ax, %fs
        movw    %ax, %gs
        movl    $HAND_OFF_TSS_SELECTOR, %eax
        ltr     %ax
        xorl    %eax, %eax
        lldt    %ax
        lidt    HAND_OFF_IDTR(%r15)
        movl    $DR7_DEFAULT, %eax
        movq    %rax, %dr7
        movb    $0x11, %al              /* ICW1: four words follow (Intel 8259A) */
        outb    %al, $PIC_1
        outb    %al, $PIC_2
        movb    $PIC_1_BASE, %al        /* after the exceptions: the BIOS has 8, that of #DF */
        outb    %al, $PIC_1_MASK
        movb    $PIC_2_BASE, %al
        outb    %al, $PIC_2_MASK
        movb    $4, %al                 /* the second one is at line 2 */
        outb    %al, $PIC_1_MASK
        movb    $2, %al
        outb    %al, $PIC_2_MASK
        movb    $1, %al                 /* ICW4: as in a PC */
        outb    %al, $PIC_1_MASK
        outb    %al, $PIC_2_MASK
        movb    $0xFF, %al
        outb    %al, $PIC_1_MASK
        outb    %al, $PIC_2_MASK

        movq    HAND_OFF_COPY_SOURCE(%r15), %rsi
        movq    HAND_OFF_COPY_TARGET(%r15), %rdi
        movq    HAND_OFF_COPY_WORDS(%r15), %rcx
        rep     movsq
        movq    HAND_OFF_ZERO_WORDS(%r15), %rcx
        xorl    %eax, %eax
        rep     stosq
        movl    $CR0_KERNEL, %eax
        movq    %rax, %cr0

        fninit
        ldmxcsr HAND_OFF_MXCSR(%r15)
        movq    HAND_OFF_INFO(%r15), %rdi
        movq    HAND_OFF_MAGIC(%r15), %rsi
        xorl    %eax, %eax
        xorl    %ebx, %ebx
        xorl    %ecx, %ecx
        xorl    %edx, %edx
        xorl    %ebp, %ebp
        xorl    %r8d, %r8d
        xorl    %r9d, %r9d
        xorl    %r10d, %r10d
        xorl    %r11d, %r11d
        xorl    %r12d, %r12d
        xorl    %r13d, %r13d
        xorl    %r14d, %r14d
        pushq   $RFLAGS_KERNEL
        popfq
        movq    HAND_OFF_STACK(%r15), %rsp
        movl    $0, %r15d                       /* MOV leaves the flags alone */
        jmp     *(hand_off_code - HAND_OFF_CODE + HAND_OFF_ENTRY)(%rip)
        .globl  hand_off_code_end
hand_off_code_end:
