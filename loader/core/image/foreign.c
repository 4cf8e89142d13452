#include "core/image/foreign.h"

#include "core/base/search.h"
#include "core/base/span.h"

#include <string.h>

#define LAST_2_GIB    (-(UINT64_C(1) << 31))
#define BOOTBOOT_CORE UINT64_C(0xFFFFFFFFFFE02000) /* where all of its kernels are linked */

#define ADD(adapter) "Add 'adapter = " adapter "' to loader.cfg: docs/adapters.md."
#define MIGRATE      "Build it for BootInfo: docs/migrating.md."

#define LIMINE    "a kernel of the Limine protocol: it waits for answers that an adapter gives"
#define MULTIBOOT "a Multiboot kernel: its entry is 32-bit code"
#define STIVALE   "a stivale2 kernel, a protocol that Limine's replaced"

/* Where the marks of a protocol lie. */
enum where {
    HEAD,     /* in the first bytes of any file */
    NOTES,    /* in the notes of an ELF64 file; in the first bytes of an ELF file of another kind */
    REQUESTS, /* in what the loader answers in place: the writable segments of an ELF64 file */
};

/* Two words of 32 bits, the first of them at a multiple of step. */
static const struct mark {
    uint32_t first;
    uint32_t second;
    uint16_t end; /* the whole header ends at or below; 0: anywhere */
    uint8_t sum;  /* so many words from the first on add up to 0; 0: the second must be there */
    uint8_t step;
    uint8_t where;
    const char *phrase;
    const char *next;
} marks[] = {
    /* Multiboot2 Specification 2.0 section 3.1.1, Multiboot Specification 0.6.96 section 3.1.1 */
    {0xE85250D6, 0, 0x8000, 4, 8, HEAD, "a Multiboot2 kernel: its entry is 32-bit code",
     ADD("multiboot")},
    {0x1BADB002, 0, 0x2000, 3, 4, HEAD, MULTIBOOT, ADD("multiboot")},
    /* XEN_ELFNOTE_PHYS32_ENTRY: type 18 of the name "Xen" (xen/include/public/elfnote.h) */
    {18, 0x006E6558, 0, 0, 4, NOTES, "a PVH kernel: its entry is 32-bit code", ADD("multiboot")},
    /* Limine protocol: the first word of each request, and of the base revision's tag */
    {0xDF4C8B88, 0xC7B1DD30, 0, 0, 8, REQUESTS, LIMINE, ADD("limine")},
    {0x5C95A6C8, 0xF9562B2D, 0, 0, 8, REQUESTS, LIMINE, ADD("limine")},
    /* stivale2: the header tags framebuffer and terminal, one of which nearly all kernels have */
    {0x3D0F7971, 0x3ECC1BC4, 0, 0, 8, REQUESTS, STIVALE, MIGRATE},
    {0x1823BE72, 0xA85D499B, 0, 0, 8, REQUESTS, STIVALE, MIGRATE},
};

#define MARKS (sizeof(marks) / sizeof(marks[0]))

static uint32_t word_at(const uint8_t *at)
{
    uint32_t word;
    memcpy(&word, at, sizeof(word));
    return word;
}

/* Whether all of a mark is at offset at, whose first word is there. */
static bool is_mark(const struct mark *mark, struct bytes bytes, uint64_t at)
{
    uint64_t end = at + most(mark->sum, 2) * sizeof(uint32_t);
    uint32_t sum = 0;
    if (end > bytes.size) {
        return false;
    }
    for (uint64_t i = 0; i < mark->sum; i++) {
        sum += word_at(bytes.data + at + i * sizeof(sum));
    }
    return mark->sum != 0 ? sum == 0 : word_at(bytes.data + at + sizeof(sum)) == mark->second;
}

static bool has_mark(const struct mark *mark, struct bytes bytes)
{
    uint64_t at = 0;
    bytes.size = mark->end != 0 ? least(bytes.size, mark->end) : bytes.size;
    while ((at = search_word(bytes, at, mark->step, mark->first)) < bytes.size) {
        if (is_mark(mark, bytes, at)) {
            return true;
        }
        at += mark->step;
    }
    return false;
}

static bool has_request(const struct mark *mark, struct bytes image, const struct elf *elf)
{
    if (elf == NULL || (elf->address < LAST_2_GIB && !elf->position_independent)) {
        return false;
    }
    for (uint32_t i = 0; i < elf->segment_count; i++) {
        const struct elf_segment *segment = &elf->segments[i];
        if ((segment->flags & ELF_WRITE) != 0 && segment->at < image.size &&
            has_mark(mark, (struct bytes){image.data + segment->at,
                                          least(least(segment->file_size, image.size - segment->at),
                                                FOREIGN_REQUESTS_SIZE)})) {
            return true;
        }
    }
    return false;
}

static bool has_note(const struct mark *mark, struct bytes image, const struct elf *elf)
{
    uint64_t at = 0;
    if (elf == NULL) {
        image.size = least(image.size, FOREIGN_HEAD_SIZE);
        return image.size >= 4 && memcmp(image.data, "\177ELF", 4) == 0 && has_mark(mark, image);
    }
    return elf->notes_size > 0 && elf_find(elf, elf->notes, elf->notes_size, &at) &&
           at + elf->notes_size <= image.size &&
           has_mark(mark, (struct bytes){image.data + at, elf->notes_size});
}

static enum status refuse(struct failure *failure, const char *phrase, const char *next)
{
    failure->next = text_of(next);
    return fail_hint(failure, STATUS_IMAGE_FOREIGN, phrase);
}

enum status foreign_check(struct bytes bytes, const struct elf *elf, struct failure *failure)
{
    if (elf != NULL && elf->address == BOOTBOOT_CORE) {
        return refuse(failure, "a BOOTBOOT kernel: its structure is at a fixed address", MIGRATE);
    }
    for (const struct mark *mark = marks; mark < marks + MARKS; mark++) {
        bool found = mark->where == HEAD    ? has_mark(mark, bytes)
                     : mark->where == NOTES ? has_note(mark, bytes, elf)
                                            : has_request(mark, bytes, elf);
        if (found) {
            return refuse(failure, mark->phrase, mark->next);
        }
    }
    return STATUS_OK;
}
