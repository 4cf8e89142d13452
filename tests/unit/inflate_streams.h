/* The oracle is the host's own zlib: what its deflate makes must come out again, and everything
 * else must be refused by name. Input and output end at a page that faults when touched. */
#ifndef BATON_INFLATE_STREAMS_H
#define BATON_INFLATE_STREAMS_H

#include "core/image/inflate.h"
#include "suite.h"

#include <string.h>
#include <sys/mman.h>
#include <zlib.h>

#define COUNT_OF(array) (int)(sizeof(array) / sizeof((array)[0]))

#define HEAD        4096
#define CONTENT_MAX ((1U << 20) + 5)
#define PACKED_MAX  (CONTENT_MAX + 65536)

static uint8_t content[CONTENT_MAX];
static uint8_t packed[PACKED_MAX];

/* size bytes of 0xA5 in front of a page that faults. */
static inline uint8_t *guarded(size_t size)
{
    size_t pages = (size + 4095) / 4096 * 4096;
    uint8_t *base =
        mmap(NULL, pages + 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    ck_assert_ptr_ne(base, MAP_FAILED);
    ck_assert_int_eq(mprotect(base + pages, 4096, PROT_NONE), 0);
    if (size > 0) {
        memset(base, 0xA5, pages);
    }
    return base + pages - size;
}

static inline void unguard(uint8_t *address, size_t size)
{
    size_t pages = (size + 4095) / 4096 * 4096;
    munmap(address + size - pages, pages + 4096);
}

static uint32_t random_state = 1;

static inline uint32_t random_below(uint32_t limit)
{
    random_state = random_state * 1664525 + 1013904223;
    return (uint32_t)(((uint64_t)random_state * limit) >> 32);
}

enum kind {
    NOISE,
    CODE, /* matches of every length and every distance up to 32 KiB, noise in between */
    ZEROS,
    KIND_COUNT
};

static inline void make_content(enum kind kind, size_t size)
{
    random_state = (uint32_t)size + 1;
    memset(content, 0, size);
    for (size_t at = 0; kind != ZEROS && at < size;) {
        size_t distance = 1 + random_below(32768);
        size_t length = 3 + random_below(256);
        if (kind == CODE && distance <= at && random_below(4) != 0) {
            for (; length > 0 && at < size; length--, at++) {
                content[at] = content[at - distance];
            }
        } else {
            content[at++] = (uint8_t)random_below(256);
        }
    }
}

struct recipe {
    enum inflate_format format;
    int level;
    int strategy;
    gz_header *header;
    const char *dictionary;
};

static inline size_t pack(const struct recipe *recipe, size_t size)
{
    z_stream stream = {0};
    int bits = recipe->format == INFLATE_GZIP ? 31 : 15;
    ck_assert_int_eq(deflateInit2(&stream, recipe->level, Z_DEFLATED, bits, 9, recipe->strategy),
                     Z_OK);
    if (recipe->header != NULL) {
        ck_assert_int_eq(deflateSetHeader(&stream, recipe->header), Z_OK);
    }
    if (recipe->dictionary != NULL) {
        ck_assert_int_eq(deflateSetDictionary(&stream, (const Bytef *)recipe->dictionary,
                                              (uInt)strlen(recipe->dictionary)),
                         Z_OK);
    }
    stream.next_in = content;
    stream.avail_in = (uInt)size;
    stream.next_out = packed;
    stream.avail_out = PACKED_MAX;
    ck_assert_int_eq(deflate(&stream, Z_FINISH), Z_STREAM_END);
    size_t packed_size = PACKED_MAX - stream.avail_out;
    deflateEnd(&stream);
    return packed_size;
}

static inline size_t pack_text(enum inflate_format format, const char *text)
{
    struct recipe recipe = {.format = format, .level = 9};
    size_t size = strlen(text);
    memcpy(content, text, size);
    return pack(&recipe, size);
}

static const char verse[] = "The loader reads, the loader writes, the loader never writes too far; "
                            "the loader reads what the loader writes.";

static struct outcome {
    enum status status;
    struct failure failure;
    uint64_t size;
    uint32_t crc32;
} outcome; /* of the last boot */

/* What a boot does with input: the head to one place, the rest to another, the end. */
static inline enum status boot_steps(uint8_t *work, enum inflate_format format, struct text input,
                                     uint8_t *output, uint64_t cap)
{
    struct inflate *stream = NULL;
    struct failure *failure = &outcome.failure;
    uint64_t rest = 0;
    uint64_t head_cap = cap < HEAD ? cap : HEAD;
    uint8_t *head = guarded(head_cap);
    TRY(inflate_begin(work, format, bytes_of(input), failure, &stream));
    TRY(inflate_some(stream, head, head_cap, failure, &outcome.size));
    if (outcome.size > 0) {
        memcpy(output, head, outcome.size);
    }
    unguard(head, head_cap);
    TRY(inflate_some(stream, output + outcome.size, cap - outcome.size, failure, &rest));
    outcome.size += rest;
    return inflate_end(stream, failure, &outcome.crc32);
}

/* Inflates packed; output has cap bytes, followed by a page that faults. */
static inline void boot(enum inflate_format format, size_t size, uint8_t *output, uint64_t cap)
{
    uint8_t *work = guarded(INFLATE_WORK_SIZE);
    uint8_t *input = guarded(size);
    memset(&outcome, 0, sizeof(outcome));
    outcome.failure.path = TEXT("/boot/k.bin");
    outcome.failure.hint = TEXT("old");
    memcpy(input, packed, size);
    struct text text = {(const char *)input, size};
    outcome.status = boot_steps(work, format, text, output, cap);
    ck_assert_int_eq(memcmp(input, packed, size), 0);
    ck_assert_int_eq(outcome.failure.status, outcome.status);
    ck_assert(text_equal(outcome.failure.path, TEXT("/boot/k.bin")));
    unguard(input, size);
    unguard(work, INFLATE_WORK_SIZE);
}

/* As boot, with the memory that a gzip trailer asks for, or cap bytes for zlib. */
static inline void boot_sized(enum inflate_format format, size_t size, uint64_t cap)
{
    memset(&outcome, 0, sizeof(outcome));
    if (format == INFLATE_GZIP) {
        outcome.status = inflate_gzip_length((struct bytes){packed, size}, &outcome.failure, &cap);
        if (outcome.status != STATUS_OK) {
            return;
        }
    }
    /* A boot asks for the memory after inflate_begin has found the length plausible. */
    uint64_t room = cap < CONTENT_MAX ? cap : CONTENT_MAX;
    uint8_t *output = guarded(room);
    boot(format, size, output, room);
    unguard(output, room);
}

/* What a boot makes of a gzip file of any number of members: text, and nothing else. */
static inline void boot_whole(size_t size, const char *text)
{
    uint8_t *work = guarded(INFLATE_WORK_SIZE);
    struct inflate *stream = NULL;
    memset(&outcome, 0, sizeof(outcome));
    struct failure *failure = &outcome.failure;
    ck_assert_int_eq(
        inflate_begin(work, INFLATE_GZIP, (struct bytes){packed, size}, failure, &stream),
        STATUS_OK);
    for (int round = 0; round < 2; round++) {
        uint64_t length = inflate_length(stream);
        uint8_t *output = guarded(length);
        ck_assert_int_eq(inflate_some(stream, output, length, failure, &outcome.size), STATUS_OK);
        outcome.status = inflate_end(stream, failure, &outcome.crc32);
        bool right = outcome.size == strlen(text) && memcmp(output, text, outcome.size) == 0;
        ck_assert_int_eq(outcome.status, right ? STATUS_OK : STATUS_IMAGE_LENGTH);
        unguard(output, length);
        if (right || !inflate_measure(stream)) {
            break;
        }
    }
    ck_assert_int_eq(outcome.status, STATUS_OK);
    ck_assert(!inflate_measure(stream)); /* it is not longer than that */
    unguard(work, INFLATE_WORK_SIZE);
}

/* What the gzip trailer at the end of packed says about the length. */
static inline void state_length(size_t size, uint32_t length)
{
    for (size_t i = 0; i < 4; i++) {
        packed[size - 4 + i] = (uint8_t)(length >> 8 * i);
    }
}

#endif
