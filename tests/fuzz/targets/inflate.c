/* gzip and zlib streams: any bytes at all, and good streams damaged in places.
 * The judge is zlib used as its manual says, in one call and without a cap. */
#include "core/image/inflate.h"

#include "fuzz.h"

#include <zlib.h>

#define STREAM_MAX (128 * 1024)
#define IMAGE_MAX  (64 * 1024) /* the judge looks no further */
#define CANARY     64
#define PIECES_MAX 8

struct stream {
    enum inflate_format format;
    uint8_t *bytes;
    size_t size;
};

/* What a stream became. */
struct outcome {
    enum status status;
    struct failure failure;
    uint64_t size;     /* bytes taken before the status was clear */
    uint64_t size_max; /* as a gzip trailer states it, or as was measured */
    uint32_t crc32;
    uint8_t *bytes;
};

/* Used again for each input: large, and zlib would not be caught by a sanitizer anyway. */
static _Alignas(16) uint8_t work[INFLATE_WORK_SIZE + CANARY];
static uint8_t stream_bytes[STREAM_MAX];
static uint8_t wanted_bytes[IMAGE_MAX + 1];
static uint8_t whole_bytes[IMAGE_MAX + CANARY];
static uint8_t pieces_bytes[IMAGE_MAX + CANARY];

/* The sizes that inflate_some is asked for, in turn. */
struct pieces {
    size_t size[PIECES_MAX];
    size_t count;
};

/* Deflates payload; what becomes larger than STREAM_MAX is cut. */
static struct stream deflated(struct text payload, struct choices *choices)
{
    struct stream stream = {.bytes = stream_bytes};
    stream.format = choose_below(choices, 2) == 0 ? INFLATE_GZIP : INFLATE_ZLIB;
    int level = (int)choose_below(choices, 10);
    int strategy = (int)choose_below(choices, Z_FIXED + 1);
    int bits = 9 + (int)choose_below(choices, 7) + (stream.format == INFLATE_GZIP ? 16 : 0);
    unsigned repeats = 1U << choose_below(choices, 12);
    while (repeats * payload.size > IMAGE_MAX) {
        repeats /= 2;
    }
    z_stream zlib = {.next_out = stream.bytes, .avail_out = STREAM_MAX};
    CHECK(deflateInit2(&zlib, level, Z_DEFLATED, bits, 8, strategy) == Z_OK);
    gz_header header = {
        .name = (Bytef *)"kernel.bin", .extra = (Bytef *)"ab\2\0xy", .extra_len = 6};
    header.hcrc = (int)choose_below(choices, 2);
    if (stream.format == INFLATE_GZIP && choose_below(choices, 2) != 0) {
        CHECK(deflateSetHeader(&zlib, &header) == Z_OK);
    }
    for (unsigned i = 0; i < repeats; i++) {
        zlib.next_in = (Bytef *)(uintptr_t)payload.bytes;
        zlib.avail_in = (uInt)payload.size;
        (void)deflate(&zlib, i + 1 == repeats ? Z_FINISH : Z_NO_FLUSH);
    }
    stream.size = STREAM_MAX - zlib.avail_out;
    (void)deflateEnd(&zlib);
    return stream;
}

/* Changes up to three bytes, or the length. */
static void damage(struct stream *stream, struct choices *choices)
{
    size_t kind = choose_below(choices, 8);
    size_t at = choose(choices, 3);
    if (kind < 4) {
        return;
    }
    if (kind == 4 && stream->size > 0) {
        stream->size = at % stream->size;
    } else if (kind == 5) {
        size_t more = at % 40 < STREAM_MAX - stream->size ? at % 40 : 0;
        memset(stream->bytes + stream->size, (int)choose(choices, 1), more);
        stream->size += more;
    } else if (kind == 6 && 2 * stream->size <= STREAM_MAX) {
        memcpy(stream->bytes + stream->size, stream->bytes, stream->size);
        stream->size *= 2;
    } else {
        for (size_t i = 0; i < 3 && stream->size > 0; i++) {
            /* From the end: the trailer is what is checked last. */
            stream->bytes[stream->size - 1 - at % stream->size] ^= (uint8_t)choose(choices, 1);
            at = choose(choices, 2);
        }
    }
}

/* The bytes of a good stream come after the choices; of any other stream, all bytes are the
 * input. */
