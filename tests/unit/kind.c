#include "core/image/kind.h"
#include "arch.h"
#include "core/image/needs.h"
#include "phrase.h"
#include "suite.h"

#include <string.h>

#define COUNT_OF(array) (int)(sizeof(array) / sizeof((array)[0]))

/* A file of machine code that resembles nothing; the tests write over its start. */
static char head[4096];
static const struct entry plain;

static void make_head(void)
{
    for (size_t i = 0; i < sizeof(head); i++) {
        head[i] = (char)(i * 37 + 0x81);
    }
}

static void put(size_t offset, const char *bytes, size_t size)
{
    memcpy(head + offset, bytes, size);
}

static enum status recognise(enum compression compression, size_t size, struct failure *failure,
                             enum image_kind *out_format)
{
    char *copy = malloc(size != 0 ? size : 1); /* exactly as large as stated, for ASan */
    memcpy(copy, head, size);
    enum status status = image_recognise(bytes_of((struct text){copy, size}),
                                         &(struct entry){.compression = compression}, &arch_target,
                                         failure, out_format);
    free(copy);
    return status;
}

static void expect_format(enum compression compression, size_t size, enum image_kind expected)
{
    struct failure failure = {0};
    enum image_kind format = (enum image_kind)77;
    ck_assert_int_eq(recognise(compression, size, &failure, &format), STATUS_OK);
    ck_assert_int_eq(format, expected);
}

static void expect_refused(enum compression compression, size_t size, enum status status,
                           const char *hint)
{
    struct failure failure = {.path = TEXT("/boot/k.bin")};
    enum image_kind format = (enum image_kind)77;
    ck_assert_int_eq(recognise(compression, size, &failure, &format), status);
    ck_assert_int_eq(failure.status, status);
    ck_assert_int_eq(format, 77);
    ck_assert(text_equal(failure.path, TEXT("/boot/k.bin")));
    ck_assert(phrase_is(failure.hint, hint));
}

static void expect_inflated_refused(size_t size, const char *hint)
{
    struct failure failure = {0};
    enum image_kind kind = (enum image_kind)77;
    ck_assert_int_eq(image_recognise_inflated(bytes_of((struct text){head, size}), &plain,
                                              &arch_target, &failure, &kind),
                     STATUS_IMAGE_NOT_RAW);
    ck_assert_int_eq(kind, 77);
    ck_assert_int_eq(failure.status, STATUS_IMAGE_NOT_RAW);
    ck_assert(phrase_is(failure.hint, hint));
}

#define FORMAT(offset, literal, phrase)              \
    {                                                \
        offset, literal, sizeof(literal) - 1, phrase \
    }

