/* Text on the serial port that BootInfo names and on QEMU's debug console (port 0xE9). */
#ifndef BATON_CONSOLE_H
#define BATON_CONSOLE_H

#include "bootinfo.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Where print() goes from now on; before the first call, to the debug console only. */
void console_use(const struct BootInfoSerial *serial);

/* LF is sent as CR LF on the serial port. */
void print(const char *text);
void print_span(struct BootInfoSpan text);
/* Filled up with blanks after the text. */
void print_padded(const char *text, uint32_t width);
/* 1,234,567; with blanks before it up to width characters. */
void print_decimal(uint64_t value, uint32_t width);
/* 0x1000; with zeros before it up to digits digits. */
void print_hex(uint64_t value, uint32_t digits);

#ifdef __cplusplus
}
#endif

#endif
