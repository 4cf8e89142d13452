#include "boot/info.h"

#include "platform/graphics.h"
#include "platform/memory.h"

#define TABLE_PAGES 16 /* page tables of most machines; more are taken where they are too few */

/* The fault handlers run from a part of the loader's image, which has to survive the jump. The font
 * is read through the room for page tables, which is unused until the exit. */
static void prepare_fault_handlers(struct session *session, const struct kernel *kernel,
                                   struct hand_over *hand_over)
{
    const struct on_fault on_fault = kernel->entry->on_fault;
    hand_over->hand_off.on_fault = on_fault;
    hand_over->hand_off.font = &hand_over->font;
    if (on_fault.kind == ON_FAULT_NONE) {
        return;
    }
    if (placement_covers(&kernel->placement, session->machine.resident)) {
        write_string(log_begin(&session->log, "info"),
                     "no fault handlers: they lie where the kernel goes");
        log_end(&session->log, LOG_NORMAL);
        return;
    }
    hand_over->hand_off.handle_faults = true;
    hand_over->hand_off.has_header = kernel->image.has_header;
    if (hand_over_framebuffers(session, kernel->entry) > 0) {
        plat_font((void *)hand_over->tables, hand_over->table_pages * PAGE_SIZE, &hand_over->font);
    }
}

static void log_info(struct log *log, const struct info_block *block)
{
    struct writer *line = log_begin(log, "info");
    write_size(line, block->page_count * PAGE_SIZE);
    write_string(line, " at ");
    write_hex(line, block->address);
    write_string(line, ", room for ");
    write_decimal(line, block->descriptors_max);
    write_string(line, " firmware memory descriptors");
    log_end(log, LOG_NORMAL);
}

enum status info_reserve(struct session *session, const struct kernel *kernel,
                         struct hand_over *hand_over)
{
    struct failure *failure = &session->failure;
    struct pages_wish wish = {PLAT_CODE, BOOTINFO_MEMORY_LOADER, arch_hand_off_pages(),
                              "the hand-off"};
    TRY(pages_take(&session->pages, wish, failure, &hand_over->hand_off.block));
    hand_over->table_pages = TABLE_PAGES;
    TRY(hand_over_take_tables(session, hand_over));
    prepare_fault_handlers(session, kernel, hand_over);
    plat_random(&hand_over->seed);
    arch_random(&hand_over->seed);
    TRY(firmware_map_measure(failure, &hand_over->map));
    TRY(hand_over_take_block(session, kernel, hand_over));
    log_info(&session->log, &hand_over->block);
    return STATUS_OK;
}
