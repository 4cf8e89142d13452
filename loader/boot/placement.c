/* Where the kernel goes: directly to its target; or staged, elsewhere until the firmware has left
 * the target (FreeBSD r247214, GRUB and others got this wrong); or nowhere, with an error that
 * names what is in the way. */
#include "boot/placement.h"

#include "boot/firmware_map.h"
#include "platform/memory.h"

#include <string.h>

#define CLAIMS_MAX (PAGES_MAX / 2) /* the other half is for pages that are taken later */
#define LARGE_PAGE UINT64_C(0x200000)

static bool is_higher_half(uint64_t address, const struct arch_cpu *cpu)
{
    return address >= cpu->higher_half;
}

/* Executable pages for the kernel. They are USABLE: hand_over.c adds the kernel's range to the
 * final map, and pages that are there only for its alignment are free after the jump. */
static struct pages_wish kernel_pages(uint64_t count)
{
    return (struct pages_wish){PLAT_CODE, BOOTINFO_MEMORY_USABLE, count, "the kernel"};
}

/* Takes the part of span that is usable memory of one descriptor. */
static void claim(struct pages *pages, const struct firmware_descriptor *descriptor,
                  struct BootInfoSpan span)
{
    uint32_t type = memory_map_type(descriptor->type, descriptor->attributes);
    struct BootInfoSpan extent =
        memory_map_extent(type, descriptor->physical_start, descriptor->page_count);
    uint64_t base = most(extent.address, span.address);
    uint64_t end = least(extent.address + extent.size, span.address + span.size);
    if (type == BOOTINFO_MEMORY_USABLE && base < end && pages->count < CLAIMS_MAX) {
        IGNORE(pages_take_at(pages, pages_for(end - base, NULL),
                             base)); /* a refused part is avoided instead */
    }
}

/* Takes every free part of the kernel's place, so that neither firmware nor loader comes to lie
 * there. Parts that the firmware refuses are avoided: pages_take never gives pages->forbidden. */
static void claim_place(struct pages *pages, struct firmware_map map, struct BootInfoSpan span)
{
    for (uint64_t at = 0; at + map.descriptor_size <= map.size; at += map.descriptor_size) {
        struct firmware_descriptor descriptor;
        /* A survey that succeeded has a map. NOLINTNEXTLINE(clang-analyzer-unix.cstring.NullArg) */
        memcpy(&descriptor, (const uint8_t *)map.descriptors + at, sizeof(descriptor));
        claim(pages, &descriptor, span);
    }
    pages->forbidden = span;
}

static enum status stage_it(struct session *session, struct placement *placement)
{
    struct survey survey = {0};
    struct BootInfoSpan span = placement_span(placement);
    TRY(survey_take(session, &survey));
    if (room_at(survey.regions, span, arch_target.lowest_address, &session->failure) ==
        ROOM_NEVER) {
        return session->failure.status;
    }
    claim_place(&session->pages, survey.firmware, span);
    survey_release(session, &survey);
    placement->staged = true;
    return STATUS_OK;
}

/* Whether the file is the image as it will run, so that the buffer which the stage image has begun
 * to fill can hold the kernel. */
static bool is_in_buffer(const struct image *image)
{
    return image->stream.kind == IMAGE_RAW;
}

static struct BootInfoSpan buffer_of(const struct stream *stream)
{
    return (struct BootInfoSpan){stream->buffer, stream->buffer_pages * PAGE_SIZE};
}

/* Chooses where the image's bytes wait until the exit: in the file's own buffer, if that is out of
 * the way. */
static enum status choose_source(struct session *session, const struct image *image,
                                 struct placement *placement)
{
    struct pages_wish wish = pages_for(image->size != 0 ? image->size : image->needs.memory_size,
                                       "a copy of the kernel");
    placement->source_pages = wish.count;
    if (is_in_buffer(image) && !placement_covers(placement, buffer_of(&image->stream))) {
        placement->source = image->stream.buffer;
        return STATUS_OK;
    }
    return pages_take(&session->pages, wish, &session->failure, &placement->source);
}

