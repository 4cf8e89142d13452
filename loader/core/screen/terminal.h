/* Text on a linear framebuffer, with the firmware's own glyphs. Pure but for the pixels. */
#ifndef BATON_TERMINAL_H
#define BATON_TERMINAL_H

#include "abi/bootinfo.h"
#include "core/base/text.h"

#include <stdbool.h>

/* EFI_NARROW_GLYPH (UEFI 2.10 section 33.3.2): 8 x 19 pixels, a byte a line, leftmost bit first. */
#define GLYPH_WIDTH  8
#define GLYPH_HEIGHT 19
#define GLYPH_FIRST  0x20
#define GLYPH_COUNT  95

struct font {
    uint8_t glyphs[GLYPH_COUNT][GLYPH_HEIGHT];
    uint32_t known; /* how many glyphs were found; 0: there is no font */
};

/* Copies the printable ASCII glyphs from a package list as the HII database exports it (UEFI 2.10
 * section 33.3.1). Packages that are damaged or of another kind are left out. */
void font_collect(const void *package_list, uint64_t size, struct font *font);

struct terminal {
    struct BootInfoFramebuffer screen;
    const struct font *font;
    uint32_t columns, rows;
    uint32_t column, row;
    uint32_t foreground, background; /* pixels */
};

/* False: there is no font, or nothing to draw on. Draws nothing yet. */
bool terminal_open(struct terminal *terminal, const struct BootInfoFramebuffer *screen,
                   const struct font *font);
/* Draws one line. The rest of a line that is too long goes on the next one; what has no room below
 * is dropped. */
void terminal_line(struct terminal *terminal, struct text line);

#endif
