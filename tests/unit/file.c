/* Reading files exactly: what the firmware does wrong with them, and what it may do. */
#include "archives.h"
#include "boot_check.h"
#include "kernels.h"
#include "suite.h"

#include <string.h>

static struct volume volume;
static struct failure failure;
static struct file opened;
static uint8_t buffer[8192];

static struct fake_file *given_file(struct text bytes)
{
    fake_reset();
    memset(&failure, 0, sizeof(failure));
    memset(&volume, 0, sizeof(volume));
    ck_assert_int_eq(volume_open(&volume, &failure), STATUS_OK);
    return fake_add_file("\\boot\\k.bin", bytes.bytes, bytes.size);
}

static enum status open_it(uint64_t size_max)
{
    return file_open(&volume, TEXT("/boot/k.bin"), size_max, &failure, &opened);
}

static void failed_with(enum status status, enum status expected, const char *sentence)
{
    static char message[4096];
    struct writer writer = writer_on(message, sizeof(message));
    ck_assert_str_eq(status_name(status), status_name(expected));
    ck_assert_uint_eq(failure.status, expected);
    failure_write(&writer, &failure);
    ck_assert_msg(strncmp(message, sentence, strlen(sentence)) == 0, "%s", message);
}

START_TEST(a_file_is_opened_by_its_canonical_path_and_read_to_its_end)
{
    struct text bytes = kernel_raw(5000);
    struct fake_file *file = given_file(bytes);
    ck_assert_int_eq(open_it(5000), STATUS_OK);
    ck_assert_uint_eq(opened.size, 5000);
    ck_assert_int_eq(file_read(&opened, &failure, buffer, 100), STATUS_OK);
    ck_assert_int_eq(file_read(&opened, &failure, buffer + 100, 4900), STATUS_OK);
    ck_assert_uint_eq(opened.offset, 5000);
    ck_assert_int_eq(file_finish(&opened, &failure), STATUS_OK);
    ck_assert(memcmp(buffer, bytes.bytes, 5000) == 0);
    ck_assert_uint_eq(file->opens, 1);
    ck_assert_uint_eq(fake.calls[FAKE_FILE_CLOSE], 1);
    file_close(&opened); /* once more does no harm */
    ck_assert_uint_eq(fake.calls[FAKE_FILE_CLOSE], 1);
}
END_TEST

struct open_case {
    const char *path;
    enum firmware error;
    enum status status;
    const char *sentence;
};

static const struct open_case open_cases[] = {
    {"/boot/x.bin", FIRMWARE_OK, STATUS_FILE_NOT_FOUND,
     "/boot/x.bin: error: no such file (EFI_NOT_FOUND)\n"},
    {"/boot/k.bin # mine", FIRMWARE_OK, STATUS_FILE_NOT_FOUND,
     "/boot/k.bin # mine: error: no such file (EFI_NOT_FOUND)\n      Check the path, and that it "
     "is on the volume the loader came from. Comments stand on their own line.\n"},
    {"/boot/k.bin\xE2\x80\x8B", FIRMWARE_OK, STATUS_FILE_NOT_FOUND,
     "/boot/k.bin?: error: no such file (EFI_NOT_FOUND)\n      Check the path, and that it "
     "is on the volume the loader came from. It has an invisible character, shown as ?.\n"},
    {"/boot/k.bin", FIRMWARE_NOT_FOUND, STATUS_FILE_NOT_FOUND,
     "/boot/k.bin: error: no such file (EFI_NOT_FOUND)\n"},
    {"/boot/k.bin", FIRMWARE_ACCESS_DENIED, STATUS_FILE_OPEN_FAILED,
     "/boot/k.bin: error: the file cannot be opened (EFI_ACCESS_DENIED)\n"},
    {"/boot/k.bin", FIRMWARE_MEDIA_CHANGED, STATUS_FILE_OPEN_FAILED,
     "/boot/k.bin: error: the file cannot be opened (EFI_MEDIA_CHANGED)\n"},
    {"/boot/../k.bin", FIRMWARE_OK, STATUS_CONFIG_BAD_PATH,
     "/boot/../k.bin: error: '/boot/../k.bin' is not a usable path: "},
    {"\\\\", FIRMWARE_OK, STATUS_CONFIG_BAD_PATH, "\\\\: error: '\\\\' is not a usable path: "},
};

