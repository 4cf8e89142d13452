#include "core/image/inflate.h"

#include "core/base/apart.h"
#include "core/base/span.h"

#define ZLIB_CONST
#include <zlib.h>

/* zlib counts in unsigned int: input and output are passed to it in pieces. */
#ifndef INFLATE_PIECE_MAX
#define INFLATE_PIECE_MAX UINT32_C(0x40000000)
#endif

#define HEAP_SIZE    0xB000 /* zlib's state (7 KiB) and window (32 KiB) */
#define DISCARD_SIZE 0x4000
/* Bytes of output beyond the stated length that are inflated only to see what is wrong. */
#define DISCARD_MAX UINT64_C(0x10000000)

#define GZIP_FRAME       18   /* bytes of header and trailer, at least (RFC 1952) */
#define GZIP_SIZE_MIN    20   /* with an empty deflate stream */
#define DEFLATE_RATIO    1032 /* 258 bytes from 2 bits (RFC 1951) */
#define SUSPICIOUS_RATIO 32   /* kernels reach 2 to 10 */

#define WINDOW_BITS_GZIP 31 /* a window of 2^15, and 16 for gzip only */
#define WINDOW_BITS_ZLIB 15

struct inflate {
    z_stream zlib;
    enum inflate_format format;
    bool ended; /* zlib saw the end of the stream and its checks were right */
    const uint8_t *input;
    uint64_t input_size;
    uint64_t total;  /* bytes of output so far */
    uint64_t member; /* total where the current gzip member begins */
    uint64_t limit;  /* bytes of output that inflate_some gives at most */
    size_t heap_used;
    _Alignas(16) uint8_t heap[HEAP_SIZE];
    uint8_t discard[DISCARD_SIZE];
};

_Static_assert(sizeof(struct inflate) <= INFLATE_WORK_SIZE, "work holds everything");

static voidpf allocate(voidpf opaque, uInt items, uInt size)
{
    struct inflate *stream = opaque;
    uint64_t bytes = ((uint64_t)items * size + 15) / 16 * 16;
    if (bytes > HEAP_SIZE - stream->heap_used) {
        return Z_NULL;
    }
    void *address = stream->heap + stream->heap_used;
    stream->heap_used += (size_t)bytes;
    return address;
}

static void release(voidpf opaque, voidpf address)
{
    (void)opaque;
    (void)address;
}

/* How much of the input is used. Not zlib.total_in, which has 32 bits on UEFI. */
static uint64_t offset_of(const struct inflate *stream)
{
    return (uint64_t)(stream->zlib.next_in - stream->input);
}

APART static uint64_t input_left(const struct inflate *stream)
{
    return stream->input_size - offset_of(stream);
}

static uInt piece(uint64_t size)
{
    return (uInt)least(size, INFLATE_PIECE_MAX);
}

APART static enum status fail_at(struct failure *failure, enum status status, uint64_t first,
                                 uint64_t second)
{
    failure->hint = TEXT("");
    return fail_numbers(failure, status, first, second);
}

static enum status corrupt(const struct inflate *stream, struct failure *failure, const char *why)
{
    fail_at(failure, STATUS_IMAGE_CORRUPT, offset_of(stream), stream->input_size);
    failure->hint = text_of(why);
    return STATUS_IMAGE_CORRUPT;
}

/* zlib stops just after the field of the trailer that does not match. */
static enum status wrong_trailer(const struct inflate *stream, struct failure *failure,
                                 enum status status, uint64_t computed)
{
    return fail_at(failure, status, computed, word_at(stream->zlib.next_in - 4));
}

