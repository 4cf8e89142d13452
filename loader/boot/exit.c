/* Final memory map -> BootInfo -> ExitBootServices. The firmware may have changed its map in
 * between (UEFI 2.10 section 7.4.6): then all of it again, allocating and printing nothing. */
#include "arch/x86_64/paging.h"
#include "boot/boot.h"

#define TABLE_SLACK 8 /* pages, for memory that turns up after the exit began */

/* After the first failed exit the firmware's timers are dead: neither a return to it nor a
 * message on a half-closed console is safe to build on. Say it and restart. */
static _Noreturn void give_up(struct boot *boot)
{
    struct writer message = writer_on(boot->message, sizeof(boot->message));
    failure_write(&message, &boot->failure);
    plat_say(writer_text(&message));
    plat_restart();
}

/* The kernel's segments as whole pages. A page that two of them share has the rights of both. */
static uint64_t list_segments(const struct boot *boot, struct paging_segment *segments)
{
    const struct elf *elf = &boot->image.elf;
    uint64_t end = boot->placement.target;
    uint64_t count = 0;
    for (uint32_t i = 0; boot->image.is_elf && i < elf->segment_count; i++) {
        const struct elf_segment *segment = &elf->segments[i];
        uint64_t start = boot->placement.target + segment->at / PAGE_SIZE * PAGE_SIZE;
        start = start > end ? start : end;
        end =
            boot->placement.target + page_count_of(segment->at + segment->memory_size) * PAGE_SIZE;
        if (start < end) {
            segments[count++] =
                (struct paging_segment){start, end - start, (segment->flags & ELF_WRITE) != 0,
                                        (segment->flags & ELF_EXECUTE) != 0};
        }
    }
    return count;
}

/* Only the final map tells how far the direct map goes. */
static enum status check_direct_map(struct boot *boot, const struct paging_request *request)
{
    struct failure *failure = &boot->failure;
    const struct placement *placement = &boot->placement;
    uint64_t start = request->direct_map;
    uint64_t last = start + paging_end(request) - 1;
    uint64_t kernel = placement->virtual_address;
    uint64_t kernel_last = kernel + placement->page_count * PAGE_SIZE - 1;
    if (start == 0 || (last > start && (last < kernel || kernel_last < start))) {
        return STATUS_OK;
    }
    failure->path = boot->image.file.path;
    failure->number[0] = start;
    failure->number[1] = last;
    failure->number[2] = kernel;
    failure->number[3] = kernel_last;
    return fail(boot, STATUS_DIRECT_MAP_OVERLAP);
}

/* Page tables for the regions just converted. Where they do not fit, boot->info.table_pages becomes
 * what suffices. */
static enum status build_tables(struct boot *boot)
{
    struct info *info = &boot->info;
    const struct machine *machine = &boot->machine;
    const struct placement *placement = &boot->placement;
    struct paging_segment segments[ELF_SEGMENTS_MAX];
    struct BootInfoSpan extra[PLAT_FRAMEBUFFERS_MAX + 1] = {machine->loader_image};
    for (uint32_t i = 0; i < bootinfo_framebuffer_count(boot); i++) {
        extra[i + 1] =
            (struct BootInfoSpan){machine->framebuffers[i].address, machine->framebuffers[i].size};
    }
    struct paging_request request = {
        .regions = (const struct BootInfoRegion *)(info->address + info->regions_offset),
        .region_count = info->region_count,
        .extra = extra,
        .extra_count = bootinfo_framebuffer_count(boot) + 1,
        .segments = segments,
        .segment_count = list_segments(boot, segments),
        .distance = placement->virtual_address - placement->target,
        .direct_map = boot->image.needs.direct_map,
        .guard = placement->stack - PAGE_SIZE,
        .limit = machine->address_limit,
        .five_levels = (machine->flags & BOOTINFO_FLAG_LA57) != 0,
        .gigabyte_pages = machine->gigabyte_pages,
        .no_execute = (machine->flags & BOOTINFO_FLAG_NX) != 0,
        .execute_segments = loader_is_in_the_way(boot),
    };
    struct paging_pool pool = {.pages = (void *)info->tables, .page_count = info->table_pages};
    TRY(check_direct_map(boot, &request));
    boot->hand_off.page_tables = paging_build(&request, &pool);
    if (boot->hand_off.page_tables != 0) {
        return STATUS_OK;
    }
    boot->failure.number[0] = pool.used * PAGE_SIZE;
    boot->failure.number[1] = pool.page_count * PAGE_SIZE;
    info->table_pages = pool.used + TABLE_SLACK;
    return fail(boot, STATUS_EXIT_TABLES_GREW);
}

