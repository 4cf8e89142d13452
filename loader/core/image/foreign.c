#include "core/image/foreign.h"

#include "core/base/apart.h"
#include "core/base/packed.h"
#include "core/base/span.h"
#include "core/image/needs.h"
#include "core/image/phrases.h"

#include <string.h>

#define LAST_2_GIB    (-(UINT64_C(1) << 31))
#define BOOTBOOT_CORE UINT64_C(0xFFFFFFFFFFE02000) /* where all of its kernels are linked */
#define LIMINE_BASE   UINT64_C(0xF9562B2D5C95A6C8)
#define LIMINE_NUMBER 16 /* where in the tag of the base revision the revision is */

enum { PROTOCOLS(PACKED_CODE) MARKS = BOOTBOOT };

/* Where the marks of a protocol lie. */
enum where {
    HEAD,     /* in the first bytes of a segment, or of any file without segments */
    NOTES,    /* in the notes of an ELF64 file; in the first bytes of an ELF file of another kind */
    REQUESTS, /* in what the loader answers in place: the writable segments of an ELF64 file */
};

/* 8 bytes that tell a protocol by themselves; or words of 32 bits that add up to 0, of which the
 * first is known. */
static const struct mark {
    uint64_t bytes[2]; /* the first or the second 8 bytes; 0: there is no second */
    uint32_t limit;    /* so many bytes are looked at */
    uint8_t where;
    uint8_t sum;  /* how many words add up to 0; 0: it is the bytes */
    uint8_t step; /* 4 or 8: it lies at a multiple of that */
} marks[] = {
    /* Multiboot2 Specification 2.0 section 3.1.1, Multiboot Specification 0.6.96 section 3.1.1 */
    [MULTIBOOT2] = {{0xE85250D6}, HEADER_SEARCHED, HEAD, 4, 8},
    [MULTIBOOT] = {{0x1BADB002}, 0x2000, HEAD, 3, 4},
    /* XEN_ELFNOTE_PHYS32_ENTRY: type 18 of the name "Xen" (xen/include/public/elfnote.h) */
    [PVH] = {{UINT64_C(0x006E655800000012)}, HEADER_SEARCHED, NOTES, 0, 4},
    /* Limine protocol: the first 8 bytes of each request, and of the base revision's tag */
    [LIMINE] = {{UINT64_C(0xC7B1DD30DF4C8B88), LIMINE_BASE}, REQUESTS_SEARCHED, REQUESTS, 0, 8},
    /* stivale2: the header tags framebuffer and terminal, one of which nearly all kernels have */
    [STIVALE2] = {{UINT64_C(0x3ECC1BC43D0F7971), UINT64_C(0xA85D499B1823BE72)},
                  REQUESTS_SEARCHED,
                  REQUESTS,
                  0,
                  8},
};

/* Whether the mark lies at at, where its first word does. */
static bool is_mark(const struct mark *mark, struct bytes bytes, uint64_t at)
{
    uint64_t end = at + most(mark->sum * sizeof(uint32_t), sizeof(uint64_t));
    if (end > bytes.size) {
        return false;
    }
    uint64_t first = long_at(bytes.data + at);
    if (mark->sum == 0) {
        return first == mark->bytes[0] || first == mark->bytes[1];
    }
    uint32_t sum = 0;
    for (uint64_t i = 0; i < mark->sum; i++) {
        sum += word_at(bytes.data + at + i * sizeof(sum));
    }
    return sum == 0 && (uint32_t)first == mark->bytes[0];
}

static uint64_t find_plain(const void *words, uint64_t count, uint32_t value)
{
    uint64_t i = 0;
    while (i < count && word_at((const uint8_t *)words + i * sizeof(value)) != value) {
        i++;
    }
    return i;
}

/* The first word of 32 bits with this value, at from or after it; bytes.size: there is none. */
static uint64_t find_word(const struct header_search *search, struct bytes bytes, uint64_t from,
                          uint32_t value)
{
    uint64_t start = least(from, bytes.size);
    uint64_t count = (bytes.size - start) / sizeof(value);
    uint64_t i =
        (search->find != NULL ? search->find : find_plain)(bytes.data + start, count, value);
    return i < count ? start + i * sizeof(value) : bytes.size;
}

