/* The stage screen: sets the mode that the kernel wants, as late as possible, since errors are
 * shown in the old mode. A screen is never a reason not to boot. */
#ifndef BATON_BOOT_SCREEN_H
#define BATON_BOOT_SCREEN_H

#include "boot/session.h"

struct screen {
    bool changed; /* screen_set has asked for another mode, which may have been refused */
    uint32_t mode_before;
};

/* Takes out of machine the framebuffers, and their EDIDs, that cannot be at their addresses. */
void screen_check_all(struct session *session);
/* Does nothing if the entry wishes for no mode. */
void screen_set(struct session *session, const struct screen_wish *wish, struct screen *screen);
/* Sets the mode of before screen_set, in which failures are shown. */
void screen_restore(struct session *session, const struct screen *screen);

#endif
