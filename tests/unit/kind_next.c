/* What is no kernel, second part: programs for other systems, what to do next about a file, and
 * loader.cfg that says what the file is. */
#include "arch.h"
#include "core/image/kind.h"
#include "phrase.h"
#include "suite.h"

#include <string.h>

#define COUNT_OF(array) (int)(sizeof(array) / sizeof((array)[0]))

/* A file of machine code that resembles nothing; the tests write over its start. */
static char head[4096];

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

static enum status recognise(size_t size, struct failure *failure, enum image_kind *out_kind)
{
    static const struct entry plain;
    char *copy = malloc(size); /* exactly as large as stated, for ASan */
    memcpy(copy, head, size);
    enum status status = image_recognise(bytes_of((struct text){copy, size}), &plain, &arch_target,
                                         failure, out_kind);
    free(copy);
    return status;
}

static void expect_raw(size_t size)
{
    struct failure failure = {0};
    enum image_kind kind = IMAGE_OTHER;
    ck_assert_int_eq(recognise(size, &failure, &kind), STATUS_OK);
    ck_assert_int_eq(kind, IMAGE_RAW);
}

static void expect_refused(size_t size, enum status status, const char *hint)
{
    struct failure failure = {0};
    enum image_kind kind = IMAGE_OTHER;
    ck_assert_int_eq(recognise(size, &failure, &kind), status);
    ck_assert(phrase_is(failure.hint, hint));
}

static const char pe_file[] = "a PE file (EFI application or Windows program)";
static const char windows_file[] = "a Windows program (PE)";

/* A DOS header, and the PE header at 0x80. */
static void put_pe(void)
{
    make_head();
    put(0, "MZ\x90\0\3\0\0\0\4\0\0\0\xFF\xFF\0\0\xB8\0\0\0\0\0\0\0\x40", 26);
    put(0x3C, "\x80\0\0\0", 4);
    put(0x80, "PE\0\0", 4);
}

START_TEST(an_efi_program_is_told_by_its_subsystem)
{
    put_pe();
    put(0xDC, "\x0A\0", 2);
    expect_refused(sizeof(head), STATUS_IMAGE_NOT_RAW, "an EFI program (PE)");
    expect_refused(0xDE, STATUS_IMAGE_NOT_RAW, "an EFI program (PE)");
    expect_refused(0xDD, STATUS_IMAGE_NOT_RAW, pe_file);
    put(0xDC, "\x0B", 1);
    expect_refused(sizeof(head), STATUS_IMAGE_NOT_RAW, windows_file);
}
END_TEST

static void put_a_out(const char *magic)
{
    make_head();
    memset(head, 0, 32);
    put(0, magic, 4);
    head[5] = 0x10;                 /* text */
    put(20, "\x20\x10\x10\xFF", 4); /* its entry may be anywhere */
}

START_TEST(an_a_out_file_is_told_by_its_header)
{
    static const char *const good[] = {"\x07\x01\0\0", "\x08\x01\0\0", "\x0B\x01\0\0",
                                       "\x0B\x01\x64\0"};
    for (int row = 0; row < COUNT_OF(good); row++) {
        put_a_out(good[row]);
        expect_refused(sizeof(head), STATUS_IMAGE_NOT_RAW, "an a.out file");
        expect_refused(32, STATUS_IMAGE_NOT_RAW, "an a.out file");
        expect_raw(31);
        head[5] = 0; /* no text */
        expect_raw(sizeof(head));
    }
    static const int low[] = {3, 7, 11, 15, 19}; /* sizes of less than 16 MiB */
    for (int i = 0; i < COUNT_OF(low); i++) {
        put_a_out(good[0]);
        head[low[i]] = 1;
        expect_raw(sizeof(head));
    }
    put_a_out("\x09\x01\0\0");
    expect_raw(sizeof(head));
}
END_TEST

static void expect_next(const char *next)
{
    struct failure failure = {0};
    enum image_kind kind = IMAGE_OTHER;
    ck_assert_int_ne(recognise(sizeof(head), &failure, &kind), STATUS_OK);
    ck_assert(phrase_is(failure.next, next));
}

