/* The stage image: the kernel's file -> what it is, and what it needs. */
#ifndef BATON_BOOT_IMAGE_H
#define BATON_BOOT_IMAGE_H

#include "boot/kernel.h"

MUST_CHECK enum status image_read(struct session *session, const struct entry *entry,
                                  struct image *image);

#endif
