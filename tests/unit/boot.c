/* Whole boots on a machine that does nothing wrong, or nothing that matters. */
#include "boot_check.h"
#include "kernels.h"
#include "suite.h"

#include <string.h>

static const uint64_t sizes[] = {1, 4095, 4096, 4097, MIB - 1, MIB, MIB + 1, 5 * MIB / 2 + 123};
#define SIZE_COUNT (sizeof(sizes) / sizeof(sizes[0]))

START_TEST(a_raw_kernel_boots_at_1_mib)
{
    for (size_t i = 0; i < SIZE_COUNT; i++) {
        struct text kernel = kernel_raw(sizes[i]);
        struct fake_file *file = given(CONFIG_PLAIN, kernel);
        struct expectation expected = expect_raw(kernel);
        boots(&expected);
        ck_assert_uint_eq(file->opens, 1);
        ck_assert_uint_eq(file->bytes_read, kernel.size);
    }
}
END_TEST

START_TEST(a_gzip_kernel_boots)
{
    for (size_t i = 0; i < SIZE_COUNT; i++) {
        struct text kernel = kernel_raw(sizes[i]);
        struct text packed = kernel_gzip(kernel);
        struct fake_file *file = given(CONFIG_PLAIN, packed);
        struct expectation expected = expect_raw(kernel);
        expected.file = packed;
        expected.gzip = true;
        boots(&expected);
        ck_assert_uint_eq(file->opens, 1);
        ck_assert_uint_eq(file->bytes_read, packed.size);
    }
}
END_TEST

/* As gunzip inflates it. The last trailer states the length of the last member. */
START_TEST(a_gzip_kernel_of_several_members_boots)
{
    static const uint64_t firsts[] = {1, 4096, 100 * KIB, 299 * KIB};
    for (size_t i = 0; i < sizeof(firsts) / sizeof(firsts[0]); i++) {
        struct text kernel = kernel_with_header(
            300 * KIB, (struct BootInfoKernelHeader){.memory_size = 2 * MIB}, 64);
        struct expectation expected = expect_raw(kernel);
        expected.file = kernel_members(kernel, firsts[i]);
        expected.memory_size = 2 * MIB;
        (void)given(CONFIG_PLAIN, expected.file);
        boots(&expected);
        ck_assert_int_eq(the_boot.session.failure.status, STATUS_OK); /* of the first attempt */
        expected.file = kernel_joined(expected.file, (struct text){"\0\0\0", 3});
        (void)given(CONFIG_PLAIN, expected.file);
        boots(&expected);
    }
}
END_TEST

START_TEST(a_zlib_kernel_boots_where_loader_cfg_says_so)
{
    for (size_t i = 0; i < SIZE_COUNT; i++) {
        struct text kernel = kernel_raw(sizes[i]);
        struct text packed = kernel_zlib(kernel);
        struct fake_file *file = given(CONFIG_PLAIN "compression = zlib\nmemory = 3M\n", packed);
        struct expectation expected = expect_raw(kernel);
        expected.file = packed;
        expected.memory_size = 3 * MIB;
        boots(&expected);
        ck_assert_uint_eq(file->bytes_read, packed.size);
    }
}
END_TEST

struct header_case {
    const char *config;
    struct BootInfoKernelHeader header;
    uint64_t address, memory_size, entry, stack_size; /* expected */
};

static const struct header_case header_cases[] = {
    {CONFIG_PLAIN, {0}, MIB, 9000, MIB, 64 * KIB},
    {CONFIG_PLAIN, {.load_address = 3 * MIB}, 3 * MIB, 9000, 3 * MIB, 64 * KIB},
    {CONFIG_PLAIN, {.load_address = MIB + 4096}, MIB + 4096, 9000, MIB + 4096, 64 * KIB},
    {CONFIG_PLAIN, {.memory_size = 9001}, MIB, 9001, MIB, 64 * KIB},
    {CONFIG_PLAIN, {.memory_size = 5 * MIB + 7}, MIB, 5 * MIB + 7, MIB, 64 * KIB},
    {CONFIG_PLAIN, {.load_address = MIB, .entry = MIB + 64}, MIB, 9000, MIB + 64, 64 * KIB},
    {CONFIG_PLAIN, {.stack_size = 5000}, MIB, 9000, MIB, 64 * KIB},
    {CONFIG_PLAIN, {.stack_size = 70000}, MIB, 9000, MIB, 72 * KIB},
    {CONFIG_PLAIN, {.stack_size = MIB}, MIB, 9000, MIB, MIB},
    {CONFIG_PLAIN "stack = 32K\n", {.stack_size = 5000}, MIB, 9000, MIB, 32 * KIB},
    {CONFIG_PLAIN "memory = 1M\n", {0}, MIB, MIB, MIB, 64 * KIB},
    {CONFIG_PLAIN "memory = 2M\n", {.memory_size = MIB}, MIB, 2 * MIB, MIB, 64 * KIB},
    {CONFIG_PLAIN "address = 2M\n", {.load_address = 2 * MIB}, 2 * MIB, 9000, 2 * MIB, 64 * KIB},
    {CONFIG_PLAIN "address = 2M\n", {0}, 2 * MIB, 9000, 2 * MIB, 64 * KIB},
};

