/* gzip (RFC 1952) and zlib (RFC 1950) streams, through zlib. One pass, a hard cap on the output. */
#ifndef BATON_INFLATE_H
#define BATON_INFLATE_H

#include "status.h"

#include <stdint.h>

enum inflate_format {
    INFLATE_GZIP,
    INFLATE_ZLIB,
};

/* Bytes of working memory an inflate takes, zlib's window and all; 16-byte aligned. */
#define INFLATE_WORK_SIZE (64 * 1024)

/* Lives in INFLATE_WORK_SIZE bytes from the caller. */
struct inflate;

/* The whole compressed stream and where its output begins. Nothing is inflated yet.
 * work has INFLATE_WORK_SIZE bytes. out_ and work need no clean-up afterwards: forget them. */
MUST_CHECK enum status inflate_begin(void *work, enum inflate_format format, const void *input,
                                     uint64_t input_size, struct failure *failure,
                                     struct inflate **out_inflate);

/* Inflates up to size bytes to output, fewer only where the stream ends. */
MUST_CHECK enum status inflate_some(struct inflate *inflate, void *output, uint64_t size,
                                    struct failure *failure, uint64_t *out_size);

/* After the last inflate_some: the stream must end here, with the right CRC-32 (or Adler-32) and
 * length, and nothing behind it. More output than was taken is STATUS_IMAGE_OVER_CAP for zlib and
 * STATUS_IMAGE_LENGTH for gzip. out_crc32 is the gzip trailer's, 0 for zlib. */
MUST_CHECK enum status inflate_end(struct inflate *inflate, struct failure *failure,
                                   uint32_t *out_crc32);

/* Length of the output as the gzip trailer states it (ISIZE, modulo 2^32). Refuses an input that is too
 * short for a header and a trailer, and a length that deflate cannot reach (1,032 to 1). */
MUST_CHECK enum status inflate_gzip_length(const void *input, uint64_t input_size,
                                           struct failure *failure, uint64_t *out_length);

#endif
