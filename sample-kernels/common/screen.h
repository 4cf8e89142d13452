/* Rectangles on a framebuffer, of whatever depth. */
#ifndef BATON_SCREEN_H
#define BATON_SCREEN_H

#include "bootinfo.h"

/* rgb is 0xRRGGBB. The rectangle lies on the screen. */
void screen_fill(const struct BootInfoFramebuffer *screen, uint32_t x, uint32_t y, uint32_t width,
                 uint32_t height, uint32_t rgb);

#endif
