/* How long the TPM's event log is, which the firmware does not say. */
#include "core/trust/event_log.h"

#include "suite.h"

#include <string.h>

#define SHA1   0x04
#define SHA256 0x0B

static uint8_t bytes[1024];
static size_t size;

static void put(uint32_t value, size_t count)
{
    ck_assert_uint_le(size + count, sizeof(bytes));
    memcpy(bytes + size, &value, count);
    size += count;
}

/* The first event, for two banks. */
static void begin(void)
{
    static const char signature[16] = "Spec ID Event03";
    memset(bytes, 0xEE, sizeof(bytes));
    size = 0;
    put(0, 4);
    put(3, 4);
    size += 20;
    put(37, 4);
    memcpy(bytes + size, signature, sizeof(signature));
    size += sizeof(signature);
    put(0, 4);
    put(0x02000200, 4);
    put(2, 4);
    put(SHA1, 2);
    put(20, 2);
    put(SHA256, 2);
    put(32, 2);
    put(0, 1);
}

/* Gives the event's offset. */
static size_t add(uint32_t data_size)
{
    size_t at = size;
    put(8, 4);
    put(13, 4);
    put(2, 4);
    put(SHA1, 2);
    size += 20;
    put(SHA256, 2);
    size += 32;
    put(data_size, 4);
    size += data_size;
    return at;
}

static struct text log_of(size_t count)
{
    return (struct text){(const char *)bytes, count};
}

START_TEST(a_log_ends_behind_its_last_event)
{
    begin();
    ck_assert_uint_eq(event_log_size(log_of(sizeof(bytes)), 0), size);
    for (uint32_t data = 0; data < 100; data += 33) {
        size_t last = add(data);
        ck_assert_uint_eq(event_log_size(log_of(sizeof(bytes)), last), size);
        ck_assert_uint_eq(event_log_size(log_of(size), last), size);
    }
}
END_TEST

/* A copy of its own for each size, at the end of its memory: a byte too far is noticed. */
START_TEST(a_log_that_is_cut_is_none)
{
    begin();
    size_t last = add(20);
    for (size_t count = 0; count < size; count++) {
        char *memory = malloc(count + 1);
        char *cut = memory + 1;
        memcpy(cut, bytes, count);
        struct text log = {cut, count};
        ck_assert_uint_eq(event_log_size(log, last), 0);
        ck_assert_uint_eq(event_log_size(log, 4), 0); /* in the middle of the first event */
        ck_assert_uint_eq(event_log_size(log, 0), count < last ? 0 : last);
        free(memory);
    }
}
END_TEST

START_TEST(a_log_that_makes_no_sense_is_none)
{
    begin();
    size_t last = add(20);
    struct text log = log_of(sizeof(bytes));
    ck_assert_uint_eq(event_log_size(log, sizeof(bytes)), 0);
    ck_assert_uint_eq(event_log_size(log, UINT64_MAX), 0);
    bytes[last + 12] = 0x0C; /* a bank that the first event does not name */
    ck_assert_uint_eq(event_log_size(log, last), 0);
    bytes[last + 12] = SHA1;
    memset(bytes + last + 8, 0xFF, 4); /* digests */
    ck_assert_uint_eq(event_log_size(log, last), 0);
    bytes[last + 8] = 2;
    memset(bytes + last + 9, 0, 3);
    memset(bytes + last + 68, 0xFF, 4); /* bytes of its data */
    ck_assert_uint_eq(event_log_size(log, last), 0);
    begin();
    bytes[32] = 's';
    ck_assert_uint_eq(event_log_size(log, 0), 0);
}
END_TEST

/* An event with one digest, of a bank that the first event does not name, and zeros: whatever its
 * size is taken for, no data seem to follow. */
START_TEST(a_log_of_an_unknown_bank_is_none)
{
    begin();
    size_t last = size;
    memset(bytes + last, 0, sizeof(bytes) - last);
    bytes[last + 8] = 1;
    bytes[last + 12] = 0x0C;
    ck_assert_uint_eq(event_log_size(log_of(sizeof(bytes)), last), 0);
    bytes[last + 12] = SHA1;
    ck_assert_uint_eq(event_log_size(log_of(sizeof(bytes)), last), last + 12 + 2 + 20 + 4);
}
END_TEST

/* 4,294,967,295 digests, of which the log has about 40: nothing is left to do after those. */
START_TEST(a_log_of_endless_digests_is_none_at_once)
{
    begin();
    size_t last = size;
    memset(bytes + last + 8, 0xFF, 4);
    for (size_t at = last + 12; at + 2 <= sizeof(bytes); at += 2 + 20) {
        memcpy(bytes + at, (uint8_t[]){SHA1, 0}, 2);
    }
    ck_assert_uint_eq(event_log_size(log_of(sizeof(bytes)), last), 0);
}
END_TEST

/* Nothing follows the list of banks, not even the vendor's part. */
START_TEST(a_log_has_up_to_16_banks)
{
    for (uint8_t banks = 0; banks < 20; banks++) {
        size_t end = 60 + 4 * (size_t)banks;
        begin();
        bytes[32 + 24] = banks;
        bytes[28] = (uint8_t)(end - 32);
        ck_assert_uint_eq(event_log_size(log_of(end), 0), banks <= 16 ? end : 0);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("event_log");
    TCase *length = tcase_create("length");
    tcase_add_test(length, a_log_ends_behind_its_last_event);
    tcase_add_test(length, a_log_that_is_cut_is_none);
    tcase_add_test(length, a_log_that_makes_no_sense_is_none);
    tcase_add_test(length, a_log_of_an_unknown_bank_is_none);
    tcase_add_test(length, a_log_of_endless_digests_is_none_at_once);
    tcase_add_test(length, a_log_has_up_to_16_banks);
    suite_add_tcase(suite, length);
    return suite_main(suite, "unit-event_log");
}
