/* A 16550's registers, at I/O ports or in memory: used while the firmware is there, and after. */
#ifndef BATON_UART_H
#define BATON_UART_H

#include "arch.h"
#include "core/base/serial.h"

enum {
    UART_DATA = 0,
    UART_INTERRUPTS = 1,
    UART_FIFO = 2,
    UART_LINE = 3,
    UART_MODEM = 4,
    UART_STATUS = 5,
    UART_SCRATCH = 7,
};

#define UART_LINE_8N1          0x03
#define UART_LINE_DIVISOR      0x80
#define UART_FIFO_ON           0x07 /* enabled, both emptied */
#define UART_MODEM_DTR_RTS     0x03
#define UART_STATUS_HOLD_EMPTY 0x20
#define UART_STATUS_ALL_EMPTY  0x40
#define UART_CLOCK             115200 /* baud with a divisor of 1 */
#define UART_SPINS_MAX         100000 /* for a transmitter that never empties: once */

struct uart {
    struct serial_port port;
};

static inline uint64_t uart_register(const struct uart *uart, int number)
{
    return uart->port.info.base + (uint64_t)number * uart->port.info.register_stride;
}

/* A register in memory is accessed as SPCR says: some take nothing but words of 32 bits. */
static inline void uart_write(const struct uart *uart, int number, uint8_t value)
{
    uint64_t at = uart_register(uart, number);
    if (uart->port.info.kind != BOOTINFO_SERIAL_16550_MEMORY) {
        arch_port_write((uint16_t)at, value);
    } else if (uart->port.width == 4) {
        *(volatile uint32_t *)at = value;
    } else if (uart->port.width == 2) {
        *(volatile uint16_t *)at = value;
    } else {
        *(volatile uint8_t *)at = value;
    }
}

static inline uint8_t uart_read(const struct uart *uart, int number)
{
    uint64_t at = uart_register(uart, number);
    if (uart->port.info.kind != BOOTINFO_SERIAL_16550_MEMORY) {
        return arch_port_read((uint16_t)at);
    }
    return uart->port.width == 4   ? (uint8_t) * (volatile uint32_t *)at
           : uart->port.width == 2 ? (uint8_t) * (volatile uint16_t *)at
                                   : *(volatile uint8_t *)at;
}

static inline void uart_wait(struct uart *uart, uint8_t condition)
{
    for (uint32_t i = 0; i < UART_SPINS_MAX && !uart->port.given_up; i++) {
        if ((uart_read(uart, UART_STATUS) & condition) != 0) {
            return;
        }
    }
    uart->port.given_up = true;
}

static inline void uart_put(struct uart *uart, char c)
{
    uart_wait(uart, UART_STATUS_HOLD_EMPTY);
    uart_write(uart, UART_DATA, (uint8_t)c);
}

#endif