#define HEADER_CASE_COUNT (sizeof(header_cases) / sizeof(header_cases[0]))

/* Each raw and compressed. */
START_TEST(a_kernel_header_is_honoured)
{
    for (size_t i = 0; i < 2 * HEADER_CASE_COUNT; i++) {
        const struct header_case *test = &header_cases[i / 2];
        bool gzip = i % 2 == 1;
        struct text kernel = kernel_with_header(9000, test->header, 64);
        struct text file = gzip ? kernel_gzip(kernel) : kernel;
        (void)given(test->config, file);
        struct expectation expected = {
            .image = kernel,
            .address = test->address,
            .memory_size = test->memory_size,
            .entry = test->entry,
            .stack_size = test->stack_size,
            .file = file,
            .gzip = gzip,
            .staged = !gzip && test->address == MIB + 4096, /* on pages of the guess */
        };
        boots(&expected);
    }
}
END_TEST

START_TEST(a_header_at_the_end_of_the_first_4_kib_is_found)
{
    struct BootInfoKernelHeader header = {.load_address = 2 * MIB};
    struct text kernel = kernel_with_header(9000, header, 4096 - sizeof(header));
    (void)given(CONFIG_PLAIN, kernel);
    struct expectation expected = expect_raw(kernel);
    expected.address = 2 * MIB;
    boots(&expected);
}
END_TEST

/* Memory keeps what it held before a reset: the header of the last kernel, after a short one. */
START_TEST(a_header_behind_the_end_of_the_file_is_not_seen)
{
    struct BootInfoKernelHeader header = {.load_address = 3 * MIB};
    struct text kernel = kernel_raw(100);
    for (int i = 0; i < 2; i++) {
        struct text file = i == 0 ? kernel : kernel_gzip(kernel);
        (void)given(CONFIG_PLAIN, file);
        fake.stale_page = kernel_with_header(PAGE_SIZE, header, 512).bytes;
        struct expectation expected = expect_raw(kernel);
        expected.file = file;
        expected.gzip = i == 1;
        boots(&expected);
    }
}
END_TEST

/* The kernel is read to 1 MiB first, but asks to lie across that: it has to move. */
START_TEST(a_header_address_that_overlaps_the_guess_is_met)
{
    struct BootInfoKernelHeader header = {.load_address = MIB + 512 * KIB};
    struct text kernel = kernel_with_header(5 * MIB / 2, header, 0);
    struct fake_file *file = given(CONFIG_PLAIN, kernel);
    struct expectation expected = expect_raw(kernel);
    expected.address = header.load_address;
    expected.staged = true;
    boots(&expected);
    ck_assert_uint_eq(file->bytes_read, kernel.size);
}
END_TEST

START_TEST(a_gzip_kernel_is_known_by_its_name_and_then_1_mib_is_left_alone)
{
    struct text kernel = kernel_raw(100000);
    struct text packed = kernel_gzip(kernel);
    fake_reset();
    fake_add_config("kernel = /k.gz\n");
    fake_add_file("\\k.gz", packed.bytes, packed.size);
    struct expectation expected = expect_raw(kernel);
    expected.file = packed;
    expected.gzip = true;
    boots(&expected);
    ck_assert_uint_eq(fake.calls[FAKE_ALLOCATE_AT], 1);
}
END_TEST

