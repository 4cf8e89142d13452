/* The stage info: all the memory that goes to the kernel besides itself. The last allocations of
 * the boot. */
#ifndef BATON_INFO_H
#define BATON_INFO_H

#include "boot/hand_over.h"

MUST_CHECK enum status info_reserve(struct session *session, const struct kernel *kernel,
                                    struct hand_over *hand_over);

#endif
