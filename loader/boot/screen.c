#include "boot/screen.h"

#include "platform/graphics.h"
#include "platform/machine.h"

#include <string.h>

#define EDID_MAGIC UINT64_C(0x00FFFFFFFFFFFF00) /* the first 8 bytes (E-EDID 1.4 section 3.3) */

/* Of at least one block, which the platform has made sure of. */
static bool is_edid(struct BootInfoSpan span)
{
    uint64_t magic = 0;
    if (arch_is_readable(span.address, span.size)) {
        memcpy(&magic, (const void *)span.address, sizeof(magic));
    }
    return magic == EDID_MAGIC;
}

/* False: it cannot be there. */
static bool check(struct session *session, struct BootInfoFramebuffer *screen)
{
    struct BootInfoSpan *edid = &screen->edid;
    if (edid->size != 0 && !is_edid(*edid)) {
        session->wrong.edid = edid->address;
        *edid = (struct BootInfoSpan){0, 0};
    }
    if (screen->address + screen->size > session->cpu.address_limit) {
        session->wrong.screen = screen->address;
        return false;
    }
    return true;
}

void screen_check_all(struct session *session)
{
    struct machine *machine = &session->machine;
    uint32_t kept = 0;
    for (uint32_t i = 0; i < machine->framebuffer_count; i++) {
        struct BootInfoFramebuffer *screen = &machine->framebuffers[i];
        if (check(session, screen)) {
            machine->framebuffers[kept++] = *screen;
        }
    }
    machine->framebuffer_count = kept;
}

static void write_mode(struct writer *line, uint32_t width, uint32_t height, uint32_t bits)
{
    write_decimal(line, width);
    write_string(line, "x");
    write_decimal(line, height);
    if (bits != 0) {
        write_string(line, "x");
        write_decimal(line, bits);
    }
}

/* The number of the nearest mode; false: there is none. SetMode takes about 50 times as long as the
 * rest of a boot, the current mode included: on a tie the current mode wins, also where none is of
 * use. */
static bool choose(const struct screen_wish *wish, uint32_t count, uint32_t current,
                   uint32_t *out_number)
{
    uint64_t best = 0;
    for (uint32_t i = 0; i < count; i++) {
        struct screen_mode mode;
        if (!plat_graphics_mode(i, &mode)) {
            continue;
        }
        uint64_t nearness = screen_nearness(&mode, wish);
        nearness += i == current;
        if (nearness > best) {
            best = nearness;
            *out_number = i;
        }
    }
    return best != 0;
}

static bool is_granted(const struct machine *machine, const struct screen_wish *wish)
{
    const struct BootInfoFramebuffer *first = machine->framebuffers;
    return machine->framebuffer_count > 0 && first->width == wish->width &&
           first->height == wish->height &&
           (wish->bits == 0 || first->bits_per_pixel == wish->bits);
}

static void log_screen(struct session *session, const struct screen_wish *wish,
                       enum firmware answer)
{
    const struct machine *machine = &session->machine;
    const struct BootInfoFramebuffer *first = machine->framebuffers;
    struct writer *line = log_begin(&session->log, "screen");
    if (machine->framebuffer_count > 0) {
        write_mode(line, first->width, first->height, first->bits_per_pixel);
    } else {
        write_string(line, "none");
    }
    if (!is_granted(machine, wish)) {
        write_string(line, " instead of ");
        write_mode(line, wish->width, wish->height, wish->bits);
    }
    if (answer != FIRMWARE_OK) {
        write_string(line, ": the firmware cannot set it");
    }
    log_end(&session->log, LOG_NORMAL);
}

void screen_set(struct session *session, const struct screen_wish *wish, struct screen *screen)
{
    uint32_t current = 0;
    uint32_t number = 0;
    enum firmware answer = FIRMWARE_OK;
    if (wish->kind != CONFIG_SCREEN_MODE) {
        return;
    }
    uint32_t count = plat_graphics_modes(&current);
    if (choose(wish, count, current, &number) && number != current) {
        *screen = (struct screen){.changed = true, .mode_before = current};
        answer = plat_graphics_set(number, &session->machine);
        screen_check_all(session);
    }
    log_screen(session, wish, answer);
}

void screen_restore(struct session *session, const struct screen *screen)
{
    if (!screen->changed) {
        return;
    }
    enum firmware answer = plat_graphics_set(screen->mode_before, &session->machine);
    screen_check_all(session);
    if (answer != FIRMWARE_OK) {
        write_string(log_begin(&session->log, "screen"), "the old mode cannot be set again");
        log_end(&session->log, LOG_NORMAL);
    }
}
