/* May the kernel live where it wants to? Directly; or elsewhere until the firmware has left its
 * place (FreeBSD r247214, GRUB and others got this wrong); or not at all, and who is in the way. */
#include "boot/boot.h"

#include <string.h>

/* True where the firmware's memory becomes free with ExitBootServices. */
static bool becomes_free(uint32_t type)
{
    return type == BOOTINFO_MEMORY_USABLE || type == BOOTINFO_MEMORY_BOOT_SERVICES;
}

static void note_occupant(struct failure *failure, uint64_t base, uint64_t end, uint32_t type)
{
    if (failure->occupant_count < OCCUPANTS_MAX) {
        failure->occupants[failure->occupant_count] =
            (struct occupant){.base = base, .size = end - base, .type = type};
    }
    failure->occupant_count++;
}

/* Everything in [base, end) that does not become free, holes in the map included. */
static void find_occupants(const struct BootInfoRegion *regions, uint64_t count, uint64_t base,
                           uint64_t end, struct failure *failure)
{
    failure->occupant_count = 0;
    for (uint64_t i = 0; i < count && base < end; i++) {
        uint64_t region_end = regions[i].base + regions[i].size;
        if (region_end <= base) {
            continue;
        }
        if (regions[i].base >= end) {
            break;
        }
        if (regions[i].base > base) {
            note_occupant(failure, base, regions[i].base, OCCUPANT_NOTHING);
            base = regions[i].base;
        }
        uint64_t stop = region_end < end ? region_end : end;
        if (!becomes_free(regions[i].type)) {
            note_occupant(failure, base, stop, regions[i].type);
        }
        base = stop;
    }
    if (base < end) {
        note_occupant(failure, base, end, OCCUPANT_NOTHING);
    }
}

/* The lowest address from 1 MiB up where size bytes can be had; 0: nowhere. */
static uint64_t find_room(const struct BootInfoRegion *regions, uint64_t count, uint64_t size)
{
    uint64_t start = 0;
    uint64_t end = 0;
    for (uint64_t i = 0; i < count; i++) {
        if (!becomes_free(regions[i].type)) {
            continue;
        }
        uint64_t base = regions[i].base > UINT64_C(0x100000) ? regions[i].base : UINT64_C(0x100000);
        if (regions[i].base != end) {
            start = base;
        }
        end = regions[i].base + regions[i].size;
        if (end > start && end - start >= size) {
            return start;
        }
    }
    return 0;
}

static enum status refuse(struct boot *boot, const struct BootInfoRegion *regions, uint64_t count)
{
    struct failure *failure = &boot->failure;
    uint64_t size = boot->placement.page_count * PAGE_SIZE;
    failure->number[0] = boot->placement.target;
    failure->number[1] = boot->placement.target + size - 1;
    failure->number[2] = find_room(regions, count, size);
    failure->number[3] = size;
    return fail(boot, failure->number[2] != 0 ? STATUS_ADDRESS_OCCUPIED : STATUS_ADDRESS_NO_ROOM);
}

/* Takes the free parts of the target, so that neither firmware nor loader comes to lie there.
 * What a full ledger or the firmware does not let it take, memory_reserve keeps away from. */
static void claim_target(struct boot *boot, struct firmware_map map)
{
    const struct placement *placement = &boot->placement;
    uint64_t target_end = placement->target + placement->page_count * PAGE_SIZE;
    for (uint64_t at = 0; at + map.descriptor_size <= map.size; at += map.descriptor_size) {
        struct firmware_descriptor descriptor;
        /* A survey that succeeded has a map. NOLINTNEXTLINE(clang-analyzer-unix.cstring.NullArg) */
        memcpy(&descriptor, (const uint8_t *)map.descriptors + at, sizeof(descriptor));
        uint32_t type = memory_map_type(descriptor.type, descriptor.attributes);
        if (type != BOOTINFO_MEMORY_USABLE) {
            continue;
        }
        struct BootInfoSpan extent =
            memory_map_extent(type, descriptor.physical_start, descriptor.page_count);
        uint64_t base = extent.address;
        uint64_t end = base + extent.size;
        base = base > placement->target ? base : placement->target;
        end = end < target_end ? end : target_end;
        if (base < end && boot->ledger.count < LEDGER_MAX / 2) {
            struct memory_request request = {PLAT_DATA, BOOTINFO_MEMORY_USABLE,
                                             (end - base) / PAGE_SIZE, NULL};
            (void)!memory_reserve_at(boot, request, base);
        }
    }
    boot->ledger.avoid_base = placement->target;
    boot->ledger.avoid_size = target_end - placement->target;
}

