/* The kernel's file: how it is read, and what is refused by name because it is no kernel, or not
 * the one it says it is. */
#include "boot_check.h"
#include "kernels.h"
#include "suite.h"

#include <string.h>

#define ZLIB CONFIG_PLAIN "compression = zlib\n"

static struct text with_start(const char *start, size_t size)
{
    struct text file = kernel_raw(5000);
    memcpy((char *)file.bytes, start, size);
    return file;
}

static struct text gzip_of(uint64_t size)
{
    return kernel_gzip(kernel_raw(size));
}

/* i: everything that the kernel may claim, on a healthy machine and where it must be staged. */
static void is_refused(const char *config, struct text file, enum status status,
                       const char *sentence)
{
    for (int staged = 0; staged < 2; staged++) {
        (void)given(config, file);
        if (staged == 1) {
            fake_set_memory(MIB, 32 * KIB, EFI_BOOT_DATA);
        }
        refuses(status, sentence);
        ck_assert(strstr(fake.said, "/k.bin: error: ") != NULL);
    }
}

struct read_case {
    const char *key;
    uint64_t reads[4]; /* asked for, the last one is to find the file's end */
};

static const struct read_case read_cases[] = {
    {"", {MIB, 3 * MIB / 2, 1, 0}},
    {"read_chunk = auto\n", {MIB, 3 * MIB / 2, 1, 0}},
    {"read_chunk = 1M\n", {MIB, MIB, MIB / 2, 1}},
    {"read_chunk = 4K\n", {4 * KIB, 4 * KIB, 4 * KIB, 4 * KIB}},
    {"read_chunk = 2M\n", {2 * MIB, MIB / 2, 1, 0}},
    {"read_chunk = whole\n", {5 * MIB / 2, 1, 0, 0}},
};

#define READ_CASE_COUNT (sizeof(read_cases) / sizeof(read_cases[0]))

START_TEST(files_are_read_in_two_reads_or_as_told)
{
    for (size_t i = 0; i < READ_CASE_COUNT; i++) {
        const struct read_case *test = &read_cases[i];
        char config[128];
        snprintf(config, sizeof(config), CONFIG_PLAIN "%s", test->key);
        struct text kernel = kernel_raw(5 * MIB / 2);
        struct fake_file *file = given(config, kernel);
        struct expectation expected = expect_raw(kernel);
        boots(&expected);
        uint32_t opens = 0;
        uint32_t reads = 0;
        for (uint32_t j = 0; j < fake.event_count && reads < 4; j++) {
            const struct fake_event *event = fake_event(j);
            opens += event->call == FAKE_FILE_OPEN;
            if (opens == 2 && event->call == FAKE_FILE_READ) {
                ck_assert_uint_eq(event->argument, test->reads[reads]);
                reads++;
            }
        }
        ck_assert(reads == 4 || test->reads[reads] == 0);
        ck_assert_uint_eq(file->largest_read, most(test->reads[0], test->reads[1]));
        ck_assert_uint_eq(file->opens, 1);
    }
}
END_TEST

START_TEST(a_volume_that_breaks_above_1_mib_a_read_is_no_obstacle)
{
    struct text kernel = kernel_raw(3 * MIB);
    struct fake_file *file = given(CONFIG_PLAIN, kernel);
    file->refuse_above = MIB;
    struct expectation expected = expect_raw(kernel);
    boots(&expected);
    ck_assert(strstr(fake.said, "\nread       /k.bin, 2 MiB at once failed (EFI_BAD_BUFFER_SIZE): "
                                "read anew in steps of 1 MiB\n") != NULL);
    ck_assert_uint_eq(file->opens, 2);
    ck_assert_uint_eq(file->bytes_read, 4 * MIB); /* the first MiB twice */
    given(CONFIG_PLAIN "read_chunk = whole\n", kernel)->refuse_above = MIB;
    refuses(STATUS_FILE_READ_FAILED, "/k.bin: error: reading failed at byte 0 of 3145728 "
                                     "(EFI_BAD_BUFFER_SIZE)");
}
END_TEST

struct buffer_case {
    const char *config;
    const char *path;
    struct text (*pack)(struct text image); /* NULL: not at all */
    bool at_1_mib;                          /* its buffer is asked for */
};

