#include "image.h"

#include "bytes.h"
#include "memory.h"

#include <stdbool.h>

#define PAGE          UINT64_C(4096)
#define IMAGE_MOST    UINT64_C(0x40000000) /* bytes: half of the space */
#define MACHINE       62
#define STACK_DEFAULT UINT64_C(0x10000)
#define STACK_MOST    UINT64_C(0x1000000)
#define TAG_RELA      7
#define TAG_RELA_SIZE 8
#define TAG_RELR_SIZE 35
#define RELA_SIZE     24
#define RELATIVE      8 /* R_X86_64_RELATIVE */

struct refusal limine_read(struct BootInfoSpan file, struct limine_image *out_image)
{
    struct limine_image *image = out_image;
    uint64_t first = UINT64_MAX;
    uint64_t end = 0;
    memset(image, 0, sizeof(*image));
    ACCEPT(elf_read(file, &image->elf));
    if (!image->elf.is_64 || image->elf.machine != MACHINE) {
        return refused("an ELF64 file for x86-64 expected; e_machine:", image->elf.machine);
    }
    for (uint32_t i = 0; i < image->elf.segment_count; i++) {
        const struct elf_segment *segment = &image->elf.segments[i];
        uint64_t last = segment->virtual_address + segment->memory_size;
        first = segment->virtual_address < first ? segment->virtual_address : first;
        end = last > end ? last : end;
    }
    image->linked = first & ~(PAGE - 1);
    if (end - image->linked > IMAGE_MOST) {
        return refused("its segments lie too far apart; bytes:", end - image->linked);
    }
    image->size = (end - image->linked + PAGE - 1) & ~(PAGE - 1);
    bool moves = image->elf.type == ELF_TYPE_DYN && image->linked < LIMINE_SPACE;
    image->virtual_address = moves ? LIMINE_SPACE + image->linked % PAGE : image->linked;
    if (image->virtual_address < LIMINE_SPACE) {
        return refused("linked below 0xffffffff80000000, where the protocol wants kernels:",
                       image->linked);
    }
    image->entry = image->elf.entry + (image->virtual_address - image->linked);
    return accepted();
}

/* A word of the image at a virtual address of the file; NULL: outside of it. */
static uint8_t *word_at(const struct limine_image *image, uint64_t address, uint64_t size)
{
    uint64_t offset = address - image->linked;
    return offset <= image->size && size <= image->size - offset ? image->bytes + offset : NULL;
}

static struct refusal relocate(const struct limine_image *image, uint64_t rela, uint64_t size)
{
    uint64_t slide = image->virtual_address - image->linked;
    const uint8_t *table = word_at(image, rela, size);
    if (table == NULL) {
        return refused("relocations outside of the image, at", rela);
    }
    for (uint64_t at = 0; at + RELA_SIZE <= size; at += RELA_SIZE) {
        uint64_t type = field(table, at + 8, 8);
        uint8_t *target = word_at(image, field(table, at, 8), 8);
        if (type == 0) {
            continue;
        }
        if (type != RELATIVE) {
            return refused("a relocation that is not R_X86_64_RELATIVE; r_info:", type);
        }
        if (target == NULL) {
            return refused("a relocation of something outside of the image:", field(table, at, 8));
        }
        set_field(target, 0, 8, field(table, at + 16, 8) + slide);
    }
    return accepted();
}

struct refusal limine_load(struct limine_image *image)
{
    const struct elf *elf = &image->elf;
    uint64_t rela = 0;
    uint64_t rela_size = 0;
    for (uint32_t i = 0; i < elf->segment_count; i++) {
        const struct elf_segment *segment = &elf->segments[i];
        memcpy(image->bytes + (segment->virtual_address - image->linked),
               elf->file + segment->offset, segment->file_size);
    }
    for (uint64_t at = 0; at + 16 <= elf->dynamic.size; at += 16) {
        uint64_t tag = field(elf->file, elf->dynamic.address + at, 8);
        uint64_t value = field(elf->file, elf->dynamic.address + at + 8, 8);
        if (tag == 0) {
            break;
        }
        if (tag == TAG_RELR_SIZE && value != 0) {
            return refused("packed relocations (DT_RELR): link with -z nopack-relative-relocs; "
                           "bytes:",
                           value);
        }
        rela = tag == TAG_RELA ? value : rela;
        rela_size = tag == TAG_RELA_SIZE ? value : rela_size;
    }
    return rela_size != 0 ? relocate(image, rela, rela_size) : accepted();
}

