/* framebuffer =: which mode is set, what is told, and that no screen ends a boot. */
#include "boot_check.h"
#include "kernels.h"
#include "suite.h"

#include <string.h>

enum { RGB = 0, BGR = 1, MASKS = 2, BLT_ONLY = 3 };

static struct text kernel;
static struct expectation expected;

static void add_mode(uint32_t width, uint32_t height, uint32_t format)
{
    fake.modes[fake.mode_count++] = (struct screen_mode){
        .address = 0x80000000,
        .size = (uint64_t)width * height * 4,
        .width = width,
        .height = height,
        .pixels_per_line = width,
        .format = format,
        .red_mask = 0xF800,
        .green_mask = 0x7E0,
        .blue_mask = 0x1F,
    };
}

/* 1024x768 is set. */
static void given_screen(const char *wish)
{
    static char config[128];
    kernel = kernel_raw(5000);
    (void)snprintf(config, sizeof(config), CONFIG_PLAIN "%s", wish);
    given(config, kernel);
    expected = expect_raw(kernel);
    add_mode(640, 480, BGR);
    add_mode(1024, 768, BGR);
    add_mode(1920, 1080, BGR);
    add_mode(800, 600, MASKS);
    add_mode(800, 600, BGR);
    add_mode(2560, 1600, BLT_ONLY);
    add_mode(1919, 1080, BGR);
    fake.modes[fake.mode_count - 1].address = FAKE_MODE_UNKNOWN;
    fake.mode = 1;
}

struct wish_case {
    const char *wish;
    uint32_t mode; /* what is set then */
    const char *line;
};

static const struct wish_case wishes[] = {
    {"1920x1080", 2, "1920x1080x32"},
    {"1920x1080x32", 2, "1920x1080x32"},
    {"1024x768", 1, "1024x768x32"},
    {"800x600x32", 4, "800x600x32"},
    {"800x600", 3, "800x600x16"}, /* the first of two of the same size */
    {"800x600x16", 3, "800x600x16"},
    {"1024x768x24", 1, "1024x768x32 instead of 1024x768x24"},
    {"1919x1080", 1, "1024x768x32 instead of 1919x1080"},
    {"1000x700x16", 3, "800x600x16 instead of 1000x700x16"},
    {"320x200", 0, "640x480x32 instead of 320x200"},
    {"65535x65535", 2, "1920x1080x32 instead of 65535x65535"},
    {"2560x1600", 2, "1920x1080x32 instead of 2560x1600"},
};

START_TEST(the_nearest_mode_is_set_and_told)
{
    const struct wish_case *test = &wishes[_i];
    char text[96];
    (void)snprintf(text, sizeof(text), "framebuffer = %s\n", test->wish);
    given_screen(text);
    boots(&expected);
    ck_assert_uint_eq(fake.mode, test->mode);
    ck_assert_uint_eq(fake.calls[FAKE_GRAPHICS_SET], test->mode == 1 ? 0 : 1);
    (void)snprintf(text, sizeof(text), "\nscreen     %s\n", test->line);
    ck_assert_msg(strstr(fake.said, text) != NULL, "no '%s' in:\n%s", text, fake.said);
    const struct BootInfo *info = (const struct BootInfo *)fake.hand_off.info;
    ck_assert_uint_eq(bootinfo_framebuffer(info, 0)->width, fake.modes[test->mode].width);
}
END_TEST

START_TEST(of_equal_modes_the_current_one_stays)
{
    given_screen("framebuffer = 1024x768\n");
    add_mode(1024, 768, RGB);
    fake.mode = fake.mode_count - 1;
    boots(&expected);
    ck_assert_uint_eq(fake.calls[FAKE_GRAPHICS_SET], 0);
}
END_TEST

START_TEST(where_no_mode_is_of_use_none_is_set)
{
    given_screen("framebuffer = 1024x768\n");
    fake.modes[0] = fake.modes[1] = fake.modes[5];
    fake.mode_count = 2;
    boots(&expected);
    ck_assert_uint_eq(fake.calls[FAKE_GRAPHICS_SET], 0);
}
END_TEST

