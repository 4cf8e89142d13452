#include "finish.h"

#include "port.h"

#define QEMU_EXIT_PORT    0xF4
#define QEMU_EXIT_SUCCESS 0x10 /* QEMU's exit status is 2 * value + 1 */
#define QEMU_EXIT_FAILURE 0x11

void finish(int ok)
{
    port_write(QEMU_EXIT_PORT, ok ? QEMU_EXIT_SUCCESS : QEMU_EXIT_FAILURE);
    for (;;) {
        __asm__ volatile("cli; hlt");
    }
}