static const struct {
    size_t offset;
    const char *bytes;
    size_t size;
    const char *phrase;
} formats[] = {
    FORMAT(0, "\177ELF\2\1\1\0\0\0\0\0\0\0\0\0\2\0\xB7\0",
           "an ELF64 file for AArch64 (e_machine 183)"),
    FORMAT(0, "\177ELF\2\1\1\0\0\0\0\0\0\0\0\0\2\0\xF3\0",
           "an ELF64 file for RISC-V (e_machine 243)"),
    FORMAT(0, "\177ELF\2\1\1\0\0\0\0\0\0\0\0\0\2\0\x3E\1", "an ELF64 file for another machine"),
    FORMAT(0, "\177ELF\1\1\1\0\0\0\0\0\0\0\0\0\2\0\x03\0",
           "an ELF32 file for 32-bit x86 (e_machine 3)"),
    FORMAT(0, "\177ELF\1\1\1\0\0\0\0\0\0\0\0\0\2\0\x28\0",
           "an ELF32 file for 32-bit ARM (e_machine 40)"),
    FORMAT(0, "\177ELF\1\1\1\0\0\0\0\0\0\0\0\0\2\0\x3E\0", "an ELF32 file"),
    FORMAT(0, "\177ELF\2\2\1\0\0\0\0\0\0\0\0\0\0\2\0\x15", "a big-endian ELF file"),
    FORMAT(0, "\177ELF\3\1\1\0\0\0\0\0\0\0\0\0\2\0\x3E\0", "a damaged ELF file"),
    FORMAT(0, "\x28\xB5\x2F\xFD", "zstd-compressed"),
    FORMAT(0, "\xFD\x37zXZ\0", "xz-compressed"),
    FORMAT(0, "BZh91AY&SY", "bzip2-compressed"),
    FORMAT(0, "\x04\x22\x4D\x18", "lz4-compressed"),
    FORMAT(0, "\x02\x21\x4C\x18", "lz4-compressed"),
    FORMAT(0, "\x89LZO\0\r\n\x1A", "lzop-compressed"),
    FORMAT(0, "LZIP\1", "lzip-compressed"),
    FORMAT(0, "\x1F\x9D", "compressed with 'compress'"),
    FORMAT(0, "PK\3\4", "a ZIP archive"),
    FORMAT(257, "ustar\0", "a tar archive"),
    FORMAT(0, "070701", "a cpio archive"),
    FORMAT(0, "070702", "a cpio archive"),
    FORMAT(0, "070707", "a cpio archive"),
    FORMAT(0, "\xCE\xFA\xED\xFE", "a Mach-O file"),
    FORMAT(0, "\xCF\xFA\xED\xFE", "a Mach-O file"),
    FORMAT(0, "\xFE\xED\xFA\xCE", "a Mach-O file"),
    FORMAT(0, "\xFE\xED\xFA\xCF", "a Mach-O file"),
    FORMAT(0, "\xCA\xFE\xBA\xBE", "a Mach-O file"),
    FORMAT(0x38, "ARM\x64", "an AArch64 Linux kernel"),
    FORMAT(0x38, "RSC\x05", "a RISC-V Linux kernel"),
    FORMAT(0, "\xFF\xFE", "text (UTF-16)"),
    FORMAT(0, "@echo", "a script"),
};

START_TEST(a_known_format_is_refused_by_name)
{
    for (int row = 0; row < COUNT_OF(formats); row++) {
        make_head();
        put(formats[row].offset, formats[row].bytes, formats[row].size);
        const char *phrase = formats[row].phrase;
        size_t end = formats[row].offset + formats[row].size;
        expect_refused(COMPRESSION_AUTO, sizeof(head), STATUS_IMAGE_NOT_RAW, phrase);
        expect_refused(COMPRESSION_AUTO, end, STATUS_IMAGE_NOT_RAW, phrase);
        expect_refused(COMPRESSION_NONE, sizeof(head), STATUS_IMAGE_NOT_RAW, phrase);
        expect_refused(COMPRESSION_GZIP, sizeof(head), STATUS_IMAGE_NOT_COMPRESSED, phrase);
        expect_refused(COMPRESSION_ZLIB, sizeof(head), STATUS_IMAGE_NOT_COMPRESSED, phrase);
        expect_inflated_refused(sizeof(head), phrase);
    }
}
END_TEST

START_TEST(a_format_with_one_byte_changed_is_raw)
{
    for (int row = 0; row < COUNT_OF(formats); row++) {
        for (size_t i = 0; i < formats[row].size && i < 4; i++) {
            make_head();
            put(formats[row].offset, formats[row].bytes, formats[row].size);
            size_t at = formats[row].size == 10 ? i + 6 : i; /* bzip2's name is no part of it */
            head[formats[row].offset + at] ^= 0x40;
            expect_format(COMPRESSION_AUTO, sizeof(head), IMAGE_RAW);
        }
    }
}
END_TEST

START_TEST(a_cut_elf_file_is_still_one)
{
    make_head();
    put(0, "\177ELF\2\1\1", 7);
    expect_refused(COMPRESSION_AUTO, 4, STATUS_IMAGE_NOT_RAW, "an ELF file, cut short");
    expect_refused(COMPRESSION_AUTO, 19, STATUS_IMAGE_NOT_RAW, "an ELF file, cut short");
}
END_TEST

