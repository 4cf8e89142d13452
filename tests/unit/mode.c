#include "core/screen/mode.h"

#include "suite.h"

#include <string.h>

/* EFI_GRAPHICS_PIXEL_FORMAT (UEFI 2.10 section 12.9.2). */
enum { RGB, BGR, MASKS, BLT_ONLY };

static const struct screen_mode usual = {
    .address = 0x80000000,
    .size = 0x300000,
    .width = 1024,
    .height = 768,
    .pixels_per_line = 1024,
    .format = BGR,
};

struct pixel_case {
    uint32_t format;
    uint32_t red, green, blue, reserved; /* masks */
    uint32_t bits_per_pixel;
    uint8_t red_position, red_size, green_position, green_size, blue_position, blue_size;
};

static const struct pixel_case pixels[] = {
    {RGB, 0, 0, 0, 0, 32, 0, 8, 8, 8, 16, 8},
    {BGR, 0, 0, 0, 0, 32, 16, 8, 8, 8, 0, 8},
    {RGB, 1, 2, 3, 4, 32, 0, 8, 8, 8, 16, 8}, /* masks mean nothing here */
    {MASKS, 0xFF0000, 0xFF00, 0xFF, 0xFF000000, 32, 16, 8, 8, 8, 0, 8},
    {MASKS, 0xFF0000, 0xFF00, 0xFF, 0, 24, 16, 8, 8, 8, 0, 8},
    {MASKS, 0xF800, 0x7E0, 0x1F, 0, 16, 11, 5, 5, 6, 0, 5},
    {MASKS, 0x1F, 0x7E0, 0xF800, 0, 16, 0, 5, 5, 6, 11, 5},
    {MASKS, 0xF, 0xF00, 0xF0, 0, 16, 0, 4, 8, 4, 4, 4},
    {MASKS, 0x7C00, 0x3E0, 0x1F, 0x8000, 16, 10, 5, 5, 5, 0, 5},
    {MASKS, 0xE0, 0x1C, 0x3, 0, 8, 5, 3, 2, 3, 0, 2},
    {MASKS, 0x3FF00000, 0xFFC00, 0x3FF, 0xC0000000, 32, 20, 10, 10, 10, 0, 10},
    {MASKS, 0x80000000, 2, 1, 0, 32, 31, 1, 1, 1, 0, 1},
};

START_TEST(pixels_are_described)
{
    for (size_t i = 0; i < sizeof(pixels) / sizeof(pixels[0]); i++) {
        const struct pixel_case *test = &pixels[i];
        struct screen_mode mode = usual;
        struct BootInfoFramebuffer is;
        struct BootInfoFramebuffer expected = {
            .address = mode.address,
            .size = UINT64_C(1024) * test->bits_per_pixel / 8 * 768,
            .width = mode.width,
            .height = mode.height,
            .pitch = 1024 * test->bits_per_pixel / 8,
            .bits_per_pixel = test->bits_per_pixel,
            .red_position = test->red_position,
            .red_size = test->red_size,
            .green_position = test->green_position,
            .green_size = test->green_size,
            .blue_position = test->blue_position,
            .blue_size = test->blue_size,
        };
        mode.format = test->format;
        mode.red_mask = test->red;
        mode.green_mask = test->green;
        mode.blue_mask = test->blue;
        mode.reserved_mask = test->reserved;
        memset(&is, 0xA5, sizeof(is));
        ck_assert_msg(screen_describe(&mode, &is), "mode %zu", i);
        ck_assert_msg(memcmp(&is, &expected, sizeof(is)) == 0, "mode %zu", i);
    }
}
END_TEST

/* FrameBufferSize may be anything from there on. */
START_TEST(a_screen_is_as_large_as_its_lines)
{
    static const uint64_t sizes[] = {0x300000, 0x300001, UINT64_C(1) << 44, UINT64_MAX};
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        struct screen_mode mode = usual;
        struct BootInfoFramebuffer is;
        mode.size = sizes[i];
        ck_assert(screen_describe(&mode, &is));
        ck_assert_uint_eq(is.size, 0x300000);
    }
}
END_TEST

START_TEST(a_screen_that_wraps_around_is_left_out)
{
    struct screen_mode mode = usual;
    struct BootInfoFramebuffer is;
    mode.address = UINT64_MAX - 0x300000;
    ck_assert(screen_describe(&mode, &is));
    mode.address++;
    ck_assert(!screen_describe(&mode, &is));
}
END_TEST

START_TEST(lines_may_be_longer_than_what_is_seen)
{
    struct screen_mode mode = usual;
    struct BootInfoFramebuffer is;
    mode.width = 1000;
    ck_assert(screen_describe(&mode, &is));
    ck_assert_uint_eq(is.width, 1000);
    ck_assert_uint_eq(is.pitch, 4096);
}
END_TEST

static void draws_not(const char *what, struct screen_mode mode)
{
    struct BootInfoFramebuffer is;
    struct BootInfoFramebuffer untouched;
    memset(&is, 0xA5, sizeof(is));
    untouched = is;
    ck_assert_msg(!screen_describe(&mode, &is), "%s", what);
    ck_assert_msg(memcmp(&is, &untouched, sizeof(is)) == 0, "%s", what);
}

static struct screen_mode with_masks(struct screen_mode mode, uint32_t bits)
{
    mode.format = MASKS;
    mode.red_mask = UINT32_C(1) << (bits - 1);
    mode.green_mask = 2;
    mode.blue_mask = 1;
    return mode;
}

