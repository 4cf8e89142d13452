#include "inflate_streams.h"

#define DISCARD_LIMIT UINT64_C(0x10000000) /* how far the loader follows an overlong stream */

static void expect(enum status status, uint64_t first, uint64_t second)
{
    ck_assert_int_eq(outcome.status, status);
    ck_assert_uint_eq(outcome.failure.number[0], first);
    ck_assert_uint_eq(outcome.failure.number[1], second);
}

static void expect_corrupt(size_t size, const char *hint)
{
    ck_assert_int_eq(outcome.status, STATUS_IMAGE_CORRUPT);
    ck_assert_uint_le(outcome.failure.number[0], size);
    ck_assert_uint_eq(outcome.failure.number[1], size);
    ck_assert(text_equal(outcome.failure.hint, text_of(hint)));
}

START_TEST(a_stream_cut_anywhere_is_truncated)
{
    for (int row = 0; row < 4; row++) {
        enum inflate_format format = row % 2 == 0 ? INFLATE_GZIP : INFLATE_ZLIB;
        char name[] = "kernel.bin";
        gz_header header = {.name = (Bytef *)name, .hcrc = 1};
        struct recipe recipe = {.format = format, .level = row < 2 ? 9 : 0};
        recipe.header = format == INFLATE_GZIP ? &header : NULL;
        memcpy(content, verse, sizeof(verse));
        size_t size = pack(&recipe, sizeof(verse));
        for (size_t cut = 0; cut < size; cut++) {
            boot_sized(format, cut, sizeof(verse));
            expect(STATUS_IMAGE_TRUNCATED, cut, 0);
        }
        boot_sized(format, size, sizeof(verse));
        expect(STATUS_OK, 0, 0);
    }
}
END_TEST

