/* The SMBIOS entry point (SMBIOS 3.6 section 5.2). */
#ifndef BATON_SMBIOS_H
#define BATON_SMBIOS_H

#include "abi/bootinfo.h"

#include <stdbool.h>

/* Where the entry point and the table that it names lie; the table may be empty. False: address is
 * none of SMBIOS 2 or 3, or cannot be read. */
bool smbios_find(uint64_t address, bool (*readable)(uint64_t address, uint64_t size),
                 struct BootInfoSpan out_spans[2]);

#endif
