#include "boot/load.h"

#include "core/image/foreign.h"

#include <string.h>

static enum status load_raw(struct session *session, struct stream *stream, uint8_t *target)
{
    struct file *file = &stream->file;
    if (stream->buffer != (uint64_t)target) {
        memcpy(target, (const void *)stream->buffer, stream->bytes_read);
        pages_release(&session->pages, stream->buffer);
    }
    TRY(file_read(file, &session->failure, target + stream->bytes_read,
                  file->size - stream->bytes_read));
    return file_finish(file, &session->failure);
}

/* The head was inflated to find the kernel header in it; the rest follows in one go. */
static enum status load_inflated(struct session *session, struct image *image, uint8_t *target)
{
    struct stream *stream = &image->stream;
    struct failure *failure = &session->failure;
    uint64_t cap = image->size != 0 ? image->size : image->needs.memory_size;
    uint64_t head_size = stream->head.size;
    uint64_t rest = 0;
    if (head_size > cap) {
        failure->number[0] = cap;
        return fail_with(failure, STATUS_IMAGE_OVER_CAP);
    }
    memcpy(target, stream->head.data, head_size);
    TRY(inflate_some(stream->inflate, target + head_size, cap - head_size, failure, &rest));
    TRY(inflate_end(stream->inflate, failure, &stream->crc32));
    stream->inflate = NULL;
    image->size = head_size + rest;
    pages_release(&session->pages, stream->work);
    pages_release(&session->pages, stream->buffer);
    return STATUS_OK;
}

/* Clears the bytes that no segment's file bytes fill, up to the last byte that one of them
 * fills. */
static void clear_gaps(const struct elf *elf, uint8_t *target)
{
    uint64_t end = 0;
    for (uint32_t i = 0; i < elf->segment_count; i++) {
        const struct elf_segment *segment = &elf->segments[i];
        if (segment->file_size > 0) {
            memset(target + end, 0, segment->at - end);
            end = segment->at + segment->file_size;
        }
    }
}

/* Finds a kernel header that lies elsewhere than at the front: all of the image is there now. */
static enum status find_header(struct session *session, struct image *image, const uint8_t *target)
{
    bool elf = image->kind == IMAGE_ELF64;
    struct header_search search = {
        .image = {target, image->size}, .native_only = image->given_format, .find = arch_find};
    if (image->has_header) {
        return STATUS_OK;
    }
    search.elf = elf ? &image->elf : NULL;
    TRY(header_search(&search, &session->failure));
    if (search.found) {
        image->header = search.header;
        image->has_header = elf;
        image->header_late = elf;
    }
    return search.found && !elf ? fail_numbers(&session->failure, STATUS_HEADER_MISPLACED,
                                               search.at, BOOTINFO_KERNEL_HEADER_LIMIT)
                                : STATUS_OK;
}

/* In one pass over the file, each segment straight to its place. */
static enum status load_elf(struct session *session, struct image *image, uint8_t *target)
{
    struct stream *stream = &image->stream;
    struct failure *failure = &session->failure;
    const struct elf *elf = &image->elf;
    const struct elf_segment *segment = NULL;
    while ((segment = elf_next_in_file(elf, stream->taken)) != NULL) {
        TRY(stream_skip(stream, failure, segment->offset - stream->taken));
        TRY(stream_take(stream, failure, target + segment->at, segment->file_size));
    }
    clear_gaps(elf, target);
    return stream_end(session, stream);
}

static void log_load(struct log *log, const struct image *image)
{
    struct writer *line = log_begin(log, "load");
    write_size(line, image->stream.file.size);
    write_string(line, " read");
    if (stream_is_inflated(&image->stream)) {
        write_string(line, ", inflated to ");
        write_size(line, image->size);
    }
    log_end(log, LOG_NORMAL);
}

enum status load_image(struct session *session, struct image *image,
                       const struct placement *placement)
{
    uint8_t *target = (uint8_t *)placement->source;
    struct elf_move move = {&arch_target, placement->virtual_address - image->elf.address};
    if (image->kind == IMAGE_ELF64) {
        TRY(load_elf(session, image, target));
    } else if (stream_is_inflated(&image->stream)) {
        TRY(load_inflated(session, image, target));
    } else {
        TRY(load_raw(session, &image->stream, target));
    }
    TRY(find_header(session, image, target));
    if (image->kind == IMAGE_ELF64) {
        TRY(elf_relocate(&image->elf, target, move, &session->failure));
    }
    memset(target + image->size, 0, placement->source_pages * PAGE_SIZE - image->size);
    log_load(&session->log, image);
    return STATUS_OK;
}
