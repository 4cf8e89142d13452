/* Text on everything that a machine can show it on, through one call: the serial port, QEMU's
 * debug console and the first framebuffer. Header only, for C11 and C++17.
 *
 *     static struct BootInfoConsole console;
 *
 *     bootinfo_console_open(&console, info);
 *     bootinfo_print(&console, "Hello");
 *
 * docs/first-kernel.md uses it. It writes to addresses that BootInfo names, which are
 * identity-mapped at entry: a kernel whose own page tables map them elsewhere sets console.serial
 * and console.screen anew. x86-64 only: ports. Not for two CPUs at a time.
 * SPDX-License-Identifier: MIT */
#ifndef BATON_BOOTINFO_CONSOLE_H
#define BATON_BOOTINFO_CONSOLE_H

#include "bootinfo.h"

#define BOOTINFO_CONSOLE_COLUMNS_MAX 160
#define BOOTINFO_CONSOLE_ROWS_MAX    90
#define BOOTINFO_CONSOLE_CELL_WIDTH  6 /* pixels of a character, the gap included */
#define BOOTINFO_CONSOLE_CELL_HEIGHT 10

/* About 14 KiB: a global of the kernel's, rather than on its stack. */
struct BootInfoConsole {
    struct BootInfoSerial serial;      /* kind BOOTINFO_SERIAL_NONE: nothing is written to it */
    struct BootInfoFramebuffer screen; /* width 0: nothing is drawn */
    int debug_console;                 /* QEMU's, at port 0xE9 */
    uint32_t scale;                    /* pixels of the screen for one of a character */
    uint32_t columns, rows;
    uint32_t column, row; /* where the next character goes */
    uint32_t foreground;  /* a pixel */
    char cells[BOOTINFO_CONSOLE_ROWS_MAX]
              [BOOTINFO_CONSOLE_COLUMNS_MAX]; /* what is shown; 0: blank */
};

static inline void bootinfo_port_write(uint16_t port, uint8_t value)
{
    __asm__ volatile("outb %0, %1" : : "a"(value), "Nd"(port));
}

static inline uint8_t bootinfo_port_read(uint16_t port)
{
    uint8_t value;
    __asm__ volatile("inb %1, %0" : "=a"(value) : "Nd"(port));
    return value;
}

/* Ends a virtual machine that has QEMU's isa-debug-exit at port 0xF4, as tools/run has. A real
 * machine has no such port: the CPU halts. */
static inline void bootinfo_finish(int success)
{
    bootinfo_port_write(0xF4, success ? 0x10 : 0x11);
    for (;;) {
        __asm__ volatile("cli; hlt");
    }
}

/* 5 x 9 pixels: bit 5 * row + 4 is the leftmost pixel of a row, row 0 the top one, row 6 that on
 * the line. Characters from ' ' to '~'. */
static inline uint64_t bootinfo_glyph(unsigned char character)
{
    static const uint64_t glyphs[95] = {
        0x000000000000, 0x000100421084, 0x00000000294a, 0x000295f57d4a, 0x00013c5751e4,
        0x0000e6820b38, 0x00036554524c, 0x000000001084, 0x000088842082, 0x000208210888,
        0x000009575480, 0x0000084f9080, 0x00410c000000, 0x0000000f8000, 0x000318000000,
        0x000020820820, 0x0003a39ace2e, 0x000388421184, 0x0007d041062e, 0x0003a211105f,
        0x000085f928c2, 0x0003a210fa1f, 0x0003a31f4106, 0x00021082083f, 0x0003a317462e,
        0x00030417c62e, 0x000018c03180, 0x000208c03180, 0x000088882082, 0x000001f07c00,
        0x000208208888, 0x00010041062e, 0x0003a17ade2e, 0x0004631fc62e, 0x0007a31f463e,
        0x0003a308422e, 0x00072518c65c, 0x0007e10f421f, 0x0004210f421f, 0x0003e31bc22e,
        0x0004631fc631, 0x00038842108e, 0x000324210847, 0x0004654c5251, 0x0007e1084210,
        0x0004631ad771, 0x0004633ae631, 0x0003a318c62e, 0x0004210f463e, 0x00036558c62e,
        0x0004654f463e, 0x00078217420f, 0x00010842109f, 0x0003a318c631, 0x00011518c631,
        0x0002ab5ac631, 0x000462a22a31, 0x000108454631, 0x0007e082083f, 0x00039084210e,
        0x000002222200, 0x00038421084e, 0x000000004544, 0x00f800000000, 0x000000000888,
        0x0003e2f0b800, 0x0007a31cda10, 0x0003a3083800, 0x0003e319b421, 0x0003a1f8b800,
        0x0002108e2126, 0x0e0be318bc00, 0x0004631cda10, 0x000388423004, 0x0c9084211802,
        0x0004a98a4a10, 0x00038842108c, 0x0004635ae800, 0x0004631cd800, 0x0003a318b800,
        0x1087a318f800, 0x010be318bc00, 0x0004210cd800, 0x000782e83c00, 0x000192847108,
        0x00036718c400, 0x00011518c400, 0x0002ab58c400, 0x000454454400, 0x0e0be318c400,
        0x0007d0417c00, 0x000088441082, 0x000108421084, 0x000208411088, 0x0000002aa000,
    };
    const uint64_t unknown = BOOTINFO_U64(0x7E318C63F); /* a box */
    return character >= 0x20 && character < 0x7F ? glyphs[character - 0x20] : unknown;
}