START_TEST(a_mode_that_the_cpu_cannot_reach_is_no_screen)
{
    given_screen("framebuffer = 1920x1080\n");
    fake.modes[2].address = fake.cpu.address_limit;
    expected.screens_left_out = 1;
    boots(&expected);
    ck_assert(strstr(fake.said, "\nscreen     none instead of 1920x1080\n") != NULL);
}
END_TEST

START_TEST(auto_leaves_the_screen_alone)
{
    static const char *const autos[] = {"", "framebuffer = auto\n"};
    given_screen(autos[_i]);
    boots(&expected);
    ck_assert_uint_eq(fake.mode, 1);
    ck_assert_uint_eq(fake.calls[FAKE_GRAPHICS_QUERY] + fake.calls[FAKE_GRAPHICS_SET], 0);
}
END_TEST

START_TEST(none_hides_the_screen_from_kernel_and_fault_handlers)
{
    given_screen(_i == 0 ? "framebuffer = none\n" : "framebuffer = none\non_fault = none\n");
    expected.no_framebuffer = true;
    boots(&expected);
    ck_assert_uint_eq(fake.calls[FAKE_GRAPHICS_QUERY] + fake.calls[FAKE_GRAPHICS_SET], 0);
}
END_TEST

START_TEST(a_machine_without_a_screen_boots_all_the_same)
{
    static const char *const wish[] = {"1920x1080", "1024x768"};
    char text[64];
    (void)snprintf(text, sizeof(text), "framebuffer = %s\n", wish[_i]);
    given_screen(text);
    fake.mode_count = 0;
    fake.machine.framebuffer_count = 0;
    boots(&expected);
    (void)snprintf(text, sizeof(text), "\nscreen     none instead of %s\n", wish[_i]);
    ck_assert(strstr(fake.said, text) != NULL);
}
END_TEST

START_TEST(a_mode_that_cannot_be_set_is_told)
{
    given_screen("framebuffer = 1920x1080\n");
    for (uint32_t call = 1; fake.calls[FAKE_GRAPHICS_SET] == 0 || fake.mode != 1; call++) {
        given_screen("framebuffer = 1920x1080\n");
        fake.failures[0] = (struct fake_failure){.call = call, .status = FIRMWARE_DEVICE_ERROR};
        (void)fake_boot(&the_boot);
    }
    ck_assert(strstr(fake.said, "\nscreen     1024x768x32 instead of 1920x1080: "
                                "the firmware cannot set it\n") != NULL);
    check_hand_off(&the_boot, &expected);
}
END_TEST

START_TEST(what_fails_later_is_told_in_the_old_mode)
{
    given_screen("framebuffer = 1920x1080\n");
    fake.stride_unsaid = true;
    fake.stride_said = 4;
    refuses(STATUS_MAP_BAD_STRIDE, "");
    ck_assert_uint_eq(fake.calls[FAKE_GRAPHICS_SET], 2);
    ck_assert_uint_eq(fake.mode, 1);
}
END_TEST

/* Entry a fails after its mode was set, since its tries cannot be counted; entry b boots. */
static void given_a_mode_that_does_not_last(void)
{
    given_screen("");
    fake.files[0].bytes =
        "fallback = b\n[entry a]\n" CONFIG_PLAIN
        "framebuffer = 1920x1080\nmodule = /k.bin\ntries = 3\n[entry b]\n" CONFIG_PLAIN;
    fake.files[0].size = strlen(fake.files[0].bytes);
    fake.failures[0] = (struct fake_failure){.status = FIRMWARE_OUT_OF_RESOURCES,
                                             .for_good = true,
                                             .kind = FAKE_VARIABLE_SET,
                                             .met = true};
}

START_TEST(the_old_mode_is_looked_at_as_closely)
{
    given_a_mode_that_does_not_last();
    fake.modes[1].address = fake.cpu.address_limit;
    expected.screens_left_out = 1;
    boots(&expected);
    ck_assert_uint_eq(fake.mode, 1);
}
END_TEST

