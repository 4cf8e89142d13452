; RDI: BootInfo, RSI: its magic number. The CPU is in 64-bit mode, interrupts are off.
BITS 64
DEFAULT REL
%include "bootinfo.inc" ; BootInfo.memory_map and all other names

%define DEBUG_CONSOLE     0xE9 ; QEMU's
%define COM1              0x3F8
%define TRANSMITTER_EMPTY 0x20
%define EXIT_PORT         0xF4 ; QEMU's

extern bootinfo_kernel_start
extern bootinfo_kernel_memory_size
global kernel_main

; The kernel header of bootinfo.h.
section .bootinfo.header progbits alloc noexec nowrite align=8
    db "BOOTKERN"
    dw 1, 0 ; BootInfo 1.0 is enough
    dd 56   ; bytes of this
    dq bootinfo_kernel_start, bootinfo_kernel_memory_size, kernel_main
    dq 0    ; bytes of stack: as loader.cfg says
    dq 0    ; flags

section .text
kernel_main:
    mov rax, BOOTINFO_MAGIC
    cmp rsi, rax
    jne .fail
    lea rbx, [greeting]
    call print
    mov al, 0x10 ; success: ends a virtual machine
    out EXIT_PORT, al
.stop:
    cli
    hlt
    jmp .stop
.fail:
    mov al, 0x11
    out EXIT_PORT, al
    jmp .stop

; The text at RBX, up to a 0, to the serial port and the debug console.
print:
    mov cl, [rbx]
    test cl, cl
    jz .end
    mov edx, COM1 + 5
.wait:
    in al, dx
    test al, TRANSMITTER_EMPTY
    jz .wait
    mov al, cl
    mov edx, COM1
    out dx, al
    out DEBUG_CONSOLE, al
    inc rbx
    jmp print
.end:
    ret

section .rodata
greeting:
    db "hello from @NAME@", 10, 0
