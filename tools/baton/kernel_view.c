#include "kernel_view.h"

#include "core/base/span.h"
#include "core/image/foreign.h"
#include "core/image/inflate.h"
#include "core/image/kind.h"
#include "core/image/needs.h"
#include "core/memory/room.h"
#include "maps/maps.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What a CPU with 48-bit addresses and four levels of page tables has. */
#define ADDRESS_LIMIT (UINT64_C(1) << 46)
#define HIGHER_HALF   UINT64_C(0xFFFF800000000000)

#define INFLATED_MAX UINT64_C(0x100000000) /* what a gzip trailer can say */

/* loader/arch/x86_64/target.c, which asks the CPU for nothing. */
extern const struct target arch_target;

static const struct image_limits *limits(void)
{
    static struct image_limits of_machine;
    of_machine = (struct image_limits){arch_target.lowest_address, ADDRESS_LIMIT, HIGHER_HALF};
    return &of_machine;
}

struct entry kernel_view_entry(const char *path)
{
    static struct config config;
    if (config_parse(TEXT("kernel = /kernel\n"), TEXT("loader.cfg"), &config) != STATUS_OK) {
        abort();
    }
    config.entries[0].kernel = text_of(path);
    return config.entries[0];
}

/* Inflates all of it: what is damaged is found. The output is freed by the caller. */
static enum status inflate_all(struct bytes file, enum image_kind kind, struct failure *failure,
                               struct bytes *out_image)
{
    bool gzip = kind == IMAGE_GZIP;
    uint64_t capacity = 1 << 20;
    uint64_t got = 1;
    uint32_t crc;
    struct inflate *stream;
    void *work = malloc(INFLATE_WORK_SIZE);
    uint8_t *image = malloc(capacity);
    struct bytes all = {image, 0};
    enum status status =
        work == NULL || image == NULL
            ? STATUS_MEMORY_EXHAUSTED
            : inflate_begin(work, gzip ? INFLATE_GZIP : INFLATE_ZLIB, file, failure, &stream);
    while (status == STATUS_OK && got > 0 && all.size < INFLATED_MAX) {
        if (all.size == capacity) {
            capacity *= 2;
            image = realloc(image, capacity);
            if (image == NULL) {
                abort();
            }
        }
        status = inflate_some(stream, image + all.size, capacity - all.size, failure, &got);
        all.size += status == STATUS_OK ? got : 0;
    }
    status = status == STATUS_OK ? inflate_end(stream, failure, &crc) : status;
    free(work);
    all.data = image;
    *out_image = all;
    return status;
}

static void note_segments(const struct elf *elf, struct kernel_view *view)
{
    view->format = KERNEL_VIEW_ELF;
    view->position_independent = elf->position_independent;
    for (uint32_t i = 0; i < elf->segment_count && i < KERNEL_VIEW_SEGMENTS_MAX; i++) {
        const struct elf_segment *from = &elf->segments[i];
        view->segments[view->segment_count++] = (struct kernel_view_segment){
            .address = elf->physical + from->at,
            .file_size = from->file_size,
            .memory_size = from->memory_size,
            .write = (from->flags & ELF_WRITE) != 0,
            .execute = (from->flags & ELF_EXECUTE) != 0,
        };
    }
}

static void note_needs(const struct image_needs *needs, struct kernel_view *view)
{
    view->physical = needs->address;
    view->address = needs->address;
    view->memory_size = needs->memory_size;
    view->entry = needs->entry;
    view->stack_size = needs->stack_size;
    view->alignment = needs->alignment;
    view->direct_map = needs->direct_map;
}

/* The image as the loader lays it out in memory. An ELF file that fills less than a sixteenth of
 * its image is left as a file: no kernel of another loader is like that. */
static struct bytes lay_out(struct bytes file, const struct elf *elf)
{
    if (elf == NULL || elf->loaded_size / 16 > file.size) {
        return (struct bytes){NULL, 0};
    }
    uint8_t *image = calloc(1, most(elf->loaded_size, 1));
    if (image == NULL) {
        abort();
    }
    for (uint32_t i = 0; i < elf->segment_count; i++) {
        const struct elf_segment *segment = &elf->segments[i];
        memcpy(image + segment->at, file.data + segment->offset, segment->file_size);
    }
    return (struct bytes){image, elf->loaded_size};
}

/* A file whose header is not at the front, as the stage load sees it (loader/boot/load.c). */
static enum status check_headless(const struct entry *entry, struct bytes file,
                                  const struct elf *elf, struct failure *failure,
                                  struct kernel_view *view)
{
    struct bytes image = lay_out(file, elf);
    struct header_search search = {.image = image.data != NULL ? image : file,
                                   .elf = elf,
                                   .native_only = entry->format != FORMAT_AUTO};
    enum status status = header_search(&search, failure);
    if (search.found) {
        view->header = search.header;
        view->has_header = elf != NULL;
    }
    if (search.found && elf == NULL) {
        status =
            fail_numbers(failure, STATUS_HEADER_MISPLACED, search.at, BOOTINFO_KERNEL_HEADER_LIMIT);
    }
    free((void *)(uintptr_t)image.data);
    return status;
}

