/* gzip (RFC 1952) and zlib (RFC 1950) streams, through zlib. One pass, a hard cap on the output. */
#ifndef BATON_INFLATE_H
#define BATON_INFLATE_H

#include "core/base/bytes.h"
#include "core/base/status.h"

#include <stdbool.h>
#include <stdint.h>

enum inflate_format {
    INFLATE_GZIP,
    INFLATE_ZLIB,
};

/* Bytes of working memory an inflate takes, zlib's window and all; 16-byte aligned. */
#define INFLATE_WORK_SIZE 0x10000

/* Lives in INFLATE_WORK_SIZE bytes from the caller. */
struct inflate;

/* Takes the whole compressed stream, at most 2 GiB; gives no output yet. work has INFLATE_WORK_SIZE
 * bytes; nothing has to be released at the end. A gzip trailer that states a length of 0, or
 * one that kernels do not reach (32 to 1), most often is no trailer, because the file was cut or
 * something follows. Then the stream is inflated once without output, so that the error names the
 * true cause (STATUS_IMAGE_TRUNCATED, _TRAILING_BYTES, ...), or the true length is known: of
 * several members, or where zeros follow. A length that deflate cannot reach (1,032 to 1), and
 * nothing else wrong, is STATUS_IMAGE_BOMB. Any other length is believed until inflate_end. */
MUST_CHECK enum status inflate_begin(void *work, enum inflate_format format, struct bytes input,
                                     struct failure *failure, struct inflate **out_stream);

/* How many bytes a gzip stream gives, as far as is known: a trailer states the length of the last
 * member only. inflate_end proves it. */
uint64_t inflate_length(const struct inflate *stream);

/* Of a gzip stream that did not end where it should: begins anew and finds its true length, of all
 * members. False: it is sound and as long as was known, or it is not sound; it cannot be used. */
bool inflate_measure(struct inflate *stream);

/* Inflates up to size bytes to output; fewer only where the stream ends, or where a gzip stream has
 * given as many bytes as its trailer states. zlib keeps its own window: output may be elsewhere in
 * each call. */
MUST_CHECK enum status inflate_some(struct inflate *stream, void *output, uint64_t size,
                                    struct failure *failure, uint64_t *out_size);

/* After the last inflate_some: the stream must end here, with the right CRC-32 (or Adler-32) and
 * length, and nothing may follow it. More output than was taken is STATUS_IMAGE_OVER_CAP for zlib
 * and STATUS_IMAGE_LENGTH for gzip, unless something worse is found after it. Zeros may follow a
 * gzip stream. out_crc32 is the gzip trailer's, 0 for zlib and for several members. */
MUST_CHECK enum status inflate_end(struct inflate *stream, struct failure *failure,
                                   uint32_t *out_crc32);

/* Length of the output as the gzip trailer states it (ISIZE, modulo 2^32). It is only a claim:
 * inflate_begin, to be called first, refuses it if it cannot be true, and inflate_end proves it.
 * Refuses an input that is too short for a header, a stream and a trailer. */
MUST_CHECK enum status inflate_gzip_length(struct bytes input, struct failure *failure,
                                           uint64_t *out_length);

#endif
