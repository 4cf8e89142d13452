/* bootinfo_console.h on a framebuffer in memory: what is drawn, where, and what is left alone. */
#include "bootinfo_console.h"

#include "../suite.h"

#include <string.h>

#define WIDTH  512
#define HEIGHT 64
#define MARGIN 64 /* bytes on both sides of the picture that nobody may write */

static uint8_t memory[MARGIN + HEIGHT * (WIDTH * 4 + 32) + MARGIN];
static struct BootInfoConsole console;

static void given_a_screen(uint32_t width, uint32_t height, uint32_t bits)
{
    memset(memory, 0xEE, sizeof(memory));
    memset(&console, 0, sizeof(console));
    console.screen = (struct BootInfoFramebuffer){
        .address = (uint64_t)(uintptr_t)(memory + MARGIN),
        .size = (uint64_t)height * (width * bits / 8 + 32),
        .width = width,
        .height = height,
        .pitch = width * bits / 8 + 32,
        .bits_per_pixel = bits,
        .red_position = 11,
        .red_size = 5,
        .green_position = 5,
        .green_size = 6,
        .blue_position = 0,
        .blue_size = 5,
    };
    bootinfo_screen_open(&console);
}

static void type(const char *text)
{
    while (*text != '\0') {
        bootinfo_screen_put(&console, *text++);
    }
}

static int is_set(uint32_t x, uint32_t y)
{
    const struct BootInfoFramebuffer *screen = &console.screen;
    const uint8_t *pixel = memory + MARGIN + y * screen->pitch + x * (screen->bits_per_pixel / 8);
    uint32_t value = 0;
    memcpy(&value, pixel, screen->bits_per_pixel / 8);
    ck_assert(value == 0 || value == console.foreground);
    return value != 0;
}

/* The cell as a picture of 6 x 9, row by row. */
static void shows(uint32_t column, uint32_t row, const char *picture)
{
    for (uint32_t y = 0; y < 9; y++) {
        for (uint32_t x = 0; x < 6; x++) {
            uint32_t left = (column * 6 + x) * console.scale;
            uint32_t top = (row * 10 + y) * console.scale;
            int expected = picture[y * 7 + x] == '#';
            for (uint32_t i = 0; i < console.scale * console.scale; i++) {
                ck_assert_msg(is_set(left + i % console.scale, top + i / console.scale) == expected,
                              "cell %u, %u: pixel %u, %u", column, row, x, y);
            }
        }
    }
}

#define BLANK    "......\n......\n......\n......\n......\n......\n......\n......\n......\n"
#define LETTER_A ".###..\n#...#.\n#...#.\n#####.\n#...#.\n#...#.\n#...#.\n......\n......\n"
#define LETTER_g "......\n......\n.####.\n#...#.\n#...#.\n#...#.\n.####.\n....#.\n.###..\n"
#define BOX      "#####.\n#...#.\n#...#.\n#...#.\n#...#.\n#...#.\n#####.\n......\n......\n"

static void left_the_rest_alone(void)
{
    const struct BootInfoFramebuffer *screen = &console.screen;
    size_t line = screen->width * screen->bits_per_pixel / 8;
    for (size_t i = 0; i < MARGIN; i++) {
        ck_assert_uint_eq(memory[i], 0xEE);
        ck_assert_uint_eq(memory[MARGIN + screen->size + i], 0xEE);
    }
    for (uint32_t y = 0; y < screen->height; y++) {
        for (size_t i = line; i < screen->pitch; i++) {
            ck_assert_uint_eq(memory[MARGIN + y * screen->pitch + i], 0xEE);
        }
    }
}

START_TEST(characters_are_drawn_with_2_3_and_4_bytes_a_pixel)
{
    static const uint32_t depths[] = {16, 24, 32};
    for (size_t i = 0; i < 3; i++) {
        given_a_screen(64, 48, depths[i]);
        ck_assert_uint_eq(console.columns, 10);
        ck_assert_uint_eq(console.rows, 4);
        type("Ag\n A\x01");
        shows(0, 0, LETTER_A);
        shows(1, 0, LETTER_g);
        shows(2, 0, BLANK);
        shows(0, 1, BLANK);
        shows(1, 1, LETTER_A);
        shows(2, 1, BOX);
        left_the_rest_alone();
    }
}
END_TEST

START_TEST(a_wide_screen_has_larger_characters)
{
    given_a_screen(512, 64, 32);
    ck_assert_uint_eq(console.scale, 1);
    given_a_screen(479, 64, 32);
    ck_assert_uint_eq(console.scale, 1);
    console.screen.width = 960;
    console.screen.height = 0; /* nothing to clear: the memory is too small */
    bootinfo_screen_open(&console);
    ck_assert_uint_eq(console.scale, 2);
    given_a_screen(96, 64, 32);
    console.scale = 2;
    type("A");
    shows(0, 0, LETTER_A);
}
END_TEST

START_TEST(lines_wrap_and_scroll)
{
    given_a_screen(64, 48, 32);
    type("1234567890A\n\n\ng"); /* ten columns, four rows: A is in the second one */
    shows(0, 0, LETTER_A);
    shows(1, 0, BLANK);
    shows(0, 3, LETTER_g);
    ck_assert_uint_eq(console.row, 3);
    type("\n\n\n\n");
    shows(0, 0, BLANK);
    shows(0, 3, BLANK);
    left_the_rest_alone();
}
END_TEST

START_TEST(carriage_return_and_backspace_move)
{
    given_a_screen(64, 48, 32);
    type("xx\rA");
    shows(0, 0, LETTER_A);
    type("\b\b\bg");
    shows(0, 0, LETTER_g);
}
END_TEST

START_TEST(a_screen_that_cannot_be_written_on_is_none)
{
    given_a_screen(5, 48, 32); /* no column */
    ck_assert_uint_eq(console.screen.width, 0);
    given_a_screen(64, 9, 32); /* no row */
    ck_assert_uint_eq(console.screen.width, 0);
    given_a_screen(64, 48, 64);
    ck_assert_uint_eq(console.screen.width, 0);
}
END_TEST

START_TEST(no_two_characters_look_alike)
{
    for (int a = ' '; a < 127; a++) {
        for (int b = ' '; b < a; b++) {
            ck_assert_msg(bootinfo_glyph((unsigned char)a) != bootinfo_glyph((unsigned char)b),
                          "%c and %c", a, b);
        }
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("console");
    TCase *screen = tcase_create("screen");
    tcase_add_test(screen, characters_are_drawn_with_2_3_and_4_bytes_a_pixel);
    tcase_add_test(screen, a_wide_screen_has_larger_characters);
    tcase_add_test(screen, lines_wrap_and_scroll);
    tcase_add_test(screen, carriage_return_and_backspace_move);
    tcase_add_test(screen, a_screen_that_cannot_be_written_on_is_none);
    tcase_add_test(screen, no_two_characters_look_alike);
    suite_add_tcase(suite, screen);
    return suite_main(suite, "abi-console");
}