static inline volatile uint8_t *bootinfo_pixel(const struct BootInfoConsole *console, uint32_t x,
                                               uint32_t y)
{
    uint64_t offset =
        (uint64_t)y * console->screen.pitch + (uint64_t)x * (console->screen.bits_per_pixel / 8u);
    return (volatile uint8_t *)(uintptr_t)(console->screen.address + offset);
}

static inline void bootinfo_set_pixel(const struct BootInfoConsole *console, uint32_t x, uint32_t y,
                                      uint32_t color)
{
    volatile uint8_t *pixel = bootinfo_pixel(console, x, y);
    if (console->screen.bits_per_pixel == 32) {
        *(volatile uint32_t *)pixel = color;
        return;
    }
    for (uint32_t i = 0; i < console->screen.bits_per_pixel / 8u; i++) {
        pixel[i] = (uint8_t)(color >> (8 * i));
    }
}

/* One character of the screen, its background black. */
static inline void bootinfo_draw(const struct BootInfoConsole *console, uint32_t column,
                                 uint32_t row, char character)
{
    const uint32_t scale = console->scale;
    const uint64_t glyph = bootinfo_glyph((unsigned char)(character == 0 ? ' ' : character));
    const uint32_t left = column * BOOTINFO_CONSOLE_CELL_WIDTH * scale;
    const uint32_t top = row * BOOTINFO_CONSOLE_CELL_HEIGHT * scale;
    for (uint32_t y = 0; y < BOOTINFO_CONSOLE_CELL_HEIGHT * scale; y++) {
        uint64_t bits = y / scale < 9 ? glyph >> (5 * (y / scale)) : 0;
        for (uint32_t x = 0; x < BOOTINFO_CONSOLE_CELL_WIDTH * scale; x++) {
            int set = x / scale < 5 && (bits >> (4 - x / scale) & 1) != 0;
            bootinfo_set_pixel(console, left + x, top + y, set ? console->foreground : 0);
        }
    }
}

static inline void bootinfo_show(struct BootInfoConsole *console, uint32_t column, uint32_t row,
                                 char character)
{
    if (console->cells[row][column] != character) {
        console->cells[row][column] = character;
        bootinfo_draw(console, column, row, character);
    }
}

/* Reading a framebuffer is slow: the characters are kept, and only those that change are drawn. */
static inline void bootinfo_scroll(struct BootInfoConsole *console)
{
    for (uint32_t row = 0; row < console->rows; row++) {
        for (uint32_t column = 0; column < console->columns; column++) {
            char below = row + 1 < console->rows ? console->cells[row + 1][column] : (char)0;
            bootinfo_show(console, column, row, below);
        }
    }
}

static inline void bootinfo_new_line(struct BootInfoConsole *console)
{
    console->column = 0;
    if (console->row + 1 < console->rows) {
        console->row++;
    } else {
        bootinfo_scroll(console);
    }
}

static inline void bootinfo_screen_put(struct BootInfoConsole *console, char character)
{
    if (character == '\r') {
        console->column = 0;
    } else if (character == '\n') {
        bootinfo_new_line(console);
    } else if (character == '\b') {
        console->column -= console->column > 0 ? 1u : 0u;
    } else {
        bootinfo_show(console, console->column, console->row, character);
        if (++console->column == console->columns) {
            bootinfo_new_line(console);
        }
    }
}

static inline uint8_t bootinfo_serial_read(const struct BootInfoSerial *serial, uint32_t number)
{
    uint64_t address = serial->base + (uint64_t)number * serial->register_stride;
    return serial->kind == BOOTINFO_SERIAL_16550_MEMORY
               ? *(const volatile uint8_t *)(uintptr_t)address
               : bootinfo_port_read((uint16_t)address);
}

