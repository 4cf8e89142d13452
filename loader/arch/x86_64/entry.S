/* The image's entry. U-Boot 2023.01 and others start applications with CR4.OSFXSR clear: the
 * first SSE instruction, which any C function may hold, would reset the machine. */
#define CR0_EM_TS            0xC
#define CR4_OSFXSR_OSXMMEXCPT 0x600

        .text
        .globl  baton_entry
baton_entry:
        endbr64
        movq    %cr0, %rax
        andq    $~CR0_EM_TS, %rax
        movq    %rax, %cr0
        movq    %cr4, %rax
        orq     $CR4_OSFXSR_OSXMMEXCPT, %rax
        movq    %rax, %cr4
        jmp     efi_main
