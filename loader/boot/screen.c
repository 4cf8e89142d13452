/* The mode the kernel wants on the screen: set when all that can fail has been done in the old one.
 * A screen is never a reason not to boot. */
#include "boot/boot.h"

static void write_size_of(struct writer *line, uint32_t width, uint32_t height, uint32_t bits)
{
    write_decimal(line, width);
    write_string(line, "x");
    write_decimal(line, height);
    if (bits != 0) {
        write_string(line, "x");
        write_decimal(line, bits);
    }
}

/* The number of the nearest mode; false: there is none. */
static bool choose(const struct screen_wish *wish, uint32_t count, uint32_t current,
                   uint32_t *out_number)
{
    uint64_t best = 0;
    for (uint32_t i = 0; i < count; i++) {
        struct screen_mode mode;
        if (!plat_graphics_mode(i, &mode)) {
            continue;
        }
        /* Setting a mode, even the current one, costs 50 times this loader. */
        uint64_t nearness = screen_nearness(&mode, wish);
        nearness += nearness != 0 && i == current;
        if (nearness > best) {
            best = nearness;
            *out_number = i;
        }
    }
    return best != 0;
}

static void log_screen(struct boot *boot, const struct screen_wish *wish)
{
    const struct machine *machine = &boot->machine;
    const struct BootInfoFramebuffer *screen = machine->framebuffers;
    char buffer[96];
    struct writer line = writer_on(buffer, sizeof(buffer));
    if (machine->framebuffer_count > 0) {
        write_size_of(&line, screen->width, screen->height, screen->bits_per_pixel);
    } else {
        write_string(&line, "none");
    }
    if (machine->framebuffer_count == 0 || screen->width != wish->width ||
        screen->height != wish->height ||
        (wish->bits != 0 && screen->bits_per_pixel != wish->bits)) {
        write_string(&line, " instead of ");
        write_size_of(&line, wish->width, wish->height, wish->bits);
    }
    if (boot->failure.firmware != FIRMWARE_OK) {
        write_string(&line, ": the firmware cannot set it");
    }
    log_stage(&boot->log, "screen", &line);
}

void screen_set(struct boot *boot)
{
    const struct screen_wish *wish = &boot->entry->screen;
    uint32_t current = 0;
    uint32_t number = 0;
    uint32_t count = plat_graphics_modes(&current);
    boot->failure.firmware = FIRMWARE_OK;
    if (choose(wish, count, current, &number) && number != current) {
        boot->screen_before = current;
        boot->screen_changed = true;
        boot->failure.firmware = plat_graphics_set(number, &boot->machine);
    }
    log_screen(boot, wish);
}

void screen_restore(struct boot *boot)
{
    if (boot->screen_changed) {
        boot->screen_changed = false;
        (void)!plat_graphics_set(boot->screen_before, &boot->machine);
    }
}
