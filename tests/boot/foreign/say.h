/* Words and numbers on COM1 and the end of QEMU, for kernels of any protocol, in 32 and 64 bits. */
#ifndef FOREIGN_SAY_H
#define FOREIGN_SAY_H

#include <stdint.h>

static inline void port_out(uint16_t port, uint8_t value)
{
    __asm__ volatile("outb %0, %1" : : "a"(value), "Nd"(port));
}

static inline uint8_t port_in(uint16_t port)
{
    uint8_t value;
    __asm__ volatile("inb %1, %0" : "=a"(value) : "Nd"(port));
    return value;
}

static void say_character(char character)
{
    while ((port_in(0x3FD) & 0x20) == 0) {
    }
    port_out(0x3F8, (uint8_t)character);
}

static void say(const char *text)
{
    for (; *text != '\0'; text++) {
        say_character(*text);
    }
}

/* " 0x1000" */
static void say_hex(uint64_t value)
{
    uint32_t shift = 60;
    say(" 0x");
    while (shift > 0 && value >> shift == 0) {
        shift -= 4;
    }
    for (;; shift -= 4) {
        uint32_t digit = (uint32_t)(value >> shift) & 15;
        say_character((char)(digit < 10 ? '0' + digit : 'a' + digit - 10));
        if (shift == 0) {
            return;
        }
    }
}

static _Noreturn void end(int good)
{
    port_out(0xF4, good ? 0x10 : 0x11);
    for (;;) {
        __asm__ volatile("cli; hlt");
    }
}

/* Ends the run where it is not so. */
static void expect(const char *what, int good)
{
    if (!good) {
        say("foreign: not so: ");
        say(what);
        say("\n");
        end(0);
    }
}

/* Little-endian, of 1 to 8 bytes. */
static inline uint64_t get(uintptr_t at, uint32_t size)
{
    uint64_t value = 0;
    while (size-- > 0) {
        value = value << 8 | *(const volatile uint8_t *)(at + size);
    }
    return value;
}

/* CRC-32 of RFC 1952. */
static inline uint32_t crc_of(uintptr_t at, uint32_t size)
{
    uint32_t crc = UINT32_MAX;
    for (uint32_t i = 0; i < size; i++) {
        crc ^= (uint8_t)get(at + i, 1);
        for (int bit = 0; bit < 8; bit++) {
            crc = crc >> 1 ^ (0xEDB88320 & (0 - (crc & 1)));
        }
    }
    return ~crc;
}

#endif