/* Its size fits 40 bits, or is -1: not known. */
START_TEST(an_lzma_file_is_told_by_its_settings_and_size)
{
    make_head();
    put(0, "\x5D\0\0\x80\0\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF", 13);
    expect_refused(sizeof(head), STATUS_IMAGE_NOT_RAW, "LZMA-compressed");
    expect_next("Unpack it, then: gzip -9 -n FILE");
    put(0, "\x5D\0\0\x10\0\xFF\xFF\xFF\xFF\1\0\0\0", 13);
    expect_refused(13, STATUS_IMAGE_NOT_RAW, "LZMA-compressed");
    expect_raw(12);
    head[12] = 1;
    expect_raw(sizeof(head));
    put(0, "\x5D\1\0\x10\0\xFF\xFF\xFF\xFF\1\0\0\0", 13);
    expect_raw(sizeof(head));
}
END_TEST

/* Sectors whose partitions could be none are code. */
START_TEST(a_disk_is_told_by_its_partitions)
{
    static const char phrase[] = "a boot sector or disk image";
    make_head();
    put(0x1FE, "\x55\xAA", 2);
    expect_raw(sizeof(head));
    for (size_t at = 0x1BE; at < 0x1FE; at += 16) {
        head[at] = at == 0x1CE ? (char)0x80 : 0;
    }
    expect_refused(sizeof(head), STATUS_IMAGE_NOT_RAW, phrase);
    expect_next("Name a kernel: the loader boots no disks.");
    expect_refused(0x200, STATUS_IMAGE_NOT_RAW, phrase);
    expect_raw(0x1FF);
    head[0x1EE] = 1;
    expect_raw(sizeof(head));
}
END_TEST

START_TEST(what_was_never_written_is_no_kernel)
{
    static const char phrase[] = "nothing but zeros or 0xff";
    static const size_t sizes[] = {1, 2, 100, sizeof(head)};
    for (int row = 0; row < COUNT_OF(sizes); row++) {
        memset(head, 0, sizeof(head));
        expect_refused(sizes[row], STATUS_IMAGE_NOT_RAW, phrase);
        memset(head, 0xFF, sizeof(head));
        expect_refused(sizes[row], STATUS_IMAGE_NOT_RAW, phrase);
        head[sizes[row] - 1] = 0x10;
        expect_raw(sizes[row]);
    }
    memset(head, 0x90, sizeof(head));
    expect_raw(sizeof(head));
}
END_TEST

START_TEST(zlib_that_is_not_announced_is_named_with_the_keys_to_write)
{
    make_head();
    put(0, "\x78\x9C", 2);
    expect_refused(sizeof(head), STATUS_IMAGE_NOT_RAW, "zlib-compressed");
    expect_next("Add 'compression = zlib' and 'memory =' to loader.cfg.");
}
END_TEST

START_TEST(what_to_do_next_depends_on_what_it_is)
{
    static const struct {
        size_t offset;
        const char *bytes;
        size_t size;
        const char *next;
    } rows[] = {
        {0, "\xFD\x37zXZ\0", 6, "Unpack it, then: gzip -9 -n FILE"},
        {0, "\xCF\xFA\xED\xFE", 4, "Link an ELF file: docs/abi.md says with which tools."},
        {0, "@echo -off\r\n", 12, "Name the kernel that it starts."},
        {0x1FE, "\x55\xAA\xEB\x66HdrS", 8, "Add 'adapter = linux' to loader.cfg: docs/linux.md."},
        {0x38, "ARM\x64", 4, "It is for another machine: build it for this one."},
        {0x38, "RSC\x05", 4, "It is for another machine: build it for this one."},
        {0, "\177ELF\2\1\1\0\0\0\0\0\0\0\0\0\2\0\xB7\0", 20,
         "It is for another machine: build it for this one."},
        {0, "\177ELF\1\1\1\0\0\0\0\0\0\0\0\0\2\0\3\0", 20,
         "Is it the right file? docs/abi.md says how to build a kernel."},
        {0, "PK\3\4", 4, "Unpack it, and name the kernel that is in it."},
        {257, "ustar", 5, "Unpack it, and name the kernel that is in it."},
    };
    for (int row = 0; row < COUNT_OF(rows); row++) {
        make_head();
        put(rows[row].offset, rows[row].bytes, rows[row].size);
        expect_next(rows[row].next);
    }
    put_pe();
    put(0xDC, "\x0A\0", 2);
    expect_next("The firmware starts it, from its own boot menu.");
}
END_TEST