/* The survey's own buffers: descriptors, regions and scratch in one allocation. */
struct survey {
    uint64_t address;
    struct firmware_map map;
    struct BootInfoRegion *regions;
    uint64_t region_count;
};

static enum status survey_try(struct boot *boot, struct survey *survey)
{
    struct plat_map map = {0};
    struct failure *failure = &boot->failure;
    uint64_t stride = 0;
    failure->firmware = plat_memory_map(&map);
    if (failure->firmware != FIRMWARE_BUFFER_TOO_SMALL) {
        return fail(boot, STATUS_MAP_FAILED);
    }
    failure->number[0] = map.descriptor_size;
    if (memory_map_stride(map.descriptor_size, &stride) != STATUS_OK) {
        return fail(boot, STATUS_MAP_BAD_STRIDE);
    }
    /* Each allocation can split one range in three. */
    uint64_t count = descriptor_count(map.size, stride) + 64;
    uint64_t regions_size = memory_map_regions_max(count, 0) * sizeof(struct BootInfoRegion);
    map.capacity = count * stride;
    struct memory_request request = {
        PLAT_DATA, BOOTINFO_MEMORY_USABLE,
        page_count_of(map.capacity + regions_size + memory_map_scratch_size(count, 0)),
        "a look at the memory map"};
    TRY(memory_reserve(boot, request, &survey->address));
    survey->regions = (struct BootInfoRegion *)survey->address;
    uint8_t *scratch = (uint8_t *)survey->address + regions_size;
    map.buffer = scratch + memory_map_scratch_size(count, 0);
    TRY(memory_map_take(boot, &map, count, &stride));
    survey->map = (struct firmware_map){map.buffer, map.size, stride};
    survey->region_count = memory_map_convert(survey->map, NULL, 0, survey->regions, scratch);
    return STATUS_OK;
}

static enum status survey_take(struct boot *boot, struct survey *survey)
{
    enum status status = survey_try(boot, survey);
    for (int retries = 0; status == STATUS_MAP_KEEPS_GROWING && retries < GROWTHS_MAX; retries++) {
        memory_release(boot, survey->address);
        status = survey_try(boot, survey);
    }
    return status;
}

static enum status stage(struct boot *boot)
{
    struct placement *placement = &boot->placement;
    struct survey survey = {0};
    uint64_t end = placement->target + placement->page_count * PAGE_SIZE;
    TRY(survey_take(boot, &survey));
    find_occupants(survey.regions, survey.region_count, placement->target, end, &boot->failure);
    if (boot->failure.occupant_count > 0) {
        return refuse(boot, survey.regions, survey.region_count);
    }
    claim_target(boot, survey.map);
    memory_release(boot, survey.address);
    placement->staged = true;
    return STATUS_OK;
}

/* Whether the file's bytes are the image's, in the buffer that image_read has begun to fill. */
static bool is_in_buffer(const struct image *image)
{
    return image->format == IMAGE_RAW && !image->is_elf;
}

/* Where the image's bytes wait until the exit: the file's own buffer, if it is out of the way. */
static enum status choose_source(struct boot *boot)
{
    struct placement *placement = &boot->placement;
    const struct image *image = &boot->image;
    uint64_t size = image->size != 0 ? image->size : image->needs.memory_size;
    uint64_t target_size = placement->page_count * PAGE_SIZE;
    uint64_t buffer_size = image->buffer_pages * PAGE_SIZE;
    placement->source_pages = page_count_of(size);
    if (is_in_buffer(image) && (image->buffer >= placement->target + target_size ||
                                placement->target >= image->buffer + buffer_size)) {
        placement->source = image->buffer;
        return STATUS_OK;
    }
    struct memory_request request = {PLAT_DATA, BOOTINFO_MEMORY_USABLE, placement->source_pages,
                                     "a copy of the kernel"};
    return memory_reserve(boot, request, &placement->source);
}