/* As the stage image of the loader does it (loader/boot/image.c). */
static enum status resolve(const struct entry *entry, struct bytes image, enum image_kind kind,
                           struct failure *failure, struct kernel_view *view)
{
    static struct elf elf;
    struct image_needs needs;
    struct bytes front = {image.data, least(image.size, BOOTINFO_KERNEL_HEADER_LIMIT)};
    struct image_request request = {.entry = entry, .image_size = image.size, .limits = *limits()};
    if (kind == IMAGE_ELF64) {
        TRY(elf_parse(image, image.size, failure, &elf));
        const struct elf_segment *first = &elf.segments[0];
        front = (struct bytes){image.data + first->offset,
                               least(first->file_size, BOOTINFO_KERNEL_HEADER_LIMIT)};
        note_segments(&elf, view);
    }
    view->has_header = image_header(front, &view->header);
    if (!view->has_header) {
        TRY(check_headless(entry, image, kind == IMAGE_ELF64 ? &elf : NULL, failure, view));
    }
    request.header = view->has_header ? &view->header : NULL;
    TRY(kind == IMAGE_ELF64 ? image_resolve_elf(&request, &elf, failure, &needs)
                            : image_resolve(&request, failure, &needs));
    view->image_size = image.size;
    note_needs(&needs, view);
    view->address = kind == IMAGE_ELF64 ? elf.address : needs.address;
    return STATUS_OK;
}

static enum status look(const struct entry *entry, struct bytes file, struct failure *failure,
                        struct kernel_view *view)
{
    enum image_kind kind;
    struct bytes image = file;
    if (file.size == 0) {
        failure->status = STATUS_FILE_EMPTY;
        return STATUS_FILE_EMPTY;
    }
    TRY(image_recognise(file, entry, &arch_target, failure, &kind));
    if (kind != IMAGE_GZIP && kind != IMAGE_ZLIB) {
        return resolve(entry, image, kind, failure, view);
    }
    view->compression = kind == IMAGE_GZIP ? "gzip" : "zlib";
    enum status status = inflate_all(file, kind, failure, &image);
    if (status == STATUS_OK) {
        status = image_recognise_inflated(image, entry, &arch_target, failure, &kind);
    }
    if (status == STATUS_OK) {
        status = resolve(entry, image, kind, failure, view);
    }
    free((void *)(uintptr_t)image.data);
    return status;
}

static void write_failure(struct failure *failure, enum status status, char *words)
{
    struct writer writer = writer_on(words, KERNEL_VIEW_WORDS_MAX);
    failure->status = status;
    failure_write(&writer, failure);
}

bool kernel_view_make(const struct entry *entry, const void *file, size_t size, char *words,
                      struct kernel_view *out_view)
{
    static struct failure failure;
    *out_view = (struct kernel_view){0};
    failure = (struct failure){.path = entry->kernel};
    enum status status = look(entry, (struct bytes){file, size}, &failure, out_view);
    if (status != STATUS_OK) {
        write_failure(&failure, status, words);
    }
    return status == STATUS_OK;
}

static enum status look_at_module(const struct config_module *module, struct bytes file,
                                  struct failure *failure)
{
    struct bytes inflated = {0};
    if (file.size == 0) {
        return STATUS_FILE_EMPTY;
    }
    if (!module->gzip) {
        return STATUS_OK;
    }
    if (image_format_of(file, &arch_target).kind != IMAGE_GZIP) {
        return module->gzip_or ? STATUS_OK : STATUS_MODULE_NOT_GZIP;
    }
    enum status status = inflate_all(file, IMAGE_GZIP, failure, &inflated);
    free((void *)(uintptr_t)inflated.data);
    return status;
}

bool kernel_view_module(const struct config_module *module, const void *file, size_t size,
                        char *words)
{
    static struct failure failure;
    failure = (struct failure){.path = module->path};
    enum status status = look_at_module(module, (struct bytes){file, size}, &failure);
    if (status != STATUS_OK) {
        write_failure(&failure, status, words);
    }
    return status == STATUS_OK;
}

static enum kernel_view_room judge(const struct kernel_view *view, struct memory_view regions,
                                   const char *name, char *words)
{
    static struct failure failure;
    struct BootInfoSpan span = {view->physical, page_count_of(view->memory_size) * PAGE_SIZE};
    failure = (struct failure){.path = text_of(name)};
    switch (room_at(regions, span, arch_target.lowest_address, &failure)) {
    case ROOM_NOW:
        return KERNEL_VIEW_FREE;
    case ROOM_AT_EXIT:
        return view->alignment == 0 ? KERNEL_VIEW_STAGED : KERNEL_VIEW_MOVED;
    default:
        break;
    }
    if (view->alignment != 0 &&
        room_lowest(regions, span.size + view->alignment, arch_target.lowest_address) != 0) {
        return KERNEL_VIEW_MOVED;
    }
    write_failure(&failure, failure.status, words);
    return KERNEL_VIEW_REFUSED;
}

enum kernel_view_room kernel_view_room(const struct kernel_view *view, const char *path,
                                       const char *name, char *words)
{
    struct map_case *map = calloc(1, sizeof(*map));
    int line;
    if (map == NULL) {
        abort();
    }
    if (!map_case_read(path, map, &line)) {
        snprintf(words, KERNEL_VIEW_WORDS_MAX, "%s:%d: error: this is no line of a memory map\n",
                 path, line);
        free(map);
        return KERNEL_VIEW_NO_MAP;
    }
    map->placed_count = 0; /* the loader that was there then */
    struct map_result result = map_case_convert(map);
    enum kernel_view_room room =
        judge(view, (struct memory_view){result.regions, result.count}, name, words);
    free(result.regions);
    free(map);
    return room;
}

const char *kernel_view_room_name(enum kernel_view_room room)
{
    static const char *const names[] = {
        [KERNEL_VIEW_FREE] = "free",     [KERNEL_VIEW_STAGED] = "staged",
        [KERNEL_VIEW_MOVED] = "moved",   [KERNEL_VIEW_REFUSED] = "refused",
        [KERNEL_VIEW_NO_MAP] = "no map",
    };
    return names[room];
}