START_TEST(an_old_mode_that_cannot_be_set_again_is_told)
{
    static const char line[] = "\nscreen     the old mode cannot be set again\n";
    given_a_mode_that_does_not_last();
    boots(&expected);
    ck_assert_uint_eq(fake.mode, 1);
    ck_assert_ptr_null(strstr(fake.said, line));
    uint32_t call = 0;
    for (uint32_t i = 0, sets = 0; sets < 2; i++) {
        call += fake_event(i)->call < FAKE_FALLIBLE_COUNT;
        sets += fake_event(i)->call == FAKE_GRAPHICS_SET;
    }
    given_a_mode_that_does_not_last();
    fake.failures[1] = (struct fake_failure){.call = call, .status = FIRMWARE_DEVICE_ERROR};
    boots(&expected);
    ck_assert_uint_eq(fake.mode, 2);
    ck_assert_ptr_nonnull(strstr(fake.said, line));
}
END_TEST

START_TEST(edids_are_copied_to_the_info_block)
{
    static uint8_t edids[2][256];
    memset(edids[0], 0x11, sizeof(edids[0]));
    memset(edids[1], 0x22, sizeof(edids[1]));
    for (int i = 0; i < 2; i++) {
        memcpy(edids[i], "\0\xFF\xFF\xFF\xFF\xFF\xFF", 8);
    }
    given_screen("");
    fake.readable_ram = true;
    fake.machine.framebuffers[0].edid = (struct BootInfoSpan){(uint64_t)edids[0], 128};
    fake.machine.framebuffers[1] = fake.machine.framebuffers[0];
    fake.machine.framebuffers[1].address = 0xA0000000;
    fake.machine.framebuffers[1].edid = (struct BootInfoSpan){0, 0};
    fake.machine.framebuffers[2] = fake.machine.framebuffers[0];
    fake.machine.framebuffers[2].address = 0xB0000000;
    fake.machine.framebuffers[2].edid = (struct BootInfoSpan){(uint64_t)edids[1], 256};
    fake.machine.framebuffer_count = 3;
    boots(&expected);
    const struct BootInfo *info = (const struct BootInfo *)fake.hand_off.info;
    for (uint32_t i = 0; i < 3; i++) {
        const struct BootInfoSpan *is = &bootinfo_framebuffer(info, i)->edid;
        const struct BootInfoSpan *was = &fake.machine.framebuffers[i].edid;
        ck_assert_uint_eq(is->size, was->size);
        ck_assert(is->size == 0 || is->address != was->address);
        ck_assert(is->size == 0 ||
                  memcmp((const void *)is->address, (const void *)was->address, is->size) == 0);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("screen_stage");
    TCase *tests = tcase_create("screen");
    tcase_add_loop_test(tests, the_nearest_mode_is_set_and_told, 0,
                        (int)(sizeof(wishes) / sizeof(wishes[0])));
    tcase_add_loop_test(tests, auto_leaves_the_screen_alone, 0, 2);
    tcase_add_loop_test(tests, none_hides_the_screen_from_kernel_and_fault_handlers, 0, 2);
    tcase_add_test(tests, of_equal_modes_the_current_one_stays);
    tcase_add_test(tests, where_no_mode_is_of_use_none_is_set);
    tcase_add_test(tests, a_mode_that_the_cpu_cannot_reach_is_no_screen);
    tcase_add_loop_test(tests, a_machine_without_a_screen_boots_all_the_same, 0, 2);
    tcase_add_test(tests, a_mode_that_cannot_be_set_is_told);
    tcase_add_test(tests, what_fails_later_is_told_in_the_old_mode);
    tcase_add_test(tests, the_old_mode_is_looked_at_as_closely);
    tcase_add_test(tests, an_old_mode_that_cannot_be_set_again_is_told);
    tcase_add_test(tests, edids_are_copied_to_the_info_block);
    suite_add_tcase(suite, tests);
    return suite_main(suite, "unit-screen_stage");
}
