/* The firmware may change its map between GetMemoryMap and ExitBootServices, which then refuses
 * (UEFI 2.10 section 7.4.6). Everything from the map on is done again in this case, but without
 * allocating or printing. */
#include "boot/exit.h"

#include "platform/console.h"
#include "platform/machine.h"
#include "platform/memory.h"

#define TABLE_SLACK 8 /* pages, for memory that turns up after the exit began */

/* After the first failed exit the firmware's timers are dead and its console is half closed:
 * neither returning to it nor showing a message and waiting is safe. Says why and restarts. */
static _Noreturn void give_up(struct session *session)
{
    struct writer message = writer_on(session->message, sizeof(session->message));
    failure_write(&message, &session->failure);
    plat_say(writer_text(&message));
    plat_restart();
}

/* Where the direct map and the addresses that the kernel is linked for are one mapping, as in
 * kernels of the last 2 GiB. */
static void join_direct_map(struct arch_space *space)
{
    uint64_t i = 0;
    while (i < space->high_segment_count && space->high_segments[i].distance == space->direct_map) {
        i++;
    }
    if (i > 0 && i == space->high_segment_count) {
        space->direct_map_runs = true;
        space->high_segment_count = 0;
    }
}

/* Only the final map shows how far the direct map goes. */
static enum status check_direct_map(struct session *session, const struct kernel *kernel,
                                    const struct arch_space *space)
{
    struct failure *failure = &session->failure;
    uint64_t start = space->direct_map;
    uint64_t last = start == 0 ? 0 : start + arch_tables_end(&session->cpu, space) - 1;
    uint64_t kernel_first = kernel->placement.target;
    uint64_t kernel_last = kernel_first;
    if (space->high_segment_count > 0) {
        const struct arch_segment *high = space->high_segments;
        const struct arch_segment *highest = &high[space->high_segment_count - 1];
        kernel_first = high->address + high->distance;
        kernel_last = highest->address + highest->distance + highest->size - 1;
    }
    if (start == 0 || space->direct_map_runs ||
        (last > start && (last < kernel_first || kernel_last < start))) {
        return STATUS_OK;
    }
    failure->path = kernel->image.stream.file.path;
    failure->number[2] = kernel_first;
    failure->number[3] = kernel_last;
    return fail_numbers(failure, STATUS_DIRECT_MAP_OVERLAP, start, last);
}

#define EXTRA_MAX (PLAT_FRAMEBUFFERS_MAX + FIRMWARE_SPANS_MAX + 2)

/* Memory that must be mapped wherever it lies: the loader's image, which runs while the tables
 * change, and all that BootInfo names. */
static uint64_t list_extra(const struct session *session, const struct entry *entry,
                           struct BootInfoSpan *extra)
{
    uint64_t count = 0;
    uint32_t framebuffers = hand_over_framebuffers(session, entry);
    const struct BootInfoSerial *serial = &session->serial.info;
    extra[count++] = session->machine.loader_image;
    count += firmware_tables_spans(&session->tables, extra + count);
    if (serial->kind == BOOTINFO_SERIAL_16550_MEMORY) {
        extra[count++] = serial_registers(serial);
    }
    for (uint32_t i = 0; i < framebuffers; i++) {
        const struct BootInfoFramebuffer *framebuffer = &session->machine.framebuffers[i];
        extra[count++] = (struct BootInfoSpan){framebuffer->address, framebuffer->size};
    }
    return count;
}

/* Page tables for the regions that the final map was converted to. If they do not fit,
 * hand_over->table_pages becomes the number of pages that suffices. */
static enum status build_tables(struct session *session, const struct kernel *kernel,
                                struct hand_over *hand_over)
{
    const struct placement *placement = &kernel->placement;
    const struct kernel_segments *segments = &hand_over->segments;
    struct BootInfoSpan extra[EXTRA_MAX];
    segments_list(kernel, &hand_over->segments);
    struct arch_space space = {
        .regions = info_block_regions(&hand_over->block),
        .region_count = hand_over->block.region_count,
        .extra = extra,
        .extra_count = list_extra(session, kernel->entry, extra),
        .segments = segments->identity.items,
        .segment_count = segments->identity.count,
        .high_segments = segments->high.items,
        .high_segment_count = segments->high.count,
        .direct_map = kernel->image.needs.direct_map,
        .guard = placement->stack - PAGE_SIZE,
        .execute_segments = placement_covers(placement, session->machine.loader_image),
    };
    struct arch_pool pool = {.pages = (void *)hand_over->tables,
                             .page_count = hand_over->table_pages};
    join_direct_map(&space);
    TRY(check_direct_map(session, kernel, &space));
    hand_over->direct_map_size = space.direct_map != 0 ? arch_tables_end(&session->cpu, &space) : 0;
    hand_over->hand_off.page_tables = arch_tables_build(&session->cpu, &space, &pool);
    if (hand_over->hand_off.page_tables != 0) {
        return STATUS_OK;
    }
    hand_over->table_pages = pool.used + TABLE_SLACK;
    return fail_numbers(&session->failure, STATUS_EXIT_TABLES_GREW, pool.used * PAGE_SIZE,
                        pool.page_count * PAGE_SIZE);
}

