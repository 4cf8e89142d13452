#include "inflate_streams.h"

#ifndef SUITE_NAME
#define SUITE_NAME "inflate"
#endif

static void expect_content(const struct recipe *recipe, size_t size)
{
    size_t packed_size = pack(recipe, size);
    uint8_t *output = guarded(size);
    boot(recipe->format, packed_size, output, size);
    ck_assert_int_eq(outcome.status, STATUS_OK);
    ck_assert_uint_eq(outcome.size, size);
    ck_assert(size == 0 || memcmp(output, content, size) == 0);
    uint32_t crc = (uint32_t)crc32(0, content, (uInt)size);
    ck_assert_uint_eq(outcome.crc32, recipe->format == INFLATE_GZIP ? crc : 0);
    unguard(output, size);
}

static const size_t sizes[] = {0,     1,     2,     4095,  4096,  4097,  32767,
                               32768, 32769, 36863, 36864, 36865, 65537, CONTENT_MAX};
static const struct recipe recipes[] = {
    {.level = 0},
    {.level = 1},
    {.level = 9},
    {.level = 6, .strategy = Z_FIXED},
    {.level = 6, .strategy = Z_HUFFMAN_ONLY},
    {.level = 6, .strategy = Z_RLE},
};

START_TEST(what_deflate_made_comes_out_again)
{
    for (int row = 0; row < COUNT_OF(sizes); row++) {
        size_t size = sizes[row];
        for (int kind = 0; kind < KIND_COUNT; kind++) {
            make_content((enum kind)kind, size);
            for (size_t i = 0; i < sizeof(recipes) / sizeof(recipes[0]); i++) {
                struct recipe recipe = recipes[i];
                expect_content(&recipe, size);
                recipe.format = INFLATE_ZLIB;
                expect_content(&recipe, size);
            }
        }
    }
}
END_TEST

START_TEST(matches_reach_back_into_a_head_that_is_gone)
{
    struct recipe recipe = {.level = 9};
    const size_t farthest = 32768 - 262; /* of zlib's deflate */
    make_content(NOISE, 3 * farthest);
    memcpy(content + HEAD, content, HEAD); /* right after the head */
    memcpy(content + farthest, content, (size_t)2 * HEAD);
    expect_content(&recipe, 3 * farthest);
}
END_TEST

/* A stored block of 32 KiB, then length 258 at distance 32768, which zlib's deflate never makes. */
START_TEST(the_farthest_match_reaches_the_first_byte)
{
    static const uint8_t begin[] = {0x78, 0x9C, 0x00, 0x00, 0x80, 0xFF, 0x7F};
    static const uint8_t match[] = {0x1B, 0xBD, 0xFF, 0x1F, 0x00};
    const size_t window = 32768;
    const size_t size = window + 258;
    make_content(NOISE, window);
    memcpy(content + window, content, 258);
    uLong adler = adler32(1, content, (uInt)size);
    uint8_t end[] = {(uint8_t)(adler >> 24), (uint8_t)(adler >> 16), (uint8_t)(adler >> 8),
                     (uint8_t)adler};
    memcpy(packed, begin, sizeof(begin));
    memcpy(packed + sizeof(begin), content, window);
    memcpy(packed + sizeof(begin) + window, match, sizeof(match));
    memcpy(packed + sizeof(begin) + window + sizeof(match), end, sizeof(end));
    uint8_t *output = guarded(size);
    boot(INFLATE_ZLIB, sizeof(begin) + window + sizeof(match) + sizeof(end), output, size);
    ck_assert_int_eq(outcome.status, STATUS_OK);
    ck_assert_uint_eq(outcome.size, size);
    ck_assert_int_eq(memcmp(output, content, size), 0);
}
END_TEST

START_TEST(output_may_be_taken_in_any_steps)
{
    static const size_t steps[] = {1, 2, 257, 258, 259, 4096, 32768, 40000};
    for (int row = 0; row < COUNT_OF(steps); row++) {
        const size_t size = 100000;
        struct recipe recipe = {.level = 9};
        make_content(CODE, size);
        size_t packed_size = pack(&recipe, size);
        struct failure failure = {0};
        struct inflate *stream = NULL;
        uint8_t *work = guarded(INFLATE_WORK_SIZE);
        uint8_t *output = guarded(steps[row]);
        uint64_t got = 0;
        uint32_t crc = 0;
        ck_assert_int_eq(inflate_begin(work, INFLATE_GZIP, (struct bytes){packed, packed_size},
                                       &failure, &stream),
                         STATUS_OK);
        for (size_t at = 0; at < size; at += got) {
            uint64_t wanted = size - at < steps[row] ? size - at : steps[row];
            if (inflate_some(stream, output, steps[row], &failure, &got) != STATUS_OK ||
                got != wanted || memcmp(output, content + at, got) != 0) {
                ck_abort_msg("steps of %zu, at %zu", steps[row], at);
            }
        }
        ck_assert_int_eq(inflate_some(stream, output, steps[row], &failure, &got), STATUS_OK);
        ck_assert_uint_eq(got, 0);
        ck_assert_int_eq(inflate_end(stream, &failure, &crc), STATUS_OK);
        ck_assert_uint_eq(crc, crc32(0, content, (uInt)size));
    }
}
END_TEST

START_TEST(optional_header_fields_are_skipped)
{
    for (int row = 0; row < 16; row++) {
        uint8_t extra[300] = {1, 2, 3};
        char name[] = "kernel.bin";
        char comment[] = "a comment";
        gz_header header = {.time = 1, .os = 3, .hcrc = row & 1};
        struct recipe recipe = {.level = 9, .header = &header};
        header.extra = row & 2 ? extra : NULL;
        header.extra_len = row & 2 ? sizeof(extra) : 0;
        header.name = row & 4 ? (Bytef *)name : NULL;
        header.comment = row & 8 ? (Bytef *)comment : NULL;
        make_content(CODE, 10000);
        expect_content(&recipe, 10000);
    }
}
END_TEST

START_TEST(the_stated_length_is_little_endian_and_last)
{
    struct failure failure = {0};
    uint64_t length = 0;
    size_t size = pack_text(INFLATE_GZIP, verse);
    state_length(size, 0x81234567);
    ck_assert_int_eq(inflate_gzip_length((struct bytes){packed, size}, &failure, &length),
                     STATUS_OK);
    ck_assert_uint_eq(length, 0x81234567);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create(SUITE_NAME);
    TCase *tcase = tcase_create("good streams");
    tcase_set_timeout(tcase, 120);
    tcase_add_test(tcase, what_deflate_made_comes_out_again);
    tcase_add_test(tcase, matches_reach_back_into_a_head_that_is_gone);
    tcase_add_test(tcase, the_farthest_match_reaches_the_first_byte);
    tcase_add_test(tcase, output_may_be_taken_in_any_steps);
    tcase_add_test(tcase, optional_header_fields_are_skipped);
    tcase_add_test(tcase, the_stated_length_is_little_endian_and_last);
    suite_add_tcase(suite, tcase);
    return suite_main(suite, SUITE_NAME);
}
