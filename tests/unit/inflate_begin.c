/* What is known of a stream before its first byte of output, and what a reader gets of a stream
 * that is not whole. */
#include "inflate_streams.h"

#define GZIP_FRAME 18 /* bytes of header and trailer */

/* inflate_begin with the first size bytes of packed. */
static enum status begin(size_t size, struct failure *failure, struct inflate **out_stream)
{
    static _Alignas(16) uint8_t work[INFLATE_WORK_SIZE];
    memset(work, 0xA5, sizeof(work));
    return inflate_begin(work, INFLATE_GZIP, (struct bytes){packed, size}, failure, out_stream);
}

/* The CRC is wrong: whoever inflates the stream notices. */
START_TEST(a_length_is_believed_up_to_32_times_the_size)
{
    size_t size = pack_text(INFLATE_GZIP, verse);
    uint32_t deflated = (uint32_t)size - GZIP_FRAME;
    const struct {
        uint32_t length;
        enum status status;
    } cases[] = {
        {0, STATUS_IMAGE_CHECKSUM},           {1, STATUS_OK},
        {(uint32_t)strlen(verse), STATUS_OK}, {32 * deflated, STATUS_OK},
        {32 * deflated + 31, STATUS_OK},      {32 * deflated + 32, STATUS_IMAGE_CHECKSUM},
        {UINT32_MAX, STATUS_IMAGE_CHECKSUM},
    };
    packed[size - 8] ^= 1;
    for (int row = 0; row < COUNT_OF(cases); row++) {
        struct failure failure = {0};
        struct inflate *stream = NULL;
        state_length(size, cases[row].length);
        ck_assert_int_eq(begin(size, &failure, &stream), cases[row].status);
        ck_assert_int_eq(stream != NULL, cases[row].status == STATUS_OK);
    }
}
END_TEST

/* The length that is known after inflate_begin. */
static uint64_t known_length(size_t size)
{
    struct failure failure = {0};
    struct inflate *stream = NULL;
    ck_assert_int_eq(begin(size, &failure, &stream), STATUS_OK);
    return inflate_length(stream);
}

/* Its trailer states 0. */
static size_t add_empty_member(size_t size)
{
    static uint8_t before[8192];
    memcpy(before, packed, size);
    size_t added = pack_text(INFLATE_GZIP, "");
    memmove(packed + size, packed, added);
    memcpy(packed, before, size);
    return size + added;
}

START_TEST(the_true_length_is_known_where_the_stated_one_is_0)
{
    static const char *const texts[] = {"", "a", "ab", verse};
    for (int row = 0; row < COUNT_OF(texts); row++) {
        uint64_t length = strlen(texts[row]);
        size_t size = pack_text(INFLATE_GZIP, texts[row]);
        ck_assert_uint_eq(known_length(size), length);
        memset(packed + size, 0, 4);
        ck_assert_uint_eq(known_length(size + 4), length);
        size = add_empty_member(size);
        ck_assert_uint_eq(known_length(size), length);
    }
}
END_TEST

/* Before memory is asked for: the last four bytes are no length. */
START_TEST(bytes_after_the_stream_are_named_at_once)
{
    struct failure failure = {0};
    struct inflate *stream = NULL;
    size_t size = pack_text(INFLATE_GZIP, verse);
    memset(packed + size, 'x', 4);
    ck_assert_int_eq(begin(size + 4, &failure, &stream), STATUS_IMAGE_TRAILING_BYTES);
    ck_assert_uint_eq(failure.number[0], 4);
    ck_assert_ptr_null(stream);
}
END_TEST

