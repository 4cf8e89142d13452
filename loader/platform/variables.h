/* Questions to the firmware: the loader's EFI variables. */
#ifndef BATON_PLATFORM_VARIABLES_H
#define BATON_PLATFORM_VARIABLES_H

#include "core/base/status.h"

/* The loader's EFI variables. size: in, bytes of data; out, bytes of the variable. */
MUST_CHECK enum firmware plat_variable_get(const char *name, void *data, uint64_t *size);
/* size 0 deletes the variable. keep: it outlives a reset; otherwise a reset deletes it. The kernel
 * can read it after the jump, whatever keep is. */
MUST_CHECK enum firmware plat_variable_set(const char *name, const void *data, uint64_t size,
                                           bool keep);

#endif