START_TEST(a_file_that_cannot_be_opened_is_named)
{
    for (size_t i = 0; i < sizeof(open_cases) / sizeof(open_cases[0]); i++) {
        const struct open_case *test = &open_cases[i];
        given_file(kernel_raw(100))->open_error = test->error;
        enum status status = file_open(&volume, text_of(test->path), 100, &failure, &opened);
        failed_with(status, test->status, test->sentence);
        ck_assert(status != STATUS_CONFIG_BAD_PATH || failure.hint.size > 10);
        ck_assert_ptr_null(opened.handle);
        file_close(&opened);
        ck_assert_uint_eq(fake.calls[FAKE_FILE_CLOSE], 0);
    }
}
END_TEST

START_TEST(directories_empty_and_huge_files_are_refused_and_closed)
{
    given_file(kernel_raw(100))->directory = true;
    failed_with(open_it(1000), STATUS_FILE_IS_DIRECTORY,
                "/boot/k.bin: error: this is a directory; expected a file\n");
    ck_assert_uint_eq(fake.calls[FAKE_FILE_CLOSE], 1);

    (void)given_file((struct text){"", 0});
    failed_with(open_it(1000), STATUS_FILE_EMPTY, "/boot/k.bin: error: the file is empty\n");
    ck_assert_uint_eq(fake.calls[FAKE_FILE_CLOSE], 1);

    (void)given_file(kernel_raw(1001));
    failed_with(open_it(1000), STATUS_FILE_TOO_LARGE,
                "/boot/k.bin: error: the file has 1,001 bytes; at most 1,000 bytes can be");
    ck_assert_uint_eq(fake.calls[FAKE_FILE_CLOSE], 1);
    ck_assert_uint_eq(fake.calls[FAKE_FILE_READ], 0);

    struct fake_file *file = given_file(kernel_raw(100));
    file->lies_about_size = true;
    file->claimed_size = UINT64_MAX;
    failed_with(open_it(1000), STATUS_FILE_TOO_LARGE, "/boot/k.bin: error: the file has ");
    ck_assert_uint_eq(fake.calls[FAKE_FILE_CLOSE], 1);
}
END_TEST

/* The firmware has no part in it, whatever it failed at before. */
START_TEST(a_sealed_file_is_read_from_the_archive)
{
    struct text bytes = kernel_raw(5000);
    (void)given_file(kernel_raw(100));
    archive_begin();
    (void)archive_add("", "boot/k.bin", bytes);
    volume.trust.archive = archive_whole();
    failure.firmware = FIRMWARE_DEVICE_ERROR;
    ck_assert_int_eq(open_it(5000), STATUS_OK);
    ck_assert_uint_eq(opened.size, 5000);
    ck_assert_int_eq(file_read(&opened, &failure, buffer, 100), STATUS_OK);
    ck_assert_int_eq(file_read(&opened, &failure, buffer + 100, 2000), STATUS_OK);
    ck_assert_int_eq(file_read(&opened, &failure, buffer + 2100, 2900), STATUS_OK);
    ck_assert_int_eq(file_finish(&opened, &failure), STATUS_OK);
    ck_assert(memcmp(buffer, bytes.bytes, 5000) == 0);
    ck_assert_uint_eq(fake.calls[FAKE_FILE_OPEN], 0);
}
END_TEST

START_TEST(a_read_error_is_named_with_its_place)
{
    for (uint64_t at = 0; at < 5000; at += 500) {
        char sentence[100];
        struct fake_file *file = given_file(kernel_raw(5000));
        file->read_error = FIRMWARE_DEVICE_ERROR;
        file->read_error_at = at;
        ck_assert_int_eq(open_it(5000), STATUS_OK);
        opened.chunk = 1000;
        snprintf(sentence, sizeof(sentence),
                 "/boot/k.bin: error: reading failed at byte %d of 5000 (EFI_DEVICE_ERROR)\n",
                 (int)(at / 1000 * 1000));
        failed_with(file_read(&opened, &failure, buffer, 5000), STATUS_FILE_READ_FAILED, sentence);
        file_close(&opened);
    }
}
END_TEST

