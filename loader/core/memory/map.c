#include "core/memory/map.h"

#include "core/base/bytes.h"

#include <string.h>

/* Ends are clipped to here, so that base + size never wraps. No CPU has an address this high. */
#define ADDRESS_END (UINT64_C(0) - PAGE_SIZE)

/* EFI_MEMORY_TYPE (UEFI 2.10 section 7.2.1); what is not here is RESERVED. */
static const uint8_t TYPE_OF_EFI[] = {
    [1] = BOOTINFO_MEMORY_USABLE,           /* EfiLoaderCode */
    [2] = BOOTINFO_MEMORY_USABLE,           /* EfiLoaderData */
    [3] = BOOTINFO_MEMORY_BOOT_SERVICES,    /* EfiBootServicesCode */
    [4] = BOOTINFO_MEMORY_BOOT_SERVICES,    /* EfiBootServicesData */
    [5] = BOOTINFO_MEMORY_EFI_RUNTIME_CODE, /* EfiRuntimeServicesCode */
    [6] = BOOTINFO_MEMORY_EFI_RUNTIME_DATA, /* EfiRuntimeServicesData */
    [7] = BOOTINFO_MEMORY_USABLE,           /* EfiConventionalMemory */
    [8] = BOOTINFO_MEMORY_UNUSABLE,         /* EfiUnusableMemory */
    [9] = BOOTINFO_MEMORY_ACPI_RECLAIMABLE, /* EfiACPIReclaimMemory */
    [10] = BOOTINFO_MEMORY_ACPI_NVS,        /* EfiACPIMemoryNVS */
    [11] = BOOTINFO_MEMORY_MMIO,            /* EfiMemoryMappedIO */
    [12] = BOOTINFO_MEMORY_MMIO_PORT,       /* EfiMemoryMappedIOPortSpace */
    [13] = BOOTINFO_MEMORY_RESERVED,        /* EfiPalCode */
    [14] = BOOTINFO_MEMORY_PERSISTENT,      /* EfiPersistentMemory */
    [15] = BOOTINFO_MEMORY_UNACCEPTED,      /* EfiUnacceptedMemoryType */
};

/* Where descriptors overlap, the higher rank wins. */
static const uint8_t RANK[BOOTINFO_MEMORY_TYPE_COUNT] = {
    [BOOTINFO_MEMORY_USABLE] = 0,           [BOOTINFO_MEMORY_BOOT_SERVICES] = 1,
    [BOOTINFO_MEMORY_SPECIAL_PURPOSE] = 2,  [BOOTINFO_MEMORY_ACPI_RECLAIMABLE] = 3,
    [BOOTINFO_MEMORY_UNACCEPTED] = 4,       [BOOTINFO_MEMORY_PERSISTENT] = 5,
    [BOOTINFO_MEMORY_ACPI_NVS] = 6,         [BOOTINFO_MEMORY_EFI_RUNTIME_DATA] = 7,
    [BOOTINFO_MEMORY_EFI_RUNTIME_CODE] = 8, [BOOTINFO_MEMORY_RESERVED] = 9,
    [BOOTINFO_MEMORY_MMIO_PORT] = 10,       [BOOTINFO_MEMORY_MMIO] = 11,
    [BOOTINFO_MEMORY_UNUSABLE] = 12,
};

/* Bytes [start, end). */
struct span {
    uint64_t start;
    uint64_t end;
    uint64_t attributes;
    uint32_t type;
};

struct spans {
    struct span *items;
    uint64_t count;
};

struct regions {
    struct BootInfoRegion *items;
    uint64_t count;
};

enum status memory_map_stride(uint64_t descriptor_size, uint64_t *out_stride)
{
    const uint64_t smallest = sizeof(struct firmware_descriptor);
    uint64_t stride = descriptor_size == 0 ? smallest : descriptor_size;
    if (stride < smallest || stride > 1024 || stride % 8 != 0) {
        return STATUS_MAP_BAD_STRIDE;
    }
    *out_stride = stride;
    return STATUS_OK;
}

