/* PNG files as QEMU writes them: 8 bits a colour, RGB, not interlaced. */
#ifndef BATON_FAULTS_PICTURE_H
#define BATON_FAULTS_PICTURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct picture {
    uint32_t width;
    uint32_t height;
    uint8_t *pixels; /* 3 bytes each, row by row; freed by the caller */
};

bool picture_read(const char *path, struct picture *out_picture);
/* Whether the pixel is text rather than ground. */
bool picture_is_bright(const struct picture *picture, uint32_t x, uint32_t y);

#endif