/* Inflated in place: compressed file, inflate's memory and kernel are all that it takes. */
START_TEST(inflating_takes_no_second_copy)
{
    struct text kernel = kernel_raw(8 * MIB);
    struct text packed = kernel_gzip(kernel);
    (void)given(CONFIG_PLAIN, packed);
    struct expectation expected = expect_raw(kernel);
    expected.file = packed;
    expected.gzip = true;
    boots(&expected);
    ck_assert_uint_lt(fake.peak_pages, page_count_of(8 * MIB + packed.size) + 100);
}
END_TEST

START_TEST(a_header_that_says_otherwise_in_a_raw_file_named_gz_is_no_matter)
{
    struct text kernel = kernel_raw(5000);
    fake_reset();
    fake_add_config("kernel = /k.gz\n");
    fake_add_file("\\k.gz", kernel.bytes, kernel.size);
    struct expectation expected = expect_raw(kernel);
    boots(&expected);
}
END_TEST

START_TEST(the_command_line_and_the_path_arrive_as_written)
{
    struct text kernel = kernel_raw(5000);
    (void)given("kernel = //k.bin\ncmdline = root=/dev/sda1  \"quiet\" \xC3\xA4\n", kernel);
    struct expectation expected = expect_raw(kernel);
    expected.cmdline = "root=/dev/sda1  \"quiet\" \xC3\xA4";
    boots(&expected);
    const struct BootInfo *info = (const struct BootInfo *)fake.hand_off.info;
    ck_assert_str_eq(bootinfo_text(info->kernel_file.name), "//k.bin");
}
END_TEST

START_TEST(the_serial_port_is_named)
{
    static const char *const keys[] = {"", "serial = none\n", "serial = 0x2f8\n"};
    static const uint64_t bases[] = {0x3F8, 0, 0x2F8};
    for (size_t i = 0; i < 3; i++) {
        char config[128];
        snprintf(config, sizeof(config), "%s" CONFIG_PLAIN, keys[i]);
        struct text kernel = kernel_raw(5000);
        (void)given(config, kernel);
        struct expectation expected = expect_raw(kernel);
        boots(&expected);
        const struct BootInfo *info = (const struct BootInfo *)fake.hand_off.info;
        ck_assert_uint_eq(info->serial.base, bases[i]);
        ck_assert_int_eq(info->serial.kind == BOOTINFO_SERIAL_NONE, bases[i] == 0);
    }
}
END_TEST

/* As plat_say gets it: verbose is all of the log, normal the lines of the stages. */
START_TEST(quiet_says_nothing_and_the_others_a_line_a_stage)
{
    static const char *const levels[] = {"quiet", "normal", "verbose"};
    static size_t said[3];
    for (int i = 0; i < 3; i++) {
        char config[128];
        snprintf(config, sizeof(config), "log = %s\n" CONFIG_PLAIN, levels[i]);
        struct text kernel = kernel_raw(5000);
        (void)given(config, kernel);
        struct expectation expected = expect_raw(kernel);
        boots(&expected);
        said[i] = fake.said_size;
    }
    const struct BootInfo *info = (const struct BootInfo *)fake.hand_off.info;
    ck_assert_uint_eq(said[0], 0);
    ck_assert_uint_gt(said[1], 200);
    ck_assert_uint_gt(said[2], said[1]);
    ck_assert(strncmp(fake.said, BATON_NAME "\n", sizeof(BATON_NAME)) == 0);
    ck_assert_str_eq(fake.said + sizeof(BATON_NAME), bootinfo_text(info->log));
}
END_TEST

START_TEST(the_lines_are_these)
{
    struct text kernel = kernel_with_header(5176, (struct BootInfoKernelHeader){0}, 8);
    (void)given("[entry one]\nkernel = /k.bin\nstack = 32K\n", kernel);
    struct expectation expected = expect_raw(kernel);
    expected.stack_size = 32 * KIB;
    boots(&expected);
    const char *lines = BATON_NAME "\n"
                                   "config     \\EFI\\BOOT\\loader.cfg, entry 'one'\n"
                                   "image      /k.bin, 5,176 bytes, raw, with a kernel header\n"
                                   "placement  0x100000-0x101fff (8 KiB), stack 32 KiB at 0x";
    ck_assert(strncmp(fake.said, lines, strlen(lines)) == 0);
    ck_assert(strstr(fake.said, "\nload       5,176 bytes read\n") != NULL);
    ck_assert(strstr(fake.said, "\nexit       leaving the firmware, entry 0x100000\n") != NULL);
}
END_TEST

