/* A graphics mode as the firmware describes it -> BootInfoFramebuffer. Pure. */
#ifndef BATON_SCREEN_H
#define BATON_SCREEN_H

#include "abi/bootinfo.h"

#include "core/config/config.h"

/* EFI_GRAPHICS_OUTPUT_PROTOCOL.Mode (UEFI 2.10 section 12.9.2). */
struct screen_mode {
    uint64_t address;
    uint64_t size; /* bytes, as the firmware says: it may be too much by far */
    uint32_t width, height, pixels_per_line;
    uint32_t format;                                         /* EFI_GRAPHICS_PIXEL_FORMAT */
    uint32_t red_mask, green_mask, blue_mask, reserved_mask; /* where format is a bit mask */
};

/* False where there is nothing to draw on: no linear framebuffer, or masks that make no pixel. */
bool screen_describe(const struct screen_mode *mode, struct BootInfoFramebuffer *out_framebuffer);

/* How near mode comes to wish: a higher number is nearer, 0: the mode is of no use. The nearest
 * mode is the largest one that fits in wish, or the smallest where none fits; of two of the same
 * size, the one with the wished bits. The numbers are even: the caller adds 1 to prefer one of two
 * equal modes. address and size of mode are not looked at. */
uint64_t screen_nearness(const struct screen_mode *mode, const struct screen_wish *wish);

#endif
