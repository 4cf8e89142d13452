#include "picture.h"

#include "vm/files.h"

#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#define PNG_SIGNATURE 8
#define CHUNK_AROUND  12 /* length and type before the data, CRC after */
#define HEADER_SIZE   13
#define PIXEL         3
#define SIDE_MAX      8192

static uint32_t big_endian(const uint8_t *bytes)
{
    return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

static bool read_header(const uint8_t *data, struct picture *picture)
{
    static const uint8_t kind[] = {8, 2, 0, 0, 0};
    picture->width = big_endian(data);
    picture->height = big_endian(data + 4);
    return memcmp(data + 8, kind, sizeof(kind)) == 0 && picture->width <= SIDE_MAX &&
           picture->height <= SIDE_MAX;
}

/* The header, and the compressed data of all its chunks. */
static bool read_chunks(const struct bytes *file, struct picture *picture, struct bytes *packed)
{
    const uint8_t *bytes = (const uint8_t *)bytes_text(file);
    size_t at = PNG_SIGNATURE;
    bool known = false;
    while (at + CHUNK_AROUND <= file->size) {
        uint32_t size = big_endian(bytes + at);
        const uint8_t *data = bytes + at + 8;
        if (size > file->size - at - CHUNK_AROUND) {
            return false;
        }
        if (memcmp(bytes + at + 4, "IHDR", 4) == 0) {
            known = size == HEADER_SIZE && read_header(data, picture);
        } else if (memcmp(bytes + at + 4, "IDAT", 4) == 0) {
            bytes_add(packed, data, size);
        }
        at += CHUNK_AROUND + size;
    }
    return known;
}

/* PNG specification, section 9.4. */
static int paeth(int left, int above, int corner)
{
    int guess = left + above - corner;
    int to_left = abs(guess - left);
    int to_above = abs(guess - above);
    int to_corner = abs(guess - corner);
    if (to_left <= to_above && to_left <= to_corner) {
        return left;
    }
    return to_above <= to_corner ? above : corner;
}

/* Section 9.2: row has its predecessor's bytes already undone above it, or zeros. */
static bool undo_filter(int filter, uint8_t *row, const uint8_t *previous, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        int left = i < PIXEL ? 0 : row[i - PIXEL];
        int above = previous == NULL ? 0 : previous[i];
        int corner = i < PIXEL || previous == NULL ? 0 : previous[i - PIXEL];
        const int predictions[] = {0, left, above, (left + above) / 2, paeth(left, above, corner)};
        if (filter >= (int)(sizeof(predictions) / sizeof(predictions[0]))) {
            return false;
        }
        row[i] = (uint8_t)(row[i] + predictions[filter]);
    }
    return true;
}

static bool unpack(const struct bytes *packed, struct picture *picture)
{
    size_t row = (size_t)picture->width * PIXEL;
    uLongf size = (uLongf)((row + 1) * picture->height);
    uint8_t *rows = malloc(size);
    bool good = rows != NULL &&
                uncompress(rows, &size, (const uint8_t *)packed->data, packed->size) == Z_OK &&
                size == (row + 1) * picture->height;
    for (uint32_t y = 0; good && y < picture->height; y++) {
        uint8_t *here = picture->pixels + y * row;
        memcpy(here, rows + y * (row + 1) + 1, row);
        good = undo_filter(rows[y * (row + 1)], here, y == 0 ? NULL : here - row, row);
    }
    free(rows);
    return good;
}

bool picture_read(const char *path, struct picture *out_picture)
{
    struct message ignored = {0};
    struct bytes file = {0};
    struct bytes packed = {0};
    struct picture picture = {0};
    bool good = file_read(path, &ignored, &file) && read_chunks(&file, &picture, &packed);
    if (good) {
        picture.pixels = calloc(picture.height, (size_t)picture.width * PIXEL);
        good = picture.pixels != NULL && unpack(&packed, &picture);
    }
    bytes_free(&file);
    bytes_free(&packed);
    message_free(&ignored);
    if (!good) {
        free(picture.pixels);
        return false;
    }
    *out_picture = picture;
    return true;
}

bool picture_is_bright(const struct picture *picture, uint32_t x, uint32_t y)
{
    /* Green: the page's ground has none. */
    return picture->pixels[((size_t)y * picture->width + x) * PIXEL + 1] > 128;
}
