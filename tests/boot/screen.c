/* framebuffer =, seen on the screen: the test card of sample-kernels/framebuffer is where and how
 * BootInfo says. BATON_SCREENSHOTS names a folder to keep the pictures in. */
#include "faults/picture.h"
#include "harness.h"
#include "vm/files.h"

#include <string.h>

struct screen_case {
    const char *name;
    const char *wish;
    const char *extra[5]; /* for QEMU */
    uint32_t width, height;
    const char *log; /* the loader's line; NULL: none */
    unsigned screens;
};

static const struct screen_case cases[] = {
    {"auto", "auto", {NULL}, 0, 0, NULL, 1},
    {"exact", "1920x1080", {NULL}, 1920, 1080, "1920x1080x32\n", 1},
    {"bits", "640x480x32", {NULL}, 640, 480, "640x480x32\n", 1},
    {"nearest", "1100x800", {NULL}, 1024, 768, "1024x768x32 instead of 1100x800\n", 1},
    {"smallest", "320x200", {NULL}, 640, 480, "640x480x32 instead of 320x200\n", 1},
    {"two screens", "800x600", {"-device", "bochs-display", NULL}, 800, 600, "800x600x32\n", 2},
    {"bochs",
     "1024x768",
     {"-vga", "none", "-device", "bochs-display", NULL},
     1024,
     768,
     "1024x768x32\n",
     1},
};

enum { CASES = sizeof(cases) / sizeof(cases[0]) };

static struct boot_files files;

static void boot_with(const char *wish, const char *const *extra, const char *screenshot,
                      struct machine_run *run)
{
    AUTO_STRING config = string_format("kernel = /boot/framebuffer.bin\nframebuffer = %s\n", wish);
    boot_begin(&files);
    boot_add_kernel(&files, "framebuffer.bin");
    boot_add(&files,
             (struct disk_file){.path = "/loader.cfg", .data = config, .size = strlen(config)});
    boot_run(&files,
             (struct machine){.extra = extra[0] != NULL ? extra : NULL, .screenshot = screenshot},
             run);
    boot_expect(run, MACHINE_PASSED);
}

static uint32_t colour_at(const struct picture *picture, uint32_t x, uint32_t y)
{
    const uint8_t *pixel = picture->pixels + ((size_t)y * picture->width + x) * 3;
    return (uint32_t)pixel[0] << 16 | (uint32_t)pixel[1] << 8 | pixel[2];
}

static void expect_colour(const struct picture *picture, uint32_t x, uint32_t y, uint32_t colour)
{
    for (int shift = 0; shift < 24; shift += 8) {
        int is = colour_at(picture, x, y) >> shift & 0xFF;
        int expected = colour >> shift & 0xFF;
        ck_assert_msg(abs(is - expected) <= 8, "%u,%u is 0x%06x, expected 0x%06x", x, y,
                      colour_at(picture, x, y), colour);
    }
}

static void expect_card(const struct picture *picture)
{
    static const uint32_t bars[] = {0xFFFFFF, 0xFFFF00, 0x00FFFF, 0x00FF00,
                                    0xFF00FF, 0xFF0000, 0x0000FF, 0x000000};
    uint32_t width = picture->width;
    uint32_t height = picture->height;
    for (uint32_t i = 0; i < 8; i++) {
        expect_colour(picture, width / 8 * i + width / 16, height / 4, bars[i]);
    }
    const uint32_t edges[][2] = {{0, 0}, {width - 1, 0}, {0, height - 1}, {width - 1, height - 1}};
    for (int i = 0; i < 4; i++) {
        expect_colour(picture, edges[i][0], edges[i][1], 0xFF8000);
    }
    for (uint32_t ramp = 0; ramp < 3; ramp++) {
        expect_colour(picture, width / 2, height / 2 + height / 24 * ramp + height / 48,
                      UINT32_C(0x80) << (16 - 8 * ramp));
    }
    expect_colour(picture, width / 2, height - 3, 0x303030);
}

START_TEST(card_fills_the_screen)
{
    const struct screen_case *test = &cases[_i];
    const char *keep = getenv("BATON_SCREENSHOTS");
    struct message message = {0};
    struct picture picture;
    struct machine_run run;
    char *folder = NULL;
    ck_assert(folder_make_temporary(&message, &folder));
    AUTO_STRING file = string_format("%s/%s.png", keep != NULL ? keep : folder, test->name);
    boot_with(test->wish, test->extra, file, &run);
    ck_assert_msg(picture_read(file, &picture), "%s is no picture", file);
    AUTO_STRING mode = string_format("\n%ux%ux", picture.width, picture.height);
    boot_expect_text(&run, mode);
    if (test->log != NULL) {
        AUTO_STRING line = string_format("\nscreen     %s", test->log);
        boot_expect_text(&run, line);
        ck_assert_uint_eq(picture.width, test->width);
        ck_assert_uint_eq(picture.height, test->height);
    } else {
        boot_expect_no_text(&run, "\nscreen ");
    }
    AUTO_STRING screens = string_format("\n%u framebuffers\n", test->screens);
    boot_expect_text(&run, screens);
    expect_card(&picture);
    free(picture.pixels);
    machine_run_free(&run);
    folder_remove(folder);
    free(folder);
}
END_TEST

START_TEST(none_gives_no_framebuffer)
{
    static const char *const nothing[] = {NULL};
    struct machine_run run;
    boot_with("none", nothing, NULL, &run);
    boot_expect_text(&run, "\n0 framebuffers\n");
    machine_run_free(&run);
}
END_TEST

START_TEST(machine_without_a_screen_boots)
{
    static const char *const blind[] = {"-vga", "none", NULL};
    struct machine_run run;
    boot_with("1024x768", blind, NULL, &run);
    boot_expect_text(&run, "\nscreen     none instead of 1024x768\n");
    boot_expect_text(&run, "\n0 framebuffers\n");
    machine_run_free(&run);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("boot-screen");
    TCase *tests = tcase_create("screen");
    tcase_set_timeout(tests, TEST_TIMEOUT_S);
    tcase_add_loop_test(tests, card_fills_the_screen, 0, CASES);
    tcase_add_test(tests, none_gives_no_framebuffer);
    tcase_add_test(tests, machine_without_a_screen_boots);
    suite_add_tcase(suite, tests);
    return suite_main(suite, "boot-screen");
}
