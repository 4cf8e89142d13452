/* The stage modules: loads the other files that the entry asks for, each whole, on its own pages,
 * wherever the firmware has room. */
#ifndef BATON_BOOT_MODULES_H
#define BATON_BOOT_MODULES_H

#include "boot/kernel.h"

/* entry is one of config's and has modules. */
MUST_CHECK enum status modules_load(struct session *session, const struct config *config,
                                    const struct entry *entry, struct modules *modules);
/* Gives back the modules of an attempt that failed. */
void modules_release(const struct pages *pages, struct modules *modules);

#endif