uint64_t memory_map_count(uint64_t map_size, uint64_t stride)
{
    return least(map_size / stride, UINT64_C(1) << 32);
}

static bool is_plain_ram(uint64_t attributes)
{
    return (attributes & EFI_MEMORY_WB) != 0 && (attributes & EFI_MEMORY_RUNTIME) == 0;
}

/* Memory that a kernel may use, at once or later. */
static bool is_free(uint32_t type)
{
    const uint32_t free_types = UINT32_C(1) << BOOTINFO_MEMORY_USABLE |
                                UINT32_C(1) << BOOTINFO_MEMORY_BOOT_SERVICES |
                                UINT32_C(1) << BOOTINFO_MEMORY_SPECIAL_PURPOSE;
    return (free_types >> type & 1) != 0;
}

uint32_t memory_map_type(uint32_t efi_type, uint64_t efi_attributes)
{
    if (efi_type >= sizeof(TYPE_OF_EFI)) {
        return BOOTINFO_MEMORY_RESERVED;
    }
    uint32_t type = TYPE_OF_EFI[efi_type];
    if (!is_free(type)) {
        return type;
    }
    if (!is_plain_ram(efi_attributes)) {
        return BOOTINFO_MEMORY_RESERVED;
    }
    return (efi_attributes & EFI_MEMORY_SP) != 0 ? BOOTINFO_MEMORY_SPECIAL_PURPOSE : type;
}

/* n spans have 2n edges, thus 2n - 1 pieces; page 0 may split one more. */
uint64_t memory_map_regions_max(uint64_t descriptor_count, uint64_t placed_count)
{
    return 2 * (descriptor_count + placed_count);
}

/* What the scratch memory is divided into. */
struct scratch {
    struct span *placed;
    struct span *descriptors;
    struct span *pieces; /* two for each descriptor; also what sort() needs */
    const struct span **active;
};

uint64_t memory_map_scratch_size(uint64_t descriptor_count, uint64_t placed_count)
{
    return (3 * descriptor_count + 2 * placed_count) * sizeof(struct span) +
           descriptor_count * sizeof(struct span *);
}

static struct scratch divide(void *scratch, uint64_t descriptor_count, uint64_t placed_count)
{
    struct scratch parts = {.placed = scratch};
    parts.descriptors = parts.placed + placed_count;
    parts.pieces = parts.descriptors + descriptor_count;
    parts.active = (const struct span **)(parts.pieces + 2 * descriptor_count + placed_count);
    return parts;
}

/* Some firmware does not align its descriptors: partial pages of free memory are left out, those of
 * any other type count as whole. */
struct BootInfoSpan memory_map_extent(uint32_t type, uint64_t start, uint64_t page_count)
{
    if (start >= ADDRESS_END) {
        return (struct BootInfoSpan){start, 0};
    }
    uint64_t room = ADDRESS_END - start;
    uint64_t end = page_count > room / PAGE_SIZE ? ADDRESS_END : start + page_count * PAGE_SIZE;
    const uint64_t offset = PAGE_SIZE - 1;
    if ((start & offset) != 0 && page_count != 0) {
        bool inward = is_free(type);
        start = (inward ? start + offset : start) & ~offset;
        end = (inward ? end : end + offset) & ~offset;
    }
    return (struct BootInfoSpan){start, end - start};
}

static void add_span(struct spans *spans, struct BootInfoSpan extent, uint32_t type,
                     uint64_t attributes)
{
    struct span *span = &spans->items[spans->count];
    if (extent.size != 0) {
        span->start = extent.address;
        span->end = extent.address + extent.size;
        span->attributes = attributes;
        span->type = type;
        spans->count++;
    }
}

