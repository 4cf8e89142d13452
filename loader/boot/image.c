#include "boot/image.h"

#include "core/base/apart.h"
#include "core/image/foreign.h"

static struct image_limits limits_of(const struct arch_cpu *cpu)
{
    return (struct image_limits){arch_target.lowest_address, cpu->address_limit, cpu->higher_half};
}

/* A file that is no kernel may be one of another loader, whose header begins after the head. */
static enum status recognise_inflated(struct session *session, const struct entry *entry,
                                      struct image *image)
{
    struct stream *stream = &image->stream;
    struct failure *failure = &session->failure;
    enum status status =
        image_recognise_inflated(stream->head, entry, &arch_target, failure, &image->kind);
    if (status == STATUS_IMAGE_NOT_RAW) {
        TRY(stream_widen_head(session, stream, least(stream->size, HEADER_SEARCHED)));
        status = image_recognise_inflated(stream->head, entry, &arch_target, failure, &image->kind);
    }
    return status;
}

APART static enum status recognise(struct session *session, const struct entry *entry,
                                   struct image *image)
{
    struct stream *stream = &image->stream;
    struct failure *failure = &session->failure;
    struct image_limits limits = limits_of(&session->cpu);
    struct bytes start;
    enum status opened = stream_open(session, entry, image_address(entry, &limits), stream, &start);
    if (opened == STATUS_FILE_NOT_FOUND && entry->foreign.size > 0) {
        return fail_with(failure, STATUS_ADAPTER_NOT_FOUND);
    }
    TRY(opened);
    TRY(image_recognise(start, entry, &arch_target, failure, &stream->kind));
    TRY(stream_begin(session, stream));
    image->kind = stream->kind;
    return stream_is_inflated(stream) ? recognise_inflated(session, entry, image) : STATUS_OK;
}

/* So many bytes of the file, from its first segment on, may hold the kernel header. */
static uint64_t header_room(const struct elf *elf)
{
    uint64_t size = 0;
    for (uint32_t i = 0; i < elf->segment_count; i++) {
        size += elf->segments[i].file_size;
    }
    return least(size, BOOTINFO_KERNEL_HEADER_LIMIT);
}

static enum status parse_elf(struct session *session, struct image *image, struct bytes *out_first)
{
    struct stream *stream = &image->stream;
    TRY(elf_parse(stream->head, stream->size != 0 ? stream->size : ELF_SIZE_UNKNOWN,
                  &session->failure, &image->elf));
    const struct elf_segment *first = elf_next_in_file(&image->elf, 0);
    uint64_t visible = header_room(&image->elf);
    TRY(stream_widen_head(session, stream, first->offset + visible));
    image->size = image->elf.loaded_size;
    *out_first = (struct bytes){stream->head.data + first->offset, visible};
    return STATUS_OK;
}

static void log_image(struct log *log, const struct image *image, bool has_header)
{
    const struct stream *stream = &image->stream;
    struct writer *line = log_begin(log, "image");
    log_path(line, stream->file.path);
    write_string(line, ", ");
    write_size(line, stream->file.size);
    write_string(line, stream->kind == IMAGE_GZIP   ? ", gzip"
                       : stream->kind == IMAGE_ZLIB ? ", zlib"
                                                    : ", raw");
    write_string(line, image->kind == IMAGE_ELF64 ? " ELF" : "");
    write_string(line, has_header ? ", with a kernel header" : "");
    write_string(line, stream->file.origin.memory != NULL ? ", sealed"
                       : stream->file.origin.pin != NULL  ? ", pinned"
                                                          : "");
    log_end(log, LOG_NORMAL);
}

enum status image_read(struct session *session, const struct entry *entry, struct image *image)
{
    struct image_request request = {.entry = entry, .limits = limits_of(&session->cpu)};
    struct failure *failure = &session->failure;
    failure->path = entry->kernel;
    TRY(recognise(session, entry, image));
    struct bytes front = image->stream.head;
    image->size = image->stream.size;
    if (image->kind == IMAGE_ELF64) {
        TRY(parse_elf(session, image, &front));
    }
    image->has_header = image->has_header || image_header(front, &image->header);
    image->given_format = entry->format != FORMAT_AUTO;
    request.header = image->has_header ? &image->header : NULL;
    request.image_size = image->size;
    TRY(image->kind == IMAGE_ELF64
            ? image_resolve_elf(&request, &image->elf, failure, &image->needs)
            : image_resolve(&request, failure, &image->needs));
    session->pages.last = image->needs.last;
    log_image(&session->log, image, image->has_header);
    return STATUS_OK;
}
