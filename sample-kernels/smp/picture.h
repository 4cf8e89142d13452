/* The Mandelbrot set, a row at a time, by whoever has time. */
#ifndef SMP_PICTURE_H
#define SMP_PICTURE_H

#include "bootinfo.h"

struct picture {
    const struct BootInfoFramebuffer *screen; /* NULL: it is computed, and not shown */
    uint32_t width;                           /* pixels */
    uint32_t height;
};

/* The colour of a worker: they differ as far as count of them can. */
uint32_t picture_hue(uint32_t worker, uint32_t count);

/* Computes a row, and shows it in shades of rgb. Returns how many points of it are in the set. */
uint32_t picture_row(const struct picture *picture, uint32_t row, uint32_t rgb);

#endif