static void read_descriptors(struct firmware_map map, struct spans *out_spans)
{
    const uint8_t *at = map.descriptors;
    for (uint64_t left = map.size; left >= map.descriptor_size; left -= map.descriptor_size) {
        uint64_t attributes = long_at(at + offsetof(struct firmware_descriptor, attributes));
        uint64_t start = long_at(at + offsetof(struct firmware_descriptor, physical_start));
        uint64_t page_count = long_at(at + offsetof(struct firmware_descriptor, page_count));
        uint32_t type = memory_map_type(word_at(at), attributes);
        add_span(out_spans, memory_map_extent(type, start, page_count), type, attributes);
        at += map.descriptor_size;
    }
}

/* The end of the run of ascending spans that begins at i. */
static uint64_t run_end(const struct spans *spans, uint64_t i)
{
    if (i < spans->count) {
        i++;
    }
    while (i < spans->count && spans->items[i - 1].start <= spans->items[i].start) {
        i++;
    }
    return i;
}

static void merge_runs(const struct spans *from, struct span *to)
{
    const struct span *items = from->items;
    for (uint64_t left = 0, end; left < from->count; left = end) {
        uint64_t middle = run_end(from, left);
        uint64_t right = middle;
        end = run_end(from, middle);
        while (left < middle && right < end) {
            *to++ = items[left].start <= items[right].start ? items[left++] : items[right++];
        }
        while (left < middle) {
            *to++ = items[left++];
        }
        while (right < end) {
            *to++ = items[right++];
        }
    }
}

/* Natural merge sort: firmware maps are sorted already or consist of a few runs that are. */
static void sort(struct spans *spans, struct span *spare)
{
    while (run_end(spans, 0) < spans->count) {
        merge_runs(spans, spare);
        memcpy(spans->items, spare, spans->count * sizeof(*spare));
    }
}

/* Whether each span ends before the next one begins: then they are sorted, too. */
static bool is_disjoint(const struct spans *spans)
{
    for (uint64_t i = 1; i < spans->count; i++) {
        if (spans->items[i - 1].end > spans->items[i].start) {
            return false;
        }
    }
    return true;
}

/* The piece [start, end) of the active spans: the most restrictive type wins, with the AND of the
 * attributes of its kind. */
static struct span winner_of(const struct span *const *active, uint64_t count, uint64_t start,
                             uint64_t end)
{
    struct span winner = *active[0];
    for (uint64_t i = 1; i < count; i++) {
        if (active[i]->type == winner.type) {
            winner.attributes &= active[i]->attributes;
        } else if (RANK[active[i]->type] > RANK[winner.type]) {
            winner = *active[i];
        }
    }
    winner.start = start;
    winner.end = end;
    return winner;
}

/* Drops the spans that end at or before end; gives how many remain. */
static uint64_t retire(const struct span **active, uint64_t count, uint64_t end)
{
    uint64_t kept = 0;
    for (uint64_t i = 0; i < count; i++) {
        if (active[i]->end > end) {
            active[kept++] = active[i];
        }
    }
    return kept;
}

/* Sweeps over the sorted spans from edge to edge; active are those that cover the current piece. */
static void flatten(const struct spans *sorted, const struct span **active,
                    struct spans *out_pieces)
{
    const struct span *next = sorted->items;
    const struct span *const items_end = next + sorted->count;
    uint64_t active_count = 0;
    uint64_t start = 0;
    while (next < items_end || active_count > 0) {
        if (active_count == 0) {
            start = next->start;
        }
        while (next < items_end && next->start == start) {
            active[active_count++] = next++;
        }
        uint64_t end = next < items_end ? next->start : ADDRESS_END;
        for (uint64_t i = 0; i < active_count; i++) {
            end = least(end, active[i]->end);
        }
        out_pieces->items[out_pieces->count++] = winner_of(active, active_count, start, end);
        active_count = retire(active, active_count, end);
        start = end;
    }
}