/* A zlib stream states no length: an earlier one does not count. */
START_TEST(working_memory_may_be_used_again)
{
    static _Alignas(16) uint8_t work[INFLATE_WORK_SIZE];
    for (int round = 0; round < 2; round++) {
        for (int format = INFLATE_GZIP; format <= INFLATE_ZLIB; format++) {
            const char *text = format == INFLATE_GZIP ? "short" : verse;
            size_t size = pack_text((enum inflate_format)format, text);
            struct failure failure = {0};
            struct inflate *stream = NULL;
            uint8_t output[sizeof(verse)] = {0};
            uint64_t got = 0;
            uint32_t crc = 0;
            ck_assert_int_eq(inflate_begin(work, (enum inflate_format)format,
                                           (struct bytes){packed, size}, &failure, &stream),
                             STATUS_OK);
            ck_assert_int_eq(inflate_some(stream, output, sizeof(output), &failure, &got),
                             STATUS_OK);
            ck_assert_uint_eq(got, strlen(text));
            ck_assert_mem_eq(output, text, got);
            ck_assert_int_eq(inflate_end(stream, &failure, &crc), STATUS_OK);
        }
    }
}
END_TEST

/* The trailer alone is missing. */
START_TEST(all_bytes_of_a_cut_stream_are_given_first)
{
    static _Alignas(16) uint8_t work[INFLATE_WORK_SIZE];
    struct failure failure = {0};
    struct inflate *stream = NULL;
    uint8_t output[sizeof(verse)] = {0};
    uint64_t got = 0;
    uint32_t crc = 0;
    size_t size = pack_text(INFLATE_ZLIB, verse) - 4;
    ck_assert_int_eq(
        inflate_begin(work, INFLATE_ZLIB, (struct bytes){packed, size}, &failure, &stream),
        STATUS_OK);
    ck_assert_int_eq(inflate_some(stream, output, strlen(verse), &failure, &got), STATUS_OK);
    ck_assert_uint_eq(got, strlen(verse));
    ck_assert_mem_eq(output, verse, got);
    ck_assert_int_eq(inflate_end(stream, &failure, &crc), STATUS_IMAGE_TRUNCATED);
    ck_assert_uint_eq(failure.number[0], size);
}
END_TEST

/* Stored: each byte of the stream is one of output. */
START_TEST(one_byte_over_the_cap_is_enough)
{
    struct recipe recipe = {.format = INFLATE_ZLIB, .level = 0};
    memcpy(content, verse, sizeof(verse));
    size_t frame = pack(&recipe, sizeof(verse)) - 4 - sizeof(verse);
    uint8_t *output = guarded(20);
    boot(INFLATE_ZLIB, frame + 21, output, 20);
    ck_assert_int_eq(outcome.status, STATUS_IMAGE_OVER_CAP);
    ck_assert_uint_eq(outcome.failure.number[0], 20);
    boot(INFLATE_ZLIB, frame + 20, output, 20);
    ck_assert_int_eq(outcome.status, STATUS_IMAGE_TRUNCATED);
    unguard(output, 20);
}
END_TEST

START_TEST(a_stream_that_is_not_sound_has_no_other_length)
{
    struct failure failure = {0};
    struct inflate *stream = NULL;
    size_t size = add_empty_member(pack_text(INFLATE_GZIP, verse));
    state_length(size, 1);
    ck_assert_int_eq(begin(size, &failure, &stream), STATUS_OK);
    ck_assert(!inflate_measure(stream));
    ck_assert_uint_eq(inflate_length(stream), 1);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("inflate_begin");
    TCase *tcase = tcase_create("begin");
    tcase_add_test(tcase, a_length_is_believed_up_to_32_times_the_size);
    tcase_add_test(tcase, the_true_length_is_known_where_the_stated_one_is_0);
    tcase_add_test(tcase, bytes_after_the_stream_are_named_at_once);
    tcase_add_test(tcase, working_memory_may_be_used_again);
    tcase_add_test(tcase, all_bytes_of_a_cut_stream_are_given_first);
    tcase_add_test(tcase, one_byte_over_the_cap_is_enough);
    tcase_add_test(tcase, a_stream_that_is_not_sound_has_no_other_length);
    suite_add_tcase(suite, tcase);
    return suite_main(suite, "unit-inflate_begin");
}