static inline void bootinfo_serial_put(struct BootInfoConsole *console, char character)
{
    struct BootInfoSerial *serial = &console->serial;
    const uint32_t status = 5;
    uint32_t polls = 0;
    while ((bootinfo_serial_read(serial, status) & 0x20) == 0) {
        if (++polls == 1000000) { /* a transmitter that never empties: once is enough */
            serial->kind = BOOTINFO_SERIAL_NONE;
            return;
        }
    }
    if (serial->kind == BOOTINFO_SERIAL_16550_MEMORY) {
        *(volatile uint8_t *)(uintptr_t)serial->base = (uint8_t)character;
    } else {
        bootinfo_port_write((uint16_t)serial->base, (uint8_t)character);
    }
}

/* A '\n' ends the line, on the serial port as CR LF. */
static inline void bootinfo_put(struct BootInfoConsole *console, char character)
{
    if (console->debug_console) {
        bootinfo_port_write(0xE9, (uint8_t)character);
    }
    if (console->serial.kind != BOOTINFO_SERIAL_NONE && character == '\n') {
        bootinfo_serial_put(console, '\r');
    }
    if (console->serial.kind != BOOTINFO_SERIAL_NONE) {
        bootinfo_serial_put(console, character);
    }
    if (console->screen.width != 0) {
        bootinfo_screen_put(console, character);
    }
}

/* text ends in NUL. */
static inline void bootinfo_print(struct BootInfoConsole *console, const char *text)
{
    while (*text != 0) {
        bootinfo_put(console, *text++);
    }
}

/* base: 2 to 16. */
static inline void bootinfo_print_number(struct BootInfoConsole *console, uint64_t value,
                                         uint32_t base)
{
    char digits[64]; /* of base 2 */
    uint32_t count = 0;
    do {
        digits[count++] = "0123456789abcdef"[value % base];
        value /= base;
    } while (value != 0);
    while (count > 0) {
        bootinfo_put(console, digits[--count]);
    }
}

static inline void bootinfo_print_decimal(struct BootInfoConsole *console, uint64_t value)
{
    bootinfo_print_number(console, value, 10);
}

/* With 0x in front. */
static inline void bootinfo_print_hex(struct BootInfoConsole *console, uint64_t value)
{
    bootinfo_print(console, "0x");
    bootinfo_print_number(console, value, 16);
}

static inline uint32_t bootinfo_least(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

/* Bright grey: three quarters of each color. */
static inline uint32_t bootinfo_grey(const struct BootInfoFramebuffer *screen)
{
    uint32_t red = (3u << screen->red_size) / 4 << screen->red_position;
    uint32_t green = (3u << screen->green_size) / 4 << screen->green_position;
    uint32_t blue = (3u << screen->blue_size) / 4 << screen->blue_position;
    return red | green | blue;
}

static inline void bootinfo_screen_open(struct BootInfoConsole *console)
{
    const struct BootInfoFramebuffer *screen = &console->screen;
    uint32_t scale = screen->width / (80 * BOOTINFO_CONSOLE_CELL_WIDTH);
    console->scale = scale == 0 ? 1 : scale;
    console->columns =
        bootinfo_least(screen->width / (BOOTINFO_CONSOLE_CELL_WIDTH * console->scale),
                       BOOTINFO_CONSOLE_COLUMNS_MAX);
    console->rows = bootinfo_least(screen->height / (BOOTINFO_CONSOLE_CELL_HEIGHT * console->scale),
                                   BOOTINFO_CONSOLE_ROWS_MAX);
    console->foreground = bootinfo_grey(screen);
    if (console->columns == 0 || console->rows == 0 || screen->bits_per_pixel % 8 != 0 ||
        screen->bits_per_pixel > 32) {
        console->screen.width = 0;
        return;
    }
    for (uint32_t y = 0; y < screen->height; y++) {
        for (uint32_t x = 0; x < screen->width; x++) {
            bootinfo_set_pixel(console, x, y, 0);
        }
    }
}

/* Clears the screen. console need not be zero. */
static inline void bootinfo_console_open(struct BootInfoConsole *console,
                                         const struct BootInfo *info)
{
    const struct BootInfoFramebuffer *first = bootinfo_framebuffer(info, 0);
    uint8_t *bytes = (uint8_t *)console;
    for (uint64_t i = 0; i < sizeof(*console); i++) {
        bytes[i] = 0;
    }
    console->serial = info->serial;
    console->debug_console = bootinfo_port_read(0xE9) == 0xE9; /* as QEMU's answers */
    if (first != 0) {
        console->screen = *first;
        bootinfo_screen_open(console);
    }
}

#endif
