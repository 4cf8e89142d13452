/* A machine with two kernels, for tests of which entry boots. */
#ifndef BATON_TWO_KERNELS_H
#define BATON_TWO_KERNELS_H

#include "boot_check.h"

extern struct text the_kernel; /* the bytes of both */

/* A healthy machine whose volume has this loader.cfg, and the kernel as \a.bin and \b.bin. What
 * variables are kept stay. */
void given_two(const char *config);
/* Boots it with this command line. */
void boots_with(const char *cmdline);
/* There is no such file any more. */
void lose(const char *path);

#endif