START_TEST(a_file_shorter_than_the_firmware_said_is_refused)
{
    struct fake_file *file = given_file(kernel_raw(5000));
    file->lies_about_size = true;
    file->claimed_size = 5001;
    ck_assert_int_eq(open_it(6000), STATUS_OK);
    failed_with(file_read(&opened, &failure, buffer, opened.size), STATUS_FILE_SHORT,
                "/boot/k.bin: error: the file ends at byte 5000; the firmware said it has 5001\n");
    file_close(&opened);
}
END_TEST

START_TEST(a_file_longer_than_the_firmware_said_is_refused_and_closed)
{
    struct fake_file *file = given_file(kernel_raw(5000));
    file->lies_about_size = true;
    file->claimed_size = 4999;
    ck_assert_int_eq(open_it(6000), STATUS_OK);
    ck_assert_int_eq(file_read(&opened, &failure, buffer, opened.size), STATUS_OK);
    failed_with(file_finish(&opened, &failure), STATUS_FILE_GREW,
                "/boot/k.bin: error: the file has more than the 4999 bytes the firmware named\n");
    ck_assert_uint_eq(fake.calls[FAKE_FILE_CLOSE], 1);
}
END_TEST

/* FAT drivers may fail where they are asked to read after the end (seen: EFI_DEVICE_ERROR). */
START_TEST(an_error_behind_the_end_is_no_error)
{
    (void)given_file(kernel_raw(5000));
    ck_assert_int_eq(open_it(6000), STATUS_OK);
    ck_assert_int_eq(file_read(&opened, &failure, buffer, opened.size), STATUS_OK);
    fake.failures[0] =
        (struct fake_failure){.call = fake.fallible_calls + 1, .status = FIRMWARE_DEVICE_ERROR};
    ck_assert_int_eq(file_finish(&opened, &failure), STATUS_OK);
    ck_assert_uint_eq(fake.calls[FAKE_FILE_CLOSE], 1);
}
END_TEST

START_TEST(a_firmware_that_claims_more_than_was_asked_for_is_refused)
{
    static const uint64_t lies[] = {1, 4096, UINT64_C(1) << 40};
    for (size_t i = 0; i < sizeof(lies) / sizeof(lies[0]); i++) {
        given_file(kernel_raw(5000))->claim_too_much = lies[i];
        ck_assert_int_eq(open_it(6000), STATUS_OK);
        opened.chunk = 1000;
        failed_with(file_read(&opened, &failure, buffer, 5000), STATUS_FILE_READ_LIED,
                    "/boot/k.bin: error: the firmware claims ");
        ck_assert(failure.number[0] == 1000 + lies[i] && failure.number[1] == 1000);
        file_close(&opened);
    }
}
END_TEST

START_TEST(nothing_is_read_beyond_what_was_asked_for)
{
    struct text bytes = kernel_raw(8000);
    static const uint64_t limits[] = {0, 1, 3, 1000, 4096};
    for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
        given_file(bytes)->read_limit = limits[i];
        ck_assert_int_eq(open_it(8000), STATUS_OK);
        opened.chunk = 4096;
        memset(buffer, 0xEE, sizeof(buffer));
        ck_assert_int_eq(file_read(&opened, &failure, buffer, 7777), STATUS_OK);
        ck_assert(memcmp(buffer, bytes.bytes, 7777) == 0);
        ck_assert_uint_eq(buffer[7777], 0xEE);
        ck_assert_uint_eq(opened.offset, 7777);
        file_close(&opened);
    }
}
END_TEST

