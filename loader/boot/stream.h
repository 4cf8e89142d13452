/* The bytes of a kernel's file in order, inflated where it is compressed. The file is opened
 * once and every byte of it is read once, straight to where it stays wherever that can be known. */
#ifndef BATON_STREAM_H
#define BATON_STREAM_H

#include "boot/session.h"
#include "core/image/inflate.h"
#include "core/image/kind.h"

struct stream {
    struct file file;
    enum image_kind kind;  /* of the file: IMAGE_GZIP and IMAGE_ZLIB are inflated */
    bool in_place;         /* at first, buffer lies where a raw kernel will most likely run */
    uint64_t buffer;       /* pages that hold the first bytes_read bytes of the file */
    uint64_t buffer_pages; /* at least enough for the whole file */
    uint64_t bytes_read;
    uint64_t work; /* the memory of inflate, with the head after it; 0: nothing is inflated */
    struct inflate *inflate; /* NULL: nothing is being inflated */
    bool is_longer;          /* than its gzip trailer states: stream_measure found that */
    struct bytes head;       /* the first bytes of what the stream gives */
    uint64_t head_copy;      /* pages that only hold the head; 0: it lies in buffer or work */
    uint64_t size;           /* of what the stream gives, in all; 0: not known (zlib) */
    uint64_t taken;          /* bytes of it that were taken */
    uint32_t crc32;          /* gzip: of all that the stream gives */
};

static inline bool stream_is_inflated(const struct stream *stream)
{
    return stream->kind == IMAGE_GZIP || stream->kind == IMAGE_ZLIB;
}

/* Opens the kernel's file of entry and reads its first chunk. address: where the kernel will most
 * likely run. *out_start are the file's first bytes. */
MUST_CHECK enum status stream_open(struct session *session, const struct entry *entry,
                                   uint64_t address, struct stream *stream,
                                   struct bytes *out_start);
/* Sets head and size; stream->kind must be known. Of a compressed file it reads everything and
 * inflates the head. */
MUST_CHECK enum status stream_begin(struct session *session, struct stream *stream);
/* After a failure: whether a gzip file gives more than its trailer states, because it has several
 * members. Then it is to be loaded once more, by a stream of which only is_longer is set. */
bool stream_measure(struct stream *stream);
/* Makes the head at least size bytes long, on its own pages. For an uncompressed file the head is
 * copied out of the buffer even if it is long enough, because the kernel may be loaded there. */
MUST_CHECK enum status stream_widen_head(struct session *session, struct stream *stream,
                                         uint64_t size);
/* Copies the next size bytes to memory that is not the head's. */
MUST_CHECK enum status stream_take(struct stream *stream, struct failure *failure, uint8_t *to,
                                   uint64_t size);
/* Skips size bytes. Bytes that are not in the head are read over it: its contents are lost. */
MUST_CHECK enum status stream_skip(struct stream *stream, struct failure *failure, uint64_t size);
/* Ends the stream. A compressed one is inflated to its end, over the head: only then its checksum
 * is known. Gives back the memory of buffer and head. */
MUST_CHECK enum status stream_end(struct session *session, struct stream *stream);

#endif