/* The most common kernels of beginners. */
START_TEST(an_elf32_file_with_a_multiboot_header_is_a_foreign_kernel)
{
    static const char elf32[] = "\177ELF\1\1\1\0\0\0\0\0\0\0\0\0\2\0\3";
    static const uint32_t header[] = {0x1BADB002, 3, 0 - (0x1BADB002U + 3)};
    static const char phrase[] = "a Multiboot kernel: its entry is 32-bit code";
    static const char plain_elf[] = "an ELF32 file for 32-bit x86 (e_machine 3)";
    make_head();
    put(0, elf32, sizeof(elf32));
    put(0x404, (const char *)header, sizeof(header));
    expect_refused(sizeof(head), STATUS_IMAGE_FOREIGN, phrase);
    expect_refused(0x410, STATUS_IMAGE_FOREIGN, phrase);
    expect_refused(0x40F, STATUS_IMAGE_NOT_RAW, plain_elf);
    expect_next("Add 'adapter = multiboot' to loader.cfg: docs/adapters.md.");
    head[0x408] ^= 1; /* the checksum is wrong */
    expect_refused(sizeof(head), STATUS_IMAGE_NOT_RAW, plain_elf);
}
END_TEST

static enum status recognise_as(enum kernel_format format, struct failure *failure,
                                enum image_kind *out_kind)
{
    const struct entry entry = {.format = format};
    const struct bytes all = bytes_of((struct text){head, sizeof(head)});
    enum image_kind inflated = (enum image_kind)77;
    enum status status = image_recognise(all, &entry, &arch_target, failure, out_kind);
    ck_assert_int_eq(image_recognise_inflated(all, &entry, &arch_target, failure, &inflated),
                     status);
    ck_assert(status != STATUS_OK || inflated == *out_kind);
    return status;
}

/* 'format =' in loader.cfg: nothing is guessed. */
START_TEST(what_loader_cfg_says_about_the_format_holds)
{
    static const char elf64[] = "\177ELF\2\1\1\0\0\0\0\0\0\0\0\0\2\0\x3E";
    struct failure failure = {0};
    enum image_kind kind = IMAGE_OTHER;
    make_head();
    ck_assert_int_eq(recognise_as(FORMAT_RAW, &failure, &kind), STATUS_OK);
    ck_assert_int_eq(kind, IMAGE_RAW);
    ck_assert_int_eq(recognise_as(FORMAT_ELF, &failure, &kind), STATUS_IMAGE_NOT_RAW);
    ck_assert(phrase_is(failure.hint, "a raw image"));
    put(0, "PK\x03\x04", 4);
    ck_assert_int_eq(recognise_as(FORMAT_RAW, &failure, &kind), STATUS_OK);
    ck_assert_int_eq(kind, IMAGE_RAW);
    put(0, elf64, sizeof(elf64));
    ck_assert_int_eq(recognise_as(FORMAT_ELF, &failure, &kind), STATUS_OK);
    ck_assert_int_eq(kind, IMAGE_ELF64);
    ck_assert_int_eq(recognise_as(FORMAT_RAW, &failure, &kind), STATUS_OK);
    ck_assert_int_eq(kind, IMAGE_RAW);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("kind-next");
    TCase *tests = tcase_create("next");
    tcase_add_test(tests, an_efi_program_is_told_by_its_subsystem);
    tcase_add_test(tests, an_a_out_file_is_told_by_its_header);
    tcase_add_test(tests, an_lzma_file_is_told_by_its_settings_and_size);
    tcase_add_test(tests, a_disk_is_told_by_its_partitions);
    tcase_add_test(tests, what_was_never_written_is_no_kernel);
    tcase_add_test(tests, zlib_that_is_not_announced_is_named_with_the_keys_to_write);
    tcase_add_test(tests, what_to_do_next_depends_on_what_it_is);
    tcase_add_test(tests, an_elf32_file_with_a_multiboot_header_is_a_foreign_kernel);
    tcase_add_test(tests, what_loader_cfg_says_about_the_format_holds);
    suite_add_tcase(suite, tests);
    return suite_main(suite, "unit-kind_next");
}