#define USUAL_BUT(field, value)  \
    do {                         \
        struct screen_mode mode; \
        mode = usual;            \
        mode.field = (value);    \
        draws_not(#field, mode); \
    } while (0)

START_TEST(what_cannot_be_drawn_on_is_left_out)
{
    USUAL_BUT(address, 0);
    USUAL_BUT(size, 0);
    USUAL_BUT(size, 0x300000 - 1);
    USUAL_BUT(width, 0);
    USUAL_BUT(height, 0);
    USUAL_BUT(height, 769);
    USUAL_BUT(pixels_per_line, 0);
    USUAL_BUT(pixels_per_line, 1023);
    USUAL_BUT(pixels_per_line, 1025);
    USUAL_BUT(pixels_per_line, UINT32_MAX);
    USUAL_BUT(format, BLT_ONLY);
    USUAL_BUT(format, UINT32_MAX);
}
END_TEST

static const uint32_t bad_masks[][3] = {
    {0, 0xFF00, 0xFF},      {0xFF0000, 0, 0xFF},   {0xFF0000, 0xFF00, 0}, {0, 0, 0},
    {0xF0F0000, 0xFF00, 1}, {0xFF0000, 0x5500, 1}, {0xFF0000, 0xFF00, 5},
};

START_TEST(masks_that_make_no_pixel_are_left_out)
{
    for (size_t i = 0; i < sizeof(bad_masks) / sizeof(bad_masks[0]); i++) {
        struct screen_mode mode = usual;
        mode.format = MASKS;
        mode.red_mask = bad_masks[i][0];
        mode.green_mask = bad_masks[i][1];
        mode.blue_mask = bad_masks[i][2];
        draws_not("masks", mode);
    }
}
END_TEST

/* 4 bytes times 2^30 pixels a line is more than pitch can say; 3 bytes times 0x55555555 is the most
 * that it can. */
START_TEST(a_pitch_that_overflows_is_left_out)
{
    struct screen_mode mode = usual;
    mode.size = UINT64_MAX;
    mode.width = 1;
    mode.height = 1;
    mode.pixels_per_line = UINT32_C(1) << 30;
    draws_not("pitch", mode);
    struct BootInfoFramebuffer is;
    mode.pixels_per_line--;
    ck_assert(screen_describe(&mode, &is));
    ck_assert_uint_eq(is.pitch, UINT32_MAX - 3);
    mode = with_masks(mode, 24);
    mode.pixels_per_line = 0x55555555;
    ck_assert(screen_describe(&mode, &is));
    ck_assert_uint_eq(is.pitch, UINT32_MAX);
    mode.pixels_per_line++;
    draws_not("pitch", mode);
}
END_TEST

static struct screen_mode sized(uint32_t width, uint32_t height, uint32_t bits)
{
    return with_masks(
        (struct screen_mode){.width = width, .height = height, .pixels_per_line = width}, bits);
}

/* The wish is 1024 x 768 with 16 bits. */
static uint64_t nearness(struct screen_mode mode)
{
    static const struct screen_wish wish = {.width = 1024, .height = 768, .bits = 16};
    uint64_t nearness = screen_nearness(&mode, &wish);
    ck_assert_msg(nearness % 2 == 0, "the caller adds 1 to prefer a mode");
    return nearness;
}

START_TEST(the_largest_mode_that_fits_is_the_nearest_or_else_the_smallest)
{
    const struct screen_mode nearest_first[] = {
        sized(1024, 768, 16),
        sized(1024, 768, 32),
        sized(1024, 767, 16),
        sized(1, 3, 24),
        sized(1, 2, 16), /* the bits matter less than a pixel */
        sized(1, 2, 8),
        sized(1, 1, 16),
        sized(1025, 1, 16),
        sized(1, 1026, 24),
        sized(1, 1027, 16),
        sized(1025, 768, 16),
        sized(1024, 769, 16),
        sized(CONFIG_SCREEN_MAX, CONFIG_SCREEN_MAX, 16),
        sized(CONFIG_SCREEN_MAX, CONFIG_SCREEN_MAX, 32),
    };
    const size_t count = sizeof(nearest_first) / sizeof(nearest_first[0]);
    for (size_t i = 0; i + 1 < count; i++) {
        ck_assert_msg(nearness(nearest_first[i]) > nearness(nearest_first[i + 1]), "mode %zu", i);
    }
    ck_assert_uint_gt(nearness(nearest_first[count - 1]), 0);
}
END_TEST

START_TEST(a_mode_that_is_too_large_or_has_no_pixels_is_of_no_use)
{
    struct screen_mode no_pixels = sized(1024, 768, 32);
    no_pixels.format = BLT_ONLY;
    ck_assert_uint_eq(nearness(no_pixels), 0);
    ck_assert_uint_eq(nearness(sized(CONFIG_SCREEN_MAX + 1, 1, 32)), 0);
    ck_assert_uint_eq(nearness(sized(1, CONFIG_SCREEN_MAX + 1, 32)), 0);
    ck_assert_uint_eq(nearness(sized(0, 768, 32)), 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("mode");
    TCase *screen = tcase_create("screen");
    tcase_add_test(screen, pixels_are_described);
    tcase_add_test(screen, lines_may_be_longer_than_what_is_seen);
    tcase_add_test(screen, a_screen_is_as_large_as_its_lines);
    tcase_add_test(screen, a_screen_that_wraps_around_is_left_out);
    tcase_add_test(screen, what_cannot_be_drawn_on_is_left_out);
    tcase_add_test(screen, masks_that_make_no_pixel_are_left_out);
    tcase_add_test(screen, a_pitch_that_overflows_is_left_out);
    tcase_add_test(screen, the_largest_mode_that_fits_is_the_nearest_or_else_the_smallest);
    tcase_add_test(screen, a_mode_that_is_too_large_or_has_no_pixels_is_of_no_use);
    suite_add_tcase(suite, screen);
    return suite_main(suite, "unit-mode");
}
