/* SMBIOS entry points, made byte by byte. */
#include "core/base/smbios.h"

#include <check.h>
#include <string.h>

#include "suite.h"

static uint8_t bytes[UINT8_MAX];
static uint64_t readable_size; /* of bytes */

static bool is_readable(uint64_t address, uint64_t size)
{
    return address == (uint64_t)bytes && size <= readable_size;
}

static bool everything(uint64_t address, uint64_t size)
{
    (void)address;
    (void)size;
    return true;
}

static void put(size_t offset, uint64_t value, size_t size)
{
    memcpy(bytes + offset, &value, size);
}

static void seal(size_t size, size_t checksum)
{
    uint8_t sum = 0;
    bytes[checksum] = 0;
    for (size_t i = 0; i < size; i++) {
        sum = (uint8_t)(sum + bytes[i]);
    }
    bytes[checksum] = (uint8_t)(0 - sum);
}

/* Where a field has nothing to say, it is 0x55. */
static void write_2(uint8_t size)
{
    memset(bytes, 0x55, sizeof(bytes));
    memcpy(bytes, "_SM_", 4);
    bytes[5] = size;
    put(22, 0x1234, 2);
    put(24, 0x87654321, 4);
    seal(size, 4);
    readable_size = size;
}

static void write_3(uint8_t size)
{
    memset(bytes, 0x55, sizeof(bytes));
    memcpy(bytes, "_SM3_", 5);
    bytes[6] = size;
    put(12, 0x9A123456, 4);
    put(16, UINT64_C(0x8123456789ABCDEF), 8);
    seal(size, 5);
    readable_size = size;
}

static struct BootInfoSpan spans[2];

static bool find(void)
{
    memset(spans, 0, sizeof(spans));
    return smbios_find((uint64_t)bytes, is_readable, spans);
}

static void expect_spans(uint64_t size, uint64_t table, uint64_t table_size)
{
    ck_assert_uint_eq(spans[0].address, (uint64_t)bytes);
    ck_assert_uint_eq(spans[0].size, size);
    ck_assert_uint_eq(spans[1].address, table);
    ck_assert_uint_eq(spans[1].size, table_size);
}

/* SMBIOS 2.1 says 30 bytes, and means 31. */
START_TEST(an_entry_point_of_version_2_has_30_bytes_or_more)
{
    for (uint8_t size = 0; size < 30; size++) {
        write_2(size);
        ck_assert(!find());
    }
    for (unsigned size = 30; size <= UINT8_MAX; size++) {
        write_2((uint8_t)size);
        ck_assert(find());
        expect_spans(size, 0x87654321, 0x1234);
    }
}
END_TEST

START_TEST(an_entry_point_of_version_3_has_24_bytes_or_more)
{
    for (uint8_t size = 0; size < 24; size++) {
        write_3(size);
        ck_assert(!find());
    }
    for (unsigned size = 24; size <= UINT8_MAX; size++) {
        write_3((uint8_t)size);
        ck_assert(find());
        expect_spans(size, UINT64_C(0x8123456789ABCDEF), 0x9A123456);
    }
}
END_TEST

START_TEST(all_bytes_of_the_anchor_count)
{
    for (size_t i = 0; i < 5; i++) {
        write_3(24);
        bytes[i] ^= 2;
        seal(24, 5);
        ck_assert(!find());
    }
    for (size_t i = 0; i < 4; i++) {
        write_2(31);
        bytes[i] ^= 2;
        seal(31, 4);
        ck_assert(!find());
    }
}
END_TEST

START_TEST(one_whose_sum_is_wrong_is_none)
{
    for (size_t i = 0; i < 31; i++) {
        write_2(31);
        bytes[i]++;
        ck_assert(!find());
    }
}
END_TEST

/* Nothing is read that cannot be. */
START_TEST(one_that_cannot_be_read_is_none)
{
    for (uint64_t size = 0; size < 31; size++) {
        write_2(31);
        readable_size = size;
        ck_assert(!find());
    }
    ck_assert(!smbios_find((uint64_t)bytes + 1, is_readable, spans));
    ck_assert(!smbios_find(0, everything, spans));
    ck_assert(!smbios_find(UINT64_MAX - 254, everything, spans));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("smbios");
    TCase *tcase = tcase_create("smbios");
    tcase_add_test(tcase, an_entry_point_of_version_2_has_30_bytes_or_more);
    tcase_add_test(tcase, an_entry_point_of_version_3_has_24_bytes_or_more);
    tcase_add_test(tcase, all_bytes_of_the_anchor_count);
    tcase_add_test(tcase, one_whose_sum_is_wrong_is_none);
    tcase_add_test(tcase, one_that_cannot_be_read_is_none);
    suite_add_tcase(suite, tcase);
    return suite_main(suite, "unit-smbios");
}
