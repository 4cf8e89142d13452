/* Answers to arch.h that the fault handlers need as well. */
#include "arch/x86_64/cpu.h"

#include "arch.h"

uint8_t arch_port_read(uint16_t port)
{
    return cpu_in8(port);
}

void arch_port_write(uint16_t port, uint8_t value)
{
    cpu_out8(port, value);
}

void arch_halt(void)
{
    for (;;) {
        __asm__ volatile("cli; hlt");
    }
}
