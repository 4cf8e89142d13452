/* An ELF file on its way into memory: in one pass, each segment straight to its place. */
#include "boot/boot.h"

#include <string.h>

static uint64_t least(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

/* The next size bytes of the file, inflated where it is compressed; those first that were read to
 * find out what it is. */
static enum status take(struct boot *boot, uint8_t *to, uint64_t size)
{
    struct image *image = &boot->image;
    uint64_t known = image->taken < image->head_size ? image->head_size - image->taken : 0;
    uint64_t inflated = 0;
    known = least(known, size);
    memcpy(to, image->head + image->taken, known);
    image->taken += size;
    to += known;
    size -= known;
    if (image->format == IMAGE_RAW) {
        return file_read(boot, &image->file, to, size);
    }
    TRY(inflate_some(image->inflate, to, size, &boot->failure, &inflated));
    if (inflated == size) {
        return STATUS_OK;
    }
    /* A zlib stream does not say how long it gets: elf_parse could not know. */
    TRY(inflate_end(image->inflate, &boot->failure, &image->crc32));
    boot->failure.hint = TEXT("");
    boot->failure.number[0] = image->taken - (size - inflated);
    boot->failure.number[1] = image->taken;
    return fail(boot, STATUS_IMAGE_LENGTH);
}

/* Makes the head at least size bytes long. That of a file as it is moves out of the place that the
 * kernel may go to. */
static enum status widen_head(struct boot *boot, uint64_t size)
{
    struct image *image = &boot->image;
    bool inflated = image->format != IMAGE_RAW;
    if (!inflated) {
        image->head_size = image->got;
    } else if (size <= image->head_size) {
        return STATUS_OK;
    }
    size = size > image->head_size ? size : image->head_size;
    struct memory_request request = {PLAT_DATA, BOOTINFO_MEMORY_USABLE, page_count_of(size),
                                     "the kernel's file"};
    TRY(memory_reserve(boot, request, &image->head_copy));
    TRY(take(boot, (uint8_t *)image->head_copy, size));
    if (!inflated) {
        memory_release(boot, image->buffer);
    }
    image->head = (const uint8_t *)image->head_copy;
    image->head_size = size;
    image->taken = 0;
    return STATUS_OK;
}

static enum status conflict(struct boot *boot, const char *what, uint64_t elf, const char *who,
                            uint64_t other)
{
    boot->failure.hint = text_of(what);
    boot->failure.found = text_of(who);
    boot->failure.number[0] = elf;
    boot->failure.number[1] = other;
    return fail(boot, STATUS_ELF_CONFLICT);
}

/* Kernel header and loader.cfg may repeat what the ELF file says, not contradict it. */
static enum status check_agreement(struct boot *boot, const struct BootInfoKernelHeader *header,
                                   bool movable)
{
    static const char kernel_header[] = "its kernel header";
    const struct entry *entry = boot->entry;
    const struct elf *elf = &boot->image.elf;
    if (header->entry != 0 && header->entry != elf->entry) {
        return conflict(boot, "entry", elf->entry, kernel_header, header->entry);
    }
    if (header->load_address != 0 && header->load_address != elf->physical &&
        header->load_address != elf->address) {
        return conflict(boot, "address", elf->physical, kernel_header, header->load_address);
    }
    if (entry->line[ENTRY_ADDRESS] == 0) {
        return STATUS_OK;
    }
    if (!movable && entry->address != elf->physical) {
        return conflict(boot, "address", elf->physical, "loader.cfg", entry->address);
    }
    if (movable && entry->address % elf->alignment != 0) {
        return conflict(boot, "p_align", elf->alignment, "'address =' of loader.cfg",
                        entry->address);
    }
    return STATUS_OK;
}

/* Where the kernel is to lie if it does not matter: where it is linked for, if that can be. */
static uint64_t preferred_address(const struct boot *boot)
{
    const struct elf *elf = &boot->image.elf;
    uint64_t limit = boot->machine.address_limit - PAGE_SIZE;
    bool fits = elf->address >= IMAGE_ADDRESS_MIN && elf->address < limit &&
                elf->memory_size <= limit - elf->address;
    return fits && boot->entry->line[ENTRY_ADDRESS] == 0 ? elf->address : 0;
}

static enum status settle(struct boot *boot, struct BootInfoKernelHeader *header)
{
    struct image *image = &boot->image;
    const struct elf *elf = &image->elf;
    uint64_t lowest = higher_half(&boot->machine);
    bool high = elf->address >= lowest;
    bool movable = elf->address == elf->physical && (high || elf->position_independent);
    if (!high && elf->address != elf->physical) {
        boot->failure.number[0] = elf->address;
        boot->failure.number[1] = elf->physical;
        boot->failure.number[2] = lowest;
        return fail(boot, STATUS_ELF_VIRTUAL);
    }
    TRY(check_agreement(boot, header, movable));
    header->entry = 0;
    header->load_address = movable ? preferred_address(boot) : elf->physical;
    TRY(image_settle(boot->entry, header, elf->memory_size, boot->machine.address_limit,
                     &boot->failure, &image->needs));
    image->needs.entry = elf->entry;
    image->needs.alignment = movable && boot->entry->line[ENTRY_ADDRESS] == 0 ? elf->alignment : 0;
    return STATUS_OK;
}

enum status elf_read(struct boot *boot)
{
    struct image *image = &boot->image;
    struct BootInfoKernelHeader header;
    struct text head = {(const char *)image->head, image->head_size};
    const struct elf_segment *first = &image->elf.segments[0];
    TRY(elf_parse(head, image->size != 0 ? image->size : ELF_SIZE_UNKNOWN, &boot->failure,
                  &image->elf));
    uint64_t visible = least(first->file_size, BOOTINFO_KERNEL_HEADER_LIMIT);
    TRY(widen_head(boot, first->offset + visible));
    image->is_elf = true;
    image->size = image->elf.loaded_size;
    image->has_header = image_header(image->head + first->offset, visible, &header);
    if (!image->has_header) {
        header = (struct BootInfoKernelHeader){.abi_major = BOOTINFO_VERSION_MAJOR,
                                               .size = sizeof(header)};
    }
    return settle(boot, &header);
}

/* What lies between two segments goes where the head was: all of that is in place by then. */
static enum status skip(struct boot *boot, uint64_t size)
{
    struct image *image = &boot->image;
    uint64_t known = image->taken < image->head_size ? image->head_size - image->taken : 0;
    known = least(size, known);
    image->taken += known;
    for (size -= known; size > 0;) {
        uint64_t some = least(size, image->head_size);
        TRY(take(boot, (uint8_t *)image->head, some));
        size -= some;
    }
    return STATUS_OK;
}

/* The rest of a compressed file is inflated to nowhere: only then its checksum is known. */
static enum status finish(struct boot *boot)
{
    struct image *image = &boot->image;
    uint64_t got = image->head_size;
    if (image->format == IMAGE_RAW) {
        file_close(&image->file);
        return STATUS_OK;
    }
    while (got == image->head_size) {
        TRY(inflate_some(image->inflate, (uint8_t *)image->head, image->head_size, &boot->failure,
                         &got));
    }
    TRY(inflate_end(image->inflate, &boot->failure, &image->crc32));
    memory_release(boot, image->work);
    memory_release(boot, image->buffer);
    return STATUS_OK;
}

enum status elf_load(struct boot *boot, uint8_t *target)
{
    struct image *image = &boot->image;
    const struct elf *elf = &image->elf;
    uint64_t distance = boot->placement.virtual_address - elf->address;
    uint64_t end = 0;
    for (uint32_t i = 0; i < elf->segment_count; i++) {
        const struct elf_segment *segment = &elf->segments[i];
        if (segment->file_size == 0) {
            continue;
        }
        TRY(skip(boot, segment->offset - image->taken));
        memset(target + end, 0, segment->at - end);
        TRY(take(boot, target + segment->at, segment->file_size));
        end = segment->at + segment->file_size;
    }
    TRY(finish(boot));
    memory_release(boot, image->head_copy);
    image->needs.entry += distance;
    return elf_relocate(elf, target, distance, &boot->failure);
}
