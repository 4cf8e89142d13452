/* The loader's own checksums are zlib's, with the CPU's carry-less multiplication and without. */
#include "suite.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "arch/x86_64/crc32.c"

uLong own_adler32(uLong adler, const Bytef *bytes, uInt size);
uLong own_crc32(uLong crc, const Bytef *bytes, uInt size);

static bool use_tables;

static crc32_reduce *chosen(void)
{
    return use_tables ? NULL : arch_crc32_reduce();
}

#define adler32           own_adler32
#define crc32             own_crc32
#define arch_crc32_reduce chosen
#include "efi/adler32.c"
#include "efi/crc32.c"
#undef adler32
#undef crc32
#undef arch_crc32_reduce

enum { ALIGNMENTS = 16, LENGTHS = 301, LARGE_SIZE = (64 << 20) + 13 };

static uint8_t bytes[100000 + ALIGNMENTS];

/* What there is to try on this CPU: the tables, and multiplication. */
static int ways(void)
{
    if (arch_crc32_reduce() == NULL) {
        printf("unit-checksums: this CPU has no PCLMULQDQ; not tried: CRC-32 with it\n");
        return 1;
    }
    return 2;
}

static void fill(uint8_t *to, size_t size, int kind)
{
    uint64_t state = 1;
    for (size_t i = 0; i < size; i++) {
        state = state * UINT64_C(6364136223846793005) + 1442695040888963407;
        to[i] = kind == 0 ? (uint8_t)(state >> 56) : 0xFF;
    }
}

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
    for (int kind = 0; kind < 2 * ways(); kind++) {
        use_tables = kind >= 2;
        fill(bytes, sizeof(bytes), kind % 2);
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

/* Each way by itself, also where crc32 would take another for so few bytes. */
START_TEST(every_way_gives_the_same_sum_of_few_bytes)
{
    crc32_reduce *multiply = ways() == 2 ? arch_crc32_reduce() : NULL;
    fill(bytes, sizeof(bytes), 0);
    for (uInt at = 0; at < ALIGNMENTS; at++) {
        for (uInt size = 0; size < LENGTHS; size++) {
            uint32_t start = 0x9E3779B9U * (size + 1);
            uint32_t sum = (uint32_t)~crc32(~start, bytes + at, size);
            ck_assert_uint_eq(short_crc(start, bytes + at, size), sum);
            ck_assert_uint_eq(long_crc(start, bytes + at, size), sum);
            if (multiply != NULL && size >= CRC32_STEP) {
                ck_assert_uint_eq(reduced_crc(multiply, start, bytes + at, size), sum);
            }
        }
    }
}
END_TEST

START_TEST(large_sizes_give_the_same_sum)
{
    uint8_t *large = malloc(LARGE_SIZE);
    ck_assert_ptr_nonnull(large);
    fill(large, LARGE_SIZE, 0);
    uLong sum = crc32(0, large + 3, LARGE_SIZE - 3);
    for (int way = 0; way < ways(); way++) {
        use_tables = way == 1;
        ck_assert_uint_eq(own_crc32(0, large + 3, LARGE_SIZE - 3), sum);
        uLong half = own_crc32(0, large + 3, LARGE_SIZE / 2);
        ck_assert_uint_eq(
            own_crc32(half, large + 3 + LARGE_SIZE / 2, LARGE_SIZE - 3 - LARGE_SIZE / 2), sum);
    }
    free(large);
}
END_TEST

static void expect(const char *text, size_t times, uint32_t sum)
{
    size_t size = strlen(text);
    for (int way = 0; way < ways(); way++) {
        use_tables = way == 1;
        for (size_t i = 0; i < size * times; i++) {
            bytes[i] = (uint8_t)text[i % size];
        }
        ck_assert_uint_eq(own_crc32(0, bytes, (uInt)(size * times)), sum);
    }
}

/* The check value of this CRC in catalogues, and what Python's binascii.crc32 gives. */
START_TEST(known_sums)
{
    expect("123456789", 1, 0xCBF43926);
    expect("123456789", 1000, 0x407589CF);
    expect("The quick brown fox jumps over the lazy dog", 1, 0x414FA339);
    expect("a", 100000, 0x1BE2FA87);
}
END_TEST

/* x^exponent mod P, the coefficient of x^63 in bit 0. */
static uint64_t remainder_of(unsigned exponent)
{
    uint32_t value = 0x80000000U; /* x^0, the coefficient of x^31 in bit 0 */
    for (unsigned i = 0; i < exponent; i++) {
        value = (value >> 1) ^ ((value & 1) != 0 ? POLYNOMIAL : 0);
    }
    return (uint64_t)value << 32;
}

START_TEST(the_constants_are_powers_of_x)
{
    const unsigned row_bits = 8 * ROW;
    const unsigned four_bits = 4 * row_bits;
    ck_assert_uint_eq(by_one_row[0], remainder_of(row_bits + 63));
    ck_assert_uint_eq(by_one_row[1], remainder_of(row_bits - 1));
    ck_assert_uint_eq(by_four_rows[0], remainder_of(four_bits + 63));
    ck_assert_uint_eq(by_four_rows[1], remainder_of(four_bits - 1));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("checksums");
    TCase *tcase = tcase_create("checksums");
    tcase_set_timeout(tcase, 60);
    tcase_add_test(tcase, every_size_gives_the_same_sum);
    tcase_add_test(tcase, every_way_gives_the_same_sum_of_few_bytes);
    tcase_add_test(tcase, large_sizes_give_the_same_sum);
    tcase_add_test(tcase, known_sums);
    tcase_add_test(tcase, the_constants_are_powers_of_x);
    suite_add_tcase(suite, tcase);
    return suite_main(suite, "unit-checksums");
}
