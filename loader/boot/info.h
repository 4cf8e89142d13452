/* The stage info: takes all the memory that goes to the kernel, the kernel apart. These are the
 * last allocations of a boot. */
#ifndef BATON_INFO_H
#define BATON_INFO_H

#include "boot/hand_over.h"

MUST_CHECK enum status info_reserve(struct session *session, const struct kernel *kernel,
                                    struct hand_over *hand_over);

#endif
