#ifndef BATON_BENCHMARK_FRAGMENTS_H
#define BATON_BENCHMARK_FRAGMENTS_H

#include <efi.h>

/* Makes the firmware's memory map longer by the hole_count-th step of a fixed list, and reports
 * "descriptors N" on the debug console. */
void fragments_make(EFI_BOOT_SERVICES *services, unsigned step);

#endif
