/* The stage load: the kernel's bytes -> where they stay until the exit, inflated on the way. */
#ifndef BATON_LOAD_H
#define BATON_LOAD_H

#include "boot/kernel.h"

MUST_CHECK enum status load_image(struct session *session, struct image *image,
                                  const struct placement *placement);

#endif
