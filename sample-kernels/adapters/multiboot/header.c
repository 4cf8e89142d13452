#include "header.h"

#include "bytes.h"
#include "memory.h"

#include <stdbool.h>

#define FOUR_GIB UINT64_C(0x100000000)

#define MAGIC_1        0x1BADB002
#define SEARCH_1       8192
#define ALIGNMENT_1    4
#define UNKNOWN_1      0xFFF8 /* flags that a loader has to know, and does not */
#define VIDEO_1        4
#define ADDRESSES_1    0x10000
#define ADDRESSES_AT_1 12
#define VIDEO_AT_1     32

#define MAGIC_2     0xE85250D6
#define SEARCH_2    32768
#define ALIGNMENT_2 8
#define SIZE_2      16
#define NO_ADDRESS  0xFFFFFFFF

#define PVH_NAME "Xen"
#define PVH_NOTE 18 /* XEN_ELFNOTE_PHYS32_ENTRY */

/* The address fields of both versions, in their order. */
struct addresses {
    uint64_t header;
    uint64_t load;
    uint64_t load_end; /* 0: to the end of the file */
    uint64_t bss_end;  /* 0: no .bss */
};

static struct refusal add_part(struct multiboot *kernel, struct multiboot_part part,
                               uint64_t file_size)
{
    uint64_t size = part.size + part.zeros;
    if (size == 0) {
        return accepted();
    }
    if (part.offset > file_size || part.size > file_size - part.offset) {
        return refused("a part of the kernel beyond the end of its file, at", part.offset);
    }
    if (part.target >= FOUR_GIB || size > FOUR_GIB - part.target) {
        return refused("a kernel for memory above 4 GiB, which 32-bit code does not reach:",
                       part.target);
    }
    if (kernel->part_count == MULTIBOOT_PARTS_MAX) {
        return refused("too many segments; at most", MULTIBOOT_PARTS_MAX);
    }
    bool first = kernel->part_count == 0;
    uint64_t last = part.target + (size - 1);
    kernel->first = first || part.target < kernel->first ? part.target : kernel->first;
    kernel->last = first || last > kernel->last ? last : kernel->last;
    kernel->parts[kernel->part_count++] = part;
    return accepted();
}

static struct refusal read_addresses(struct multiboot *kernel, struct addresses at,
                                     uint64_t file_size)
{
    if (at.load == NO_ADDRESS && kernel->protocol == MULTIBOOT_2) { /* from the file's first byte */
        at.load = at.header - kernel->header;
    }
    uint64_t before = at.header - at.load; /* bytes of the image before the header */
    if (at.load > at.header || before > kernel->header) {
        return refused("a header outside of what is loaded; load_addr:", at.load);
    }
    uint64_t offset = kernel->header - before;
    uint64_t size = at.load_end != 0 ? at.load_end - at.load : file_size - offset;
    uint64_t end = at.load + size;
    if (end < at.load || end > FOUR_GIB) {
        return refused("load_end_addr before load_addr, or an image beyond 4 GiB:", at.load_end);
    }
    uint64_t zeros = at.bss_end > end ? at.bss_end - end : 0;
    return add_part(kernel, (struct multiboot_part){at.load, offset, size, zeros}, file_size);
}

static struct refusal read_elf(struct multiboot *kernel, struct BootInfoSpan file)
{
    ACCEPT(elf_read(file, &kernel->elf));
    kernel->has_elf = 1;
    for (uint32_t i = 0; i < kernel->elf.segment_count; i++) {
        const struct elf_segment *segment = &kernel->elf.segments[i];
        ACCEPT(
            add_part(kernel,
                     (struct multiboot_part){segment->physical, segment->offset, segment->file_size,
                                             segment->memory_size - segment->file_size},
                     file.size));
    }
    if (kernel->entry == 0) {
        kernel->entry = elf_physical(&kernel->elf, kernel->elf.entry);
    }
    return accepted();
}

/* Information tags that a machine without BIOS does not have: boot device, VBE, APM, EFI of 32
 * bits, network. */
