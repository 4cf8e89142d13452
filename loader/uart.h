/* A 16550's registers, at I/O ports or in memory: used while the firmware is there, and after. */
#ifndef BATON_UART_H
#define BATON_UART_H

#include "abi/bootinfo.h"
#include "arch.h"

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
#define UART_SPINS_MAX         100000 /* for a transmitter that never empties */

static inline volatile uint8_t *uart_register(const struct BootInfoSerial *uart, int number)
{
    return (volatile uint8_t *)(uart->base + (uint64_t)number * uart->register_stride);
}

static inline void uart_write(const struct BootInfoSerial *uart, int number, uint8_t value)
{
    if (uart->kind == BOOTINFO_SERIAL_16550_MEMORY) {
        *uart_register(uart, number) = value;
    } else {
        arch_port_write((uint16_t)(uart->base + (uint64_t)number), value);
    }
}

static inline uint8_t uart_read(const struct BootInfoSerial *uart, int number)
{
    if (uart->kind == BOOTINFO_SERIAL_16550_MEMORY) {
        return *uart_register(uart, number);
    }
    return arch_port_read((uint16_t)(uart->base + (uint64_t)number));
}

static inline void uart_wait(const struct BootInfoSerial *uart, uint8_t condition)
{
    for (uint32_t i = 0; i < UART_SPINS_MAX; i++) {
        if ((uart_read(uart, UART_STATUS) & condition) != 0) {
            return;
        }
    }
}

static inline void uart_put(const struct BootInfoSerial *uart, char c)
{
    uart_wait(uart, UART_STATUS_HOLD_EMPTY);
    uart_write(uart, UART_DATA, (uint8_t)c);
}

#endif