static void boots_with(const char *config)
{
    struct text kernel = kernel_raw(5000);
    (void)given(config, kernel);
    struct expectation expected = expect_raw(kernel);
    boots(&expected);
}

START_TEST(the_screen_gets_one_line_and_all_of_them_where_asked_for)
{
    boots_with(CONFIG_PLAIN);
    ck_assert_str_eq(fake.shown, BATON_NAME "\n");
    ck_assert(strstr(fake.said, "\nexit       leaving the firmware") != NULL);
    boots_with("log = verbose\n" CONFIG_PLAIN);
    ck_assert_str_eq(fake.shown, fake.said);
}
END_TEST

START_TEST(after_a_failure_every_line_is_on_the_screen)
{
    boots_with("[entry a]\nkernel = /none\nfallback = b\n[entry b]\n" CONFIG_PLAIN);
    ck_assert(strstr(fake.shown, "/none: error: no such file") != NULL);
    ck_assert(strstr(fake.shown, "\nexit       leaving the firmware") != NULL);
}
END_TEST

START_TEST(everything_is_allocated_before_the_map_and_once)
{
    struct text kernel = kernel_raw(5000);
    (void)given(CONFIG_PLAIN, kernel);
    struct expectation expected = expect_raw(kernel);
    boots(&expected);
    ck_assert_uint_eq(fake.calls[FAKE_MEMORY_MAP], 2); /* how large, and the final one */
    ck_assert_uint_eq(fake.calls[FAKE_EXIT], 1);
    ck_assert_uint_eq(fake.calls[FAKE_ALLOCATE_AT], 1);
    ck_assert_uint_eq(fake.calls[FAKE_ALLOCATE], 1); /* the pool that all the others are in */
    ck_assert_uint_eq(fake.calls[FAKE_VOLUME_OPEN], 1);
    ck_assert_uint_eq(fake.calls[FAKE_FILE_OPEN], 2);
}
END_TEST

START_TEST(a_machine_with_encrypted_memory_is_refused_by_name)
{
    given(CONFIG_PLAIN, kernel_raw(40000));
    fake.cpu.encryption = "AMD SEV-ES";
    refuses(STATUS_MEMORY_ENCRYPTED,
            "baton: error: the machine's memory is encrypted by AMD SEV-ES, "
            "which is not supported\n");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("boot");
    TCase *images = tcase_create("images");
    tcase_add_test(images, a_raw_kernel_boots_at_1_mib);
    tcase_add_test(images, a_gzip_kernel_boots);
    tcase_add_test(images, a_gzip_kernel_of_several_members_boots);
    tcase_add_test(images, a_zlib_kernel_boots_where_loader_cfg_says_so);
    tcase_add_test(images, a_kernel_header_is_honoured);
    tcase_add_test(images, a_header_at_the_end_of_the_first_4_kib_is_found);
    tcase_add_test(images, a_header_behind_the_end_of_the_file_is_not_seen);
    tcase_add_test(images, a_header_address_that_overlaps_the_guess_is_met);
    tcase_add_test(images, a_gzip_kernel_is_known_by_its_name_and_then_1_mib_is_left_alone);
    tcase_add_test(images, inflating_takes_no_second_copy);
    tcase_add_test(images, a_header_that_says_otherwise_in_a_raw_file_named_gz_is_no_matter);
    suite_add_tcase(suite, images);

    TCase *told = tcase_create("what the kernel and the user are told");
    tcase_add_test(told, the_command_line_and_the_path_arrive_as_written);
    tcase_add_test(told, the_serial_port_is_named);
    tcase_add_test(told, a_machine_with_encrypted_memory_is_refused_by_name);
    tcase_add_test(told, quiet_says_nothing_and_the_others_a_line_a_stage);
    tcase_add_test(told, the_lines_are_these);
    tcase_add_test(told, the_screen_gets_one_line_and_all_of_them_where_asked_for);
    tcase_add_test(told, after_a_failure_every_line_is_on_the_screen);
    suite_add_tcase(suite, told);

    TCase *manners = tcase_create("manners");
    tcase_add_test(manners, everything_is_allocated_before_the_map_and_once);
    suite_add_tcase(suite, manners);
    return suite_main(suite, "unit-boot");
}
