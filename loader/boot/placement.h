/* The stage placement: where the kernel and its stack will lie, and how the kernel gets there. */
#ifndef BATON_PLACEMENT_H
#define BATON_PLACEMENT_H

#include "boot/kernel.h"

MUST_CHECK enum status placement_choose(struct session *session, const struct image *image,
                                        struct placement *placement);

#endif
