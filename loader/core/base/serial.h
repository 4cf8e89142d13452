/* A serial port, and how its registers are accessed. */
#ifndef BATON_SERIAL_H
#define BATON_SERIAL_H

#include "abi/bootinfo.h"

#include <stdbool.h>

#define SERIAL_REGISTERS 8

struct serial_port {
    struct BootInfoSerial info; /* as in BootInfo */
    uint32_t width;             /* bytes of an access to a register in memory: 1, 2 or 4 */
    bool given_up;              /* it was not ready in time once: nobody waits for it again */
};

/* Its registers, where they lie in memory. */
static inline struct BootInfoSpan serial_registers(const struct BootInfoSerial *serial)
{
    return (struct BootInfoSpan){serial->base,
                                 SERIAL_REGISTERS * (uint64_t)serial->register_stride};
}

#endif