/* The whole target, or what is missing of it behind the part that image_read has taken. */
static bool reserve_target(struct boot *boot)
{
    struct placement *placement = &boot->placement;
    const struct image *image = &boot->image;
    struct memory_request request = {PLAT_CODE, BOOTINFO_MEMORY_USABLE, placement->page_count,
                                     "the kernel"};
    bool begun = is_in_buffer(image) && image->buffer == placement->target;
    uint64_t have = begun ? image->buffer_pages : 0;
    if (have >= request.page_count) {
        return true;
    }
    request.page_count -= have;
    return memory_reserve_at(boot, request, placement->target + have * PAGE_SIZE);
}

/* Wherever the firmware has room. The pages that alignment leaves over are free after the jump. */
static enum status reserve_anywhere(struct boot *boot)
{
    struct placement *placement = &boot->placement;
    uint64_t slack = boot->image.needs.alignment - PAGE_SIZE;
    struct memory_request request = {PLAT_CODE, BOOTINFO_MEMORY_USABLE,
                                     placement->page_count + slack / PAGE_SIZE, "the kernel"};
    uint64_t address = 0;
    TRY(memory_reserve(boot, request, &address));
    placement->target = (address + slack) / (slack + PAGE_SIZE) * (slack + PAGE_SIZE);
    return STATUS_OK;
}

/* Directly, or somewhere else where that makes no difference, or staged. */
static enum status reserve_place(struct boot *boot)
{
    struct placement *placement = &boot->placement;
    uint64_t alignment = boot->image.needs.alignment;
    bool direct = (alignment == 0 || placement->target % alignment == 0) && reserve_target(boot);
    if (!direct && alignment == 0) {
        TRY(stage(boot));
        return choose_source(boot);
    }
    if (!direct) {
        TRY(reserve_anywhere(boot));
    }
    placement->source = placement->target;
    placement->source_pages = placement->page_count;
    return STATUS_OK;
}

static enum status reserve_stack(struct boot *boot)
{
    struct placement *placement = &boot->placement;
    uint64_t guard = 0;
    placement->stack_pages = page_count_of(boot->image.needs.stack_size);
    struct memory_request request = {PLAT_DATA, BOOTINFO_MEMORY_STACK, placement->stack_pages + 1,
                                     "the stack"};
    TRY(memory_reserve(boot, request, &guard));
    memset((void *)guard, 0, request.page_count * PAGE_SIZE);
    placement->stack = guard + PAGE_SIZE;
    return STATUS_OK;
}

/* The higher half begins with bit 63, however many levels there are. */
static bool is_high(const struct image *image)
{
    return image->is_elf && image->elf.address >> 63 != 0;
}

static void log_placement(struct boot *boot)
{
    const struct placement *placement = &boot->placement;
    char buffer[192];
    struct writer line = writer_on(buffer, sizeof(buffer));
    uint64_t size = placement->page_count * PAGE_SIZE;
    write_hex(&line, placement->target);
    write_string(&line, "-");
    write_hex(&line, placement->target + size - 1);
    write_string(&line, " (");
    write_size(&line, size);
    write_string(&line, placement->staged ? "), copied there after the exit from " : ")");
    if (placement->staged) {
        write_hex(&line, placement->source);
    }
    write_string(&line, ", stack ");
    write_size(&line, placement->stack_pages * PAGE_SIZE);
    write_string(&line, " at ");
    write_hex(&line, placement->stack);
    log_stage(&boot->log, "placement", &line);
}

enum status placement_choose(struct boot *boot)
{
    struct placement *placement = &boot->placement;
    placement->target = boot->image.needs.address;
    placement->page_count = page_count_of(boot->image.needs.memory_size);
    TRY(reserve_place(boot));
    placement->virtual_address =
        is_high(&boot->image) ? boot->image.elf.address : placement->target;
    TRY(reserve_stack(boot));
    log_placement(boot);
    return STATUS_OK;
}
