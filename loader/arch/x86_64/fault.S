/* Where all 256 stubs come together: saves the CPU's state as struct crash_state (crash.h). */
#define MSR_EFER   0xC0000080
#define CR0_KERNEL 0x80010033 /* as in hand_off.S: the kernel may have changed it */
#define CR4_SSE    0x600

        .text
        .globl  fault_common
fault_common:
        cld
        pushq   %rax
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
        orq     $CR4_SSE, %rbx
        movq    %rbx, %cr4
        movq    fault_page_tables(%rip), %rax
        movq    %rax, %cr3
        movq    %rsp, %rcx
        andq    $-16, %rsp
        subq    $32, %rsp
        call    fault_enter
        ud2