START_TEST(an_elf64_file_for_x86_64_is_a_kernel)
{
    static const char start[] = "\177ELF\2\1\1\0\0\0\0\0\0\0\0\0\2\0\x3E";
    struct failure failure = {0};
    struct bytes inflated = bytes_of((struct text){head, sizeof(head)});
    enum image_kind kind = IMAGE_OTHER;
    make_head();
    ck_assert_int_eq(image_format_of(inflated, &arch_target).kind, IMAGE_RAW);
    put(0, start, sizeof(start));
    expect_format(COMPRESSION_AUTO, sizeof(head), IMAGE_ELF64);
    expect_format(COMPRESSION_NONE, sizeof(start), IMAGE_ELF64);
    expect_refused(COMPRESSION_GZIP, sizeof(head), STATUS_IMAGE_NOT_COMPRESSED,
                   "an ELF64 file for x86-64");
    expect_refused(COMPRESSION_ZLIB, sizeof(head), STATUS_IMAGE_NOT_COMPRESSED,
                   "an ELF64 file for x86-64");
    ck_assert_int_eq(image_recognise_inflated(inflated, &plain, &arch_target, &failure, &kind),
                     STATUS_OK);
    ck_assert_int_eq(kind, IMAGE_ELF64);
    inflated.size = sizeof(start);
    ck_assert_int_eq(image_format_of(inflated, &arch_target).kind, IMAGE_ELF64);
}
END_TEST

static void put_dos_header(uint32_t pe_offset)
{
    static const char dos[] = "MZ\x90\0\3\0\0\0\4\0\0\0\xFF\xFF\0\0\xB8\0\0\0\0\0\0\0\x40";
    char offset[4] = {(char)pe_offset, (char)(pe_offset >> 8), (char)(pe_offset >> 16),
                      (char)(pe_offset >> 24)};
    make_head();
    put(0, dos, sizeof(dos));
    put(0x3C, offset, 4);
}

static const char pe_file[] = "a PE file (EFI application or Windows program)";
static const char windows_file[] = "a Windows program (PE)";

/* The subsystem is a field of 2 bytes, 0x5c after the signature. */
START_TEST(a_pe_file_is_told_by_its_signature)
{
    static const uint32_t offsets[] = {0x40, 0x80, 0xF8, sizeof(head) - 4};
    for (int row = 0; row < COUNT_OF(offsets); row++) {
        put_dos_header(offsets[row]);
        put(offsets[row], "PE\0\0", 4);
        const char *phrase = offsets[row] < 0x100 ? windows_file : pe_file;
        expect_refused(COMPRESSION_AUTO, sizeof(head), STATUS_IMAGE_NOT_RAW, phrase);
        expect_refused(COMPRESSION_AUTO, offsets[row] + 4, STATUS_IMAGE_NOT_RAW, pe_file);
        expect_inflated_refused(sizeof(head), phrase);
        head[offsets[row] + 3] = 1;
        expect_format(COMPRESSION_AUTO, sizeof(head), IMAGE_RAW);
    }
}
END_TEST

START_TEST(a_pe_signature_out_of_sight_is_believed_of_a_sound_dos_header)
{
    static const uint32_t offsets[] = {sizeof(head) - 3, sizeof(head), 0x10000, 0xFFFFFFFF};
    static const struct {
        size_t offset;
        char byte;
    } unsound[] = {{0x00, 'N'}, {0x01, 'A'}, {0x03, 3}, {0x04, 0}, {0x08, 1}, {0x09, 1}, {0x18, 0}};
    for (int row = 0; row < COUNT_OF(offsets); row++) {
        for (int i = 0; i < COUNT_OF(unsound); i++) {
            put_dos_header(offsets[row]);
            expect_refused(COMPRESSION_AUTO, sizeof(head), STATUS_IMAGE_NOT_RAW, pe_file);
            head[unsound[i].offset] = unsound[i].byte;
            expect_format(COMPRESSION_AUTO, sizeof(head), IMAGE_RAW);
        }
    }
}
END_TEST

