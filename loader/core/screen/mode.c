#include "core/screen/mode.h"

#include "core/base/apart.h"

enum {
    FORMAT_RGB = 0,
    FORMAT_BGR = 1,
    FORMAT_MASKS = 2,
};

/* A mask of one run of bits; false: no bit is set, or more than one run. */
static bool split_mask(uint32_t mask, uint8_t *out_position, uint8_t *out_size)
{
    uint8_t position = 0;
    uint8_t size = 0;
    if (mask == 0) {
        return false;
    }
    while ((mask & 1) == 0) {
        mask >>= 1;
        position++;
    }
    while ((mask & 1) != 0) {
        mask >>= 1;
        size++;
    }
    *out_position = position;
    *out_size = size;
    return mask == 0;
}

static bool describe_pixel(const struct screen_mode *mode, struct BootInfoFramebuffer *out)
{
    uint32_t red = mode->red_mask;
    uint32_t green = mode->green_mask;
    uint32_t blue = mode->blue_mask;
    uint32_t all = red | green | blue | mode->reserved_mask;
    if (mode->format == FORMAT_RGB || mode->format == FORMAT_BGR) {
        red = mode->format == FORMAT_RGB ? UINT32_C(0xFF) : UINT32_C(0xFF0000);
        green = UINT32_C(0xFF00);
        blue = mode->format == FORMAT_RGB ? UINT32_C(0xFF0000) : UINT32_C(0xFF);
        all = UINT32_MAX;
    } else if (mode->format != FORMAT_MASKS) {
        return false;
    }
    for (out->bits_per_pixel = 8; out->bits_per_pixel < 32; out->bits_per_pixel += 8) {
        if (all >> out->bits_per_pixel == 0) {
            break;
        }
    }
    return split_mask(red, &out->red_position, &out->red_size) &&
           split_mask(green, &out->green_position, &out->green_size) &&
           split_mask(blue, &out->blue_position, &out->blue_size);
}

bool screen_describe(const struct screen_mode *mode, struct BootInfoFramebuffer *out_framebuffer)
{
    struct BootInfoFramebuffer out = {
        .address = mode->address,
        .width = mode->width,
        .height = mode->height,
    };
    if (mode->address == 0 || mode->width == 0 || mode->height == 0 ||
        mode->pixels_per_line < mode->width || !describe_pixel(mode, &out)) {
        return false;
    }
    uint64_t pitch = (uint64_t)mode->pixels_per_line * (out.bits_per_pixel / 8);
    if (pitch > UINT32_MAX || mode->size / pitch < mode->height) {
        return false;
    }
    out.size = pitch * mode->height;
    if (mode->address > UINT64_MAX - out.size) {
        return false;
    }
    out.pitch = (uint32_t)pitch;
    *out_framebuffer = out;
    return true;
}

#define FITS (UINT64_C(1) << 40) /* above any number of pixels */

APART uint64_t screen_nearness(const struct screen_mode *mode, const struct screen_wish *wish)
{
    struct screen_mode imagined = *mode;
    struct BootInfoFramebuffer screen;
    imagined.address = 1;
    imagined.size = UINT64_MAX;
    if (mode->width > CONFIG_SCREEN_MAX || mode->height > CONFIG_SCREEN_MAX ||
        !screen_describe(&imagined, &screen)) {
        return 0;
    }
    bool fits = screen.width <= wish->width && screen.height <= wish->height;
    uint64_t pixels = (uint64_t)screen.width * screen.height;
    uint64_t bits = screen.bits_per_pixel == wish->bits ? 2 : 0;
    return (fits ? FITS + pixels : FITS - pixels) * 4 + bits;
}
