/* Copied to a page that nothing is moved onto: position-independent. RDI: struct enter. */
        .section .rodata.enter, "a", @progbits
        .code64
        .globl  enter_code, enter_code_end
enter_code:
        cli
        cld
        movq    %rdi, %rbx
        leaq    4096(%rdi), %rsp
        leaq    88(%rdi), %rdx          /* moves */
1:      cmpl    $0, 16(%rbx)
        je      2f
        movq    (%rdx), %rdi
        movq    8(%rdx), %rsi
        movq    16(%rdx), %rcx
        rep movsb
        movq    24(%rdx), %rcx
        xorl    %eax, %eax
        rep stosb
        addq    $32, %rdx
        decl    16(%rbx)
        jmp     1b
2:      lgdtq   30(%rbx)
        lidtq   72(%rbx)
        leaq    3f(%rip), %rax
        pushq   $0x10
        pushq   %rax
        lretq
        .code32
3:      movl    $0x18, %eax             /* compatibility mode */
        movl    %eax, %ds
        movl    %eax, %es
        movl    %eax, %fs
        movl    %eax, %gs
        movl    %eax, %ss
        movl    %cr0, %eax
        andl    $0x7FFFFFFF, %eax       /* paging off: now it is 32-bit mode */
        movl    %eax, %cr0
        movl    $0xC0000080, %ecx
        rdmsr
        andl    $0xFFFFF6FE, %eax       /* NXE, LME, SCE off */
        wrmsr
        xorl    %eax, %eax
        movl    %eax, %cr3
        movl    %eax, %cr4
        movl    $0x11, %eax             /* ET PE */
        movl    %eax, %cr0
        movw    20(%ebx), %ax           /* the BIOS data area, in a page that the loader unmapped */
        testw   %ax, %ax
        jz      4f
        movw    %ax, 0x413
        movw    22(%ebx), %ax
        movw    %ax, 0x40E
4:      xorl    %ecx, %ecx
        lldt    %cx
        pushl   $2
        popfl
        movl    (%ebx), %ecx
        movl    4(%ebx), %eax
        movl    12(%ebx), %esi
        movl    8(%ebx), %ebx
        xorl    %edx, %edx
        xorl    %edi, %edi
        xorl    %ebp, %ebp
        jmp     *%ecx
enter_code_end:
        .section .note.GNU-stack, "", @progbits
