/* Draws a test card on the first framebuffer with what BootInfo says of it: a frame of one pixel at
 * the very edge, eight bars of colour, three ramps, the mode in large digits. Tells all of them on
 * the serial port. */
#include "console.h"
#include "finish.h"
#include "screen.h"

BOOTINFO_KERNEL_HEADER(kernel_main, 0x4000);

struct card {
    const struct BootInfoFramebuffer *screen;
    uint32_t cell; /* pixels of a digit's dot */
};

/* Digits and an x, 3 dots wide and 5 high, a bit a dot. */
static const uint16_t glyphs[] = {075557, 026227, 071747, 071717, 055711, 074717,
                                  074757, 071122, 075757, 075717, 005250};

static void draw_glyph(const struct card *card, uint32_t x, uint32_t y, uint32_t glyph)
{
    for (uint32_t dot = 0; dot < 15; dot++) {
        if ((glyphs[glyph] >> (14 - dot) & 1) != 0) {
            screen_fill(card->screen, x + dot % 3 * card->cell, y + dot / 3 * card->cell,
                        card->cell, card->cell, 0xFFFFFF);
        }
    }
}

/* Returns where the next one goes. */
static uint32_t draw_number(const struct card *card, uint32_t x, uint32_t y, uint32_t number)
{
    uint32_t divisor = 1;
    while (number / divisor >= 10) {
        divisor *= 10;
    }
    for (; divisor > 0; divisor /= 10, x += 4 * card->cell) {
        draw_glyph(card, x, y, number / divisor % 10);
    }
    return x;
}

static void draw_mode(const struct card *card)
{
    const struct BootInfoFramebuffer *screen = card->screen;
    uint32_t y = screen->height / 16 * 11;
    uint32_t x = draw_number(card, screen->width / 16, y, screen->width);
    draw_glyph(card, x, y, 10);
    x = draw_number(card, x + 4 * card->cell, y, screen->height);
    draw_glyph(card, x, y, 10);
    (void)draw_number(card, x + 4 * card->cell, y, screen->bits_per_pixel);
}

static void draw_bars(const struct BootInfoFramebuffer *screen)
{
    static const uint32_t bars[] = {0xFFFFFF, 0xFFFF00, 0x00FFFF, 0x00FF00,
                                    0xFF00FF, 0xFF0000, 0x0000FF, 0x000000};
    uint32_t width = screen->width / 8;
    for (uint32_t i = 0; i < 8; i++) {
        screen_fill(screen, i * width, 0, width, screen->height / 2, bars[i]);
    }
}

static void draw_ramps(const struct BootInfoFramebuffer *screen)
{
    uint32_t height = screen->height / 24;
    for (uint32_t ramp = 0; ramp < 3; ramp++) {
        for (uint32_t x = 0; x < screen->width; x++) {
            uint32_t value = (uint32_t)((uint64_t)x * 256 / screen->width);
            screen_fill(screen, x, screen->height / 2 + ramp * height, 1, height,
                        value << (16 - 8 * ramp));
        }
    }
}

static void draw_frame(const struct BootInfoFramebuffer *screen)
{
    screen_fill(screen, 0, 0, screen->width, 1, 0xFF8000);
    screen_fill(screen, 0, screen->height - 1, screen->width, 1, 0xFF8000);
    screen_fill(screen, 0, 0, 1, screen->height, 0xFF8000);
    screen_fill(screen, screen->width - 1, 0, 1, screen->height, 0xFF8000);
}

static void draw(const struct BootInfoFramebuffer *screen)
{
    struct card card = {screen, screen->width / 80 > 0 ? screen->width / 80 : 1};
    screen_fill(screen, 0, 0, screen->width, screen->height, 0x303030);
    draw_bars(screen);
    draw_ramps(screen);
    draw_mode(&card);
    draw_frame(screen);
}

static void print_channel(const char *name, uint8_t position, uint8_t size)
{
    print(name);
    print_decimal(size, 0);
    print(" bits from ");
    print_decimal(position, 0);
}

/* Without commas: modes are written so. */
static void print_plain(uint32_t number)
{
    char text[11];
    char *at = text + sizeof(text) - 1;
    *at = '\0';
    do {
        *--at = (char)('0' + number % 10);
        number /= 10;
    } while (number > 0);
    print(at);
}

static void print_screen(const struct BootInfoFramebuffer *screen)
{
    print_plain(screen->width);
    print("x");
    print_plain(screen->height);
    print("x");
    print_plain(screen->bits_per_pixel);
    print(" at ");
    print_hex(screen->address, 0);
    print(", pitch ");
    print_plain(screen->pitch);
    print_channel(", red ", screen->red_position, screen->red_size);
    print_channel(", green ", screen->green_position, screen->green_size);
    print_channel(", blue ", screen->blue_position, screen->blue_size);
    print(", EDID ");
    print_decimal(screen->edid.size, 0);
    print(" bytes\n");
}

void kernel_main(const struct BootInfo *info, uint64_t magic)
{
    if (magic != BOOTINFO_MAGIC || !bootinfo_valid(info)) {
        finish(0);
    }
    console_use(&info->serial);
    for (uint32_t i = 0; i < info->framebuffers.count; i++) {
        print_screen(bootinfo_framebuffer(info, i));
    }
    print_decimal(info->framebuffers.count, 0);
    print(" framebuffers\n");
    if (info->framebuffers.count > 0) {
        draw(bootinfo_framebuffer(info, 0));
    }
    finish(1);
}
