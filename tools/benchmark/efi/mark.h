/* What the programs in the machine tell the plugin and the harness: marks, and the debug
 * console. */
#ifndef BATON_BENCHMARK_MARK_H
#define BATON_BENCHMARK_MARK_H

#include <stdint.h>

#include "../marks.h"

/* A NOP that the plugin knows by its displacement: nopl 0x4D4Bxxxx(%rax). */
#define MARK(id)                                \
    __asm__ volatile(".byte 0x0F, 0x1F, 0x80\n" \
                     ".long %c0"                \
                     :                          \
                     : "i"(MARK_BASE + (id))    \
                     : "memory")

static inline uint64_t time_stamp(void)
{
    uint32_t low;
    uint32_t high;
    __asm__ volatile("rdtsc" : "=a"(low), "=d"(high));
    return (uint64_t)high << 32 | low;
}

static inline void debug_char(char c)
{
    __asm__ volatile("outb %0, %1" : : "a"(c), "Nd"((uint16_t)DEBUG_PORT));
}

static inline uint8_t debug_read(void)
{
    uint8_t value;
    __asm__ volatile("inb %1, %0" : "=a"(value) : "Nd"((uint16_t)DEBUG_PORT));
    return value;
}

static inline void debug_text(const char *text)
{
    for (; *text != '\0'; text++) {
        debug_char(*text);
    }
}

static inline void debug_hex(uint64_t value)
{
    for (int shift = 60; shift >= 0; shift -= 4) {
        debug_char("0123456789abcdef"[value >> shift & 15]);
    }
}

/* A line "NAME VALUE". */
static inline void debug_fact(const char *name, uint64_t value)
{
    debug_text(name);
    debug_char(' ');
    debug_hex(value);
    debug_char('\n');
}

/* Ends QEMU with the status code * 2 + 1. */
static inline void leave_qemu(uint8_t code)
{
    __asm__ volatile("outb %0, %1" : : "a"(code), "Nd"((uint16_t)EXIT_PORT));
    for (;;) {
        __asm__ volatile("hlt");
    }
}

#endif
