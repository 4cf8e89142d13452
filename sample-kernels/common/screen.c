#include "screen.h"

/* The upper bits of an 8-bit colour, moved to where the screen has them. */
static uint32_t channel(uint32_t value, uint8_t position, uint8_t size)
{
    uint32_t scaled = size >= 8 ? value << (size - 8) | value >> (16 - size) : value >> (8 - size);
    return scaled << position;
}

static uint32_t pixel(const struct BootInfoFramebuffer *screen, uint32_t rgb)
{
    return channel(rgb >> 16 & 0xFF, screen->red_position, screen->red_size) |
           channel(rgb >> 8 & 0xFF, screen->green_position, screen->green_size) |
           channel(rgb & 0xFF, screen->blue_position, screen->blue_size);
}

void screen_fill(const struct BootInfoFramebuffer *screen, uint32_t x, uint32_t y, uint32_t width,
                 uint32_t height, uint32_t rgb)
{
    uint32_t bytes = screen->bits_per_pixel / 8;
    uint32_t value = pixel(screen, rgb);
    for (uint32_t row = y; row < y + height; row++) {
        uint8_t *at = (uint8_t *)screen->address + (uint64_t)row * screen->pitch + x * bytes;
        for (uint32_t i = 0; i < width; i++) {
            for (uint32_t byte = 0; byte < bytes; byte++) {
                *at++ = (uint8_t)(value >> 8 * byte);
            }
        }
    }
}
