/* The fake's screen: the modes of the script, one of them set. */
#include "fake_platform.h"

uint32_t plat_graphics_modes(uint32_t *out_current)
{
    (void)fake_enter(FAKE_GRAPHICS_QUERY, 0);
    *out_current = fake.mode;
    return fake.mode_count;
}

bool plat_graphics_mode(uint32_t number, struct screen_mode *out_mode)
{
    if (number >= fake.mode_count) {
        fake_violation("there is no mode %u", number);
    }
    *out_mode = fake.modes[number];
    out_mode->address = 0;
    out_mode->size = 0;
    return fake.modes[number].address != FAKE_MODE_UNKNOWN;
}

enum firmware plat_graphics_set(uint32_t number, struct machine *machine)
{
    enum firmware answer = fake_enter(FAKE_GRAPHICS_SET, number);
    if (number >= fake.mode_count) {
        fake_violation("there is no mode %u", number);
    }
    if (answer == FIRMWARE_OK) {
        const struct screen_mode *mode = &fake.modes[number];
        struct BootInfoFramebuffer *screen = &fake.machine.framebuffers[0];
        struct BootInfoSpan edid = screen->edid;
        fake.mode = number;
        fake.machine.framebuffer_count = screen_describe(mode, screen);
        screen->edid = edid;
    }
    for (uint32_t i = 0; i < PLAT_FRAMEBUFFERS_MAX; i++) {
        machine->framebuffers[i] = fake.machine.framebuffers[i];
    }
    machine->framebuffer_count = fake.machine.framebuffer_count;
    return fake_answer(answer);
}
