/* What a file is, third part: headers at the limits of what is believed. */
#include "arch.h"
#include "core/image/kind.h"
#include "phrase.h"
#include "suite.h"

#include <string.h>

/* size bytes of machine code that resembles nothing, with start at their beginning; in memory that
 * ends where they do, for AddressSanitizer. */
static uint8_t *file_of(const void *start, size_t start_size, size_t size)
{
    uint8_t *file = malloc(size);
    ck_assert_ptr_nonnull(file);
    for (size_t i = 0; i < size; i++) {
        file[i] = (uint8_t)(i * 37 + 0x81);
    }
    memcpy(file, start, start_size < size ? start_size : size);
    return file;
}

/* phrase NULL: it is raw. */
static void expect_file(uint8_t *file, size_t size, const char *phrase)
{
    struct image_format format = image_format_of((struct bytes){file, size}, &arch_target);
    ck_assert_int_eq(format.kind == IMAGE_RAW, phrase == NULL);
    ck_assert_msg(phrase == NULL || phrase_is(format.phrase, phrase), "%s", phrase);
    free(file);
}

static const char pe_file[] = "a PE file (EFI application or Windows program)";

/* Of a DOS header whose PE signature lies beyond what was read. */
START_TEST(a_dos_header_is_sound_up_to_its_limits)
{
    static const struct {
        uint16_t last_page_bytes, pages, header_units, relocations;
        bool sound;
    } cases[] = {
        {0x90, 3, 4, 0x40, true},   {512, 3, 4, 0x40, true},   {513, 3, 4, 0x40, false},
        {0x90, 3, 2, 0x40, true},   {0x90, 3, 1, 0x40, false}, {0x90, 1, 32, 0x40, true},
        {0x90, 1, 33, 0x40, false}, {0x90, 3, 4, 0x1C, true},  {0x90, 3, 4, 0x1B, false},
    };
    uint8_t header[0x40] = {'M', 'Z'};
    memcpy(header + 0x02, &cases[_i].last_page_bytes, 2);
    memcpy(header + 0x04, &cases[_i].pages, 2);
    memcpy(header + 0x08, &cases[_i].header_units, 2);
    memcpy(header + 0x18, &cases[_i].relocations, 2);
    memcpy(header + 0x3C, &(uint32_t){0x10000}, 4);
    expect_file(file_of(header, 0x40, 0x40), 0x40, cases[_i].sound ? pe_file : NULL);
    expect_file(file_of(header, 0x40, 0x3F), 0x3F, NULL);
}
END_TEST

/* The size of its code is 4 bytes, after the magic number. */
START_TEST(an_a_out_file_has_code)
{
    uint8_t header[32] = {0x07, 0x01, 0, 0, 1, 0, 0, 0, 1};
    expect_file(file_of(header, 32, 32), 32, "an a.out file");
    header[4] = 0;
    expect_file(file_of(header, 32, 32), 32, NULL);
}
END_TEST

/* 40 bits of size, or more bits that are all set. */
START_TEST(an_lzma_file_has_a_size_of_40_bits_or_none)
{
    static const char known[] = "\x5D\0\0\x80\0\1\1\1\1\1\0\0\0";
    static const char unknown[] = "\x5D\0\0\x80\0\1\1\1\1\1\xFF\xFF\xFF";
    static const char large[] = "\x5D\0\0\x80\0\1\1\1\1\1\1\0\0";
    expect_file(file_of(known, 13, 13), 13, "LZMA-compressed");
    expect_file(file_of(unknown, 13, 13), 13, "LZMA-compressed");
    expect_file(file_of(large, 13, 13), 13, NULL);
}
END_TEST

START_TEST(four_bytes_before_the_cut_are_a_whole_character)
{
    char text[600];
    memset(text, 'a', sizeof(text));
    text[509] = '\x80';
    expect_file(file_of(text, 600, 600), 600, "text");
    text[508] = '\x80';
    expect_file(file_of(text, 600, 600), 600, NULL);
}
END_TEST

START_TEST(an_elf64_file_of_the_targets_machine_is_a_kernel)
{
    static const uint8_t machines[] = {62, 183, 243, 0x15};
    uint8_t header[20] = "\177ELF\2\1\1\0\0\0\0\0\0\0\0\0\2";
    for (int target = 0; target < 4; target++) {
        struct target other = arch_target;
        other.elf_machine = machines[target];
        header[18] = machines[_i];
        uint8_t *file = file_of(header, sizeof(header), sizeof(header));
        struct image_format format = image_format_of((struct bytes){file, 20}, &other);
        ck_assert_int_eq(format.kind, target == _i ? IMAGE_ELF64 : IMAGE_OTHER);
        free(file);
    }
}
END_TEST

static enum status recognise(uint8_t *file, size_t size, enum compression compression,
                             struct failure *failure, enum image_kind *out_kind)
{
    const struct entry entry = {.compression = compression};
    enum status status =
        image_recognise((struct bytes){file, size}, &entry, &arch_target, failure, out_kind);
    free(file);
    return status;
}

START_TEST(two_bytes_are_enough_for_a_zlib_header)
{
    static const struct {
        const char *bytes;
        size_t size;
        enum status status;
    } cases[] = {
        {"\x78\x9C", 2, STATUS_OK},
        {"\x78", 1, STATUS_IMAGE_NOT_COMPRESSED},
        {"\x79\x18", 2, STATUS_IMAGE_NOT_COMPRESSED}, /* a multiple of 31, but method 9 */
    };
    struct failure failure = {0};
    enum image_kind kind = IMAGE_OTHER;
    size_t size = cases[_i].size;
    ck_assert_int_eq(
        recognise(file_of(cases[_i].bytes, size, size), size, COMPRESSION_ZLIB, &failure, &kind),
        cases[_i].status);
    ck_assert_int_eq(kind == IMAGE_ZLIB, cases[_i].status == STATUS_OK);
}
END_TEST

/* Bytes that look like another loader's header mean nothing in an archive. */
START_TEST(a_header_of_another_loader_is_looked_for_in_elf_files)
{
    uint32_t words[4] = {0, 0x1BADB002, 0, 0u - 0x1BADB002u};
    struct failure failure = {0};
    enum image_kind kind = IMAGE_OTHER;
    memcpy(words, "PK\3\4", 4);
    ck_assert_int_eq(recognise(file_of(words, sizeof(words), sizeof(words)), sizeof(words),
                               COMPRESSION_AUTO, &failure, &kind),
                     STATUS_IMAGE_NOT_RAW);
    ck_assert(phrase_is(failure.hint, "a ZIP archive"));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("kind_limits");
    TCase *tests = tcase_create("limits");
    tcase_add_loop_test(tests, a_dos_header_is_sound_up_to_its_limits, 0, 9);
    tcase_add_test(tests, an_a_out_file_has_code);
    tcase_add_test(tests, an_lzma_file_has_a_size_of_40_bits_or_none);
    tcase_add_test(tests, four_bytes_before_the_cut_are_a_whole_character);
    tcase_add_loop_test(tests, an_elf64_file_of_the_targets_machine_is_a_kernel, 0, 4);
    tcase_add_test(tests, a_header_of_another_loader_is_looked_for_in_elf_files);
    tcase_add_loop_test(tests, two_bytes_are_enough_for_a_zlib_header, 0, 3);
    suite_add_tcase(suite, tests);
    return suite_main(suite, "unit-kind_limits");
}
