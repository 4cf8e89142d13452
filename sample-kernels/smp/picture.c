#include "picture.h"

#include "screen.h"

#define ROUNDS_MAX 160
#define LEFT       (-2.2)
#define WIDTH      3.2
#define MIDDLE     0.0

/* How many rounds it takes z -> z * z + c to leave the circle of radius 2; ROUNDS_MAX: it does
 * not. */
static uint32_t rounds(double real, double imaginary)
{
    double x = 0;
    double y = 0;
    uint32_t round = 0;
    for (; round < ROUNDS_MAX && x * x + y * y <= 4; round++) {
        double next = x * x - y * y + real;
        y = 2 * x * y + imaginary;
        x = next;
    }
    return round;
}

uint32_t picture_hue(uint32_t worker, uint32_t count)
{
    uint32_t hue = worker * 1536 / (count != 0 ? count : 1); /* 6 edges of the colour cube */
    uint32_t rising = hue % 256;
    uint32_t falling = 255 - rising;
    const uint32_t edges[] = {255 << 16 | rising << 8, falling << 16 | 255 << 8,
                              255 << 8 | rising,       falling << 8 | 255,
                              rising << 16 | 255,      255 << 16 | falling};
    return edges[hue / 256 % 6];
}

/* Between black at shade 0 and rgb at 255. */
static uint32_t shaded(uint32_t rgb, uint32_t shade)
{
    uint32_t red = (rgb >> 16 & 0xFF) * shade / 255;
    uint32_t green = (rgb >> 8 & 0xFF) * shade / 255;
    uint32_t blue = (rgb & 0xFF) * shade / 255;
    return red << 16 | green << 8 | blue;
}

uint32_t picture_row(const struct picture *picture, uint32_t row, uint32_t rgb)
{
    double step = WIDTH / picture->width;
    double imaginary = MIDDLE + ((double)row - picture->height / 2.0) * step;
    uint32_t inside = 0;
    for (uint32_t x = 0; x < picture->width; x++) {
        uint32_t left_after = rounds(LEFT + x * step, imaginary);
        uint32_t shade = 40 + left_after * 12;
        inside += left_after == ROUNDS_MAX;
        if (picture->screen != NULL) {
            screen_fill(picture->screen, x, row, 1, 1,
                        left_after == ROUNDS_MAX ? 0 : shaded(rgb, shade < 255 ? shade : 255));
        }
    }
    return inside;
}
