/* Final memory map -> BootInfo -> ExitBootServices. The firmware may have changed its map in
 * between (UEFI 2.10 section 7.4.6): then all of it again, allocating and printing nothing. */
#include "../arch/x86_64/paging.h"
#include "boot.h"

/* After the first failed exit the firmware's timers are dead: neither a return to it nor a
 * message on a half-closed console is safe to build on. Say it and restart. */
static _Noreturn void give_up(struct boot *boot)
{
    struct writer message = writer_on(boot->message, sizeof(boot->message));
    failure_write(&message, &boot->failure);
    plat_say(writer_text(&message));
    plat_restart();
}

static enum status map_failed(struct boot *boot, bool exit_began)
{
    struct failure *failure = &boot->failure;
    failure->path = (struct text){NULL, 0};
    failure->number[0] = boot->map.size;
    failure->number[1] = boot->map.capacity;
    if (failure->firmware == FIRMWARE_BUFFER_TOO_SMALL) {
        return fail(boot, exit_began ? STATUS_EXIT_MAP_GREW : STATUS_MAP_KEEPS_GROWING);
    }
    return fail(boot, exit_began ? STATUS_EXIT_MAP_FAILED : STATUS_MAP_FAILED);
}

/* The map into the info block. It fits if both its bytes and its descriptors do. */
static enum firmware take_map(struct boot *boot, uint64_t *out_stride)
{
    struct plat_map *map = &boot->map;
    enum firmware answer = plat_memory_map(map);
    if (answer != FIRMWARE_OK) {
        return answer;
    }
    if (memory_map_stride(map->descriptor_size, out_stride) != STATUS_OK) {
        return FIRMWARE_INVALID_PARAMETER;
    }
    bool fits = map->size <= map->capacity && map->size / *out_stride <= boot->info.descriptors_max;
    return fits ? FIRMWARE_OK : FIRMWARE_BUFFER_TOO_SMALL;
}

/* Page tables for the regions just converted; false: boot->info.table_pages says how many pages
 * it would have taken. */
static bool build_tables(struct boot *boot)
{
    struct info *info = &boot->info;
    const struct machine *machine = &boot->machine;
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
        .guard = boot->placement.stack - PAGE_SIZE,
        .five_levels = (machine->flags & BOOTINFO_FLAG_LA57) != 0,
        .gigabyte_pages = machine->gigabyte_pages,
    };
    struct paging_pool pool = {.pages = (void *)info->tables, .page_count = info->table_pages};
    boot->hand_off.page_tables = paging_build(&request, &pool);
    if (boot->hand_off.page_tables == 0) {
        info->table_pages = pool.used;
        return false;
    }
    return true;
}

/* What was too small, the info block or the page tables, is reserved anew. */
static enum status grow(struct boot *boot)
{
    struct info *info = &boot->info;
    if (boot->failure.firmware == FIRMWARE_BUFFER_TOO_SMALL) {
        return bootinfo_reserve_map(boot, boot->map.size, boot->map.descriptor_size);
    }
    struct memory_request request = {PLAT_DATA, BOOTINFO_MEMORY_LOADER, info->table_pages,
                                     "page tables"};
    memory_release(boot, info->tables);
    return memory_reserve(boot, request, &info->tables);
}

/* Everything between the final map and the exit: nothing in here prints, and nothing allocates
 * once the exit has begun. */
static enum status prepare(struct boot *boot, bool exit_began)
{
    uint64_t stride = 0;
    for (int growths = 0; growths < GROWTHS_MAX; growths++) {
        boot->failure.firmware = take_map(boot, &stride);
        if (boot->failure.firmware == FIRMWARE_OK) {
            bootinfo_convert_map(boot, stride);
            if (build_tables(boot)) {
                return STATUS_OK;
            }
        } else if (boot->failure.firmware != FIRMWARE_BUFFER_TOO_SMALL) {
            return map_failed(boot, exit_began);
        }
        if (exit_began) {
            break;
        }
        TRY(grow(boot));
    }
    boot->failure.firmware = FIRMWARE_BUFFER_TOO_SMALL;
    return map_failed(boot, exit_began);
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

enum status exit_firmware(struct boot *boot)
{
    struct failure *failure = &boot->failure;
    uint32_t stamps = boot->timeline_count;
    log_exit(boot);
    plat_volume_close();
    boot->volume_open = false;
    plat_watchdog(0);
    for (int attempt = 0; attempt < EXIT_TRIES; attempt++) {
        bool exit_began = attempt > 0;
        if (prepare(boot, exit_began) != STATUS_OK) {
            if (exit_began) {
                give_up(boot);
            }
            return failure->status;
        }
        prepare_hand_off(boot);
        boot->timeline_count = stamps;
        boot_stamp(boot, BOOTINFO_STAGE_EXIT);
        bootinfo_fill(boot);
        failure->firmware = plat_exit(boot->map.key);
        if (failure->firmware == FIRMWARE_OK) {
            return STATUS_OK;
        }
    }
    failure->path = (struct text){NULL, 0};
    failure->number[0] = EXIT_TRIES;
    (void)fail(boot, STATUS_EXIT_REFUSED);
    give_up(boot);
}