/* Protocols with requests have kernels that are linked there. */
static bool is_high(const struct elf *elf)
{
    return elf->address >= LAST_2_GIB || elf->position_independent;
}

/* What of part i of an image may hold the mark: a segment, or all where there are no segments. */
static struct bytes part(const struct header_search *search, const struct mark *mark, uint32_t i)
{
    const struct elf *elf = search->elf;
    struct bytes image = search->image;
    uint64_t at = 0;
    uint64_t size = 0;
    if (elf == NULL) {
        bool elf32 = image.size >= 4 && memcmp(image.data, "\177ELF", 4) == 0;
        size = mark->where == HEAD || (mark->where == NOTES && elf32) ? image.size : 0;
    } else if (mark->where == NOTES) {
        bool found = i == 0 && elf_find(elf, elf->notes, elf->notes_size, &at);
        size = found ? elf->notes_size : 0;
    } else {
        bool writable = (elf->segments[i].flags & ELF_WRITE) != 0;
        at = elf->segments[i].at;
        size = mark->where == HEAD || (writable && is_high(elf)) ? elf->segments[i].file_size : 0;
    }
    at = least(at, image.size);
    return (struct bytes){image.data + at, least(least(size, mark->limit), image.size - at)};
}

static uint32_t part_count(const struct header_search *search)
{
    return search->elf == NULL ? 1 : search->elf->segment_count;
}

static bool find_native(struct header_search *search)
{
    struct bytes image = search->image;
    const uint32_t word = (uint32_t)BOOTINFO_KERNEL_MAGIC;
    uint64_t at = find_word(search, image, 0, word);
    while (at < image.size && (at % 8 != 0 || !image_header_at(image, at, &search->header))) {
        at = find_word(search, image, at + sizeof(word), word);
    }
    search->at = at;
    return at < image.size;
}

/* Looks for the mark with these bytes.
 * *out_revision: of the Limine protocol; left as it is where no tag names one. */
static bool is_in(const struct header_search *search, const struct mark *mark, uint64_t bytes,
                  struct bytes part, uint64_t *out_revision)
{
    bool found = false;
    uint64_t at = 0;
    for (; (at = find_word(search, part, at, (uint32_t)bytes)) < part.size;
         at += sizeof(uint32_t)) {
        if (at % mark->step != 0 || !is_mark(mark, part, at)) {
            continue;
        }
        found = true;
        if (bytes == LIMINE_BASE && part.size - at >= LIMINE_NUMBER + sizeof(*out_revision)) {
            *out_revision = long_at(part.data + at + LIMINE_NUMBER);
        }
    }
    return found;
}

APART static bool is_there(const struct header_search *search, const struct mark *mark,
                           uint64_t *out_revision)
{
    bool found = false;
    for (uint32_t i = 0; i < part_count(search); i++) {
        struct bytes bytes = part(search, mark, i);
        found |= is_in(search, mark, mark->bytes[0], bytes, out_revision);
        found |= mark->bytes[1] != 0 && is_in(search, mark, mark->bytes[1], bytes, out_revision);
    }
    return found;
}

static enum status refuse(struct failure *failure, uint32_t protocol)
{
    failure->next = packed_text(packed_nexts, protocol <= PVH ? NEXT_MULTIBOOT : NEXT_MIGRATE);
    failure->hint = packed_text(packed_protocols, protocol);
    return fail_with(failure, STATUS_IMAGE_FOREIGN);
}

enum status header_search(struct header_search *search, struct failure *failure)
{
    uint64_t revision = 0;
    search->found = find_native(search);
    if (search->found || search->native_only) {
        return STATUS_OK;
    }
    if (search->elf != NULL && search->elf->address == BOOTBOOT_CORE) {
        return refuse(failure, BOOTBOOT);
    }
    for (uint32_t i = 0; i < MARKS; i++) {
        if (is_there(search, &marks[i], &revision)) {
            return i == LIMINE ? fail_numbers(failure, STATUS_IMAGE_LIMINE, revision, 0)
                               : refuse(failure, i);
        }
    }
    return STATUS_OK;
}
