/* Headers and entry of the tests' Multiboot kernels. PROTOCOL 1, 2 or 3 (PVH); FLAT: address fields
 * instead of ELF; RELOCATABLE. */
        .section .multiboot, "a"
        .balign 8
header:
#if PROTOCOL == 2
        .long   0xE85250D6, 0, header_end - header, -(0xE85250D6 + header_end - header)
        .short  1, 0                    /* it insists on these tags */
        .long   20, 1, 6, 15
        .balign 8
#ifdef TEXT_MODE
        .short  4, 1                    /* and would like a console: one there must be, EGA text */
        .long   12, 3
#else
        .short  5, 1                    /* and would like a framebuffer of this size */
        .long   20, 800, 600, 32
#endif
        .balign 8
#ifdef RELOCATABLE
        .short  10, 0
        .long   24, 0x1000000, 0x7FFFFFFF, 0x200000, 1
#endif
#ifdef INSISTS
        .short  INSISTS, 0
        .long   8
#endif
#ifdef FLAT
        .short  2, 0
        .long   24, header, image, image_end, bss_end
        .short  3, 0
        .long   12, start
        .balign 8
#endif
        .short  0, 0
        .long   8
#elif PROTOCOL == 1
#ifdef FLAT
        .long   0x1BADB002, 0x10007, -(0x1BADB002 + 0x10007)
        .long   header, image, image_end, bss_end, start
#else
        .long   0x1BADB002, 0x7, -(0x1BADB002 + 0x7)
        .long   0, 0, 0, 0, 0
#endif
        .long   1, 0, 0, 0              /* VGA text, which it does not get */
#endif
header_end:

#if PROTOCOL == 3
        .section .note.pvh, "a", @note
        .balign 4
        .long   4, 4, 18
        .asciz  "Xen"
        .long   start
#endif

        .text
        .code32
        .globl  start
start:
        cli
        call    1f
1:      popl    %ebp
        leal    stack_end - 1b(%ebp), %esp
        xorl    %ebp, %ebp
        pushl   $0
        pushl   $0
        pushl   %ebx
        pushl   %eax
        call    kernel
        hlt

        .bss
        .balign 16
        .skip   0x4000
stack_end:
        .section .note.GNU-stack, "", @progbits