static bool is_given(uint64_t type)
{
    return type >= 1 && type <= 21 && type != 5 && type != 7 && type != 10 && type != 11 &&
           type != 16 && type != 18 && type != 19 && type != 20;
}

static struct refusal read_request(const uint8_t *tag, uint64_t size)
{
    for (uint64_t at = 8; at + 4 <= size; at += 4) {
        uint64_t type = field(tag, at, 4);
        if (!is_given(type)) {
            return refused("it insists on an information tag that this machine does not have:",
                           type);
        }
    }
    return accepted();
}

/* What a header tag of fixed size has at least, by its type. */
static const uint8_t tag_sizes[] = {8, 8, 24, 12, 12, 20, 8, 8, 12, 12, 24};

static void read_relocatable(struct multiboot *kernel, const uint8_t *tag)
{
    kernel->relocatable = 1;
    kernel->target_min = field(tag, 8, 4);
    kernel->target_max = field(tag, 12, 4);
    kernel->target_alignment = field(tag, 16, 4);
    kernel->target_highest = field(tag, 20, 4) == 2;
}

/* What read_tag collects for read_tags. */
struct tags {
    bool has_addresses;
    bool has_framebuffer;
    bool has_console; /* it insists on a console that the header names */
    struct addresses addresses;
};

static struct refusal read_tag(struct multiboot *kernel, const uint8_t *tag, uint64_t size,
                               struct tags *tags)
{
    uint64_t type = field(tag, 0, 2);
    bool optional = (field(tag, 2, 2) & 1) != 0;
    if (type < sizeof(tag_sizes) && size < tag_sizes[type]) {
        return refused("a header tag that is too short; its type:", type);
    }
    switch (type) {
    case 1:
        return optional ? accepted() : read_request(tag, size);
    case 2:
        tags->has_addresses = true;
        tags->addresses = (struct addresses){field(tag, 8, 4), field(tag, 12, 4), field(tag, 16, 4),
                                             field(tag, 20, 4)};
        break;
    case 3:
        kernel->entry = field(tag, 8, 4);
        break;
    case 4:
        tags->has_console = (field(tag, 8, 4) & 2) != 0;
        break;
    case 5:
        tags->has_framebuffer = true;
        kernel->width = (uint32_t)field(tag, 8, 4);
        kernel->height = (uint32_t)field(tag, 12, 4);
        break;
    case 6: /* modules lie on pages of their own in any case */
    case 8: /* the entry for EFI of 32 bits */
        break;
    case 7:
        if (!optional) {
            return refused("it insists on boot services, which the loader has left; header tag",
                           type);
        }
        break;
    case 9:
        kernel->wants_efi = 1;
        break;
    case 10:
        read_relocatable(kernel, tag);
        break;
    default:
        if (!optional) {
            return refused("it insists on an unknown header tag:", type);
        }
    }
    return accepted();
}

static struct refusal read_tags(struct multiboot *kernel, struct BootInfoSpan file)
{
    const uint8_t *bytes = bytes_of(file);
    struct tags tags = {0};
    uint64_t end = kernel->header + field(bytes, kernel->header + 8, 4);
    uint64_t at = kernel->header + SIZE_2;
    if (end > file.size) {
        return refused("a Multiboot2 header beyond the end of the file; its bytes:",
                       end - kernel->header);
    }
    while (at + 8 <= end && field(bytes, at, 2) != 0) {
        uint64_t size = field(bytes, at + 4, 4);
        if (size < 8 || size > end - at) {
            return refused("a header tag of a size that cannot be:", size);
        }
        ACCEPT(read_tag(kernel, bytes + at, size, &tags));
        at += (size + 7) & ~UINT64_C(7);
    }
    kernel->wants_text = tags.has_console && !tags.has_framebuffer;
    if (!tags.has_addresses) {
        return read_elf(kernel, file);
    }
    if (kernel->entry == 0) {
        return refused("an address tag without an entry tag; entry:", 0);
    }
    return read_addresses(kernel, tags.addresses, file.size);
}

