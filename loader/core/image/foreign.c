#include "core/image/foreign.h"

#include "core/base/span.h"

#include <string.h>

#define LAST_2_GIB    (-(UINT64_C(1) << 31))
#define BOOTBOOT_CORE UINT64_C(0xFFFFFFFFFFE02000) /* where all of its kernels are linked */

#define ADD(adapter) "Add 'adapter = " adapter "' to loader.cfg: docs/adapters.md."
#define MIGRATE      "Build it for BootInfo: docs/migrating.md compares the fields."

#define LIMINE    "a kernel of the Limine protocol: it waits for answers that an adapter gives"
#define MULTIBOOT "a Multiboot kernel: its entry is 32-bit code"
#define STIVALE   "a stivale2 kernel, a protocol that Limine's replaced"

/* Two words of 32 bits, the first of them at a multiple of step. */
static const struct mark {
    uint32_t first;
    uint32_t second;
    uint16_t end; /* the whole header ends at or below; 0: anywhere */
    uint8_t sum;  /* so many words from the first on add up to 0; 0: the second must be there */
    uint8_t step;
    const char *phrase;
    const char *next;
} marks[] = {
    /* Multiboot2 Specification 2.0 section 3.1.1, Multiboot Specification 0.6.96 section 3.1.1 */
    {0xE85250D6, 0, 0x8000, 4, 8, "a Multiboot2 kernel: its entry is 32-bit code",
     ADD("multiboot")},
    {0x1BADB002, 0, 0x2000, 3, 4, MULTIBOOT, ADD("multiboot")},
    /* Limine protocol: the first word of each request, and of the base revision's tag */
    {0xDF4C8B88, 0xC7B1DD30, 0, 0, 8, LIMINE, ADD("limine")},
    {0x5C95A6C8, 0xF9562B2D, 0, 0, 8, LIMINE, ADD("limine")},
    /* stivale2: the header tags framebuffer and terminal, one of which nearly all kernels have */
    {0x3D0F7971, 0x3ECC1BC4, 0, 0, 8, STIVALE, MIGRATE},
    {0x1823BE72, 0xA85D499B, 0, 0, 8, STIVALE, MIGRATE},
    /* XEN_ELFNOTE_PHYS32_ENTRY: type 18 of the name "Xen" (xen/include/public/elfnote.h) */
    {18, 0x006E6558, 0, 0, 4, "a PVH kernel: its entry is 32-bit code", ADD("multiboot")},
};

#define MARKS (sizeof(marks) / sizeof(marks[0]))

static uint32_t word_at(const uint8_t *at)
{
    uint32_t word;
    memcpy(&word, at, sizeof(word));
    return word;
}

/* Whether the rest of a mark is there as well, whose first word is at offset at. */
static bool is_mark(const struct mark *mark, struct bytes bytes, uint64_t at)
{
    uint64_t words = most(mark->sum, 2);
    uint64_t end = at + words * sizeof(uint32_t);
    uint32_t sum = 0;
    if (at % mark->step != 0 || end > bytes.size || (mark->end != 0 && end > mark->end)) {
        return false;
    }
    for (uint64_t i = 0; i < mark->sum; i++) {
        sum += word_at(bytes.data + at + i * sizeof(sum));
    }
    return mark->sum != 0 ? sum == 0 : word_at(bytes.data + at + sizeof(sum)) == mark->second;
}

static enum status refuse(struct failure *failure, const char *phrase, const char *next)
{
    failure->next = text_of(next);
    return fail_hint(failure, STATUS_IMAGE_FOREIGN, phrase);
}

enum status foreign_check(struct bytes bytes, const struct elf *elf, struct failure *failure)
{
    if (elf != NULL && elf->address == BOOTBOOT_CORE) {
        return refuse(failure, "a BOOTBOOT kernel: it expects its structure at 0xffffffffffe00000",
                      MIGRATE);
    }
    if (elf == NULL || (elf->address < LAST_2_GIB && !elf->position_independent)) {
        bytes.size = least(bytes.size, FOREIGN_HEAD_SIZE);
    }
    for (uint64_t at = 0; at + sizeof(uint64_t) <= bytes.size; at += sizeof(uint32_t)) {
        uint32_t word = word_at(bytes.data + at);
        for (const struct mark *mark = marks; mark < marks + MARKS; mark++) {
            if (word == mark->first && is_mark(mark, bytes, at)) {
                return refuse(failure, mark->phrase, mark->next);
            }
        }
    }
    return STATUS_OK;
}