static void put_region(struct regions *regions, const struct span *span, uint64_t end,
                       uint32_t type)
{
    regions->items[regions->count++] = (struct BootInfoRegion){.base = span->start,
                                                               .size = end - span->start,
                                                               .type = type,
                                                               .efi_attributes = span->attributes};
}

/* Appends span, which begins where the last region ends or above. Page 0 is never free. */
static void append(struct regions *regions, struct span *span)
{
    if (span->start == 0 && is_free(span->type)) {
        put_region(regions, span, PAGE_SIZE, BOOTINFO_MEMORY_RESERVED);
        span->start = PAGE_SIZE;
    }
    if (span->start >= span->end) {
        return;
    }
    if (regions->count > 0) {
        struct BootInfoRegion *last = &regions->items[regions->count - 1];
        if (last->base + last->size == span->start && last->type == span->type &&
            last->efi_attributes == span->attributes) {
            last->size += span->end - span->start;
            return;
        }
    }
    put_region(regions, span, span->end, span->type);
}

/* Sorted, disjoint spans from next up to end. */
struct pieces {
    struct span *next;
    struct span *end;
};

static void append_until(struct regions *regions, struct pieces *pieces, uint64_t end)
{
    for (; pieces->next < pieces->end && pieces->next->end <= end; pieces->next++) {
        append(regions, pieces->next);
    }
    if (pieces->next < pieces->end && pieces->next->start < end) {
        struct span before = *pieces->next;
        before.end = end;
        append(regions, &before);
        pieces->next->start = end;
    }
}

/* Cuts placed out of pieces. It gets the AND of the attributes of what it covers; none if some of
 * it is in no descriptor. */
static void cut(struct pieces *pieces, struct span *placed)
{
    uint64_t missing = placed->end - placed->start;
    placed->attributes = UINT64_MAX;
    for (; pieces->next < pieces->end && pieces->next->start < placed->end; pieces->next++) {
        struct span *piece = pieces->next;
        placed->attributes &= piece->attributes;
        if (piece->end > placed->end) {
            missing -= placed->end - piece->start;
            piece->start = placed->end;
            break;
        }
        missing -= piece->end - piece->start;
    }
    if (missing != 0) {
        placed->attributes = 0;
    }
    if (placed->type == BOOTINFO_MEMORY_USABLE && !is_plain_ram(placed->attributes)) {
        placed->type = BOOTINFO_MEMORY_RESERVED;
    }
}

static void read_placed(const struct placed *placed, uint64_t placed_count, struct spans *out_spans)
{
    for (uint64_t i = 0; i < placed_count; i++) {
        uint32_t type = placed[i].type;
        add_span(out_spans, memory_map_extent(type, placed[i].base, placed[i].page_count), type, 0);
    }
}

uint64_t memory_map_convert(struct firmware_map map, const struct placed *placed,
                            uint64_t placed_count, struct BootInfoRegion *regions, void *scratch)
{
    struct scratch parts = divide(scratch, map.size / map.descriptor_size, placed_count);
    struct spans ranges = {.items = parts.placed};
    struct spans firmware = {.items = parts.descriptors};
    struct spans pieces = {.items = parts.pieces};
    read_placed(placed, placed_count, &ranges);
    sort(&ranges, parts.pieces);
    read_descriptors(map, &firmware);
    if (!is_disjoint(&firmware)) {
        sort(&firmware, parts.pieces);
        flatten(&firmware, parts.active, &pieces);
        firmware = pieces;
    }

    struct pieces left = {firmware.items, firmware.items + firmware.count};
    struct regions out = {.items = regions};
    for (uint64_t i = 0; i < ranges.count; i++) {
        append_until(&out, &left, ranges.items[i].start);
        cut(&left, &ranges.items[i]);
        append(&out, &ranges.items[i]);
    }
    append_until(&out, &left, ADDRESS_END);
    return out.count;
}