static bool is_pair(const uint8_t *at, uint64_t first, uint64_t second)
{
    return field(at, 0, 8) == first && field(at, 8, 8) == second;
}

/* Requests lie between the two markers, where the kernel has them. */
static void find_limits(const struct limine_image *image, uint64_t *out_first, uint64_t *out_end)
{
    *out_first = 0;
    *out_end = image->size;
    for (uint64_t at = 0; at + 16 <= image->size; at += 8) {
        if (is_pair(image->bytes + at, LIMINE_START_0, LIMINE_START_1)) {
            *out_first = at;
        } else if (is_pair(image->bytes + at, LIMINE_END_0, LIMINE_END_1)) {
            *out_end = at;
            return;
        }
    }
}

struct limine_request *limine_next(const struct limine_image *image, uint64_t *at)
{
    uint64_t first;
    uint64_t end;
    find_limits(image, &first, &end);
    for (uint64_t here = *at > first ? *at : first;
         here < end && sizeof(struct limine_request) - 8 <= end - here; here += 8) {
        if (is_pair(image->bytes + here, LIMINE_MAGIC_0, LIMINE_MAGIC_1)) {
            *at = here + 8;
            return (struct limine_request *)(void *)(image->bytes + here);
        }
    }
    return NULL;
}

static struct limine_base *find_base(const struct limine_image *image)
{
    for (uint64_t at = 0; at + sizeof(struct limine_base) <= image->size; at += 8) {
        if (is_pair(image->bytes + at, LIMINE_BASE_0, LIMINE_BASE_1)) {
            return (struct limine_base *)(void *)(image->bytes + at);
        }
    }
    return NULL;
}

/* Some requests end with the response: what follows may be no argument of theirs. */
static uint64_t argument_of(const struct limine_image *image, const struct limine_request *request)
{
    uint64_t offset = (uint64_t)((const uint8_t *)request - image->bytes);
    return image->size - offset >= sizeof(*request) ? request->argument : 0;
}

struct limine_wishes limine_scan(const struct limine_image *image)
{
    struct limine_wishes wishes = {.stack_size = STACK_DEFAULT};
    const struct limine_base *base = find_base(image);
    const struct limine_request *request;
    uint64_t at = 0;
    wishes.asked = base != NULL ? base->revision : 0;
    wishes.revision = wishes.asked < LIMINE_REVISION_MAX ? wishes.asked : LIMINE_REVISION_MAX;
    while ((request = limine_next(image, &at)) != NULL) {
        uint64_t argument = argument_of(image, request);
        wishes.requests++;
        if (request->id[2] == LIMINE_STACK_SIZE && argument > wishes.stack_size) {
            wishes.stack_size = argument < STACK_MOST ? argument : STACK_MOST;
        } else if (request->id[2] == LIMINE_ENTRY) {
            wishes.entry = argument;
        } else if (request->id[2] == LIMINE_MP) {
            wishes.wants_cpus = 1;
        }
    }
    wishes.stack_size = (wishes.stack_size + PAGE - 1) & ~(PAGE - 1);
    return wishes;
}

void limine_confirm(const struct limine_image *image, uint64_t revision)
{
    struct limine_base *base = find_base(image);
    if (base == NULL) {
        return;
    }
    uint64_t asked = base->revision;
    base->id[1] = revision;
    base->revision = asked <= LIMINE_REVISION_MAX ? 0 : asked;
}
