/* The stage exit: final memory map -> BootInfo and page tables -> ExitBootServices. */
#ifndef BATON_EXIT_H
#define BATON_EXIT_H

#include "boot/hand_over.h"

#define EXIT_ATTEMPTS 4 /* ExitBootServices calls, the first one included */

/* Returns with success only once the firmware is gone, and with a failure only before the first
 * ExitBootServices. If that fails for good, the machine restarts. */
MUST_CHECK enum status exit_firmware(struct session *session, const struct kernel *kernel,
                                     struct hand_over *hand_over);

#endif
