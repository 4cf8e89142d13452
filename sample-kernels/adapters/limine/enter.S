/* Copied to the page. RDI: struct limine_jump, at its physical address. */
        .section .rodata.enter, "a", @progbits
        .code64
        .globl  limine_enter_code, limine_enter_code_end
limine_enter_code:
        cli
        movq    (%rdi), %rax
        movq    8(%rdi), %rdx
        movq    16(%rdi), %rcx
        movq    24(%rdi), %rbx
        movq    32(%rdi), %rdi
        movq    %rax, %cr3
        lgdtq   (%rdx)
        movq    %rcx, %rsp
        movl    $0x30, %eax             /* the protocol's selectors */
        movl    %eax, %ds
        movl    %eax, %es
        movl    %eax, %fs
        movl    %eax, %gs
        movl    %eax, %ss
        xorl    %eax, %eax
        lldt    %ax
        leaq    1f(%rip), %rax
        pushq   $0x28
        pushq   %rax
        lretq
1:      testq   %rbx, %rbx
        jnz     3f
2:      pause
        movq    16(%rdi), %rbx          /* limine_cpu.go */
        testq   %rbx, %rbx
        jz      2b
3:      pushq   $0
        movq    %rbx, %rax
        xorl    %ebx, %ebx
        xorl    %ecx, %ecx
        xorl    %edx, %edx
        xorl    %esi, %esi
        xorl    %ebp, %ebp
        xorl    %r8d, %r8d
        xorl    %r9d, %r9d
        xorl    %r10d, %r10d
        xorl    %r11d, %r11d
        xorl    %r12d, %r12d
        xorl    %r13d, %r13d
        xorl    %r14d, %r14d
        xorl    %r15d, %r15d
        jmpq    *%rax
limine_enter_code_end:
        .section .note.GNU-stack, "", @progbits
