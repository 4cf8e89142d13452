/* Where in an image a kernel header is, and how much of it there is. */
#include "core/image/needs.h"
#include "suite.h"

#include <string.h>

static struct BootInfoKernelHeader good_header(void)
{
    return (struct BootInfoKernelHeader){.magic = BOOTINFO_KERNEL_MAGIC,
                                         .abi_major = BOOTINFO_VERSION_MAJOR,
                                         .size = sizeof(struct BootInfoKernelHeader)};
}

START_TEST(a_header_is_found_at_every_multiple_of_8_that_holds_it)
{
    for (int row = 0; row < 8; row++) {
        static char image[8192 + 8];
        char *start = image + row; /* aligned or not */
        struct BootInfoKernelHeader header = good_header();
        header.stack_size = 0x1234567;
        for (size_t at = 0; at < 4200; at++) {
            struct BootInfoKernelHeader found = {0};
            memset(image, 0, sizeof(image));
            memcpy(start + at, &header, sizeof(header));
            bool expected = at % 8 == 0 && at + sizeof(header) <= BOOTINFO_KERNEL_HEADER_LIMIT;
            if (image_header(bytes_of((struct text){start, 8192}), &found) != expected) {
                ck_abort_msg("header at %zu", at);
            }
            if (memcmp(&found, &header, sizeof(found)) != 0 && expected) {
                ck_abort_msg("not the header at %zu", at);
            }
        }
    }
}
END_TEST

START_TEST(a_header_beyond_the_bytes_given_is_not_one)
{
    struct BootInfoKernelHeader header = good_header();
    struct BootInfoKernelHeader found = {0};
    for (size_t size = 0; size <= 24 + sizeof(header); size++) {
        char *image = malloc(size != 0 ? size : 1);
        memset(image, 0, size);
        if (size > 24) {
            memcpy(image + 24, &header, size - 24);
        }
        ck_assert_int_eq(image_header(bytes_of((struct text){image, size}), &found),
                         size == 24 + sizeof(header));
        free(image);
    }
    ck_assert(!image_header((struct bytes){NULL, 0}, &found));
}
END_TEST

START_TEST(the_first_of_two_headers_counts)
{
    struct BootInfoKernelHeader headers[2] = {good_header(), good_header()};
    struct BootInfoKernelHeader found = {0};
    headers[0].entry = 1;
    headers[1].entry = 2;
    ck_assert(image_header((struct bytes){(const uint8_t *)headers, sizeof(headers)}, &found));
    ck_assert_uint_eq(found.entry, 1);
}
END_TEST

/* What lies after a header of an older version is no part of it. */
START_TEST(an_older_header_ends_where_its_version_did)
{
    static const uint32_t sizes[] = {0, 55, 56, 63, 64, 71, 72, 73, UINT32_MAX};
    static const uint32_t known[] = {56, 56, 56, 56, 64, 64, 72, 72, 72};
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        struct BootInfoKernelHeader header = good_header();
        struct BootInfoKernelHeader found = {0};
        header.size = sizes[i];
        header.direct_map = UINT64_MAX;
        header.machine = header.reserved = UINT32_MAX;
        struct bytes bytes = {(const uint8_t *)&header, known[i]};
        ck_assert(image_header(bytes, &found));
        bytes.size--;
        ck_assert(!image_header(bytes, &found));
        ck_assert_mem_eq(&found, &header, known[i]);
        ck_assert_uint_eq(found.direct_map, known[i] >= 64 ? UINT64_MAX : 0);
        ck_assert_uint_eq(found.machine, known[i] >= 72 ? UINT32_MAX : 0);
        ck_assert_uint_eq(found.reserved, known[i] >= 72 ? UINT32_MAX : 0);
    }
}
END_TEST

/* In an image that ends within it, or with it. */
START_TEST(a_header_at_the_end_of_an_image_is_whole)
{
    static const uint32_t sizes[] = {56, 64, 72, BOOTINFO_KERNEL_HEADER_LIMIT};
    static const uint64_t known[] = {56, 64, 72, 72};
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        for (uint64_t room = 0; room <= known[i] + 8; room++) {
            struct BootInfoKernelHeader header = good_header();
            struct BootInfoKernelHeader found = {.entry = 77};
            uint8_t image[8 + sizeof(header) + 8] = {0};
            header.size = sizes[i];
            header.entry = 0x1234567;
            memcpy(image + 8, &header, sizeof(header));
            bool whole = room >= known[i];
            ck_assert_int_eq(image_header_at((struct bytes){image, 8 + room}, 8, &found), whole);
            ck_assert_uint_eq(found.entry, whole ? header.entry : 77);
        }
    }
}
END_TEST

START_TEST(each_byte_of_the_magic_number_counts)
{
    for (size_t at = 0; at < sizeof(uint64_t); at++) {
        struct BootInfoKernelHeader header = good_header();
        struct BootInfoKernelHeader found = {0};
        struct bytes image = {(const uint8_t *)&header, sizeof(header)};
        ck_assert(image_header(image, &found));
        ck_assert(image_header_at(image, 0, &found));
        ((uint8_t *)&header)[at] ^= 0x20;
        ck_assert(!image_header(image, &found));
        ck_assert(!image_header_at(image, 0, &found));
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("kernel_header");
    TCase *tcase = tcase_create("header");
    tcase_add_test(tcase, a_header_is_found_at_every_multiple_of_8_that_holds_it);
    tcase_add_test(tcase, a_header_beyond_the_bytes_given_is_not_one);
    tcase_add_test(tcase, the_first_of_two_headers_counts);
    tcase_add_test(tcase, an_older_header_ends_where_its_version_did);
    tcase_add_test(tcase, a_header_at_the_end_of_an_image_is_whole);
    tcase_add_test(tcase, each_byte_of_the_magic_number_counts);
    suite_add_tcase(suite, tcase);
    return suite_main(suite, "unit-kernel_header");
}
