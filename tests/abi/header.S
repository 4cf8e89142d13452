/* Assembling is the test: the constants of bootinfo.h, and its kernel header. */
#include "bootinfo.h"

#define FROZEN(name, value) .if (name) != (value); .error "a frozen constant has changed"; .endif;
#include "bootinfo_1_0.h"
#include "bootinfo_1_1.h"

BOOTINFO_KERNEL_HEADER(kernel_main, 0x4000)

        .section .text.entry, "ax"
        .globl  kernel_main
kernel_main:
        movabs  $BOOTINFO_MAGIC, %rax
        cmpq    %rax, BOOTINFO_OFFSET_MAGIC(%rdi)
        cmpl    $BOOTINFO_SIZE_1_0, BOOTINFO_OFFSET_SIZE(%rdi)
        testl   $BOOTINFO_FLAG_NX, BOOTINFO_OFFSET_FLAGS(%rdi)
        movabs  $BOOTINFO_TIME_UNKNOWN, %rcx
        ret