START_TEST(code_that_begins_with_mz_is_raw)
{
    make_head();
    put(0, "MZ", 2);
    expect_format(COMPRESSION_AUTO, 2, IMAGE_RAW);
    expect_format(COMPRESSION_AUTO, 63, IMAGE_RAW);
    expect_format(COMPRESSION_AUTO, 64, IMAGE_RAW);
    expect_format(COMPRESSION_AUTO, sizeof(head), IMAGE_RAW);
}
END_TEST

START_TEST(a_bzimage_is_no_mere_pe_file)
{
    put_dos_header(0x80);
    put(0x80, "PE\0\0", 4);
    put(0x1FE, "\x55\xAA\xEB\x66HdrS", 8);
    expect_refused(COMPRESSION_AUTO, sizeof(head), STATUS_IMAGE_NOT_RAW,
                   "a Linux kernel (bzImage)");
    expect_refused(COMPRESSION_AUTO, 0x206, STATUS_IMAGE_NOT_RAW, "a Linux kernel (bzImage)");
    expect_refused(COMPRESSION_AUTO, 0x205, STATUS_IMAGE_NOT_RAW, windows_file);
    head[0x1FE] = 0;
    expect_refused(COMPRESSION_AUTO, sizeof(head), STATUS_IMAGE_NOT_RAW, windows_file);
}
END_TEST

static void put_text(const char *text)
{
    make_head();
    memset(head, ' ', 600);
    put(0, text, strlen(text));
}

START_TEST(text_is_refused_by_name)
{
    static const char *const texts[] = {
        "kernel = /boot/k.bin\r\n\taddress = 0x100000\n",
        "\xEF\xBB\xBF<html>404</html>\f",
        "version https://git-lfs.github.com/spec/v1\n",
        "gr\xC3\xBC\xC3\x9F dich \xE2\x82\xAC \xF0\x9F\x90\xA7 ",
    };
    for (int row = 0; row < COUNT_OF(texts); row++) {
        put_text(texts[row]);
        expect_refused(COMPRESSION_AUTO, strlen(texts[row]), STATUS_IMAGE_NOT_RAW, "text");
        expect_refused(COMPRESSION_AUTO, sizeof(head), STATUS_IMAGE_NOT_RAW, "text");
        expect_refused(COMPRESSION_GZIP, sizeof(head), STATUS_IMAGE_NOT_COMPRESSED, "text");
        expect_inflated_refused(sizeof(head), "text");
    }
}
END_TEST

START_TEST(the_first_512_bytes_decide_whether_it_is_text)
{
    put_text("hello");
    head[512] = '\0';
    expect_refused(COMPRESSION_AUTO, sizeof(head), STATUS_IMAGE_NOT_RAW, "text");
    head[511] = '\0';
    expect_format(COMPRESSION_AUTO, sizeof(head), IMAGE_RAW);
}
END_TEST

START_TEST(a_character_cut_at_512_bytes_is_still_text)
{
    static const char penguin[] = "\xF0\x9F\x90\xA7";
    for (size_t before = 1; before < 4; before++) {
        put_text("hello");
        put(512 - before, penguin, 4);
        expect_refused(COMPRESSION_AUTO, sizeof(head), STATUS_IMAGE_NOT_RAW, "text");
        expect_format(COMPRESSION_AUTO, 512, IMAGE_RAW); /* cut for good */
    }
}
END_TEST

START_TEST(a_byte_that_no_text_has_makes_it_raw)
{
    static const char *const bytes[] = {"\1", "\x1B", "\x7F", "\x80", "\xC2\x85", "\xFF", "\xC3 "};
    for (int row = 0; row < COUNT_OF(bytes); row++) {
        put_text("hello");
        put(100, bytes[row], strlen(bytes[row]));
        expect_format(COMPRESSION_AUTO, sizeof(head), IMAGE_RAW);
    }
}
END_TEST