static const struct buffer_case buffer_cases[] = {
    {CONFIG_PLAIN, "\\k.bin", NULL, true},
    {CONFIG_PLAIN, "\\k.bin", kernel_gzip, true}, /* nobody can know */
    {CONFIG_PLAIN "compression = gzip\n", "\\k.bin", kernel_gzip, false},
    {ZLIB "memory = 8K\n", "\\k.bin", kernel_zlib, false},
    {"kernel = /k.gz\n", "\\k.gz", kernel_gzip, false},
    {"kernel = /k.gz\n", "\\k.gz", NULL, false},
    {"kernel = /k.gz\ncompression = none\n", "\\k.gz", NULL, true},
};

/* Whether pages at an address were asked for before the first Read of the kernel's file. */
static bool asked_for_a_place(void)
{
    uint32_t opens = 0;
    bool asked = false;
    for (uint32_t i = 0; i < fake.event_count; i++) {
        enum fake_call call = fake_event(i)->call;
        opens += call == FAKE_FILE_OPEN;
        asked = asked || call == FAKE_ALLOCATE_AT;
        if (opens == 2 && call == FAKE_FILE_READ) {
            return asked;
        }
    }
    return false;
}

/* What is compressed would have to be moved from there before it is inflated. */
START_TEST(a_file_is_read_to_1_mib_if_it_does_not_look_compressed)
{
    for (size_t i = 0; i < sizeof(buffer_cases) / sizeof(buffer_cases[0]); i++) {
        const struct buffer_case *test = &buffer_cases[i];
        struct text kernel = kernel_raw(5000);
        struct text file = test->pack != NULL ? test->pack(kernel) : kernel;
        fake_reset();
        fake_add_config(test->config);
        fake_add_file(test->path, file.bytes, file.size);
        ck_assert_int_eq(fake_boot(&the_boot), FAKE_HANDED_OFF);
        ck_assert_int_eq(asked_for_a_place(), test->at_1_mib);
        ck_assert_int_eq(fake_type_at(MIB), EFI_LOADER_CODE); /* the kernel can be executed */
        ck_assert_int_eq(fake_type_at(MIB + PAGE_SIZE), EFI_LOADER_CODE);
    }
}
END_TEST

static const uint64_t read_limits[] = {1, 7, 511, 4089, 65536};

#define READ_LIMIT_COUNT (sizeof(read_limits) / sizeof(read_limits[0]))

START_TEST(short_reads_are_continued)
{
    for (size_t i = 0; i < READ_LIMIT_COUNT; i++) {
        struct text kernel = kernel_raw(30001);
        struct text packed = kernel_gzip(kernel);
        struct fake_file *file = given(CONFIG_PLAIN, kernel);
        struct expectation expected = expect_raw(kernel);
        file->read_limit = read_limits[i];
        fake.files[0].read_limit = 1;
        boots(&expected);
        ck_assert_uint_eq(file->bytes_read, kernel.size);

        given(CONFIG_PLAIN, packed)->read_limit = read_limits[i];
        expected.file = packed;
        expected.gzip = true;
        boots(&expected);
    }
}
END_TEST

START_TEST(the_watchdog_is_fed_while_a_file_is_read)
{
    struct text kernel = kernel_raw(300000);
    (void)given(CONFIG_PLAIN "read_chunk = 4K\n", kernel);
    struct expectation expected = expect_raw(kernel);
    boots(&expected);
    ck_assert_uint_eq(fake.calls[FAKE_WATCHDOG], 2); /* 74 reads, and off at the end */
    ck_assert_uint_eq(fake.watchdog, 0);
}
END_TEST

START_TEST(what_is_no_raw_image_is_refused_by_name)
{
    is_refused(CONFIG_PLAIN, with_start("\177ELF\1\1\1", 7), STATUS_IMAGE_NOT_RAW,
               "this is an ELF32 file; expected a raw image (the first byte is the entry) or an "
               "ELF64 file for x86-64");
    is_refused(CONFIG_PLAIN, TEXT("#!/bin/sh\nexec /sbin/init\n"), STATUS_IMAGE_NOT_RAW,
               "this is a script");
    is_refused(CONFIG_PLAIN, with_start("\x28\xB5\x2F\xFD", 4), STATUS_IMAGE_NOT_RAW,
               "this is zstd-compressed");
    is_refused(CONFIG_PLAIN "compression = gzip\n", kernel_raw(5000), STATUS_IMAGE_NOT_COMPRESSED,
               "'compression = gzip' expects another format");
    is_refused(CONFIG_PLAIN "compression = none\n", gzip_of(5000), STATUS_IMAGE_NOT_COMPRESSED,
               "this is gzip-compressed; 'compression = none' expects another format");
    is_refused(ZLIB, gzip_of(5000), STATUS_IMAGE_NOT_COMPRESSED,
               "this is gzip-compressed; 'compression = zlib' expects another format");
}
END_TEST

