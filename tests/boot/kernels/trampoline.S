/* Begins at its physical address and goes on in the higher half. Its parts share pages, and its
 * program headers are not in the order of their addresses. */
#define SERIAL_PORT       0x3F8 /* COM1 */
#define LINE_STATUS       5
#define TRANSMITTER_EMPTY 0x20
#define QEMU_EXIT_PORT    0xF4
#define QEMU_EXIT_SUCCESS 0x10

    .section .low, "ax"
    .globl _start
_start:
    movabs  $high, %rax
    jmp     *%rax

    .text
high:
    leaq    message(%rip), %rsi
    cld
next:
    movw    $(SERIAL_PORT + LINE_STATUS), %dx
wait:
    inb     %dx, %al
    testb   $TRANSMITTER_EMPTY, %al
    jz      wait
    lodsb
    testb   %al, %al
    jz      end
    movw    $SERIAL_PORT, %dx
    outb    %al, %dx
    jmp     next
end:
    movq    pointer(%rip), %rax
    incl    (%rax)                  # writable, though .text is on the same page
    movb    $QEMU_EXIT_SUCCESS, %al
    outb    %al, $QEMU_EXIT_PORT
halt:
    hlt
    jmp     halt

    .data
message:
    .asciz  "from a trampoline to the higher half\n"
    .balign 8
pointer:
    .quad   counter
counter:
    .long   0

    .section .note.GNU-stack, "", @progbits