static struct refusal read_2(struct multiboot *kernel, struct BootInfoSpan file)
{
    uint64_t architecture = field(bytes_of(file), kernel->header + 4, 4);
    if (architecture != 0) {
        return refused("a Multiboot2 kernel for another machine: architecture 0 expected, found",
                       architecture);
    }
    return read_tags(kernel, file);
}

static struct refusal read_1(struct multiboot *kernel, struct BootInfoSpan file)
{
    const uint8_t *header = bytes_of(file) + kernel->header;
    uint64_t flags = field(header, 4, 4);
    uint64_t room = file.size - kernel->header;
    if ((flags & UNKNOWN_1) != 0) {
        return refused("it insists on features that Multiboot does not name; flags:", flags);
    }
    if ((flags & VIDEO_1) != 0 && room >= VIDEO_AT_1 + 16) {
        kernel->wants_text = field(header, VIDEO_AT_1, 4) == 1;
        kernel->width = kernel->wants_text ? 0 : (uint32_t)field(header, VIDEO_AT_1 + 4, 4);
        kernel->height = kernel->wants_text ? 0 : (uint32_t)field(header, VIDEO_AT_1 + 8, 4);
    }
    if ((flags & ADDRESSES_1) == 0) {
        return read_elf(kernel, file);
    }
    if (room < ADDRESSES_AT_1 + 20) {
        return refused("a header that the end of the file cuts; its offset:", kernel->header);
    }
    struct addresses addresses = {
        field(header, ADDRESSES_AT_1, 4), field(header, ADDRESSES_AT_1 + 4, 4),
        field(header, ADDRESSES_AT_1 + 8, 4), field(header, ADDRESSES_AT_1 + 12, 4)};
    kernel->entry = field(header, ADDRESSES_AT_1 + 16, 4);
    return read_addresses(kernel, addresses, file.size);
}

/* The header at a multiple of alignment whose count words, the magic one first, add up to 0. */
static bool find(struct BootInfoSpan file, uint32_t magic, uint32_t alignment, uint32_t count,
                 uint64_t *out_offset)
{
    const uint8_t *bytes = bytes_of(file);
    uint64_t limit = magic == MAGIC_2 ? SEARCH_2 : SEARCH_1;
    for (uint64_t at = 0; at + 4 * count <= file.size && at + 4 * count <= limit; at += alignment) {
        uint32_t sum = 0;
        for (uint32_t i = 0; i < count; i++) {
            sum += (uint32_t)field(bytes, at + 4 * i, 4);
        }
        if (field(bytes, at, 4) == magic && sum == 0) {
            *out_offset = at;
            return true;
        }
    }
    return false;
}

static struct refusal read_pvh(struct multiboot *kernel, struct BootInfoSpan file)
{
    uint64_t entry = 0;
    struct refusal refusal = elf_read(file, &kernel->elf);
    if (refusal.text != NULL || !elf_note(&kernel->elf, PVH_NAME, PVH_NOTE, &entry)) {
        return refused("no Multiboot header in its first bytes, and no note of PVH; bytes:",
                       file.size);
    }
    kernel->protocol = MULTIBOOT_PVH;
    kernel->entry = entry;
    return read_elf(kernel, file);
}

struct refusal multiboot_read(struct BootInfoSpan file, struct multiboot *out_kernel)
{
    struct multiboot *kernel = out_kernel;
    memset(kernel, 0, sizeof(*kernel));
    struct refusal refusal;
    if (find(file, MAGIC_2, ALIGNMENT_2, 4, &kernel->header)) {
        kernel->protocol = MULTIBOOT_2;
        refusal = read_2(kernel, file);
    } else if (find(file, MAGIC_1, ALIGNMENT_1, 3, &kernel->header)) {
        kernel->protocol = MULTIBOOT_1;
        refusal = read_1(kernel, file);
    } else {
        refusal = read_pvh(kernel, file);
    }
    ACCEPT(refusal);
    if (kernel->part_count == 0) {
        return refused("nothing of the kernel is loaded; bytes of the file:", file.size);
    }
    if (kernel->entry < kernel->first || kernel->entry > kernel->last) {
        return refused("an entry outside of the kernel:", kernel->entry);
    }
    return accepted();
}
