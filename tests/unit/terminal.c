/* Text on a framebuffer: pixels are read back. */
#include "core/screen/terminal.h"

#include <check.h>
#include <string.h>

#include "suite.h"

#define COLUMNS 4
#define ROWS    3
#define WIDTH   (COLUMNS * GLYPH_WIDTH + 3)
#define HEIGHT  (ROWS * GLYPH_HEIGHT + 5)
#define PITCH   (WIDTH * 4 + 12)

static uint8_t pixels[HEIGHT * PITCH + 64];
static struct font font;
static struct terminal terminal;
static struct BootInfoFramebuffer screen;

static void setup(void)
{
    memset(pixels, 0xEE, sizeof(pixels));
    memset(&font, 0, sizeof(font));
    font.known = GLYPH_COUNT;
    font.glyphs['A' - GLYPH_FIRST][0] = 0x80; /* only the top left pixel */
    font.glyphs['?' - GLYPH_FIRST][0] = 0x01;
    screen = (struct BootInfoFramebuffer){
        .address = (uint64_t)(uintptr_t)pixels,
        .size = sizeof(pixels),
        .width = WIDTH,
        .height = HEIGHT,
        .pitch = PITCH,
        .bits_per_pixel = 32,
        .red_position = 16,
        .red_size = 8,
        .green_position = 8,
        .green_size = 8,
        .blue_position = 0,
        .blue_size = 8,
    };
    ck_assert(terminal_open(&terminal, &screen, &font));
}

static uint32_t pixel_at(unsigned x, unsigned y)
{
    uint32_t pixel;
    memcpy(&pixel, pixels + (size_t)y * PITCH + (size_t)x * 4, sizeof(pixel));
    return pixel;
}

START_TEST(glyph_is_drawn_bit_by_bit)
{
    terminal_line(&terminal, TEXT("A"));
    ck_assert_uint_eq(pixel_at(0, 0), 0xFFFFFF);
    ck_assert_uint_eq(pixel_at(1, 0), 0x500000);
    ck_assert_uint_eq(pixel_at(0, 1), 0x500000);
}
END_TEST

START_TEST(rest_of_the_line_is_cleared_and_nothing_beyond_it)
{
    terminal_line(&terminal, TEXT("A"));
    ck_assert_uint_eq(pixel_at(COLUMNS * GLYPH_WIDTH - 1, GLYPH_HEIGHT - 1), 0x500000);
    ck_assert_uint_eq(pixel_at(COLUMNS * GLYPH_WIDTH, 0), 0xEEEEEEEE);
    ck_assert_uint_eq(pixel_at(0, GLYPH_HEIGHT), 0xEEEEEEEE);
}
END_TEST

START_TEST(long_line_goes_on_in_the_next_row)
{
    terminal_line(&terminal, TEXT("    A"));
    ck_assert_uint_eq(pixel_at(0, GLYPH_HEIGHT), 0xFFFFFF);
    ck_assert_uint_eq(terminal.row, 2);
}
END_TEST

START_TEST(line_that_just_fits_takes_one_row)
{
    terminal_line(&terminal, TEXT("AAAA"));
    ck_assert_uint_eq(terminal.row, 1);
}
END_TEST

START_TEST(what_has_no_room_below_is_dropped)
{
    for (int i = 0; i < ROWS + 2; i++) {
        terminal_line(&terminal, TEXT("AAAAAA"));
    }
    for (size_t at = (size_t)ROWS * GLYPH_HEIGHT * PITCH; at < sizeof(pixels); at++) {
        ck_assert_uint_eq(pixels[at], 0xEE);
    }
}
END_TEST

START_TEST(unknown_character_is_a_question_mark)
{
    terminal_line(&terminal, TEXT("\xC3"));
    ck_assert_uint_eq(pixel_at(GLYPH_WIDTH - 1, 0), 0xFFFFFF);
}
END_TEST

START_TEST(sixteen_bit_pixels_keep_the_top_bits)
{
    screen.bits_per_pixel = 16;
    screen.red_position = 11;
    screen.red_size = 5;
    screen.green_position = 5;
    screen.green_size = 6;
    screen.blue_size = 5;
    ck_assert(terminal_open(&terminal, &screen, &font));
    terminal_line(&terminal, TEXT("A"));
    ck_assert_uint_eq(pixels[0] | pixels[1] << 8, 0xFFFF);
    ck_assert_uint_eq(pixels[2] | pixels[3] << 8, 0x50 >> 3 << 11);
}
END_TEST

START_TEST(terminal_needs_glyphs_room_and_an_address)
{
    static const struct font empty;
    ck_assert(!terminal_open(&terminal, &screen, &empty));
    screen.height = GLYPH_HEIGHT - 1;
    ck_assert(!terminal_open(&terminal, &screen, &font));
    screen.height = HEIGHT;
    screen.address = 0;
    ck_assert(!terminal_open(&terminal, &screen, &font));
}
END_TEST

/* A package list: header, one font package with glyphs 'A' and U+00E9, the end package. */
static uint8_t list[20 + 8 + 2 * 22 + 4];

static void make_list(void)
{
    memset(list, 0, sizeof(list));
    uint8_t *package = list + 20;
    package[0] = 8 + 2 * 22;
    package[3] = 7;
    package[4] = 2;
    package[8] = 'A';
    memset(package + 8 + 3, 0x11, GLYPH_HEIGHT);
    package[8 + 22] = 0xE9;
    package[8 + 2 * 22] = 4;
    package[8 + 2 * 22 + 3] = 0xDF;
}

START_TEST(ascii_glyphs_are_collected_from_a_package_list)
{
    static struct font found;
    make_list();
    font_collect(list, sizeof(list), &found);
    ck_assert_uint_eq(found.known, 1);
    ck_assert_uint_eq(found.glyphs['A' - GLYPH_FIRST][GLYPH_HEIGHT - 1], 0x11);
}
END_TEST

START_TEST(damaged_package_list_is_read_no_further_than_it_goes)
{
    make_list();
    for (size_t size = 0; size < sizeof(list); size++) {
        uint8_t *exact = malloc(size == 0 ? 1 : size);
        static struct font found;
        memcpy(exact, list, size);
        font_collect(exact, size, &found);
        free(exact);
    }
    for (size_t at = 20; at < sizeof(list); at++) {
        static struct font found;
        make_list();
        list[at] = 0xFF;
        font_collect(list, sizeof(list), &found);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("terminal");
    TCase *tcase = tcase_create("terminal");
    tcase_add_checked_fixture(tcase, setup, NULL);
    tcase_add_test(tcase, glyph_is_drawn_bit_by_bit);
    tcase_add_test(tcase, rest_of_the_line_is_cleared_and_nothing_beyond_it);
    tcase_add_test(tcase, long_line_goes_on_in_the_next_row);
    tcase_add_test(tcase, line_that_just_fits_takes_one_row);
    tcase_add_test(tcase, what_has_no_room_below_is_dropped);
    tcase_add_test(tcase, unknown_character_is_a_question_mark);
    tcase_add_test(tcase, sixteen_bit_pixels_keep_the_top_bits);
    tcase_add_test(tcase, terminal_needs_glyphs_room_and_an_address);
    tcase_add_test(tcase, ascii_glyphs_are_collected_from_a_package_list);
    tcase_add_test(tcase, damaged_package_list_is_read_no_further_than_it_goes);
    suite_add_tcase(suite, tcase);
    return suite_main(suite, "unit-terminal");
}
