#include "boot/stream.h"

#include "boot/measure.h"
#include "platform/memory.h"

#include <string.h>

#define FILE_SIZE_MAX UINT64_C(0x80000000) /* larger reads fail on real firmware (systemd #31452) */
#define HEAD_SIZE     BOOTINFO_KERNEL_HEADER_LIMIT /* at most the smallest read_chunk */

_Static_assert(INFLATE_WORK_SIZE % PAGE_SIZE == 0, "the head begins on a page boundary");

static bool looks_compressed(const struct entry *entry)
{
    return entry->compression == COMPRESSION_GZIP || entry->compression == COMPRESSION_ZLIB ||
           (entry->compression == COMPRESSION_AUTO && text_ends_with(entry->kernel, TEXT(".gz")));
}

/* A raw file is read to where it will most likely run. A wrong guess costs the copy of one
 * chunk. */
static bool take_place(struct session *session, const struct entry *entry, uint64_t address,
                       struct stream *stream)
{
    uint64_t size = most(stream->file.size, entry->memory);
    struct pages_wish wish = pages_for(size, NULL);
    uint64_t end = 0;
    wish.use = PLAT_CODE;
    if (looks_compressed(entry) || address < arch_target.lowest_address ||
        address % PAGE_SIZE != 0 || size > session->cpu.address_limit ||
        __builtin_add_overflow(address, wish.count * PAGE_SIZE, &end) ||
        !pages_take_at(&session->pages, wish, address)) {
        return false;
    }
    stream->buffer = address;
    stream->buffer_pages = wish.count;
    return true;
}

static enum status take_buffer(struct session *session, struct stream *stream)
{
    struct pages_wish wish = pages_for(stream->file.size, "the kernel's file");
    stream->buffer_pages = wish.count;
    return pages_take(&session->pages, wish, &session->failure, &stream->buffer);
}

/* The first chunk; all of the file, where nothing may look at it before that. */
static enum status read_start(struct stream *stream, struct failure *failure)
{
    struct file *file = &stream->file;
    if (trust_wants_all(&file->volume->trust, &file->origin)) {
        stream->bytes_read = file->size;
        return measure_read(file, failure, stream->buffer, "kernel");
    }
    stream->bytes_read = file_next_read(file, file->size);
    return file_read(file, failure, (void *)stream->buffer, stream->bytes_read);
}

enum status stream_open(struct session *session, const struct entry *entry, uint64_t address,
                        struct stream *stream, struct bytes *out_start)
{
    struct failure *failure = &session->failure;
    TRY(file_open(&session->volume, entry->kernel, FILE_SIZE_MAX, failure, &stream->file));
    stream->file.chunk = entry->read_chunk;
    stream->in_place = take_place(session, entry, address, stream);
    if (!stream->in_place) {
        TRY(take_buffer(session, stream));
    }
    TRY(read_start(stream, failure));
    *out_start = (struct bytes){(const uint8_t *)stream->buffer, stream->bytes_read};
    return STATUS_OK;
}

/* The first chunk was read to where a raw kernel would run. This file is compressed and may be
 * larger than that place: it moves to another buffer. */
static enum status leave_place(struct session *session, struct stream *stream)
{
    uint64_t place = stream->buffer;
    TRY(take_buffer(session, stream));
    memcpy((void *)stream->buffer, (const void *)place, stream->bytes_read);
    pages_release(&session->pages, place);
    return STATUS_OK;
}

static enum status read_all(struct stream *stream, struct failure *failure)
{
    struct file *file = &stream->file;
    uint64_t missing = file->size - stream->bytes_read;
    TRY(file_read(file, failure, (uint8_t *)stream->buffer + stream->bytes_read, missing));
    stream->bytes_read = file->size;
    return file_finish(file, failure);
}

static enum status inflate_head(struct session *session, struct stream *stream)
{
    struct failure *failure = &session->failure;
    bool gzip = stream->kind == IMAGE_GZIP;
    struct bytes file = {(const uint8_t *)stream->buffer, stream->bytes_read};
    TRY(pages_take(&session->pages, pages_for(INFLATE_WORK_SIZE + HEAD_SIZE, "inflating"), failure,
                   &stream->work));
    TRY(inflate_begin((void *)stream->work, gzip ? INFLATE_GZIP : INFLATE_ZLIB, file, failure,
                      &stream->inflate));
    if (gzip) {
        stream->is_longer = stream->is_longer && inflate_measure(stream->inflate);
        stream->size = inflate_length(stream->inflate);
    }
    uint8_t *head = (uint8_t *)stream->work + INFLATE_WORK_SIZE;
    uint64_t size = gzip ? least(stream->size, HEAD_SIZE) : HEAD_SIZE;
    stream->head.data = head;
    return inflate_some(stream->inflate, head, size, failure, &stream->head.size);
}

