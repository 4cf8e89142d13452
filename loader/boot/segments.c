#include "boot/segments.h"

static uint64_t end_of(const struct arch_segment *segment)
{
    return segment->address + segment->size;
}

/* Adds a segment that lies above those before, but for the page it may share with the last. */
static void add(struct segment_parts *parts, struct arch_segment segment)
{
    struct arch_segment *last = &parts->items[parts->count];
    if (parts->count > 0 && (--last)->distance == segment.distance &&
        end_of(last) > segment.address) {
        struct arch_segment shared = segment;
        shared.size = PAGE_SIZE;
        shared.writable |= last->writable;
        shared.executable |= last->executable;
        last->size -= PAGE_SIZE;
        parts->count -= last->size == 0 ? 1 : 0;
        parts->items[parts->count++] = shared;
        segment.address += PAGE_SIZE;
        segment.size -= PAGE_SIZE;
    }
    if (segment.size > 0) {
        parts->items[parts->count++] = segment;
    }
}

static struct arch_segment pages_of(const struct kernel *kernel, const struct elf_segment *segment)
{
    const struct placement *placement = &kernel->placement;
    uint64_t at = segment->at / PAGE_SIZE * PAGE_SIZE;
    uint64_t end = page_count_of(segment->at + segment->memory_size) * PAGE_SIZE;
    uint64_t moved = placement->virtual_address - kernel->image.elf.address;
    uint64_t physical = placement->target + segment->at;
    return (struct arch_segment){
        .address = placement->target + at,
        .size = end - at,
        .distance = segment->address + moved - physical,
        .writable = (segment->flags & ELF_WRITE) != 0,
        .executable = (segment->flags & ELF_EXECUTE) != 0,
    };
}

/* The segment of the lowest virtual address, of those above address; NULL: there is none. */
static const struct elf_segment *next_above(const struct elf *elf, uint64_t address)
{
    const struct elf_segment *next = NULL;
    for (uint32_t i = 0; i < elf->segment_count; i++) {
        const struct elf_segment *segment = &elf->segments[i];
        if (segment->address > address && (next == NULL || segment->address < next->address)) {
            next = segment;
        }
    }
    return next;
}

void segments_list(const struct kernel *kernel, struct kernel_segments *out_segments)
{
    const struct elf *elf = &kernel->image.elf;
    const struct elf_segment *segment = NULL;
    uint32_t count = kernel->image.kind == IMAGE_ELF64 ? elf->segment_count : 0;
    out_segments->identity.count = 0;
    out_segments->high.count = 0;
    for (uint32_t i = 0; i < count; i++) {
        struct arch_segment identity = pages_of(kernel, &elf->segments[i]);
        identity.distance = 0;
        add(&out_segments->identity, identity);
    }
    for (uint64_t done = 0; count > 0 && (segment = next_above(elf, done)) != NULL;) {
        struct arch_segment high = pages_of(kernel, segment);
        done = segment->address;
        if (high.distance != 0) {
            add(&out_segments->high, high);
        }
    }
}