/* Replaces what was too small, the info block or the page tables, by a larger one. */
static enum status enlarge(struct session *session, const struct kernel *kernel,
                           struct hand_over *hand_over, enum status status)
{
    return status == STATUS_MAP_KEEPS_GROWING ? hand_over_take_block(session, kernel, hand_over)
                                              : hand_over_take_tables(session, hand_over);
}

/* Everything between the final map and the exit: nothing in here prints or allocates. */
static enum status take_final_map(struct session *session, const struct kernel *kernel,
                                  struct hand_over *hand_over)
{
    uint64_t stride = 0;
    session->failure.path = (struct text){NULL, 0};
    TRY(firmware_map_take(&session->failure, &hand_over->map, hand_over->block.descriptors_max,
                          &stride));
    hand_over_convert_map(session, kernel, hand_over, stride);
    return build_tables(session, kernel, hand_over);
}

static enum status prepare(struct session *session, const struct kernel *kernel,
                           struct hand_over *hand_over)
{
    enum status status = take_final_map(session, kernel, hand_over);
    for (int maps = 1; maps < GROWTHS_MAX &&
                       (status == STATUS_MAP_KEEPS_GROWING || status == STATUS_EXIT_TABLES_GREW);
         maps++) {
        TRY(enlarge(session, kernel, hand_over, status));
        status = take_final_map(session, kernel, hand_over);
    }
    if (status == STATUS_EXIT_TABLES_GREW) {
        /* Page tables only outgrow their room because the map grows: that is the error to show. */
        session->failure.number[0] = hand_over->map.size;
        return fail_with(&session->failure, STATUS_MAP_KEEPS_GROWING);
    }
    return status;
}

/* Once the exit has begun nothing can be enlarged any more: returns with success, or not at all. */
static void prepare_after_refusal(struct session *session, const struct kernel *kernel,
                                  struct hand_over *hand_over)
{
    enum status status = take_final_map(session, kernel, hand_over);
    if (status == STATUS_OK) {
        return;
    }
    if (status == STATUS_MAP_KEEPS_GROWING) {
        (void)fail_with(&session->failure, STATUS_EXIT_MAP_GREW);
    } else if (status == STATUS_MAP_FAILED) {
        (void)fail_with(&session->failure, STATUS_EXIT_MAP_FAILED);
    }
    give_up(session);
}

static void prepare_hand_off(struct session *session, const struct placement *placement,
                             struct hand_over *hand_over)
{
    struct hand_off *hand_off = &hand_over->hand_off;
    hand_off->entry = placement->entry;
    hand_off->stack_top = placement->stack + placement->stack_pages * PAGE_SIZE;
    hand_off->info = hand_over->block.address;
    session->serial.given_up = plat_serial_given_up();
    hand_off->serial = &session->serial;
    hand_off->no_execute = (session->cpu.flags & BOOTINFO_FLAG_NX) != 0;
    if (placement->staged) {
        hand_off->copy_target = placement->target;
        hand_off->copy_source = placement->source;
        hand_off->copy_pages = placement->source_pages;
        hand_off->zero_pages = placement->page_count - placement->source_pages;
    }
}

static void fill_info(struct session *session, const struct kernel *kernel,
                      const struct hand_over *hand_over, uint32_t stamps)
{
    const struct plat_map *map = &hand_over->map;
    struct info_map info_map = {map->size, (uint32_t)map->descriptor_size, map->descriptor_version};
    session->timeline.count = stamps;
    timeline_stamp(&session->timeline, &session->cpu, BOOTINFO_STAGE_EXIT);
    struct info_facts facts = hand_over_facts(session, kernel, hand_over);
    info_block_fill(&facts, &hand_over->block, info_map);
}

static void log_exit(struct log *log, uint64_t entry)
{
    struct writer *line = log_begin(log, "exit");
    write_string(line, "leaving the firmware, entry ");
    write_hex(line, entry);
    log_end(log, LOG_NORMAL);
}

/* The only answer after which another attempt may succeed: the key was stale (UEFI 2.10 section
 * 7.4.6). */
static bool is_stale(enum firmware answer)
{
    return answer == FIRMWARE_INVALID_PARAMETER;
}

enum status exit_firmware(struct session *session, const struct kernel *kernel,
                          struct hand_over *hand_over)
{
    struct failure *failure = &session->failure;
    uint32_t stamps = session->timeline.count;
    uint64_t attempts = 0;
    log_exit(&session->log, kernel->placement.entry);
    plat_watchdog(0);
    TRY(prepare(session, kernel, hand_over));
    prepare_hand_off(session, &kernel->placement, hand_over);
    do {
        if (attempts > 0) {
            prepare_after_refusal(session, kernel, hand_over);
        }
        fill_info(session, kernel, hand_over, stamps);
        failure->firmware = plat_exit(hand_over->map.key);
        if (failure->firmware == FIRMWARE_OK) {
            hand_over->seed = (struct seed){{0}, 0}; /* only the kernel has it now */
            return STATUS_OK;
        }
        attempts++;
    } while (is_stale(failure->firmware) && attempts < EXIT_ATTEMPTS);
    (void)fail_numbers(failure, STATUS_EXIT_REFUSED, attempts, EXIT_ATTEMPTS);
    give_up(session);
}
