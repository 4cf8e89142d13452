/* The log: every line of a boot, and what happens where a line or the log has no room. */
#include "boot/log.h"
#include "boot_check.h"
#include "kernels.h"
#include "suite.h"

#include <string.h>

START_TEST(a_verbose_boot_has_these_lines)
{
    static const char format[] =
        BATON_NAME "\n"
                   "config     \\EFI\\BOOT\\loader.cfg, entry 'one'\n"
                   "machine    loader at 0x4000000, EFI system table 0x4200018, RSDP 0x4210014, "
                   "SMBIOS 0x4220000, serial port 0x3f8\n"
                   "screen     1024x768x32, at 0x80000000\n"
                   "screen     640x480x32, at 0x90000000\n"
                   "image      /k.bin, 5,176 bytes, raw, with a kernel header\n"
                   "placement  0x100000-0x101fff (8 KiB), stack 64 KiB at 0x%lx\n"
                   "load       5,176 bytes read\n"
                   "modules    m, 6 bytes at 0x%lx\n"
                   "info       16 KiB at 0x%lx, room for %lu firmware memory descriptors\n"
                   "exit       leaving the firmware, entry 0x100000\n";
    static char lines[2000];
    const struct expected_module module = {"m", "", {"words", 6}};
    const struct attempt *attempt = &the_boot.attempt;
    struct text kernel = kernel_with_header(5176, (struct BootInfoKernelHeader){0}, 8);
    struct expectation expected = expect_raw(kernel);
    expected.modules = &module;
    expected.module_count = 1;
    (void)given("log = verbose\n[entry one]\nkernel = /k.bin\nmodule = m\n", kernel);
    fake_add_file("\\m", "words", 6);
    fake.machine.framebuffers[1] = fake.machine.framebuffers[0];
    fake.machine.framebuffers[1].address = 0x90000000;
    fake.machine.framebuffers[1].width = 640;
    fake.machine.framebuffers[1].height = 480;
    fake.machine.framebuffer_count = 2;
    boots(&expected);
    snprintf(lines, sizeof(lines), format, attempt->kernel.placement.stack,
             attempt->kernel.modules.items[0].address, attempt->hand_over.block.address,
             (uint64_t)attempt->hand_over.block.descriptors_max);
    ck_assert_str_eq(fake.said, lines);
}
END_TEST

START_TEST(a_compressed_kernel_that_is_staged_has_these_lines)
{
    char line[200];
    struct text kernel = kernel_raw(5176);
    struct text packed = kernel_gzip(kernel);
    struct expectation expected = expect_raw(kernel);
    expected.file = packed;
    expected.gzip = true;
    expected.staged = true;
    (void)given(CONFIG_PLAIN, packed);
    fake_set_memory(MIB, PAGE_SIZE, EFI_BOOT_DATA);
    boots(&expected);
    snprintf(line, sizeof(line),
             "\nplacement  0x100000-0x101fff (8 KiB), copied there after the exit from 0x%lx, "
             "stack 64 KiB at 0x%lx\n",
             the_boot.attempt.kernel.placement.source, the_boot.attempt.kernel.placement.stack);
    ck_assert(strstr(fake.said, line) != NULL);
    snprintf(line, sizeof(line), "\nload       %lu,%03lu bytes read, inflated to 5,176 bytes\n",
             packed.size / 1000, packed.size % 1000);
    ck_assert_msg(strstr(fake.said, line) != NULL, "%s", fake.said);
}
END_TEST

static const struct {
    bool elf;
    struct text (*pack)(struct text image); /* NULL: not at all */
    const char *config;
    const char *words;
} images[] = {
    {false, NULL, CONFIG_PLAIN, " bytes, raw\n"},
    {false, kernel_gzip, CONFIG_PLAIN, " bytes, gzip\n"},
    {false, kernel_zlib, CONFIG_PLAIN "compression = zlib\nmemory = 64K\n", " bytes, zlib\n"},
    {true, NULL, CONFIG_PLAIN, " bytes, raw ELF\n"},
    {true, kernel_gzip, CONFIG_PLAIN, " bytes, gzip ELF\n"},
    {true, kernel_zlib, CONFIG_PLAIN "compression = zlib\n", " bytes, zlib ELF\n"},
};