START_TEST(the_watchdog_is_set_anew_every_64_reads)
{
    for (uint64_t size = 6390; size <= 6400; size += 10) {
        given_file(kernel_raw(6400))->read_limit = 10;
        fake.watchdog = 1;
        ck_assert_int_eq(open_it(8000), STATUS_OK);
        ck_assert_int_eq(file_read(&opened, &failure, buffer, size), STATUS_OK);
        ck_assert_uint_eq(fake.calls[FAKE_WATCHDOG], size / 640);
        ck_assert_uint_eq(fake.watchdog, WATCHDOG_SECONDS);
        file_close(&opened);
    }
}
END_TEST

/* Files of more than 2 MiB, in memory of the core's. */
#define LARGE_PAGES 768

static struct log the_log;
static uint8_t *large;

static void open_large(uint64_t size_max)
{
    uint64_t address = 0;
    log_open(&the_log);
    volume.log = &the_log;
    ck_assert_int_eq(plat_pages_allocate(PLAT_DATA, LARGE_PAGES, 0, &address), FIRMWARE_OK);
    large = (uint8_t *)address;
    ck_assert_int_eq(open_it(size_max), STATUS_OK);
}

static struct fake_file *given_large(struct text bytes)
{
    struct fake_file *file = given_file(bytes);
    open_large(3 * MIB);
    return file;
}

static void expect_log(const char *words)
{
    ck_assert_msg(strstr(writer_text(&the_log.writer).bytes, words) != NULL, "%s",
                  writer_text(&the_log.writer).bytes);
}

START_TEST(a_large_read_that_breaks_the_file_is_made_in_steps)
{
    struct text bytes = kernel_raw(3 * MIB);
    struct fake_file *file = given_large(bytes);
    file->refuse_above = MIB;
    ck_assert_int_eq(file_read(&opened, &failure, large, 1000), STATUS_OK);
    ck_assert_int_eq(file_read(&opened, &failure, large + 1000, MIB), STATUS_OK);
    ck_assert_int_eq(file_read(&opened, &failure, large + 1000 + MIB, 2 * MIB - 1000), STATUS_OK);
    ck_assert_int_eq(file_finish(&opened, &failure), STATUS_OK);
    ck_assert(memcmp(large, bytes.bytes, 3 * MIB) == 0);
    ck_assert_uint_eq(file->opens, 2);
    expect_log("read       /boot/k.bin, 2,096,152 bytes at once failed (EFI_BAD_BUFFER_SIZE)");

    /* The next file is not tried that way. */
    file->refuse_above = 0;
    file->largest_read = 0;
    ck_assert_int_eq(open_it(3 * MIB), STATUS_OK);
    ck_assert_int_eq(file_read(&opened, &failure, large, 3 * MIB), STATUS_OK);
    ck_assert_uint_eq(file->largest_read, MIB);
    file_close(&opened);
}
END_TEST

START_TEST(a_large_read_of_nothing_is_made_in_steps)
{
    struct text bytes = kernel_raw(3 * MIB);
    struct fake_file *file = given_large(bytes);
    file->nothing_above = MIB;
    ck_assert_int_eq(file_read(&opened, &failure, large, 3 * MIB), STATUS_OK);
    ck_assert(memcmp(large, bytes.bytes, 3 * MIB) == 0);
    expect_log("at once failed (EFI_SUCCESS): read anew in steps of 1 MiB\n");
    file_close(&opened);
}
END_TEST

START_TEST(a_large_read_that_is_short_is_continued)
{
    struct text bytes = kernel_raw(3 * MIB);
    struct fake_file *file = given_large(bytes);
    file->read_limit = MIB / 2 + 7;
    ck_assert_int_eq(file_read(&opened, &failure, large, 3 * MIB), STATUS_OK);
    ck_assert(memcmp(large, bytes.bytes, 3 * MIB) == 0);
    ck_assert_uint_eq(file->opens, 1);
    ck_assert_uint_eq(the_log.writer.used, 0);
    file_close(&opened);
}
END_TEST