START_TEST(what_is_no_raw_image_once_inflated_is_refused_by_name)
{
    is_refused(CONFIG_PLAIN, kernel_gzip(with_start("\177ELF\1\1\1", 7)), STATUS_IMAGE_NOT_RAW,
               "this is an ELF32 file");
    is_refused(CONFIG_PLAIN, kernel_gzip(gzip_of(5000)), STATUS_IMAGE_NOT_RAW,
               "this is gzip-compressed twice");
}
END_TEST

static void put_multiboot(struct text file, size_t at)
{
    static const uint32_t header[] = {0x1BADB002, 3, 0 - (0x1BADB002U + 3)};
    memcpy((char *)file.bytes + at, header, sizeof(header));
}

static struct text with_multiboot(const char *start, size_t size, size_t at)
{
    struct text file = kernel_raw(40000);
    memcpy((char *)file.bytes, start, size);
    put_multiboot(file, at);
    return file;
}

START_TEST(a_kernel_of_another_loader_is_refused_by_name_wherever_its_header_is)
{
    static const char sentence[] =
        "k.bin: error: this is a Multiboot kernel: its entry is 32-bit code\n"
        "      Add 'adapter = multiboot' to loader.cfg: docs/adapters.md.\n";
    static const size_t places[] = {0x40, 0x1000, 0x1FF0}; /* beyond the inflated head, too */
    for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
        struct text elf32 = with_multiboot("\177ELF\1\1\1", 7, places[i]);
        struct text raw = with_multiboot("\xFA", 1, places[i]);
        is_refused(CONFIG_PLAIN, elf32, STATUS_IMAGE_FOREIGN, sentence);
        is_refused(CONFIG_PLAIN, kernel_gzip(elf32), STATUS_IMAGE_FOREIGN, sentence);
        is_refused(CONFIG_PLAIN, raw, STATUS_IMAGE_FOREIGN, sentence);
        is_refused(CONFIG_PLAIN, kernel_gzip(raw), STATUS_IMAGE_FOREIGN, sentence);
    }
}
END_TEST

/* By its kernel header, or because loader.cfg says so. */
START_TEST(a_native_kernel_may_have_headers_of_other_loaders)
{
    struct BootInfoKernelHeader header = {.abi_minor = 0};
    struct text kernel = kernel_with_header(40000, header, 64);
    struct text raw = with_multiboot("\xFA", 1, 0x1000);
    put_multiboot(kernel, 0x1000);
    struct expectation expected = expect_raw(kernel);
    (void)given(CONFIG_PLAIN, kernel);
    boots(&expected);
    expected = expect_raw(raw);
    (void)given(CONFIG_PLAIN "format = raw\n", raw);
    boots(&expected);
}
END_TEST

START_TEST(a_gzip_file_cut_anywhere_is_refused)
{
    struct text whole = gzip_of(3000);
    for (uint64_t size = 2; size < whole.size; size += size < 40 ? 1 : 101) {
        (void)given(CONFIG_PLAIN, kernel_cut(whole, size));
        ck_assert_int_eq(fake_boot(&the_boot), FAKE_RETURNED);
        ck_assert_msg(fake.returned == STATUS_IMAGE_TRUNCATED, "%lu bytes: %s", size,
                      status_name(fake.returned));
    }
}
END_TEST