START_TEST(fewer_than_16_bytes_are_not_called_text)
{
    put_text("PPPPPPPPPPPPPPPP");
    expect_format(COMPRESSION_AUTO, 15, IMAGE_RAW);
    expect_refused(COMPRESSION_AUTO, 16, STATUS_IMAGE_NOT_RAW, "text");
}
END_TEST

START_TEST(a_script_is_refused_by_name)
{
    put_text("#!/bin/sh\n");
    expect_refused(COMPRESSION_AUTO, 10, STATUS_IMAGE_NOT_RAW, "a script");
    expect_refused(COMPRESSION_AUTO, sizeof(head), STATUS_IMAGE_NOT_RAW, "a script");
    head[9] = '\0';
    expect_format(COMPRESSION_AUTO, 10, IMAGE_RAW);
}
END_TEST

START_TEST(any_other_file_is_raw)
{
    make_head();
    expect_format(COMPRESSION_AUTO, sizeof(head), IMAGE_RAW);
    expect_format(COMPRESSION_NONE, sizeof(head), IMAGE_RAW);
    for (size_t size = 1; size < 600; size++) {
        expect_format(COMPRESSION_AUTO, size, IMAGE_RAW);
    }
    struct failure failure = {0};
    ck_assert_int_eq(image_recognise_inflated(bytes_of((struct text){head, 1}), &plain,
                                              &arch_target, &failure,
                                              &(enum image_kind){IMAGE_OTHER}),
                     STATUS_OK);
}
END_TEST

START_TEST(gzip_is_told_by_its_magic)
{
    make_head();
    put(0, "\x1F\x8B\x08", 3);
    expect_format(COMPRESSION_AUTO, sizeof(head), IMAGE_GZIP);
    expect_format(COMPRESSION_GZIP, sizeof(head), IMAGE_GZIP);
    expect_format(COMPRESSION_AUTO, 2, IMAGE_GZIP);
    expect_format(COMPRESSION_AUTO, 1, IMAGE_RAW);
    head[1] = '\x8A';
    expect_format(COMPRESSION_AUTO, sizeof(head), IMAGE_RAW);
}
END_TEST

START_TEST(zlib_is_believed_only_where_the_config_says_so)
{
    static const char *const flags[] = {"\x78\x01", "\x78\x5E", "\x78\x9C", "\x78\xDA", "\x08\x1D"};
    for (int row = 0; row < COUNT_OF(flags); row++) {
        make_head();
        put(0, flags[row], 2);
        if (flags[row][0] == 0x78) {
            expect_refused(COMPRESSION_AUTO, sizeof(head), STATUS_IMAGE_NOT_RAW, "zlib-compressed");
        } else {
            expect_format(COMPRESSION_AUTO, sizeof(head), IMAGE_RAW);
        }
        expect_format(COMPRESSION_NONE, sizeof(head), IMAGE_RAW);
        expect_format(COMPRESSION_ZLIB, sizeof(head), IMAGE_ZLIB);
        expect_refused(COMPRESSION_GZIP, sizeof(head), STATUS_IMAGE_NOT_COMPRESSED,
                       "zlib-compressed or a raw image");
    }
}
END_TEST

START_TEST(what_is_no_zlib_header_is_refused_as_zlib)
{
    static const char *const flags[] = {"\x78\x9D", "\x79\x9C", "\x77\x85", "\x88\x1C"};
    for (int row = 0; row < COUNT_OF(flags); row++) {
        make_head();
        put(0, flags[row], 2);
        expect_refused(COMPRESSION_ZLIB, sizeof(head), STATUS_IMAGE_NOT_COMPRESSED, "a raw image");
        expect_refused(COMPRESSION_ZLIB, 1, STATUS_IMAGE_NOT_COMPRESSED, "a raw image");
    }
}
END_TEST