/* After 1,000 bytes. The firmware has only 3 MiB of it. */
START_TEST(the_watchdog_is_set_anew_before_a_read_of_more_than_64_mib)
{
    static uint8_t bytes[4 * MIB]; /* and a step that is read anew */
    for (uint64_t more = 0; more < 2; more++) {
        struct fake_file *file = given_file(kernel_raw(3 * MIB));
        file->lies_about_size = true;
        file->claimed_size = GIB;
        open_large(GIB);
        ck_assert_int_eq(file_read(&opened, &failure, bytes, 1000), STATUS_OK);
        failed_with(file_read(&opened, &failure, bytes + 1000, 64 * MIB + more), STATUS_FILE_SHORT,
                    "/boot/k.bin: error: the file ends at byte 3145728; the firmware said");
        ck_assert_uint_eq(file->largest_read, 64 * MIB + more);
        ck_assert_uint_eq(fake.calls[FAKE_WATCHDOG], more);
        file_close(&opened);
    }
}
END_TEST

START_TEST(no_read_is_larger_than_1_gib)
{
    (void)given_large(kernel_raw(3 * MIB));
    opened.offset = MIB;
    ck_assert_uint_eq(file_next_read(&opened, GIB - 1), GIB - 1);
    ck_assert_uint_eq(file_next_read(&opened, 4 * GIB), GIB);
    file_close(&opened);
}
END_TEST

START_TEST(small_reads_that_fail_too_are_an_error_with_its_place)
{
    struct fake_file *file = given_large(kernel_raw(3 * MIB));
    file->read_error = FIRMWARE_DEVICE_ERROR;
    file->read_error_at = 2 * MIB + 1;
    failed_with(file_read(&opened, &failure, large, 3 * MIB), STATUS_FILE_READ_FAILED,
                "/boot/k.bin: error: reading failed at byte 2097152 of 3145728");
    file_close(&opened);
}
END_TEST

START_TEST(a_file_that_cannot_be_opened_anew_is_an_error)
{
    struct fake_file *file = given_large(kernel_raw(3 * MIB));
    file->refuse_above = MIB;
    file->open_error = FIRMWARE_ACCESS_DENIED;
    failed_with(file_read(&opened, &failure, large, 3 * MIB), STATUS_FILE_OPEN_FAILED,
                "/boot/k.bin: error: the file cannot be opened (EFI_ACCESS_DENIED)");
    file_close(&opened);
    ck_assert_uint_eq(fake.calls[FAKE_FILE_CLOSE], 1);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("file");
    TCase *open = tcase_create("open");
    tcase_add_test(open, a_file_is_opened_by_its_canonical_path_and_read_to_its_end);
    tcase_add_test(open, a_file_that_cannot_be_opened_is_named);
    tcase_add_test(open, directories_empty_and_huge_files_are_refused_and_closed);
    suite_add_tcase(suite, open);

    TCase *read = tcase_create("read");
    tcase_add_test(read, a_sealed_file_is_read_from_the_archive);
    tcase_add_test(read, a_read_error_is_named_with_its_place);
    tcase_add_test(read, a_file_shorter_than_the_firmware_said_is_refused);
    tcase_add_test(read, a_file_longer_than_the_firmware_said_is_refused_and_closed);
    tcase_add_test(read, an_error_behind_the_end_is_no_error);
    tcase_add_test(read, a_firmware_that_claims_more_than_was_asked_for_is_refused);
    tcase_add_test(read, nothing_is_read_beyond_what_was_asked_for);
    tcase_add_test(read, the_watchdog_is_set_anew_every_64_reads);
    suite_add_tcase(suite, read);

    TCase *large_reads = tcase_create("large reads");
    tcase_add_test(large_reads, a_large_read_that_breaks_the_file_is_made_in_steps);
    tcase_add_test(large_reads, a_large_read_of_nothing_is_made_in_steps);
    tcase_add_test(large_reads, a_large_read_that_is_short_is_continued);
    tcase_add_test(large_reads, the_watchdog_is_set_anew_before_a_read_of_more_than_64_mib);
    tcase_add_test(large_reads, no_read_is_larger_than_1_gib);
    tcase_add_test(large_reads, small_reads_that_fail_too_are_an_error_with_its_place);
    tcase_add_test(large_reads, a_file_that_cannot_be_opened_anew_is_an_error);
    suite_add_tcase(suite, large_reads);
    return suite_main(suite, "unit-file");
}
