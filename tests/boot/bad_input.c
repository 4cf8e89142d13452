/* The loader on one bad input after another, in one boot: the judge (efi/judge.h) runs it and looks
 * whether the firmware is afterwards as it was before. */
#include "bad_cases.h"
#include "harness.h"

#include <inttypes.h>
#include <string.h>

enum { BAD_TIMEOUT_S = 300 };

#define EFI_LOAD_ERROR UINT64_C(0x8000000000000001)

static struct machine_run run;
static struct bytes kernels[BAD_CASES_MAX];
static char *configs[BAD_CASES_MAX];

/* The text with both digits of the case for @. */
static char *numbered(const char *text, size_t size, size_t number)
{
    struct bytes bytes = {0};
    for (size_t i = 0; i < size; i++) {
        char digits[2] = {(char)('0' + number / 10), (char)('0' + number % 10)};
        bytes_add(&bytes, text[i] == '@' ? digits : text + i, text[i] == '@' ? 2 : 1);
    }
    bytes_add(&bytes, "", 1);
    return bytes.data;
}

static size_t config_size(const struct bad_case *bad)
{
    return bad->config_size != 0 ? bad->config_size : strlen(bad->config);
}

static void add_config(struct boot_files *files, size_t number)
{
    const struct bad_case *bad = &bad_cases[number];
    char *path = string_format("/cases/%02zu/loader.cfg", number);
    if (bad->config == NULL) {
        free(path);
        return;
    }
    bool folder = strcmp(bad->config, "/") == 0;
    configs[number] = numbered(bad->config, config_size(bad), number);
    size_t size = bad->config_size != 0 ? bad->config_size : strlen(configs[number]);
    boot_add(files, (struct disk_file){.path = path,
                                       .data = configs[number],
                                       .size = folder ? 0 : size,
                                       .folder = folder});
}

static void add_kernel(struct boot_files *files, size_t number)
{
    enum bad_kernel kernel = bad_cases[number].kernel;
    if (kernel == KERNEL_NONE) {
        return;
    }
    bad_kernel_make(kernel, &kernels[number]);
    boot_add(files, (struct disk_file){.path = string_format("/cases/%02zu/k.bin", number),
                                       .data = bytes_text(&kernels[number]),
                                       .size = kernels[number].size,
                                       .folder = kernel == KERNEL_FOLDER});
}

static void boot_once(void)
{
    static struct boot_files files;
    ck_assert_uint_le(bad_case_count, BAD_CASES_MAX);
    boot_add(&files, (struct disk_file){.path = "/EFI/BOOT/BOOTX64.EFI", .host = BATON_JUDGE});
    for (size_t i = 0; i < bad_case_count; i++) {
        boot_add(&files, (struct disk_file){.path = string_format("/cases/%02zu/loader.efi", i),
                                            .host = BATON_BUILD_DIR "/BOOTX64.EFI"});
        add_config(&files, i);
        add_kernel(&files, i);
    }
    boot_run(&files, (struct machine){.timeout_s = BAD_TIMEOUT_S}, &run);
}

static void forget(void)
{
    machine_run_free(&run);
}

/* What stands between "case NN" and the next case; freed by the caller. */
static char *part_of(const struct bytes *output, int number)
{
    AUTO_STRING begin = string_format("case %02d\n", number);
    AUTO_STRING end = string_format("\ncase %02d\n", number + 1);
    const char *from = strstr(bytes_text(output), begin);
    if (from == NULL) {
        return string_copy("");
    }
    const char *to = strstr(from, end);
    return to == NULL ? string_copy(from) : string_format("%.*s\n", (int)(to - from), from);
}

/* The case's part of the console (prefix "console: ") or of the serial port (""). */
static void expect_lines(const struct bad_case *bad, int number, const char *prefix,
                         const char *text)
{
    const char *from = text;
    for (size_t i = 0; i < BAD_LINES_MAX && bad->lines[i] != NULL; i++) {
        AUTO_STRING wanted = numbered(bad->lines[i], strlen(bad->lines[i]), (size_t)number);
        AUTO_STRING line = string_format("\n%s%s\n", prefix, wanted);
        from = strstr(from, line);
        if (from == NULL) {
            boot_show(bad->name, text);
            ck_abort_msg("%s: no line '%s'", bad->name, wanted);
        }
    }
}

START_TEST(console_has_the_sentence)
{
    AUTO_STRING part = part_of(&run.debugcon, _i);
    expect_lines(&bad_cases[_i], _i, "console: ", part);
}
END_TEST

START_TEST(serial_has_the_sentence)
{
    AUTO_STRING part = part_of(&run.serial, _i);
    expect_lines(&bad_cases[_i], _i, "", part);
}
END_TEST

static void expect_line(const char *name, const char *part, const char *line)
{
    AUTO_STRING whole = string_format("\n%s\n", line);
    if (strstr(part, whole) == NULL) {
        boot_show(name, part);
        ck_abort_msg("%s: no line '%s' from the judge", name, line);
    }
}

START_TEST(firmware_is_as_before)
{
    const struct bad_case *bad = &bad_cases[_i];
    AUTO_STRING part = part_of(&run.debugcon, _i);
    AUTO_STRING ok = string_format("ok %02d", _i);
    AUTO_STRING status =
        string_format("status: 0x%016" PRIX64, bad->status != 0 ? bad->status : EFI_LOAD_ERROR);
    expect_line(bad->name, part, ok);
    expect_line(bad->name, part, status);
}
END_TEST

START_TEST(firmware_goes_on_after_all_of_them)
{
    AUTO_STRING cases = string_format("cases: %zu", bad_case_count);
    const char *judged = bytes_text(&run.debugcon);
    if (run.outcome != MACHINE_PASSED) {
        boot_show("serial port", bytes_text(&run.serial));
    }
    expect_line("after all", judged, cases);
    expect_line("after all", judged, "timers run");
    boot_expect(&run, MACHINE_PASSED);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("boot-bad-input");
    TCase *tests = tcase_create("boot");
    int count = (int)bad_case_count;
    tcase_set_timeout(tests, BAD_TIMEOUT_S + TEST_TIMEOUT_S);
    tcase_add_unchecked_fixture(tests, boot_once, forget);
    tcase_add_loop_test(tests, console_has_the_sentence, 0, count);
    tcase_add_loop_test(tests, serial_has_the_sentence, 0, count);
    tcase_add_loop_test(tests, firmware_is_as_before, 0, count);
    tcase_add_test(tests, firmware_goes_on_after_all_of_them);
    suite_add_tcase(suite, tests);
    return suite_main(suite, "boot-bad-input");
}
