/* The kernel that every loader loads: it marks its first instruction, then looks at what it got.
 * Position-independent in 64-bit mode; Multiboot2 enters at 1 MiB in 32-bit mode. kernel.ld has the
 * places. */
#include "../marks.h"

.macro mark_kernel
    .byte 0x0F, 0x1F, 0x80
    .long MARK_BASE + MARK_KERNEL
.endm

    .section .entry64, "ax"
    .code64
    .globl entry64
entry64:
    mark_kernel
    cli
    cld
    lea stack_end(%rip), %rsp
    jmp judge64

    .section .entry32, "ax"
    .code32
    .globl entry32
entry32:
    mark_kernel
    cli
    cld
    mov $stack_end, %esp
    mov $text_kernel, %esi
    call puts32
    mov $payload, %esi
    mov sums + 16, %ecx         /* 8-byte words */
    add %ecx, %ecx
    xor %eax, %eax
1:
    add (%esi), %eax
    add $4, %esi
    dec %ecx
    jnz 1b
    mov $text_bad, %esi
    cmp sums + 8, %eax
    jne 2f
    mov $text_ok, %esi
2:
    call puts32
    mov $EXIT_DONE, %al
    out %al, $EXIT_PORT
3:
    hlt
    jmp 3b

puts32:
    mov (%esi), %al
    inc %esi
    test %al, %al
    jz 4f
    out %al, $DEBUG_PORT
    jmp puts32
4:
    ret

text_kernel: .asciz "kernel\n"
text_ok: .asciz "payload ok\n"
text_bad: .asciz "payload BAD\n"

    .section .multiboot2, "a"
multiboot2:
    .long 0xE85250D6, 0, multiboot2_end - multiboot2
    .long -(0xE85250D6 + 0 + (multiboot2_end - multiboot2))
    .word 0, 0
    .long 8
multiboot2_end:

/* Filled in by the harness: see kernel.c beside its main.c. */
    .section .sums, "aw"
    .globl sums
sums:
    .quad 0                     /* of the payload's 8-byte words */
    .quad 0                     /* of its 4-byte words, modulo 2^32 */
    .quad 0                     /* 8-byte words of the payload */
    .quad 0                     /* sum of the 8-byte words of all modules */

    .section .note.GNU-stack, "", @progbits
