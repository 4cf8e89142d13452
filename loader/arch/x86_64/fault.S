/* Where all 256 stubs come together: saves the CPU's state as struct crash_state (crash.h). On the
 * stack is the stub's return address, from which the vector follows, then what the CPU has pushed,
 * with or without an error code. */
#include "arch/x86_64/crash.h"
#include "arch/x86_64/fault.h"

#define MSR_EFER   0xC0000080
#define CR0_KERNEL 0x80010033 /* as in hand_off.S: the kernel may have changed it */
#define CR4_KERNEL 0x620      /* the same: OSXMMEXCPT OSFXSR PAE */
#define CR4_KEPT   0x3040     /* VMXE LA57 MCE: these cannot be cleared here, or need not be */

        .section .kept$a, "xr"          /* the first of what is kept: loader/kept.h */
        .globl  fault_common
fault_common:
        cld
        pushq   %rax
        movl    8(%rsp), %eax
        shrl    $3, %eax                /* a stub has 8 bytes */
        movzbl  %al, %eax
        cmpl    $32, %eax
        jae     1f
        btl     %eax, error_codes(%rip)
        jc      2f
1:
        pushq   (%rsp)                  /* a word more: the error code, 0 */
        movq    $0, 16(%rsp)
2:
        movq    %rax, 8(%rsp)
        pushq   %rbx
        pushq   %rcx
        pushq   %rdx
        pushq   %rsi
        pushq   %rdi
        pushq   %rbp
        pushq   %r8
        pushq   %r9
        pushq   %r10
        pushq   %r11
        pushq   %r12
        pushq   %r13
        pushq   %r14
        pushq   %r15
        movl    $MSR_EFER, %ecx
        rdmsr
        shlq    $32, %rdx
        orq     %rdx, %rax
        pushq   %rax
        movl    fault_efer(%rip), %r8d
        movl    %eax, %r9d
        notl    %r9d
        testl   %r8d, %r9d
        jz      1f
        movq    %rax, %rdx
        shrq    $32, %rdx
        orl     %r8d, %eax
        wrmsr
1:
        movq    %cr4, %rbx
        pushq   %rbx
        movq    %cr3, %rax
        pushq   %rax
        movq    %cr2, %rax
        pushq   %rax
        movq    %cr0, %rax
        pushq   %rax
        movl    $CR0_KERNEL, %eax
        movq    %rax, %cr0
        andq    $CR4_KEPT, %rbx         /* no PGE: global pages of the kernel's are forgotten */
        orq     $CR4_KERNEL, %rbx
        movq    %rbx, %cr4
        movq    fault_page_tables(%rip), %rax
        movq    %rax, %cr3
        movq    %rsp, %rcx
        andq    $-16, %rsp
        subq    $32, %rsp
        call    fault_enter
        ud2
error_codes:
        .long   CRASH_ERROR_CODES

/* Here and not in C, for which only .bss has no bytes in the file. Some of .keptd has bytes: shim
 * takes a section without any for one that lies in the headers. */
        .section .keptd, "dw"
        .globl  fault_page_tables
fault_page_tables:
        .quad   0
        .globl  fault_efer
fault_efer:
        .quad   0

        .section .keptz, "bw"           /* goes after .keptd: loader/CMakeLists.txt */
        .balign 16
        .globl  kept
kept:
        .zero   FAULT_KEPT_SIZE
        .globl  fault_data_end
fault_data_end:
