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
        terminal_line(&terminal, TEXT(""));
    }
    for (size_t at = (size_t)ROWS * GLYPH_HEIGHT * PITCH; at < sizeof(pixels); at++) {
        ck_assert_uint_eq(pixels[at], 0xEE);
    }
}
END_TEST

/* Only its own bytes: the NUL or whatever follows it is no part of a line. */
START_TEST(line_ends_where_its_text_does)
{
    terminal_line(&terminal, (struct text){"AA", 1});
    for (unsigned x = 1; x < COLUMNS * GLYPH_WIDTH; x++) {
        ck_assert_uint_eq(pixel_at(x, 0), 0x500000);
    }
}
END_TEST

START_TEST(unknown_character_is_a_question_mark)
{
    static const char characters[] = {'\x7F', '\xC3', '\x1F', '\0'};
    terminal_line(&terminal, (struct text){characters, sizeof(characters)});
    for (unsigned y = 0; y < GLYPH_HEIGHT; y++) {
        for (unsigned x = 0; x < COLUMNS * GLYPH_WIDTH; x++) {
            bool lit = y == 0 && x % GLYPH_WIDTH == GLYPH_WIDTH - 1;
            ck_assert_uint_eq(pixel_at(x, y), lit ? 0xFFFFFF : 0x500000);
        }
    }
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

START_TEST(a_channel_has_the_top_bits_wherever_and_however_wide_it_is)
{
    static const struct {
        uint8_t position, size;
        uint32_t red; /* 0x50 of 0xFF */
    } cases[] = {{16, 8, 0x500000}, {20, 10, 0x14000000}, {24, 7, 0x28000000}, {2, 9, 0x280},
                 {31, 1, 0},        {30, 2, 0x40000000},  {0, 30, 0x14000000}, {0, 32, 0x50000000}};
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        screen.red_position = cases[i].position;
        screen.red_size = cases[i].size;
        ck_assert(terminal_open(&terminal, &screen, &font));
        ck_assert_uint_eq(terminal.background, cases[i].red);
    }
}
END_TEST

START_TEST(terminal_needs_glyphs_room_and_an_address)
{
    static const struct font empty;
    ck_assert(!terminal_open(&terminal, &screen, &empty));
    screen.height = GLYPH_HEIGHT - 1;
    ck_assert(!terminal_open(&terminal, &screen, &font));
    screen.height = HEIGHT;
    screen.width = GLYPH_WIDTH - 1;
    ck_assert(!terminal_open(&terminal, &screen, &font));
    screen.width = WIDTH;
    screen.address = 0;
    ck_assert(!terminal_open(&terminal, &screen, &font));
}
END_TEST

START_TEST(a_glyph_and_room_for_it_are_enough)
{
    screen.width = GLYPH_WIDTH;
    screen.height = GLYPH_HEIGHT;
    font.known = 1;
    ck_assert(terminal_open(&terminal, &screen, &font));
}
END_TEST

/* A package list: a header, packages, and what else a test puts there. */
enum { LIST_HEADER = 20, END = 4, STRINGS = 4, FONT = 7, PACKAGE_LIST_END = 0xDF };
static uint8_t list[0x12000];
static size_t list_size;

static uint8_t *add_package(uint8_t type, size_t size)
{
    uint8_t *package = list + list_size;
    package[0] = (uint8_t)size;
    package[1] = (uint8_t)(size >> 8);
    package[2] = (uint8_t)(size >> 16);
    package[3] = type;
    list_size += size;
    return package;
}

/* A package with room for as many glyphs as characters has, of which it says it has count. Each
 * line of a glyph is another; its attributes, in front of them, are 0xAA. */
static uint8_t *add_glyphs(uint8_t type, const char *characters, uint8_t count)
{
    uint8_t *package = add_package(type, 8 + 22 * strlen(characters));
    package[4] = count;
    for (uint8_t *glyph = package + 8; *characters != '\0'; glyph += 22, characters++) {
        glyph[0] = (uint8_t)*characters;
        glyph[2] = 0xAA;
        for (uint8_t y = 0; y < GLYPH_HEIGHT; y++) {
            glyph[3 + y] = (uint8_t)(*characters + y);
        }
    }
    return package;
}

static void begin_list(void)
{
    memset(list, 0, sizeof(list));
    list_size = LIST_HEADER;
}