/* FEXTRA, FNAME, FCOMMENT and FHCRC (RFC 1952 section 2.3.1): 41 bytes of header, the CRC last. */
START_TEST(optional_header_fields_are_checked_to_their_end)
{
    enum { FLAGS_AT = 3, CRC_AT = 39 };
    uint8_t extra[] = {'a', 'b', 2, 0, 'x', 'y'};
    char name[] = "kernel.bin";
    char comment[] = "a comment";
    gz_header header = {.extra = extra,
                        .extra_len = sizeof(extra),
                        .name = (Bytef *)name,
                        .comment = (Bytef *)comment,
                        .hcrc = 1};
    struct recipe recipe = {.format = INFLATE_GZIP, .level = 9, .header = &header};
    memcpy(content, verse, sizeof(verse));
    size_t size = pack(&recipe, sizeof(verse));
    for (size_t cut = 0; cut <= CRC_AT + 2; cut++) {
        boot_sized(INFLATE_GZIP, cut, 0);
        expect(STATUS_IMAGE_TRUNCATED, cut, 0);
    }
    for (size_t bit = 0; bit < 16; bit++) {
        packed[CRC_AT + bit / 8] ^= (uint8_t)(1 << bit % 8);
        boot_sized(INFLATE_GZIP, size, 0);
        expect_corrupt(size, "header crc mismatch");
        packed[CRC_AT + bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    for (size_t bit = 5; bit < 8; bit++) {
        packed[FLAGS_AT] ^= (uint8_t)(1 << bit);
        boot_sized(INFLATE_GZIP, size, 0);
        expect_corrupt(size, "unknown header flags set");
        packed[FLAGS_AT] ^= (uint8_t)(1 << bit);
    }
    boot_sized(INFLATE_GZIP, size, 0);
    expect(STATUS_OK, 0, 0);
}
END_TEST

START_TEST(a_long_stream_cut_in_the_middle_is_truncated)
{
    struct recipe recipe = {.level = 9};
    make_content(CODE, CONTENT_MAX);
    size_t size = pack(&recipe, CONTENT_MAX);
    for (size_t cut = size / 2; cut < size / 2 + 20; cut++) {
        boot_sized(INFLATE_GZIP, cut, 0);
        expect(STATUS_IMAGE_TRUNCATED, cut, 0);
    }
}
END_TEST

START_TEST(a_flipped_bit_is_found_or_harmless)
{
    for (int row = 0; row < 2; row++) {
        enum inflate_format format = row == 0 ? INFLATE_GZIP : INFLATE_ZLIB;
        size_t size = pack_text(format, verse);
        size_t cap = strlen(verse);
        unsigned harmless = 0;
        for (size_t bit = 0; bit < size * 8; bit++) {
            uint8_t *output = guarded(cap);
            packed[bit / 8] ^= (uint8_t)(1 << bit % 8);
            boot(format, size, output, cap);
            packed[bit / 8] ^= (uint8_t)(1 << bit % 8);
            if (outcome.status == STATUS_OK) {
                ck_assert_uint_eq(outcome.size, cap);
                ck_assert_int_eq(memcmp(output, verse, cap), 0);
                harmless++;
            }
            unguard(output, cap);
        }
        /* gzip: time, extra flags and system are 6 bytes, FTEXT is a hint, and up to 7 bits fill
         * the last byte of the deflate stream; nothing else may change. */
        ck_assert_uint_le(harmless, 7 + (format == INFLATE_GZIP ? 6 * 8 + 1 : 0));
    }
}
END_TEST

START_TEST(a_wrong_byte_of_the_crc_is_named_with_both_values)
{
    for (int row = 0; row < 4; row++) {
        size_t size = pack_text(INFLATE_GZIP, verse);
        uint32_t crc = (uint32_t)crc32(0, (const Bytef *)verse, (uInt)strlen(verse));
        packed[size - 8 + (size_t)row] ^= 0x41;
        boot_sized(INFLATE_GZIP, size, 0);
        expect(STATUS_IMAGE_CHECKSUM, crc, crc ^ UINT32_C(0x41) << 8 * row);
    }
}
END_TEST

START_TEST(a_wrong_adler_is_named)
{
    for (int row = 0; row < 4; row++) {
        size_t size = pack_text(INFLATE_ZLIB, verse);
        packed[size - 1 - (size_t)row] ^= 0x41;
        boot_sized(INFLATE_ZLIB, size, strlen(verse));
        expect_corrupt(size, "the Adler-32 checksum does not match");
    }
}
END_TEST

START_TEST(a_length_that_lies_is_named_with_both_values)
{
    static const uint32_t lies[] = {0, 1, 4095, 4096, 4097, 19999, 20001, 40000, 0x100000};
    struct recipe recipe = {.level = 9};
    make_content(CODE, 20000);
    size_t size = pack(&recipe, 20000);
    for (int row = 0; row < COUNT_OF(lies); row++) {
        state_length(size, lies[row]);
        boot_sized(INFLATE_GZIP, size, 0);
        expect(STATUS_IMAGE_LENGTH, 20000, lies[row]);
        ck_assert_uint_eq(outcome.failure.hint.size, 0);
    }
}
END_TEST

START_TEST(a_length_out_of_reach_is_named_for_what_it_is)
{
    static const uint32_t lies[] = {0x7FFFFFFF, 0x80000000, 0xF0000000, 0xFFFFFFFF};
    size_t size = pack_text(INFLATE_GZIP, verse);
    for (int row = 0; row < COUNT_OF(lies); row++) {
        state_length(size, lies[row]);
        boot_sized(INFLATE_GZIP, size, 0);
        expect(STATUS_IMAGE_BOMB, lies[row], size);
    }
    state_length(size, (uint32_t)(size - 18) * 1032);
    boot_sized(INFLATE_GZIP, size, 0);
    expect(STATUS_IMAGE_LENGTH, strlen(verse), (size - 18) * 1032);
    state_length(size, (uint32_t)(size - 18) * 1032 + 1);
    boot_sized(INFLATE_GZIP, size, 0);
    expect(STATUS_IMAGE_BOMB, (size - 18) * 1032 + 1, size);
}
END_TEST

/* 300 MiB of zeros in about 300 KiB: blocks that end at whole bytes can be repeated. */
static size_t make_bomb(void)
{
    static uint8_t zeros[0x100000];
    static uint8_t block[4096];
    z_stream stream = {.next_in = zeros, .avail_in = sizeof(zeros)};
    ck_assert_int_eq(deflateInit2(&stream, 9, Z_DEFLATED, -15, 9, Z_DEFAULT_STRATEGY), Z_OK);
    stream.next_out = block;
    stream.avail_out = sizeof(block);
    ck_assert_int_eq(deflate(&stream, Z_FULL_FLUSH), Z_OK);
    size_t block_size = sizeof(block) - stream.avail_out;
    deflateEnd(&stream);
    (void)pack_text(INFLATE_GZIP, "");
    size_t size = 10;
    for (int i = 0; i < 300; i++) {
        memcpy(packed + size, block, block_size);
        size += block_size;
    }
    static const uint8_t end[] = {3, 0, 1, 2, 3, 4, 0, 0, 0, 0};
    memcpy(packed + size, end, sizeof(end));
    return size + sizeof(end);
}

START_TEST(a_bomb_is_refused_before_memory_is_asked_for)
{
    struct failure failure = {0};
    struct inflate *stream = NULL;
    uint8_t *work = guarded(INFLATE_WORK_SIZE);
    size_t size = make_bomb();
    uint64_t most = (size - 18) * 1032;
    state_length(size, (uint32_t)most);
    ck_assert_int_eq(
        inflate_begin(work, INFLATE_GZIP, (struct bytes){packed, size}, &failure, &stream),
        STATUS_OK);
    state_length(size, (uint32_t)most + 1);
    stream = NULL;
    ck_assert_int_eq(
        inflate_begin(work, INFLATE_GZIP, (struct bytes){packed, size}, &failure, &stream),
        STATUS_IMAGE_BOMB);
    ck_assert_uint_eq(failure.number[0], most + 1);
    ck_assert_uint_eq(failure.number[1], size);
    ck_assert_ptr_null(stream);
}
END_TEST

START_TEST(a_bomb_that_states_little_stops_at_what_it_stated)
{
    size_t size = make_bomb();
    state_length(size, 5000);
    boot_sized(INFLATE_GZIP, size, 0);
    expect(STATUS_IMAGE_LENGTH, 5000 + DISCARD_LIMIT, 5000);
    ck_assert(text_equal(outcome.failure.hint, TEXT("more than ")));
}
END_TEST

static const struct {
    const char *bytes;
    size_t size;
} tails[] = {
    {"x", 1},     {"\x1F", 1},       {"\x8B\x1F", 2},         {"\x1F\x8A", 2},
    {"\0\0x", 3}, {"\x69\0\0\0", 4}, {"\xFF\xFF\xFF\xFF", 4}, {"-----END SIGNATURE-----\n", 24}};

START_TEST(bytes_behind_the_stream_are_counted)
{
    for (int row = 0; row < COUNT_OF(tails); row++) {
        for (int format = INFLATE_GZIP; format <= INFLATE_ZLIB; format++) {
            size_t size = pack_text((enum inflate_format)format, verse);
            memcpy(packed + size, tails[row].bytes, tails[row].size);
            boot_sized((enum inflate_format)format, size + tails[row].size, strlen(verse));
            expect(STATUS_IMAGE_TRAILING_BYTES, tails[row].size, 0);
        }
    }
}
END_TEST

START_TEST(zeros_after_a_gzip_stream_are_passed_over)
{
    for (size_t zeros = 1; zeros <= 65536; zeros = zeros < 9 ? zeros + 1 : 2 * zeros) {
        size_t size = pack_text(INFLATE_GZIP, verse);
        memset(packed + size, 0, zeros);
        boot_whole(size + zeros, verse);
        packed[size + zeros] = 'x';
        boot_sized(INFLATE_GZIP, size + zeros + 1, strlen(verse));
        expect(STATUS_IMAGE_TRAILING_BYTES, zeros + 1, 0);
    }
}
END_TEST

START_TEST(gzip_behind_zlib_is_no_second_member)
{
    size_t size = pack_text(INFLATE_ZLIB, verse);
    memcpy(packed + size, "\x1F\x8B\x08", 3);
    boot_sized(INFLATE_ZLIB, size + 3, strlen(verse));
    expect(STATUS_IMAGE_TRAILING_BYTES, 3, 0);
}
END_TEST

/* Appends a member with text to the size bytes of packed; returns how many they are then. */
static size_t add_member(size_t size, const char *text)
{
    static uint8_t before[8192];
    memcpy(before, packed, size);
    size_t added = pack_text(INFLATE_GZIP, text);
    memmove(packed + size, packed, added);
    memcpy(packed, before, size);
    return size + added;
}

/* The last trailer states 5 bytes, all of them, and none. */
START_TEST(members_are_inflated_one_after_the_other)
{
    char twice[2 * sizeof(verse)];
    size_t size = add_member(pack_text(INFLATE_GZIP, verse), "short");
    (void)snprintf(twice, sizeof(twice), "%sshort", verse);
    boot_whole(size, twice);
    size = add_member(pack_text(INFLATE_GZIP, "s"), verse);
    (void)snprintf(twice, sizeof(twice), "s%s", verse);
    boot_whole(size, twice);
    size = add_member(size, "");
    memset(packed + size, 0, 3);
    boot_whole(size + 3, twice);
    ck_assert_uint_eq(outcome.crc32, 0);
}
END_TEST

START_TEST(a_damaged_member_is_named)
{
    size_t first = pack_text(INFLATE_GZIP, verse);
    size_t size = add_member(first, verse);
    boot_sized(INFLATE_GZIP, size - 9, strlen(verse));
    expect(STATUS_IMAGE_TRUNCATED, size - 9, 0);
    boot_sized(INFLATE_GZIP, first + 2, strlen(verse));
    expect(STATUS_IMAGE_TRUNCATED, first + 2, 0);
    packed[first + 2] = 7;
    boot_sized(INFLATE_GZIP, size, strlen(verse));
    expect(STATUS_IMAGE_CORRUPT, first + 4, size);
    packed[first + 2] = 8;
    state_length(size, 4);
    boot_sized(INFLATE_GZIP, size, strlen(verse));
    expect(STATUS_IMAGE_LENGTH, strlen(verse), 4);
}
END_TEST

START_TEST(zlib_output_never_passes_the_cap)
{
    static const size_t totals[] = {300, 4099, 9000};
    for (int row = 0; row < COUNT_OF(totals); row++) {
        struct recipe recipe = {.format = INFLATE_ZLIB, .level = 9};
        size_t total = totals[row];
        make_content(CODE, total);
        size_t size = pack(&recipe, total);
        for (size_t cap = 0; cap <= total + 2; cap += cap + 4 < total && cap > 300 ? 97 : 1) {
            uint8_t *output = guarded(cap);
            boot(INFLATE_ZLIB, size, output, cap);
            size_t got = cap < total ? cap : total;
            expect(cap < total ? STATUS_IMAGE_OVER_CAP : STATUS_OK, cap < total ? cap : 0, 0);
            ck_assert_uint_eq(outcome.size, got);
            ck_assert(got == 0 || memcmp(output, content, got) == 0);
            unguard(output, cap);
        }
    }
}
END_TEST

START_TEST(gzip_output_left_behind_is_an_error)
{
    size_t size = pack_text(INFLATE_GZIP, verse);
    for (size_t cap = 0; cap < strlen(verse); cap++) {
        uint8_t *output = guarded(cap);
        boot(INFLATE_GZIP, size, output, cap);
        expect(STATUS_IMAGE_LENGTH, strlen(verse), strlen(verse));
        ck_assert_uint_eq(outcome.failure.hint.size, 0);
        unguard(output, cap);
    }
}
END_TEST

START_TEST(gzip_gives_no_more_than_its_trailer_states)
{
    size_t size = pack_text(INFLATE_GZIP, verse);
    state_length(size, 20);
    uint8_t *output = guarded(strlen(verse));
    boot(INFLATE_GZIP, size, output, strlen(verse));
    expect(STATUS_IMAGE_LENGTH, strlen(verse), 20);
    ck_assert_uint_eq(outcome.size, 20);
    ck_assert_int_eq(memcmp(output, verse, 20), 0);
    ck_assert_uint_eq(output[20], 0xA5);
}
END_TEST

START_TEST(a_preset_dictionary_is_named)
{
    struct recipe recipe = {.format = INFLATE_ZLIB, .level = 9, .dictionary = "loader"};
    memcpy(content, verse, sizeof(verse));
    size_t size = pack(&recipe, sizeof(verse));
    boot_sized(INFLATE_ZLIB, size, sizeof(verse));
    expect_corrupt(size, "it needs a preset dictionary");
}
END_TEST

static const struct {
    size_t offset; /* of the byte to change */
    const char *hint;
    enum inflate_format format;
    uint8_t mask;
} damages[] = {
    {0, "incorrect header check", INFLATE_GZIP, 0x01},
    {1, "incorrect header check", INFLATE_GZIP, 0x80},
    {2, "unknown compression method", INFLATE_GZIP, 0x01},
    {3, "unknown header flags set", INFLATE_GZIP, 0x20},
    {3, "unknown header flags set", INFLATE_GZIP, 0x80},
    {3, "header crc mismatch", INFLATE_GZIP, 0x02},
    {10, "invalid block type", INFLATE_GZIP, 0x04},
    {0, "incorrect header check", INFLATE_ZLIB, 0x01},
    {1, "incorrect header check", INFLATE_ZLIB, 0x01},
    {2, "invalid block type", INFLATE_ZLIB, 0x04},
};

START_TEST(damage_is_named_in_the_words_of_zlib)
{
    for (int row = 0; row < COUNT_OF(damages); row++) {
        static const char letters[] = "abcdefghijklmnopqrstuvwxyz"; /* one fixed block */
        size_t size = pack_text(damages[row].format, letters);
        size_t first = damages[row].format == INFLATE_GZIP ? 10 : 2;
        ck_assert_uint_eq(packed[first] & 7, 3);
        packed[damages[row].offset] ^= damages[row].mask;
        boot_sized(damages[row].format, size, strlen(letters));
        expect_corrupt(size, damages[row].hint);
        ck_assert_uint_gt(outcome.failure.number[0], damages[row].offset);
        ck_assert_uint_le(outcome.failure.number[0], damages[row].offset + 12);
    }
}
END_TEST

START_TEST(a_distance_before_the_first_byte_is_named)
{
    /* A final fixed block: length 3 at distance 1, with nothing there yet. */
    static const uint8_t stream[] = {0x78, 0x9C, 0x03, 0x02, 0x00, 0, 0, 0, 0};
    memcpy(packed, stream, sizeof(stream));
    boot_sized(INFLATE_ZLIB, sizeof(stream), 100);
    expect_corrupt(sizeof(stream), "invalid distance too far back");
}
END_TEST

START_TEST(gzip_is_no_zlib_and_zlib_is_no_gzip)
{
    size_t size = pack_text(INFLATE_GZIP, verse);
    boot_sized(INFLATE_ZLIB, size, 1000);
    expect_corrupt(size, "incorrect header check");
    size = pack_text(INFLATE_ZLIB, verse);
    boot_sized(INFLATE_GZIP, size, 0);
    expect_corrupt(size, "incorrect header check");
}
END_TEST

START_TEST(a_file_too_short_for_gzip_is_truncated)
{
    struct failure failure = {0};
    uint64_t length = 77;
    size_t size = pack_text(INFLATE_GZIP, "");
    ck_assert_uint_eq(size, 20);
    ck_assert_int_eq(inflate_gzip_length((struct bytes){packed, 20}, &failure, &length), STATUS_OK);
    ck_assert_uint_eq(length, 0);
    length = 77;
    ck_assert_int_eq(inflate_gzip_length((struct bytes){packed, 19}, &failure, &length),
                     STATUS_IMAGE_TRUNCATED);
    ck_assert_uint_eq(failure.number[0], 19);
    ck_assert_uint_eq(length, 77);
}
END_TEST

START_TEST(noise_is_survived)
{
    for (int row = 0; row < 2; row++) {
        struct recipe recipe = {.format = row == 0 ? INFLATE_GZIP : INFLATE_ZLIB, .level = 9};
        make_content(CODE, 2000);
        size_t size = pack(&recipe, 2000);
        static uint8_t intact[8192];
        memcpy(intact, packed, size);
        for (int round = 0; round < 500; round++) {
            memcpy(packed, intact, size);
            for (uint32_t i = 1 + random_below(4); i > 0; i--) {
                packed[random_below((uint32_t)size)] = (uint8_t)random_below(256);
            }
            (void)boot_sized(recipe.format, size, 2000);
        }
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("inflate_errors");
    TCase *tcase = tcase_create("bad streams");
    tcase_set_timeout(tcase, 120);
    tcase_add_test(tcase, a_stream_cut_anywhere_is_truncated);
    tcase_add_test(tcase, optional_header_fields_are_checked_to_their_end);
    tcase_add_test(tcase, a_long_stream_cut_in_the_middle_is_truncated);
    tcase_add_test(tcase, a_flipped_bit_is_found_or_harmless);
    tcase_add_test(tcase, a_wrong_byte_of_the_crc_is_named_with_both_values);
    tcase_add_test(tcase, a_wrong_adler_is_named);
    tcase_add_test(tcase, a_length_that_lies_is_named_with_both_values);
    tcase_add_test(tcase, a_length_out_of_reach_is_named_for_what_it_is);
    tcase_add_test(tcase, a_bomb_is_refused_before_memory_is_asked_for);
    tcase_add_test(tcase, a_bomb_that_states_little_stops_at_what_it_stated);
    tcase_add_test(tcase, bytes_behind_the_stream_are_counted);
    tcase_add_test(tcase, zeros_after_a_gzip_stream_are_passed_over);
    tcase_add_test(tcase, gzip_behind_zlib_is_no_second_member);
    tcase_add_test(tcase, members_are_inflated_one_after_the_other);
    tcase_add_test(tcase, a_damaged_member_is_named);
    tcase_add_test(tcase, zlib_output_never_passes_the_cap);
    tcase_add_test(tcase, gzip_output_left_behind_is_an_error);
    tcase_add_test(tcase, gzip_gives_no_more_than_its_trailer_states);
    tcase_add_test(tcase, a_preset_dictionary_is_named);
    tcase_add_test(tcase, damage_is_named_in_the_words_of_zlib);
    tcase_add_test(tcase, a_distance_before_the_first_byte_is_named);
    tcase_add_test(tcase, gzip_is_no_zlib_and_zlib_is_no_gzip);
    tcase_add_test(tcase, a_file_too_short_for_gzip_is_truncated);
    tcase_add_test(tcase, noise_is_survived);
    suite_add_tcase(suite, tcase);
    return suite_main(suite, "unit-inflate_errors");
}
