/* The stage screen: the mode that the kernel wants, set when all that can fail has been done in the
 * old one. A screen is never a reason not to boot. */
#ifndef BATON_BOOT_SCREEN_H
#define BATON_BOOT_SCREEN_H

#include "boot/session.h"

struct screen {
    bool changed; /* by us */
    uint32_t mode_before;
};

/* Does nothing where the entry wishes for no mode. */
void screen_set(struct session *session, const struct screen_wish *wish, struct screen *screen);
/* Sets the mode from before, so that what failed is shown in it. */
void screen_restore(struct session *session, struct screen *screen);

#endif