/* Glyphs 'A' and U+00E9, and the end package. */
static void make_list(void)
{
    begin_list();
    add_glyphs(FONT, "A\xE9", 2);
    add_package(PACKAGE_LIST_END, END);
}

/* These glyphs are in the list, and no others. */
static void finds(const char *characters)
{
    static struct font found;
    memset(&found, 0, sizeof(found));
    font_collect(list, list_size, &found);
    ck_assert_uint_eq(found.known, strlen(characters));
    for (; *characters != '\0'; characters++) {
        const uint8_t *glyph = found.glyphs[*characters - GLYPH_FIRST];
        for (int y = 0; y < GLYPH_HEIGHT; y++) {
            ck_assert_uint_eq(glyph[y], (uint8_t)(*characters + y));
        }
    }
}

START_TEST(ascii_glyphs_are_collected_from_a_package_list)
{
    make_list();
    finds("A");
    begin_list();
    add_glyphs(FONT, " A\x1F\x7F~B", 6);
    add_glyphs(FONT, "C", 1);
    finds(" A~BC");
}
END_TEST

START_TEST(packages_of_other_kinds_are_passed_over_however_long)
{
    begin_list();
    add_package(STRINGS, 0x10234);
    add_glyphs(STRINGS, "A", 1);
    add_package(PACKAGE_LIST_END - 1, 4);
    add_package(PACKAGE_LIST_END + 1, 4);
    add_glyphs(FONT, "B", 1);
    finds("B");
}
END_TEST

/* A glyph is one of as many as the package says, and all of it is in the package. */
START_TEST(glyphs_beyond_the_count_the_package_or_the_end_are_none)
{
    begin_list();
    add_glyphs(FONT, "ABC", 2);
    finds("AB");
    begin_list();
    add_glyphs(FONT, "A", 2);
    memcpy(add_package(STRINGS, 2 * 22) + 22, list + LIST_HEADER + 8, 22);
    finds("A");
    make_list();
    add_glyphs(FONT, "B", 1);
    finds("A");
    begin_list();
    *add_glyphs(FONT, "AB", 2) -= 1;
    finds("A");
}
END_TEST

START_TEST(packages_beyond_the_list_are_none)
{
    begin_list();
    add_glyphs(FONT, "A", 1);
    const size_t first = list_size;
    add_glyphs(FONT, "B", 1);
    const size_t both = list_size;
    for (list_size = first; list_size < both; list_size++) {
        finds("A");
    }
    finds("AB");
}
END_TEST

START_TEST(a_package_shorter_than_its_header_ends_the_list)
{
    for (uint8_t size = 0; size < 4; size++) {
        begin_list();
        add_glyphs(FONT, "A", 1);
        *add_package(STRINGS, 4) = size;
        add_glyphs(FONT, "B", 1);
        finds("A");
    }
}
END_TEST

START_TEST(damaged_package_list_is_read_no_further_than_it_goes)
{
    make_list();
    for (size_t size = 0; size < list_size; size++) {
        uint8_t *exact = malloc(size == 0 ? 1 : size);
        static struct font found;
        memcpy(exact, list, size);
        font_collect(exact, size, &found);
        free(exact);
    }
    for (size_t at = LIST_HEADER; at < list_size; at++) {
        static struct font found;
        make_list();
        list[at] = 0xFF;
        font_collect(list, list_size, &found);
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
    tcase_add_test(tcase, line_ends_where_its_text_does);
    tcase_add_test(tcase, unknown_character_is_a_question_mark);
    tcase_add_test(tcase, sixteen_bit_pixels_keep_the_top_bits);
    tcase_add_test(tcase, a_channel_has_the_top_bits_wherever_and_however_wide_it_is);
    tcase_add_test(tcase, terminal_needs_glyphs_room_and_an_address);
    tcase_add_test(tcase, a_glyph_and_room_for_it_are_enough);
    tcase_add_test(tcase, ascii_glyphs_are_collected_from_a_package_list);
    tcase_add_test(tcase, packages_of_other_kinds_are_passed_over_however_long);
    tcase_add_test(tcase, glyphs_beyond_the_count_the_package_or_the_end_are_none);
    tcase_add_test(tcase, packages_beyond_the_list_are_none);
    tcase_add_test(tcase, a_package_shorter_than_its_header_ends_the_list);
    tcase_add_test(tcase, damaged_package_list_is_read_no_further_than_it_goes);
    suite_add_tcase(suite, tcase);
    return suite_main(suite, "unit-terminal");
}