static enum status refuse(const struct inflate *stream, struct failure *failure, int result)
{
    const char *message = stream->zlib.msg != Z_NULL ? stream->zlib.msg : "zlib gives up";
    if (result == Z_NEED_DICT) {
        return corrupt(stream, failure, "it needs a preset dictionary");
    }
    if (text_equal(text_of(message), TEXT("incorrect data check"))) {
        if (stream->format == INFLATE_ZLIB) {
            return corrupt(stream, failure, "the Adler-32 checksum does not match");
        }
        return wrong_trailer(stream, failure, STATUS_IMAGE_CHECKSUM, (uint32_t)stream->zlib.adler);
    }
    if (text_equal(text_of(message), TEXT("incorrect length check"))) {
        return wrong_trailer(stream, failure, STATUS_IMAGE_LENGTH, stream->total - stream->member);
    }
    return corrupt(stream, failure, message);
}

/* Called at the end of a member. As gunzip does, goes on with the next member, and skips zeros up
 * to the end of the file. False: no member follows. */
static bool begin_member(struct inflate *stream)
{
    const uint8_t *next = stream->zlib.next_in;
    const uint8_t *end = stream->input + stream->input_size;
    if (stream->format == INFLATE_GZIP && end - next >= 2 && next[0] == 0x1F && next[1] == 0x8B) {
        stream->member = stream->total;
        return inflateReset(&stream->zlib) == Z_OK;
    }
    while (stream->format == INFLATE_GZIP && next < end && *next == 0) {
        next++;
    }
    stream->zlib.next_in = next == end ? next : stream->zlib.next_in;
    return false;
}

/* Inflates up to size bytes to output, fewer only where the stream ends. */
static enum status step(struct inflate *stream, uint8_t *output, uint64_t size,
                        struct failure *failure, uint64_t *out_size)
{
    z_stream *zlib = &stream->zlib;
    uint64_t got = 0;
    while (got < size && !stream->ended) {
        uInt room = piece(size - got);
        zlib->next_out = output + got;
        zlib->avail_out = room;
        zlib->avail_in = piece(input_left(stream));
        /* Z_FINISH: no copy of the window is made where the stream ends within this call. */
        int result = inflate(zlib, Z_FINISH);
        got += room - zlib->avail_out;
        stream->total += room - zlib->avail_out;
        stream->ended = result == Z_STREAM_END && !begin_member(stream);
        if (result != Z_OK && result != Z_BUF_ERROR && result != Z_STREAM_END) {
            return refuse(stream, failure, result);
        }
        if (!stream->ended && zlib->avail_out > 0 && input_left(stream) == 0) {
            return fail_at(failure, STATUS_IMAGE_TRUNCATED, stream->input_size, 0);
        }
    }
    *out_size = got;
    return STATUS_OK;
}

/* Inflates to the end of the stream, or max bytes, and drops the output. */
static enum status discard(struct inflate *stream, uint64_t max, struct failure *failure,
                           uint64_t *out_size)
{
    uint64_t size = 0;
    while (size < max && !stream->ended) {
        uint64_t got = 0;
        TRY(step(stream, stream->discard, least(max - size, DISCARD_SIZE), failure, &got));
        size += got;
    }
    *out_size = size;
    return STATUS_OK;
}

/* After the end of the stream the input must end, too. */
static enum status nothing_follows(const struct inflate *stream, struct failure *failure)
{
    uint64_t left = input_left(stream);
    return left == 0 ? STATUS_OK : fail_at(failure, STATUS_IMAGE_TRAILING_BYTES, left, 0);
}

static enum status start(struct inflate *stream, struct failure *failure)
{
    stream->zlib.zalloc = allocate;
    stream->zlib.zfree = release;
    stream->zlib.opaque = stream;
    stream->zlib.next_in = stream->input;
    stream->zlib.avail_in = 0; /* step gives it more */
    stream->ended = false;
    stream->total = stream->member = 0;
    stream->heap_used = 0;
    int bits = stream->format == INFLATE_GZIP ? WINDOW_BITS_GZIP : WINDOW_BITS_ZLIB;
    int result = inflateInit2(&stream->zlib, bits);
    return result == Z_OK ? STATUS_OK : refuse(stream, failure, result);
}

