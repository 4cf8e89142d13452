#include "core/image/foreign.h"

#include "core/base/span.h"

#include <string.h>

/* Multiboot Specification 0.6.96 section 3.1, Multiboot2 Specification 2.0 section 3.1. */
#define MULTIBOOT1_MAGIC 0x1BADB002
#define MULTIBOOT1_LIMIT 0x2000
#define MULTIBOOT2_MAGIC 0xE85250D6
#define MULTIBOOT2_LIMIT 0x8000

#define LAST_2_GIB (-(UINT64_C(1) << 31))

#define BOOTBOOT_CORE UINT64_C(0xFFFFFFFFFFE02000) /* BOOTBOOT protocol, static addresses */

#define ADAPTER(name)                                                             \
    "Its adapter boots it: kernel = /boot/" name ".bin, module = this file (see " \
    "sample-kernels/adapters)."
#define BUILD "Build it for BootInfo: docs/abi.md says how."

static uint32_t word_32(struct bytes bytes, uint64_t at)
{
    uint32_t word;
    memcpy(&word, bytes.data + at, sizeof(word));
    return word;
}

static uint64_t word_64(struct bytes bytes, uint64_t at)
{
    uint64_t word;
    memcpy(&word, bytes.data + at, sizeof(word));
    return word;
}

/* Four words a step: kernels have many. */
uint64_t foreign_find_word(struct bytes bytes, uint64_t from, uint64_t word)
{
    uint64_t at = from;
    while (at + 32 <= bytes.size && word_64(bytes, at) != word && word_64(bytes, at + 8) != word &&
           word_64(bytes, at + 16) != word && word_64(bytes, at + 24) != word) {
        at += 32;
    }
    for (; at + 8 <= bytes.size; at += 8) {
        if (word_64(bytes, at) == word) {
            return at;
        }
    }
    return bytes.size;
}

/* Whether a header of count words of 32 bits, whose sum is 0, begins with magic within limit, at a
 * multiple of step. */
static bool has_multiboot(struct bytes file, uint32_t magic, uint32_t count, uint64_t limit)
{
    uint64_t end = least(file.size, limit);
    uint64_t step = magic == MULTIBOOT2_MAGIC ? 8 : 4;
    for (uint64_t at = 0; at + count * sizeof(magic) <= end; at += step) {
        if (word_32(file, at) == magic) {
            uint32_t sum = 0;
            for (uint32_t i = 0; i < count; i++) {
                sum += word_32(file, at + i * sizeof(sum));
            }
            if (sum == 0) {
                return true;
            }
        }
    }
    return false;
}

struct foreign foreign_of_file(struct bytes file)
{
    if (has_multiboot(file, MULTIBOOT2_MAGIC, 4, MULTIBOOT2_LIMIT)) {
        return (struct foreign){"a Multiboot2 kernel: its entry is 32-bit code",
                                ADAPTER("multiboot")};
    }
    if (has_multiboot(file, MULTIBOOT1_MAGIC, 3, MULTIBOOT1_LIMIT)) {
        return (struct foreign){"a Multiboot kernel: its entry is 32-bit code",
                                ADAPTER("multiboot")};
    }
    return (struct foreign){NULL, NULL};
}

static const struct foreign limine = {
    "a kernel of the Limine protocol: it waits for answers that only its own loader or an adapter "
    "gives",
    ADAPTER("limine")};
static const struct foreign stivale2 = {"a stivale2 kernel, a protocol that Limine's replaced",
                                        BUILD};

/* Words that kernels hold at multiples of 8. */
static const struct {
    uint64_t first;
    uint64_t second; /* 0: any */
    const struct foreign *foreign;
} marks[] = {
    /* Limine protocol: the first two words of each request, and of the base revision tag. */
    {0xC7B1DD30DF4C8B88, 0x0A82E883A194F07B, &limine},
    {0xF9562B2D5C95A6C8, 0x6A7B384944536BDC, &limine},
    /* stivale2: the header tags framebuffer, terminal and SMP. Nearly all kernels have one. */
    {0x3ECC1BC43D0F7971, 0, &stivale2},
    {0xA85D499B1823BE72, 0, &stivale2},
    {0x1AB015085F3273DF, 0, &stivale2},
};

static const struct foreign *find_marks(struct bytes image)
{
    for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++) {
        uint64_t at = 0;
        while ((at = foreign_find_word(image, at, marks[i].first)) < image.size) {
            at += 8;
            if (marks[i].second == 0 ||
                (image.size - at >= 8 && word_64(image, at) == marks[i].second)) {
                return marks[i].foreign;
            }
        }
    }
    return NULL;
}

/* XEN_ELFNOTE_PHYS32_ENTRY, type 18 of the name "Xen" (xen/include/public/elfnote.h). */
static bool has_pvh_note(struct bytes image, const struct elf *elf)
{
    static const uint8_t name[] = {18, 0, 0, 0, 'X', 'e', 'n', 0};
    for (uint64_t at = 4; at + sizeof(name) <= elf->notes_size; at += 4) {
        if (memcmp(image.data + elf->notes + at, name, sizeof(name)) == 0) {
            return true;
        }
    }
    return false;
}

struct foreign foreign_of_elf(struct bytes image, const struct elf *elf)
{
    struct foreign foreign = foreign_of_file(image);
    if (foreign.phrase != NULL) {
        return foreign;
    }
    if (elf->address == BOOTBOOT_CORE) {
        return (struct foreign){"a BOOTBOOT kernel: it expects its structure at 0xffffffffffe00000",
                                BUILD};
    }
    const struct foreign *marked = elf->address >= LAST_2_GIB ? find_marks(image) : NULL;
    if (marked != NULL) {
        return *marked;
    }
    if (has_pvh_note(image, elf)) {
        return (struct foreign){"a PVH kernel: its entry is 32-bit code", ADAPTER("multiboot")};
    }
    return foreign;
}