START_TEST(the_line_of_an_image_says_what_it_is)
{
    struct elf_plan plan = elf_plan(2 * MIB, 2 * MIB);
    struct text image = images[_i].elf ? elf_file(&plan) : kernel_raw(5000);
    (void)given(images[_i].config, images[_i].pack != NULL ? images[_i].pack(image) : image);
    ck_assert_int_eq(fake_boot(&the_boot), FAKE_HANDED_OFF);
    const char *line = strstr(fake.said, "\nimage      /k.bin, ");
    ck_assert_ptr_nonnull(line);
    const char *words = strstr(line, " bytes, ");
    ck_assert_ptr_nonnull(words);
    ck_assert_int_eq(strncmp(words, images[_i].words, strlen(images[_i].words)), 0);
}
END_TEST

/* The ninth and all that come after it share a line. */
START_TEST(eight_modules_have_a_line_each_and_the_others_one)
{
    char config[512] = "kernel = /k.bin\n";
    struct expected_module modules[10];
    struct expectation expected = expect_raw(kernel_raw(5000));
    const uint32_t count = 8 + (uint32_t)_i;
    for (uint32_t i = 0; i < count; i++) {
        strcat(config, "module = m\n");
        modules[i] = (struct expected_module){"m", "", {"words", 6}};
    }
    expected.modules = modules;
    expected.module_count = count;
    (void)given(config, expected.file);
    fake_add_file("\\m", "words", 6);
    boots(&expected);
    uint32_t lines = 0;
    for (const char *at = fake.said; (at = strstr(at, "\nmodules    m, 6 bytes at")) != NULL;
         at++) {
        lines++;
    }
    ck_assert_uint_eq(lines, 8);
    char rest[64];
    snprintf(rest, sizeof(rest), "\nmodules    ... and %d more\n", _i);
    const char *first = strstr(fake.said, "\nmodules    ...");
    ck_assert_int_eq(first != NULL, _i > 0);
    ck_assert(first == NULL || strncmp(first, rest, strlen(rest)) == 0);
    ck_assert(first == NULL || strstr(first + 1, "\nmodules    ") == NULL);
}
END_TEST

static struct log tested;

/* A line of size bytes with its line end, in the log as far as there is room. */
static void put_line(size_t size)
{
    struct writer *line = log_begin(&tested, "stage");
    for (size_t i = 12; i < size; i++) {
        write_char(line, 'x');
    }
    log_end(&tested, LOG_VERBOSE);
}

static void open_log(void)
{
    fake_reset();
    memset(&tested, 0xA5, sizeof(tested));
    tested.on_screen = false;
    log_open(&tested);
}

START_TEST(a_line_without_room_is_cut_and_ends_as_a_line)
{
    open_log();
    put_line(LOG_LINE_SIZE - 1);
    ck_assert_uint_eq(tested.writer.used, LOG_LINE_SIZE - 1);
    ck_assert_mem_eq(tested.buffer + LOG_LINE_SIZE - 3, "x\n", 3);
    open_log();
    put_line(LOG_LINE_SIZE * 2);
    ck_assert_uint_eq(tested.writer.used, LOG_LINE_SIZE - 1);
    ck_assert_mem_eq(tested.buffer + LOG_LINE_SIZE - 3, "x\n", 3);
}
END_TEST

START_TEST(a_line_is_in_the_log_whole_or_not_at_all)
{
    for (size_t spare = 0; spare < 2; spare++) {
        open_log();
        for (int i = 0; i < 7; i++) {
            put_line(LOG_LINE_SIZE - 1);
        }
        put_line(LOG_SIZE - 7 * (LOG_LINE_SIZE - 1) - 12 - spare);
        ck_assert_uint_eq(tested.writer.used, LOG_SIZE - 12 - spare);
        put_line(12);
        ck_assert_uint_eq(tested.writer.used, spare == 0 ? LOG_SIZE - 12 : LOG_SIZE - 1);
    }
}
END_TEST

