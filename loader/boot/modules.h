/* The stage modules: loads the other files that the entry asks for, each whole, on its own pages,
 * wherever the firmware has room. */
#ifndef BATON_BOOT_MODULES_H
#define BATON_BOOT_MODULES_H

#include "boot/kernel.h"

/* Does nothing where entry, which is one of config's, has no modules. */
MUST_CHECK enum status modules_load(struct session *session, const struct config *config,
                                    const struct entry *entry, struct modules *modules);
/* Gives back the modules of an attempt that failed. */
void modules_release(struct modules *modules);

#endif