enum status stream_begin(struct session *session, struct stream *stream)
{
    if (!stream_is_inflated(stream)) {
        stream->size = stream->file.size;
        stream->head.data = (const uint8_t *)stream->buffer;
        stream->head.size = least(stream->bytes_read, HEAD_SIZE);
        return STATUS_OK;
    }
    if (stream->in_place) {
        TRY(leave_place(session, stream));
    }
    TRY(read_all(stream, &session->failure));
    return inflate_head(session, stream);
}

bool stream_measure(struct stream *stream)
{
    bool known = stream->is_longer || stream->kind != IMAGE_GZIP || stream->inflate == NULL;
    stream->is_longer = !known && inflate_measure(stream->inflate);
    return stream->is_longer;
}

/* Bytes of the head that have not been taken yet. */
static uint64_t left_in_head(const struct stream *stream)
{
    return stream->taken < stream->head.size ? stream->head.size - stream->taken : 0;
}

enum status stream_take(struct stream *stream, struct failure *failure, uint8_t *to, uint64_t size)
{
    uint64_t known = least(left_in_head(stream), size);
    uint64_t inflated = 0;
    memcpy(to, stream->head.data + stream->taken, known);
    stream->taken += size;
    to += known;
    size -= known;
    if (!stream_is_inflated(stream)) {
        return file_read(&stream->file, failure, to, size);
    }
    TRY(inflate_some(stream->inflate, to, size, failure, &inflated));
    if (inflated == size) {
        return STATUS_OK;
    }
    /* A zlib stream does not state its length: elf_parse could not see that it is too short. */
    TRY(inflate_end(stream->inflate, failure, &stream->crc32));
    failure->hint = TEXT("");
    return fail_numbers(failure, STATUS_IMAGE_LENGTH, stream->taken - (size - inflated),
                        stream->taken);
}

enum status stream_widen_head(struct session *session, struct stream *stream, uint64_t size)
{
    bool inflated = stream_is_inflated(stream);
    if (!inflated) {
        stream->head.size = stream->bytes_read;
    } else if (size <= stream->head.size) {
        return STATUS_OK;
    }
    size = most(size, stream->head.size);
    TRY(pages_take(&session->pages, pages_for(size, "the kernel's file"), &session->failure,
                   &stream->head_copy));
    TRY(stream_take(stream, &session->failure, (uint8_t *)stream->head_copy, size));
    if (!inflated) {
        pages_release(&session->pages, stream->buffer);
    }
    stream->head = (struct bytes){(const uint8_t *)stream->head_copy, size};
    stream->taken = 0;
    return STATUS_OK;
}

/* Memory for bytes that are dropped: that of the head. */
static uint8_t *dropped(const struct stream *stream)
{
    return (uint8_t *)(uintptr_t)stream->head.data;
}

enum status stream_skip(struct stream *stream, struct failure *failure, uint64_t size)
{
    uint64_t known = least(left_in_head(stream), size);
    stream->taken += known;
    for (size -= known; size > 0;) {
        uint64_t some = least(size, stream->head.size);
        TRY(stream_take(stream, failure, dropped(stream), some));
        size -= some;
    }
    return STATUS_OK;
}

static enum status inflate_rest(struct stream *stream, struct failure *failure)
{
    uint64_t got = stream->head.size;
    while (got == stream->head.size) {
        TRY(inflate_some(stream->inflate, dropped(stream), stream->head.size, failure, &got));
    }
    return inflate_end(stream->inflate, failure, &stream->crc32);
}

enum status stream_end(struct session *session, struct stream *stream)
{
    if (stream_is_inflated(stream)) {
        TRY(inflate_rest(stream, &session->failure));
        stream->inflate = NULL;
        pages_release(&session->pages, stream->work);
        pages_release(&session->pages, stream->buffer);
    } else {
        file_close(&stream->file);
    }
    pages_release(&session->pages, stream->head_copy);
    return STATUS_OK;
}