/* Takes the whole place, or the part of it that the stage image has not taken yet. */
static bool take_place(struct session *session, const struct image *image,
                       const struct placement *placement)
{
    bool begun = is_in_buffer(image) && image->stream.buffer == placement->target;
    uint64_t have = begun ? image->stream.buffer_pages : 0;
    return have >= placement->page_count ||
           pages_take_at(&session->pages, kernel_pages(placement->page_count - have),
                         placement->target + have * PAGE_SIZE);
}

/* Takes pages wherever the firmware has room, rest after a multiple of alignment. Those that are
 * only there for the alignment are free after the jump. */
static enum status take_anywhere(struct session *session, uint64_t alignment, uint64_t rest,
                                 struct placement *placement)
{
    uint64_t slack = alignment - PAGE_SIZE;
    uint64_t address = 0;
    TRY(pages_take(&session->pages, kernel_pages(placement->page_count + slack / PAGE_SIZE),
                   &session->failure, &address));
    placement->target = address + (rest - address) % alignment;
    return STATUS_OK;
}

/* A kernel that fills large pages lies at the start of one, where there is room for that: its page
 * tables are made of small pages otherwise, 4 KiB and 0.07 M instructions for every 2 MiB. */
static enum status take_anywhere_well(struct session *session, const struct image_needs *needs,
                                      struct placement *placement)
{
    uint64_t alignment = needs->alignment;
    uint64_t rest = needs->linked % alignment;
    bool large = placement->page_count * PAGE_SIZE >= LARGE_PAGE && alignment < LARGE_PAGE;
    return large && take_anywhere(session, LARGE_PAGE, rest, placement) == STATUS_OK
               ? STATUS_OK
               : take_anywhere(session, alignment, rest, placement);
}

/* The kernel goes directly to its target; a movable one else to any other place; another one is
 * staged. */
static enum status choose_place(struct session *session, const struct image *image,
                                struct placement *placement)
{
    const struct image_needs *needs = &image->needs;
    bool fixed = needs->alignment == 0;
    bool aligned = fixed || (placement->target - needs->linked) % needs->alignment == 0;
    bool direct = aligned && take_place(session, image, placement);
    if (!direct && fixed) {
        TRY(stage_it(session, placement));
        return choose_source(session, image, placement);
    }
    if (!direct) {
        TRY(take_anywhere_well(session, needs, placement));
    }
    placement->source = placement->target;
    placement->source_pages = placement->page_count;
    return STATUS_OK;
}

static enum status take_stack(struct session *session, uint64_t size, struct placement *placement)
{
    uint64_t guard = 0;
    placement->stack_pages = page_count_of(size);
    struct pages_wish wish = {PLAT_DATA, BOOTINFO_MEMORY_STACK, placement->stack_pages + 1,
                              "the stack"};
    TRY(pages_take(&session->pages, wish, &session->failure, &guard));
    memset((void *)guard, 0, wish.count * PAGE_SIZE);
    placement->stack = guard + PAGE_SIZE;
    return STATUS_OK;
}

static void log_placement(struct log *log, const struct placement *placement)
{
    struct writer *line = log_begin(log, "placement");
    uint64_t size = placement->page_count * PAGE_SIZE;
    write_hex(line, placement->target);
    write_string(line, "-");
    write_hex(line, placement->target + size - 1);
    write_string(line, " (");
    write_size(line, size);
    write_string(line, placement->staged ? "), copied there after the exit from " : ")");
    if (placement->staged) {
        write_hex(line, placement->source);
    }
    write_string(line, ", stack ");
    write_size(line, placement->stack_pages * PAGE_SIZE);
    write_string(line, " at ");
    write_hex(line, placement->stack);
    log_end(log, LOG_NORMAL);
}

enum status placement_choose(struct session *session, const struct image *image,
                             struct placement *placement)
{
    const struct image_needs *needs = &image->needs;
    bool elf = image->kind == IMAGE_ELF64;
    placement->target = needs->address;
    placement->page_count = page_count_of(needs->memory_size);
    TRY(choose_place(session, image, placement));
    placement->virtual_address = elf && is_higher_half(image->elf.address, &session->cpu)
                                     ? image->elf.address
                                     : placement->target;
    placement->entry = needs->entry;
    placement->entry += elf ? placement->virtual_address - image->elf.address : 0;
    TRY(take_stack(session, needs->stack_size, placement));
    log_placement(&session->log, placement);
    return STATUS_OK;
}
