/* AMD's encryption of a guest's memory. Pure. */
#ifndef BATON_ARCH_SEV_H
#define BATON_ARCH_SEV_H

#include <stdint.h>

/* What the MSR SEV_STATUS says is active, by name; NULL: nothing. */
const char *sev_name(uint64_t status);

#endif
