/* RDI: BootInfo, RSI: its magic number. The CPU is in 64-bit mode, interrupts are off. */
#include "bootinfo.h"

.set DEBUG_CONSOLE, 0xE9 /* QEMU's */
.set COM1, 0x3F8
.set TRANSMITTER_EMPTY, 0x20
.set EXIT_PORT, 0xF4 /* QEMU's */

BOOTINFO_KERNEL_HEADER(kernel_main, 0)

.text
.globl kernel_main
.type kernel_main, @function
kernel_main:
    movabs $BOOTINFO_MAGIC, %rax
    cmp %rax, %rsi
    jne fail
    lea greeting(%rip), %rbx
    call print
    mov $0x10, %eax /* success: ends a virtual machine */
    out %al, $EXIT_PORT
1:  cli
    hlt
    jmp 1b
fail:
    mov $0x11, %eax
    out %al, $EXIT_PORT
    jmp 1b
.size kernel_main, . - kernel_main

/* The text at RBX, up to a 0, to the serial port and the debug console. */
.type print, @function
print:
    mov (%rbx), %cl
    test %cl, %cl
    jz 2f
    mov $COM1 + 5, %edx
1:  in %dx, %al
    test $TRANSMITTER_EMPTY, %al
    jz 1b
    mov %cl, %al
    mov $COM1, %edx
    out %al, %dx
    out %al, $DEBUG_CONSOLE
    inc %rbx
    jmp print
2:  ret
.size print, . - print

.section .rodata
greeting:
    .asciz "hello from @NAME@\n"

.section .note.GNU-stack, "", @progbits
