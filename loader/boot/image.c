/* The kernel's file on its way into memory: opened once, every byte read once, each of them
 * straight to where it stays wherever that can be known. What it is, is for image.c to say. */
#include "boot/boot.h"

#include <string.h>

#define FILE_SIZE_MAX   UINT64_C(0x80000000) /* larger reads fail on real firmware (systemd #31452) */
#define DIRECT_MAP_UNIT UINT64_C(0x40000000)
#define HEAD_SIZE       BOOTINFO_KERNEL_HEADER_LIMIT /* no larger than the smallest read_chunk */

_Static_assert(INFLATE_WORK_SIZE % PAGE_SIZE == 0, "the head follows on a page of its own");

static bool ends_with(struct text text, struct text end)
{
    return text.size >= end.size &&
           memcmp(text.bytes + text.size - end.size, end.bytes, end.size) == 0;
}

static bool looks_compressed(const struct entry *entry)
{
    return entry->compression == COMPRESSION_GZIP || entry->compression == COMPRESSION_ZLIB ||
           (entry->compression == COMPRESSION_AUTO && ends_with(entry->kernel, TEXT(".gz")));
}

/* A raw file is read to where it will most likely run; a wrong guess costs a copy of one chunk. */
static bool reserve_guess(struct boot *boot, struct image *image)
{
    const struct entry *entry = boot->entry;
    uint64_t size = image->file.size > entry->memory ? image->file.size : entry->memory;
    struct memory_request request = {PLAT_CODE, BOOTINFO_MEMORY_USABLE, page_count_of(size), NULL};
    uint64_t end = 0;
    if (looks_compressed(entry) || entry->address < UINT64_C(0x100000) ||
        entry->address % PAGE_SIZE != 0 || size > boot->machine.address_limit ||
        __builtin_add_overflow(entry->address, request.page_count * PAGE_SIZE, &end) ||
        !memory_reserve_at(boot, request, entry->address)) {
        return false;
    }
    image->buffer = entry->address;
    image->buffer_pages = request.page_count;
    return true;
}

static enum status reserve_buffer(struct boot *boot, struct image *image)
{
    struct memory_request request = {PLAT_DATA, BOOTINFO_MEMORY_USABLE,
                                     page_count_of(image->file.size), "the kernel's file"};
    image->buffer_pages = request.page_count;
    return memory_reserve(boot, request, &image->buffer);
}

static enum status read_first_chunk(struct boot *boot, struct image *image)
{
    uint64_t size = image->file.size < image->file.chunk ? image->file.size : image->file.chunk;
    TRY(file_read(boot, &image->file, (void *)image->buffer, size));
    image->got = size;
    return STATUS_OK;
}

/* Moves what was read out of the kernel's place, which a compressed file need not fit into. */
static enum status move_to_buffer(struct boot *boot, struct image *image)
{
    uint64_t guess = image->buffer;
    TRY(reserve_buffer(boot, image));
    memcpy((void *)image->buffer, (const void *)guess, image->got);
    memory_release(boot, guess);
    return STATUS_OK;
}

static enum status inflate_head(struct boot *boot, struct image *image)
{
    struct memory_request request = {PLAT_DATA, BOOTINFO_MEMORY_USABLE,
                                     page_count_of(INFLATE_WORK_SIZE + HEAD_SIZE), "inflating"};
    bool gzip = image->format == IMAGE_GZIP;
    const void *file = (const void *)image->buffer;
    struct failure *failure = &boot->failure;
    TRY(memory_reserve(boot, request, &image->work));
    TRY(inflate_begin((void *)image->work, gzip ? INFLATE_GZIP : INFLATE_ZLIB, file, image->got,
                      failure, &image->inflate));
    if (gzip) { /* now known to be plausible */
        TRY(inflate_gzip_length(file, image->got, failure, &image->size));
    }
    uint8_t *head = (uint8_t *)image->work + INFLATE_WORK_SIZE;
    image->head = head;
    uint64_t size = !gzip || image->size > HEAD_SIZE ? HEAD_SIZE : image->size;
    return inflate_some(image->inflate, head, size, failure, &image->head_size);
}

static enum status read_compressed(struct boot *boot, struct image *image, bool guessed)
{
    struct file *file = &image->file;
    if (guessed) {
        TRY(move_to_buffer(boot, image));
    }
    TRY(file_read(boot, file, (uint8_t *)image->buffer + image->got, file->size - image->got));
    image->got = file->size;
    TRY(file_finish(boot, file));
    TRY(inflate_head(boot, image));
    struct text head = {(const char *)image->head, image->head_size};
    return image_recognise_inflated(head, &boot->failure);
}

