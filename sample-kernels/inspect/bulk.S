/* BULK_SIZE bytes that tell of any byte of the file that went astray: each word of 8 bytes holds
 * its offset. */
#ifndef BULK_SIZE
#define BULK_SIZE 0x10000
#endif

    .section .rodata
    .globl  bulk
    .globl  bulk_end
    .balign 8
bulk:
    .rept   BULK_SIZE / 8
    .quad   . - bulk
    .endr
bulk_end:

    .section .note.GNU-stack, "", @progbits
