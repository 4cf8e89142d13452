#ifndef BATON_BENCHMARK_FRAGMENTS_H
#define BATON_BENCHMARK_FRAGMENTS_H

#include <efi.h>

/* Makes the firmware's memory map longer by step STEP of a fixed list; 0: not at all. */
void fragments_make(EFI_BOOT_SERVICES *services, unsigned step);

#endif