/* One bit, anywhere: header, deflate stream, checksum and length. */
START_TEST(a_gzip_file_with_a_wrong_bit_boots_no_wrong_kernel)
{
    struct text image = kernel_raw(3000);
    struct text whole = kernel_gzip(image);
    struct expectation expected = expect_raw(image);
    expected.file = whole;
    expected.gzip = true;
    for (uint64_t offset = 0; offset < whole.size; offset += offset < 20 ? 1 : 53) {
        (void)given(CONFIG_PLAIN "memory = 16K\n", kernel_damaged(whole, offset));
        expected.memory_size = 16 * KIB;
        enum fake_outcome outcome = fake_boot(&the_boot);
        if (outcome == FAKE_HANDED_OFF && offset >= 2) {
            check_hand_off(&the_boot, &expected); /* a date, a system: nothing that matters */
        }
        ck_assert(outcome != FAKE_HANDED_OFF || offset < 10);
    }
}
END_TEST

START_TEST(what_follows_the_stream_is_refused)
{
    struct text whole = gzip_of(3000);
    is_refused(CONFIG_PLAIN, kernel_joined(whole, TEXT("and so on")), STATUS_IMAGE_TRAILING_BYTES,
               "9 bytes follow the compressed data");
    struct text zlib = kernel_zlib(kernel_raw(3000));
    is_refused(ZLIB "memory = 8K\n", kernel_joined(zlib, TEXT("x")), STATUS_IMAGE_TRAILING_BYTES,
               "1 bytes follow the compressed data");
}
END_TEST

START_TEST(an_empty_image_is_refused)
{
    is_refused(CONFIG_PLAIN, kernel_gzip((struct text){"", 0}), STATUS_IMAGE_EMPTY,
               "the image inflates to 0 bytes");
    is_refused(ZLIB "memory = 4K\n", kernel_zlib((struct text){"", 0}), STATUS_IMAGE_EMPTY,
               "the image inflates to 0 bytes");
}
END_TEST

START_TEST(a_zlib_stream_needs_memory_and_keeps_to_it)
{
    static const uint64_t sizes[] = {101, 200, 4095, 4096, 4097, 5000, 100000};
    is_refused(ZLIB, kernel_zlib(kernel_raw(5000)), STATUS_IMAGE_SIZE_UNKNOWN,
               "Add 'memory = BYTES' to loader.cfg");
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        char config[100];
        struct text image = kernel_raw(sizes[i]);
        struct text file = kernel_zlib(image);
        snprintf(config, sizeof(config), ZLIB "memory = %d\n", (int)sizes[i] - 1);
        is_refused(config, file, STATUS_IMAGE_OVER_CAP, "the image inflates to more than the ");
        if (sizes[i] < 4096) {
            is_refused(ZLIB "memory = 100\n", file, STATUS_IMAGE_OVER_CAP,
                       "the image inflates to more than the 100 bytes reserved for it");
        }
        snprintf(config, sizeof(config), ZLIB "memory = %d\n", (int)sizes[i]);
        (void)given(config, file);
        struct expectation expected = expect_raw(image);
        expected.file = file;
        boots(&expected);
    }
}
END_TEST

START_TEST(memory_smaller_than_the_image_is_refused_with_both_values)
{
    is_refused(
        CONFIG_PLAIN "memory = 4K\n", kernel_raw(5000), STATUS_IMAGE_MEMORY_TOO_SMALL,
        "the image needs 5,000 bytes of memory, but 'memory =' in loader.cfg gives it 4 KiB");
    is_refused(CONFIG_PLAIN "memory = 4K\n", gzip_of(5000), STATUS_IMAGE_MEMORY_TOO_SMALL,
               "the image needs 5,000 bytes of memory");
}
END_TEST

/* No firmware is asked for such an address. */
static void is_no_place(const char *config, enum status status, const char *sentence)
{
    is_refused(config, kernel_raw(5000), status, sentence);
    ck_assert_uint_eq(fake.calls[FAKE_ALLOCATE_AT], 0);
}

START_TEST(addresses_that_cannot_be_are_refused)
{
    is_no_place(CONFIG_PLAIN "address = 0x100800\n", STATUS_ADDRESS_UNALIGNED,
                "address 0x100800 is not a multiple of 4 KiB");
    is_no_place(CONFIG_PLAIN "address = 0xff000\n", STATUS_ADDRESS_TOO_LOW,
                "address 0xff000 is below 1 MiB");
    is_no_place(CONFIG_PLAIN "address = 0xfffffffffffff000\n", STATUS_ADDRESS_TOO_HIGH,
                "end above the highest address that can be mapped");
    is_no_place(CONFIG_PLAIN "memory = 0xffffffffffffffff\n", STATUS_ADDRESS_TOO_HIGH,
                "end above the highest address that can be mapped");
    is_refused(CONFIG_PLAIN "address = 0xfffffff000\n", kernel_raw(5000), STATUS_ADDRESS_TOO_HIGH,
               "end above the highest address that can be mapped, 0x10000000000");
}
END_TEST