static struct stream choose_stream(struct choices *choices)
{
    if (choose_below(choices, 2) != 0) {
        struct choices front = {choices->next, choices->left < 24 ? choices->left : 24};
        choices->next += front.left;
        choices->left -= front.left;
        struct stream stream = deflated(choose_rest(choices), &front);
        damage(&stream, &front);
        return stream;
    }
    struct stream stream = {
        .format = choose_below(choices, 2) == 0 ? INFLATE_GZIP : INFLATE_ZLIB,
        .bytes = stream_bytes,
    };
    struct text rest = choose_rest(choices);
    stream.size = rest.size < STREAM_MAX ? rest.size : STREAM_MAX;
    memcpy(stream.bytes, rest.bytes, stream.size);
    return stream;
}

static bool is_zero(const uint8_t *bytes, size_t size)
{
    while (size > 0 && bytes[size - 1] == 0) {
        size--;
    }
    return size == 0;
}

/* As zlib's manual says, gzip member by member. IMAGE_CORRUPT stands for all failures. */
static struct outcome judge(const struct stream *stream, size_t cap)
{
    struct outcome outcome = {.status = STATUS_IMAGE_CORRUPT, .bytes = wanted_bytes};
    z_stream zlib = {.next_in = stream->bytes, .avail_in = (uInt)stream->size};
    zlib.next_out = outcome.bytes;
    zlib.avail_out = (uInt)cap + 1;
    CHECK(inflateInit2(&zlib, stream->format == INFLATE_GZIP ? 31 : 15) == Z_OK);
    int result = inflate(&zlib, Z_FINISH);
    bool several = false;
    while (result == Z_STREAM_END && stream->format == INFLATE_GZIP && zlib.avail_in >= 2 &&
           zlib.next_in[0] == 0x1F && zlib.next_in[1] == 0x8B) {
        several = true;
        CHECK(inflateReset(&zlib) == Z_OK);
        result = inflate(&zlib, Z_FINISH);
    }
    outcome.size = cap + 1 - zlib.avail_out;
    bool zeros = stream->format == INFLATE_GZIP && is_zero(zlib.next_in, zlib.avail_in);
    if (result == Z_STREAM_END && (zlib.avail_in == 0 || zeros) && outcome.size <= cap) {
        outcome.status = STATUS_OK;
    }
    (void)inflateEnd(&zlib);
    if (stream->format == INFLATE_GZIP && !several) {
        outcome.crc32 = (uint32_t)crc32(0, outcome.bytes, (uInt)outcome.size);
    }
    return outcome;
}

/* All of the stream, or its first cap bytes, in pieces; on failure outcome->size is not told. */
static enum status take(struct inflate *inflate, size_t cap, const struct pieces *pieces,
                        struct outcome *outcome)
{
    for (size_t i = 0; outcome->size < cap; i++) {
        /* 256 calls at most: the fuzzer shall be quick. */
        size_t asked = cap / 256 + pieces->size[i % pieces->count];
        uint64_t got = UINT64_MAX;
        asked = asked < cap - outcome->size ? asked : cap - outcome->size;
        uint8_t *output = outcome->bytes + outcome->size;
        enum status status = inflate_some(inflate, output, asked, &outcome->failure, &got);
        if (status != STATUS_OK) {
            CHECK(got == UINT64_MAX);
            return status;
        }
        CHECK(got <= asked);
        outcome->size += got;
        CHECK(outcome->size <= outcome->size_max);
        CHECK(is_untouched(output + asked, CANARY));
        if (got < asked) {
            break;
        }
    }
    outcome->crc32 = UNTOUCHED;
    enum status status = inflate_end(inflate, &outcome->failure, &outcome->crc32);
    CHECK(status == STATUS_OK || outcome->crc32 == UNTOUCHED);
    return status;
}

