/* The loader's own checksums are zlib's. */
#include "suite.h"

#include <string.h>
#include <zlib.h>

uLong own_adler32(uLong adler, const Bytef *bytes, uInt size);
uLong own_crc32(uLong crc, const Bytef *bytes, uInt size);

#define adler32 own_adler32
#define crc32   own_crc32
#include "efi/adler32.c"
#include "efi/crc32.c"
#undef adler32
#undef crc32

static uint8_t bytes[100000];

static void compare(uInt begin, uInt size)
{
    ck_assert_uint_eq(own_adler32(1, bytes + begin, size), adler32(1, bytes + begin, size));
    ck_assert_uint_eq(own_adler32(0xFFF0FFF0, bytes + begin, size),
                      adler32(0xFFF0FFF0, bytes + begin, size));
    ck_assert_uint_eq(own_crc32(0, bytes + begin, size), crc32(0, bytes + begin, size));
    ck_assert_uint_eq(own_crc32(0x12345678, bytes + begin, size),
                      crc32(0x12345678, bytes + begin, size));
}

START_TEST(every_size_gives_the_same_sum)
{
    for (int fill = 0; fill < 2; fill++) {
        for (size_t i = 0; i < sizeof(bytes); i++) {
            bytes[i] = fill == 0 ? (uint8_t)(i * 2654435761U >> 24) : 0xFF;
        }
        for (uInt size = 0; size < 3000; size++) {
            compare(size % 9, size);
        }
        for (uInt size = 5545; size < 5560; size++) {
            compare(1, size);
            compare(1, 2 * size);
        }
        compare(0, sizeof(bytes));
    }
    ck_assert_uint_eq(own_adler32(0, NULL, 0), adler32(0, NULL, 0));
    ck_assert_uint_eq(own_crc32(0, NULL, 0), crc32(0, NULL, 0));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("checksums");
    TCase *tcase = tcase_create("checksums");
    tcase_add_test(tcase, every_size_gives_the_same_sum);
    suite_add_tcase(suite, tcase);
    return suite_main(suite, "unit-checksums");
}