START_TEST(messages_leave_room_for_the_lines_of_an_entry)
{
    static char message[LOG_SIZE];
    memset(message, 'x', sizeof(message));
    for (size_t more = 0; more < 2; more++) {
        open_log();
        log_message(&tested, (struct text){message, LOG_SIZE - 1024 - 1 + more});
        ck_assert_uint_eq(tested.writer.used, more == 0 ? LOG_SIZE - 1024 - 1 : 0);
        ck_assert_uint_eq(fake.shown_size, LOG_SIZE - 1024 - 1 + more);
    }
}
END_TEST

/* What is said and what is on the screen, of a line of each level, before a message and after. */
START_TEST(a_log_begins_normal_and_off_the_screen)
{
    open_log();
    put_line(12);
    ck_assert_uint_eq(fake.said_size, 0);
    (void)log_begin(&tested, "stage");
    log_end(&tested, LOG_NORMAL);
    ck_assert_uint_eq(fake.said_size, 12);
    ck_assert_uint_eq(fake.shown_size, 0);
    log_message(&tested, TEXT("m\n"));
    (void)log_begin(&tested, "stage");
    log_end(&tested, LOG_NORMAL);
    ck_assert_str_eq(fake.shown, "m\nstage      \n");
}
END_TEST

static void path_is(const char *head, const char *tail, size_t tail_size, const char *shown,
                    size_t left_out)
{
    char line[LOG_LINE_SIZE];
    char expected[LOG_LINE_SIZE] = "";
    size_t size = strlen(head) + tail_size;
    char *path = malloc(size);
    struct writer writer = writer_on(line, sizeof(line));
    ck_assert_ptr_nonnull(path);
    memcpy(path, head, strlen(head));
    for (size_t i = 0; i < tail_size; i++) {
        path[strlen(head) + i] = tail[0];
    }
    log_path(&writer, (struct text){path, size});
    strcpy(expected, shown);
    strncat(expected, path + left_out, size - left_out);
    ck_assert_str_eq(line, expected);
    free(path);
}

START_TEST(a_long_path_is_shown_from_the_beginning_of_a_character)
{
    path_is("/", "x", LOG_PATH_SHOWN - 1, "", 0);
    path_is("//", "x", LOG_PATH_SHOWN - 1, "...", 1);
    path_is("\xC3\xA4", "x", LOG_PATH_SHOWN - 1, "...", 2);
    path_is("\xE2\x82\xAC", "x", LOG_PATH_SHOWN - 2, "...", 3);
    path_is("\xF0\x9F\x98\x80", "x", LOG_PATH_SHOWN - 1, "...", 4);
    path_is("", "\x80", LOG_PATH_SHOWN + 1, "...", LOG_PATH_SHOWN + 1);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("lines");
    TCase *boots = tcase_create("boots");
    tcase_add_test(boots, a_verbose_boot_has_these_lines);
    tcase_add_test(boots, a_compressed_kernel_that_is_staged_has_these_lines);
    tcase_add_loop_test(boots, the_line_of_an_image_says_what_it_is, 0,
                        sizeof(images) / sizeof(images[0]));
    tcase_add_loop_test(boots, eight_modules_have_a_line_each_and_the_others_one, 0, 3);
    suite_add_tcase(suite, boots);
    TCase *room = tcase_create("room");
    tcase_add_test(room, a_line_without_room_is_cut_and_ends_as_a_line);
    tcase_add_test(room, a_line_is_in_the_log_whole_or_not_at_all);
    tcase_add_test(room, messages_leave_room_for_the_lines_of_an_entry);
    tcase_add_test(room, a_log_begins_normal_and_off_the_screen);
    tcase_add_test(room, a_long_path_is_shown_from_the_beginning_of_a_character);
    suite_add_tcase(suite, room);
    return suite_main(suite, "unit-lines");
}