static struct outcome run(const struct stream *stream, size_t cap, const struct pieces *pieces,
                          uint8_t *output)
{
    struct outcome outcome = {.failure = {.path = TEXT("/k")}, .bytes = output};
    struct inflate *inflate = NULL;
    uint8_t *input = malloc(stream->size);
    memcpy(input, stream->bytes, stream->size);
    memset(output, UNTOUCHED, cap + CANARY);
    memset(work + INFLATE_WORK_SIZE, UNTOUCHED, CANARY);
    outcome.status = inflate_begin(work, stream->format, (struct bytes){input, stream->size},
                                   &outcome.failure, &inflate);
    CHECK((outcome.status == STATUS_OK) == (inflate != NULL));
    if (outcome.status == STATUS_OK) {
        outcome.size_max = inflate_length(inflate);
        outcome.status = take(inflate, cap, pieces, &outcome);
    }
    bool ended_elsewhere = inflate != NULL && outcome.status == STATUS_IMAGE_LENGTH;
    if (ended_elsewhere && inflate_measure(inflate)) {
        CHECK(stream->format == INFLATE_GZIP && inflate_length(inflate) > outcome.size_max);
        outcome.size = 0;
        outcome.size_max = inflate_length(inflate);
        outcome.failure.status = STATUS_OK;
        memset(output, UNTOUCHED, cap + CANARY);
        outcome.status = take(inflate, cap, pieces, &outcome);
    }
    CHECK(outcome.status != STATUS_OK ||
          is_untouched(outcome.bytes + outcome.size, cap - outcome.size + CANARY));
    CHECK(is_untouched(outcome.bytes + cap, CANARY));
    CHECK(is_untouched(work + INFLATE_WORK_SIZE, CANARY));
    free(input);
    return outcome;
}

static void check_failure(const struct outcome *outcome, const struct stream *stream)
{
    const struct failure *failure = &outcome->failure;
    CHECK(failure->status == outcome->status);
    check_message(failure);
    switch (failure->status) {
    case STATUS_IMAGE_CORRUPT:
        CHECK(failure->number[0] <= stream->size && failure->number[1] == stream->size);
        CHECK(failure->hint.size > 0);
        break;
    case STATUS_IMAGE_TRUNCATED:
        CHECK(failure->number[0] == stream->size);
        break;
    case STATUS_IMAGE_TRAILING_BYTES:
        CHECK(failure->number[0] > 0 && failure->number[0] < stream->size);
        break;
    default:
        break;
    }
}

static void check_same(const struct outcome *a, const struct outcome *b)
{
    CHECK(a->status == b->status);
    CHECK(a->status != STATUS_OK || (a->size == b->size && a->crc32 == b->crc32));
    CHECK(a->status != STATUS_OK || memcmp(a->bytes, b->bytes, a->size) == 0);
    CHECK(memcmp(a->failure.number, b->failure.number, sizeof(a->failure.number)) == 0);
}

/* A cap around the size of the image, or far away from it. */
static size_t choose_cap(struct choices *choices, size_t image_size)
{
    switch (choose_below(choices, 5)) {
    case 0:
        return image_size > 0 ? image_size - 1 : 0;
    case 1:
        return image_size + 1;
    case 2:
        return choose(choices, 2);
    default:
        return image_size;
    }
}

static struct pieces choose_pieces(struct choices *choices)
{
    struct pieces pieces = {.count = 1 + choose_below(choices, PIECES_MAX)};
    for (size_t i = 0; i < pieces.count; i++) {
        pieces.size[i] = 1 + (size_t)choose(choices, 1) * (choose_below(choices, 2) ? 1 : 200);
    }
    return pieces;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct pieces whole = {{IMAGE_MAX}, 1};
    struct choices choices = {data, size < 24 ? size : 24};
    struct pieces pieces = choose_pieces(&choices);
    choices.left = size - (size_t)(choices.next - data);
    size_t cap_choice = (size_t)choose(&choices, 3);
    struct stream stream = choose_stream(&choices);

    struct outcome wanted = judge(&stream, IMAGE_MAX);
    uint8_t cap_bytes[] = {(uint8_t)cap_choice, (uint8_t)(cap_choice >> 8),
                           (uint8_t)(cap_choice >> 16)};
    struct choices cap_choices = {cap_bytes, sizeof(cap_bytes)};
    size_t cap = choose_cap(&cap_choices, wanted.size);
    cap = cap < IMAGE_MAX ? cap : IMAGE_MAX;
    struct outcome found = run(&stream, cap, &whole, whole_bytes);
    struct outcome again = run(&stream, cap, &pieces, pieces_bytes);
    CHECK((found.status == STATUS_OK) == (wanted.status == STATUS_OK && wanted.size <= cap));
    if (found.status == STATUS_OK) {
        CHECK(found.size == wanted.size && found.crc32 == wanted.crc32);
        CHECK(memcmp(found.bytes, wanted.bytes, wanted.size) == 0);
    } else {
        check_failure(&found, &stream);
    }
    check_same(&found, &again);
    return 0;
}