/* Finds what is wrong with the stream itself, whatever length its trailer states, and the true
 * length; 0: more than DISCARD_MAX. */
static enum status examine(struct inflate *stream, struct failure *failure, uint64_t *out_length)
{
    uint64_t size = 0;
    TRY(start(stream, failure));
    TRY(discard(stream, DISCARD_MAX, failure, &size));
    if (stream->ended) {
        TRY(nothing_follows(stream, failure));
    }
    *out_length = stream->ended ? size : 0;
    return start(stream, failure);
}

/* The last four bytes of the input are the length only if it is complete and of one member: they
 * are not if it was cut, or if something was appended. */
static enum status check_length(struct inflate *stream, uint64_t length, struct failure *failure)
{
    uint64_t deflated_size = stream->input_size - GZIP_FRAME;
    uint64_t measured = 0;
    stream->limit = length;
    if (length != 0 && length / SUSPICIOUS_RATIO <= deflated_size) {
        return STATUS_OK;
    }
    enum status status = examine(stream, failure, &measured);
    if (status == STATUS_OK && measured != 0) {
        stream->limit = measured;
        return STATUS_OK;
    }
    bool reachable = (length + DEFLATE_RATIO - 1) / DEFLATE_RATIO <= deflated_size;
    if (!reachable && (status == STATUS_OK || status == STATUS_IMAGE_LENGTH)) {
        return fail_at(failure, STATUS_IMAGE_BOMB, length, stream->input_size);
    }
    return status;
}

enum status inflate_begin(void *work, enum inflate_format format, struct bytes input,
                          struct failure *failure, struct inflate **out_stream)
{
    struct inflate *stream = work;
    stream->format = format;
    stream->input = input.data;
    stream->input_size = input.size;
    stream->limit = UINT64_MAX;
    TRY(start(stream, failure));
    if (format == INFLATE_GZIP) {
        uint64_t length = 0;
        TRY(inflate_gzip_length(input, failure, &length));
        TRY(check_length(stream, length, failure));
    }
    *out_stream = stream;
    return STATUS_OK;
}

uint64_t inflate_length(const struct inflate *stream)
{
    return stream->limit;
}

bool inflate_measure(struct inflate *stream)
{
    struct failure ignored = {.status = STATUS_OK};
    uint64_t length = 0;
    bool longer = examine(stream, &ignored, &length) == STATUS_OK && length > stream->limit;
    stream->limit = longer ? length : stream->limit;
    return longer;
}

enum status inflate_some(struct inflate *stream, void *output, uint64_t size,
                         struct failure *failure, uint64_t *out_size)
{
    uint64_t room = stream->limit - stream->total;
    return step(stream, output, least(size, room), failure, out_size);
}

enum status inflate_end(struct inflate *stream, struct failure *failure, uint32_t *out_crc32)
{
    bool gzip = stream->format == INFLATE_GZIP;
    uint64_t taken = stream->total;
    uint64_t more = 0;
    TRY(discard(stream, gzip ? DISCARD_MAX : 1, failure, &more));
    if (more > 0 && !gzip) {
        return fail_at(failure, STATUS_IMAGE_OVER_CAP, taken, 0);
    }
    if (stream->ended) {
        TRY(nothing_follows(stream, failure));
    }
    if (more > 0) {
        fail_at(failure, STATUS_IMAGE_LENGTH, stream->total, stream->limit);
        failure->hint = stream->ended ? TEXT("") : TEXT("more than ");
        return STATUS_IMAGE_LENGTH;
    }
    *out_crc32 = gzip && stream->member == 0 ? (uint32_t)stream->zlib.adler : 0;
    return STATUS_OK;
}

enum status inflate_gzip_length(struct bytes input, struct failure *failure, uint64_t *out_length)
{
    if (input.size < GZIP_SIZE_MIN) {
        return fail_at(failure, STATUS_IMAGE_TRUNCATED, input.size, 0);
    }
    *out_length = word_at(input.data + input.size - 4);
    return STATUS_OK;
}