static void expect_wanted(enum compression compression, const char *wanted)
{
    struct failure failure = {0};
    enum image_kind format = (enum image_kind)77;
    ck_assert_int_eq(recognise(compression, sizeof(head), &failure, &format),
                     STATUS_IMAGE_NOT_COMPRESSED);
    ck_assert(text_equal(failure.found, text_of(wanted)));
}

START_TEST(another_compression_than_the_config_says_is_refused)
{
    make_head();
    expect_refused(COMPRESSION_GZIP, sizeof(head), STATUS_IMAGE_NOT_COMPRESSED, "a raw image");
    expect_wanted(COMPRESSION_GZIP, "gzip");
    expect_wanted(COMPRESSION_ZLIB, "zlib");
    put(0, "\x1F\x8B\x08", 3);
    expect_refused(COMPRESSION_ZLIB, sizeof(head), STATUS_IMAGE_NOT_COMPRESSED, "gzip-compressed");
    expect_refused(COMPRESSION_NONE, sizeof(head), STATUS_IMAGE_NOT_COMPRESSED, "gzip-compressed");
    expect_wanted(COMPRESSION_NONE, "none");
}
END_TEST

START_TEST(gzip_within_gzip_is_refused_by_name)
{
    make_head();
    put(0, "\x1F\x8B\x08", 3);
    expect_inflated_refused(sizeof(head), "gzip-compressed twice");
}
END_TEST

START_TEST(nothing_is_refused_as_empty)
{
    struct failure failure = {0};
    enum image_kind format = (enum image_kind)77;
    for (int i = COMPRESSION_AUTO; i <= COMPRESSION_ZLIB; i++) {
        ck_assert_int_eq(image_recognise((struct bytes){NULL, 0},
                                         &(struct entry){.compression = (enum compression)i},
                                         &arch_target, &failure, &format),
                         STATUS_FILE_EMPTY);
        ck_assert_int_eq(failure.status, STATUS_FILE_EMPTY);
    }
    ck_assert_int_eq(
        image_recognise_inflated((struct bytes){NULL, 0}, &plain, &arch_target, &failure, &format),
        STATUS_IMAGE_EMPTY);
    ck_assert_int_eq(failure.status, STATUS_IMAGE_EMPTY);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("kind");
    TCase *recognition = tcase_create("recognition");
    tcase_add_test(recognition, a_known_format_is_refused_by_name);
    tcase_add_test(recognition, a_format_with_one_byte_changed_is_raw);
    tcase_add_test(recognition, a_cut_elf_file_is_still_one);
    tcase_add_test(recognition, an_elf64_file_for_x86_64_is_a_kernel);
    tcase_add_test(recognition, a_pe_file_is_told_by_its_signature);
    tcase_add_test(recognition, a_pe_signature_out_of_sight_is_believed_of_a_sound_dos_header);
    tcase_add_test(recognition, code_that_begins_with_mz_is_raw);
    tcase_add_test(recognition, a_bzimage_is_no_mere_pe_file);
    tcase_add_test(recognition, text_is_refused_by_name);
    tcase_add_test(recognition, the_first_512_bytes_decide_whether_it_is_text);
    tcase_add_test(recognition, a_character_cut_at_512_bytes_is_still_text);
    tcase_add_test(recognition, a_byte_that_no_text_has_makes_it_raw);
    tcase_add_test(recognition, fewer_than_16_bytes_are_not_called_text);
    tcase_add_test(recognition, a_script_is_refused_by_name);
    tcase_add_test(recognition, any_other_file_is_raw);
    tcase_add_test(recognition, gzip_is_told_by_its_magic);
    tcase_add_test(recognition, zlib_is_believed_only_where_the_config_says_so);
    tcase_add_test(recognition, what_is_no_zlib_header_is_refused_as_zlib);
    tcase_add_test(recognition, another_compression_than_the_config_says_is_refused);
    tcase_add_test(recognition, gzip_within_gzip_is_refused_by_name);
    tcase_add_test(recognition, nothing_is_refused_as_empty);
    suite_add_tcase(suite, recognition);
    return suite_main(suite, "unit-kind");
}
