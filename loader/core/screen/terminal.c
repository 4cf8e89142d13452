#include "core/screen/terminal.h"

#include "core/base/bytes.h"

#include <string.h>

#define FOREGROUND 0xFFFFFF
#define BACKGROUND 0x500000

/* UEFI 2.10 section 33.3.1: lengths are 24 bits, types 8. */
#define PACKAGE_LIST_HEADER 20
#define PACKAGE_HEADER      4
#define PACKAGE_FONT        7 /* EFI_HII_PACKAGE_SIMPLE_FONTS */
#define PACKAGE_END         0xDF
#define FONT_HEADER         8
#define NARROW_GLYPH        22 /* CHAR16, attributes, 19 lines */

static void collect_glyphs(const uint8_t *package, uint64_t size, struct font *font)
{
    uint64_t count = half_at(package + PACKAGE_HEADER);
    const uint8_t *glyph = package + FONT_HEADER;
    for (uint64_t left = size - FONT_HEADER; count > 0 && left >= NARROW_GLYPH; count--) {
        uint32_t character = half_at(glyph) - GLYPH_FIRST;
        if (character < GLYPH_COUNT) {
            memcpy(font->glyphs[character], glyph + 3, GLYPH_HEIGHT);
            font->known++;
        }
        glyph += NARROW_GLYPH;
        left -= NARROW_GLYPH;
    }
}

void font_collect(const void *package_list, uint64_t size, struct font *font)
{
    const uint8_t *bytes = package_list;
    for (uint64_t at = PACKAGE_LIST_HEADER; at <= size && size - at >= PACKAGE_HEADER;) {
        uint64_t length = half_at(bytes + at) | (uint64_t)bytes[at + 2] << 16;
        uint8_t type = bytes[at + 3];
        if (type == PACKAGE_END || length < PACKAGE_HEADER || length > size - at) {
            return;
        }
        if (type == PACKAGE_FONT && length >= FONT_HEADER) {
            collect_glyphs(bytes + at, length, font);
        }
        at += length;
    }
}

/* The top bits of an 8-bit value, moved to where the mode has them. */
static uint32_t channel(uint32_t value, uint8_t position, uint8_t size)
{
    return (uint32_t)((uint64_t)value << size >> 8) << position;
}

static uint32_t pixel_of(const struct BootInfoFramebuffer *screen, uint32_t rgb)
{
    return channel(rgb >> 16 & 0xFF, screen->red_position, screen->red_size) |
           channel(rgb >> 8 & 0xFF, screen->green_position, screen->green_size) |
           channel(rgb & 0xFF, screen->blue_position, screen->blue_size);
}

bool terminal_open(struct terminal *terminal, const struct BootInfoFramebuffer *screen,
                   const struct font *font)
{
    *terminal = (struct terminal){
        .screen = *screen,
        .font = font,
        .columns = screen->width / GLYPH_WIDTH,
        .rows = screen->height / GLYPH_HEIGHT,
        .foreground = pixel_of(screen, FOREGROUND),
        .background = pixel_of(screen, BACKGROUND),
    };
    return screen->address != 0 && font->known > 0 && terminal->columns > 0 && terminal->rows > 0;
}

static void draw(const struct terminal *terminal, uint32_t column, uint32_t row,
                 const uint8_t *glyph)
{
    const struct BootInfoFramebuffer *screen = &terminal->screen;
    const uint32_t bytes = screen->bits_per_pixel / 8;
    uint8_t *line = (uint8_t *)screen->address + (uint64_t)row * GLYPH_HEIGHT * screen->pitch +
                    (uint64_t)column * GLYPH_WIDTH * bytes;
    for (int y = 0; y < GLYPH_HEIGHT; y++, line += screen->pitch) {
        for (uint32_t x = 0; x < GLYPH_WIDTH; x++) {
            bool lit = (glyph[y] >> (GLYPH_WIDTH - 1 - x) & 1) != 0;
            uint32_t pixel = lit ? terminal->foreground : terminal->background;
            memcpy(line + (uint64_t)x * bytes, &pixel, bytes); /* little-endian */
        }
    }
}

static const uint8_t *glyph_of(const struct font *font, char c)
{
    uint32_t character = (uint8_t)c - GLYPH_FIRST;
    return font->glyphs[character < GLYPH_COUNT ? character : '?' - GLYPH_FIRST];
}

static void next_row(struct terminal *terminal)
{
    const uint8_t *blank = glyph_of(terminal->font, ' ');
    while (terminal->column < terminal->columns) {
        draw(terminal, terminal->column++, terminal->row, blank);
    }
    terminal->column = 0;
    terminal->row++;
}

void terminal_line(struct terminal *terminal, struct text line)
{
    for (size_t i = 0; i < line.size; i++) {
        if (terminal->column == terminal->columns) {
            next_row(terminal);
        }
        if (terminal->row == terminal->rows) {
            return;
        }
        draw(terminal, terminal->column++, terminal->row, glyph_of(terminal->font, line.bytes[i]));
    }
    if (terminal->row < terminal->rows) {
        next_row(terminal);
    }
}
