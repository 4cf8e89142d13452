/* Checks what the loader handed over, greets on serial port and debug console, and stops.
 * Has both ways to be entered: its first byte is its entry, and its header names the same. */
#include "bootinfo.h"

#define DEBUG_PORT        0xE9
#define QEMU_EXIT_PORT    0xF4
#define QEMU_EXIT_SUCCESS 0x10
#define QEMU_EXIT_FAILURE 0x11
#define LINE_STATUS       5    /* register of a 16550 */
#define TRANSMITTER_EMPTY 0x20

/* In BootInfo.serial */
#define SERIAL_BASE   BOOTINFO_OFFSET_SERIAL
#define SERIAL_KIND   (BOOTINFO_OFFSET_SERIAL + 8)
#define SERIAL_STRIDE (BOOTINFO_OFFSET_SERIAL + 16)

BOOTINFO_KERNEL_HEADER(kernel_main, 0x1000)

    .section .text.entry, "ax"
    .globl kernel_main
kernel_main:
    movb    $QEMU_EXIT_FAILURE, %r12b
    movabs  $BOOTINFO_MAGIC, %rax
    cmpq    %rax, %rsi
    jne     finish
    cmpq    %rax, BOOTINFO_OFFSET_MAGIC(%rdi)
    jne     finish
    cmpw    $BOOTINFO_VERSION_MAJOR, BOOTINFO_OFFSET_VERSION_MAJOR(%rdi)
    jne     finish
    cmpl    $BOOTINFO_SIZE_1_0, BOOTINFO_OFFSET_SIZE(%rdi)
    jb      finish

    leaq    greeting(%rip), %rsi
    movl    $greeting_size, %ecx
    call    put
    movq    BOOTINFO_OFFSET_LOADER_NAME(%rdi), %rsi
    movq    BOOTINFO_OFFSET_LOADER_NAME + 8(%rdi), %rcx
    call    put
    leaq    line_end(%rip), %rsi
    movl    $2, %ecx
    call    put
    movb    $QEMU_EXIT_SUCCESS, %r12b

finish:
    movb    %r12b, %al
    outb    %al, $QEMU_EXIT_PORT
    cli
halt:
    hlt
    jmp     halt

/* Sends RCX bytes at RSI. RDI: BootInfo. Changes RAX, RCX, RDX, RSI, R8, R9. */
put:
    movl    SERIAL_BASE(%rdi), %r8d
    imull   $LINE_STATUS, SERIAL_STRIDE(%rdi), %r9d
    addl    %r8d, %r9d
put_next:
    jrcxz   put_end
    movb    (%rsi), %al
    outb    %al, $DEBUG_PORT
    cmpl    $BOOTINFO_SERIAL_16550_PORT, SERIAL_KIND(%rdi)
    jne     put_done
    movl    %r9d, %edx
put_wait:
    inb     %dx, %al
    testb   $TRANSMITTER_EMPTY, %al
    jz      put_wait
    movl    %r8d, %edx
    movb    (%rsi), %al
    outb    %al, %dx
put_done:
    incq    %rsi
    decq    %rcx
    jmp     put_next
put_end:
    ret

    .section .rodata
greeting:
    .ascii  "hello from a kernel in assembly; loaded by "
    .set    greeting_size, . - greeting
line_end:
    .ascii  "\r\n"

    .section .note.GNU-stack, "", @progbits