/* What was too small, the info block or the page tables, is reserved anew. */
static enum status grow(struct boot *boot, enum status status)
{
    struct info *info = &boot->info;
    if (status == STATUS_MAP_KEEPS_GROWING) {
        return bootinfo_reserve_map(boot, boot->map.size, boot->map.descriptor_size);
    }
    struct memory_request request = {PLAT_DATA, BOOTINFO_MEMORY_LOADER, info->table_pages,
                                     "page tables"};
    memory_release(boot, info->tables);
    return memory_reserve(boot, request, &info->tables);
}

/* Everything between the final map and the exit: nothing in here prints or allocates. */
static enum status look(struct boot *boot)
{
    uint64_t stride = 0;
    boot->failure.path = (struct text){NULL, 0};
    TRY(memory_map_take(boot, &boot->map, boot->info.descriptors_max, &stride));
    bootinfo_convert_map(boot, stride);
    return build_tables(boot);
}

static enum status prepare(struct boot *boot)
{
    enum status status = look(boot);
    for (int looks = 1; looks < GROWTHS_MAX &&
                        (status == STATUS_MAP_KEEPS_GROWING || status == STATUS_EXIT_TABLES_GREW);
         looks++) {
        TRY(grow(boot, status));
        status = look(boot);
    }
    if (status == STATUS_EXIT_TABLES_GREW) { /* with the map, as it has not stopped */
        boot->failure.number[0] = boot->map.size;
        return fail(boot, STATUS_MAP_KEEPS_GROWING);
    }
    return status;
}

/* Once the exit has begun, nothing can grow any more. */
static void prepare_again(struct boot *boot)
{
    enum status status = look(boot);
    if (status == STATUS_OK) {
        return;
    }
    if (status == STATUS_MAP_KEEPS_GROWING) {
        (void)fail(boot, STATUS_EXIT_MAP_GREW);
    } else if (status == STATUS_MAP_FAILED) {
        (void)fail(boot, STATUS_EXIT_MAP_FAILED);
    }
    give_up(boot);
}

static void prepare_hand_off(struct boot *boot)
{
    const struct placement *placement = &boot->placement;
    struct hand_off *hand_off = &boot->hand_off;
    hand_off->block = boot->info.hand_off;
    hand_off->entry = boot->image.needs.entry;
    hand_off->stack_top = placement->stack + placement->stack_pages * PAGE_SIZE;
    hand_off->info = boot->info.address;
    hand_off->no_execute = (boot->machine.flags & BOOTINFO_FLAG_NX) != 0;
    if (placement->staged) {
        hand_off->copy_target = placement->target;
        hand_off->copy_source = placement->source;
        hand_off->copy_pages = placement->source_pages;
        hand_off->zero_pages = placement->page_count - placement->source_pages;
    }
}

static void log_exit(struct boot *boot)
{
    char buffer[96];
    struct writer line = writer_on(buffer, sizeof(buffer));
    write_string(&line, "leaving the firmware, entry ");
    write_hex(&line, boot->image.needs.entry);
    log_stage(&boot->log, "exit", &line);
}

/* The one answer that another try may mend: the key was stale (UEFI 2.10 section 7.4.6). */
static bool is_stale(enum firmware answer)
{
    return answer == FIRMWARE_INVALID_PARAMETER;
}

enum status exit_firmware(struct boot *boot)
{
    struct failure *failure = &boot->failure;
    uint32_t stamps = boot->timeline_count;
    uint64_t tries = 0;
    log_exit(boot);
    plat_watchdog(0);
    TRY(prepare(boot));
    do {
        if (tries > 0) {
            prepare_again(boot);
        }
        prepare_hand_off(boot);
        boot->timeline_count = stamps;
        boot_stamp(boot, BOOTINFO_STAGE_EXIT);
        bootinfo_fill(boot);
        failure->firmware = plat_exit(boot->map.key);
        if (failure->firmware == FIRMWARE_OK) {
            return STATUS_OK;
        }
        tries++;
    } while (is_stale(failure->firmware) && tries < EXIT_TRIES);
    failure->number[0] = tries;
    failure->number[1] = EXIT_TRIES;
    (void)fail(boot, STATUS_EXIT_REFUSED);
    give_up(boot);
}