START_TEST(a_file_of_more_than_2_gib_is_refused_before_it_is_read)
{
    struct fake_file *file = given(CONFIG_PLAIN, kernel_raw(5000));
    file->lies_about_size = true;
    file->claimed_size = 2 * GIB + 1;
    refuses(STATUS_FILE_TOO_LARGE,
            "/k.bin: error: the file has 2,147,483,649 bytes; at most 2 GiB");
    ck_assert_uint_eq(file->reads, 0);
    file = given(CONFIG_PLAIN, kernel_raw(5000));
    file->lies_about_size = true;
    file->claimed_size = 2 * GIB;
    refuses(STATUS_MEMORY_EXHAUSTED,
            "the firmware has no 2 GiB of memory in one piece for the kernel's file");
    ck_assert_uint_eq(file->reads, 0);
}
END_TEST

/* Set while a large file is read, off again before the firmware goes on. */
START_TEST(the_watchdog_does_not_outlive_a_refused_boot)
{
    struct fake_file *file = given(CONFIG_PLAIN "read_chunk = 4K\n", kernel_raw(MIB));
    file->read_error_at = 500 * KIB;
    file->read_error = FIRMWARE_DEVICE_ERROR;
    refuses(STATUS_FILE_READ_FAILED, "reading failed at byte 512000 of 1048576");
    ck_assert_uint_eq(fake.calls[FAKE_WATCHDOG], 2);
    ck_assert_uint_eq(fake.watchdog, 0);
}
END_TEST

START_TEST(a_stack_that_does_not_fit_is_refused)
{
    (void)given(CONFIG_PLAIN "stack = 1G\n", kernel_raw(5000));
    refuses(STATUS_MEMORY_EXHAUSTED,
            " of memory in one piece for the stack (EFI_OUT_OF_RESOURCES)");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("image_stage");
    TCase *reading = tcase_create("reading");
    tcase_add_test(reading, files_are_read_in_two_reads_or_as_told);
    tcase_add_test(reading, a_file_is_read_to_1_mib_if_it_does_not_look_compressed);
    tcase_add_test(reading, a_volume_that_breaks_above_1_mib_a_read_is_no_obstacle);
    tcase_add_test(reading, short_reads_are_continued);
    tcase_add_test(reading, the_watchdog_is_fed_while_a_file_is_read);
    suite_add_tcase(suite, reading);

    TCase *formats = tcase_create("formats");
    tcase_add_test(formats, what_is_no_raw_image_is_refused_by_name);
    tcase_add_test(formats, what_is_no_raw_image_once_inflated_is_refused_by_name);
    tcase_add_test(formats, a_kernel_of_another_loader_is_refused_by_name_wherever_its_header_is);
    tcase_add_test(formats, a_native_kernel_may_have_headers_of_other_loaders);
    suite_add_tcase(suite, formats);

    TCase *compressed = tcase_create("compressed");
    tcase_add_test(compressed, a_gzip_file_cut_anywhere_is_refused);
    tcase_add_test(compressed, a_gzip_file_with_a_wrong_bit_boots_no_wrong_kernel);
    tcase_add_test(compressed, what_follows_the_stream_is_refused);
    tcase_add_test(compressed, an_empty_image_is_refused);
    tcase_add_test(compressed, a_zlib_stream_needs_memory_and_keeps_to_it);
    suite_add_tcase(suite, compressed);

    TCase *room = tcase_create("room");
    tcase_add_test(room, memory_smaller_than_the_image_is_refused_with_both_values);
    tcase_add_test(room, addresses_that_cannot_be_are_refused);
    tcase_add_test(room, a_file_of_more_than_2_gib_is_refused_before_it_is_read);
    tcase_add_test(room, the_watchdog_does_not_outlive_a_refused_boot);
    tcase_add_test(room, a_stack_that_does_not_fit_is_refused);
    suite_add_tcase(suite, room);
    return suite_main(suite, "unit-image_stage");
}
