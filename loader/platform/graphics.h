/* Questions to the firmware: the modes of the first framebuffer, and the font. */
#ifndef BATON_PLATFORM_GRAPHICS_H
#define BATON_PLATFORM_GRAPHICS_H

#include "core/screen/mode.h"
#include "core/screen/terminal.h"
#include "platform/machine.h"

/* The firmware's glyphs for text on a framebuffer; font is all zero and stays so without them, or
 * where they take more than scratch has room for. */
void plat_font(void *scratch, uint64_t scratch_size, struct font *font);

/* How many modes the first framebuffer's screen has; 0: there is no screen. */
uint32_t plat_graphics_modes(uint32_t *out_current);
/* False where the firmware does not describe it. Its address and size are not known. */
bool plat_graphics_mode(uint32_t number, struct screen_mode *out_mode);
/* Sets the mode, which clears the screen, and describes all framebuffers of machine anew. */
MUST_CHECK enum firmware plat_graphics_set(uint32_t number, struct machine *machine);

#endif