static void log_image(struct boot *boot, const struct image *image)
{
    static const char *const formats[] = {"raw", "gzip", "zlib"};
    char buffer[256];
    struct writer line = writer_on(buffer, sizeof(buffer));
    log_path(&line, image->file.path);
    write_string(&line, ", ");
    write_size(&line, image->file.size);
    write_string(&line, ", ");
    write_string(&line, formats[image->format]);
    write_string(&line, image->is_elf ? " ELF" : "");
    write_string(&line, image->has_header ? ", with a kernel header" : "");
    log_stage(&boot->log, "image", &line);
}

static enum status settle(struct boot *boot, struct image *image)
{
    struct BootInfoKernelHeader header;
    image->has_header = image_header(image->head, image->head_size, &header);
    return image_settle(boot->entry, image->has_header ? &header : NULL, image->size,
                        boot->machine.address_limit, &boot->failure, &image->needs);
}

static enum status check_direct_map(struct boot *boot)
{
    uint64_t direct_map = boot->image.needs.direct_map;
    uint64_t least = higher_half(&boot->machine);
    if (direct_map != 0 && (direct_map < least || direct_map % DIRECT_MAP_UNIT != 0)) {
        boot->failure.number[0] = direct_map;
        boot->failure.number[1] = least;
        return fail(boot, STATUS_DIRECT_MAP_BAD);
    }
    return STATUS_OK;
}

enum status image_read(struct boot *boot)
{
    const struct entry *entry = boot->entry;
    struct image *image = &boot->image;
    boot->failure.path = entry->kernel;
    TRY(file_open(boot, entry->kernel, FILE_SIZE_MAX, &image->file));
    image->file.chunk = entry->read_chunk;
    bool guessed = reserve_guess(boot, image);
    if (!guessed) {
        TRY(reserve_buffer(boot, image));
    }
    TRY(read_first_chunk(boot, image));
    struct text start = {(const char *)image->buffer, image->got};
    TRY(image_recognise(start, entry, &boot->failure, &image->format));
    if (image->format == IMAGE_RAW) {
        image->size = image->file.size;
        image->head = (const uint8_t *)image->buffer;
        image->head_size = image->got < HEAD_SIZE ? image->got : HEAD_SIZE;
    } else {
        TRY(read_compressed(boot, image, guessed));
    }
    if (image_is_elf((struct text){(const char *)image->head, image->head_size})) {
        TRY(elf_read(boot));
    } else {
        TRY(settle(boot, image));
    }
    TRY(check_direct_map(boot));
    log_image(boot, image);
    return STATUS_OK;
}

static enum status load_raw(struct boot *boot, struct image *image, uint8_t *target)
{
    struct file *file = &image->file;
    if (image->buffer != (uint64_t)target) {
        memcpy(target, (const void *)image->buffer, image->got);
        memory_release(boot, image->buffer);
    }
    TRY(file_read(boot, file, target + image->got, file->size - image->got));
    return file_finish(boot, file);
}

/* The first 4 KiB were inflated to find the header in them; the rest follows in one go. */
static enum status load_inflated(struct boot *boot, struct image *image, uint8_t *target)
{
    struct failure *failure = &boot->failure;
    uint64_t cap = image->size != 0 ? image->size : image->needs.memory_size;
    uint64_t head_size = image->head_size;
    uint64_t rest = 0;
    if (head_size > cap) {
        failure->number[0] = cap;
        return fail(boot, STATUS_IMAGE_OVER_CAP);
    }
    memcpy(target, image->head, head_size);
    TRY(inflate_some(image->inflate, target + head_size, cap - head_size, failure, &rest));
    TRY(inflate_end(image->inflate, failure, &image->crc32));
    image->size = head_size + rest;
    memory_release(boot, image->work);
    memory_release(boot, image->buffer);
    return STATUS_OK;
}

static void log_load(struct boot *boot, const struct image *image)
{
    char buffer[128];
    struct writer line = writer_on(buffer, sizeof(buffer));
    write_size(&line, image->file.size);
    write_string(&line, " read");
    if (image->format != IMAGE_RAW) {
        write_string(&line, ", inflated to ");
        write_size(&line, image->size);
    }
    log_stage(&boot->log, "load", &line);
}

enum status image_load(struct boot *boot)
{
    struct image *image = &boot->image;
    const struct placement *placement = &boot->placement;
    uint8_t *target = (uint8_t *)placement->source;
    boot->failure.path = image->file.path;
    if (image->is_elf) {
        TRY(elf_load(boot, target));
    } else if (image->format == IMAGE_RAW) {
        TRY(load_raw(boot, image, target));
    } else {
        TRY(load_inflated(boot, image, target));
    }
    uint64_t end =
        (placement->staged ? placement->source_pages : placement->page_count) * PAGE_SIZE;
    memset(target + image->size, 0, end - image->size);
    log_load(boot, image);
    return STATUS_OK;
}
