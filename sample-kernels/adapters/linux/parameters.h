/* Linux's boot parameters, the "zero page": Documentation/arch/x86/zero-page.rst of Linux. */
#ifndef LINUX_PARAMETERS_H
#define LINUX_PARAMETERS_H

#include "bzimage.h"
#include "e820.h"

#define PARAMETERS_SIZE 4096 /* bytes */

/* Where SETUP_E820_EXT goes: the entries for which the boot parameters have no room. */
#define SETUP_DATA_HEADER 16 /* bytes: next of 8, type of 4, size of 4 */

/* Where SETUP_RNG_SEED goes. */
#define SEED_SIZE (SETUP_DATA_HEADER + 32)

/* page, extension and seed are zero at first. extension has room for a setup_data header and
 * entries; e820 is the whole table. */
struct parameters {
    uint8_t *page;
    uint8_t *extension;
    uint8_t *seed; /* SEED_SIZE bytes */
    const struct e820_table *e820;
    const struct BootInfo *info;
    const struct bzimage *image;
    struct BootInfoSpan command_line;
    struct BootInfoSpan initrd;
};

void parameters_fill(const struct parameters *parameters);

#endif
