/* Questions to the firmware: what the loader's own image carries, and the TPM. */
#ifndef BATON_PLATFORM_TRUST_H
#define BATON_PLATFORM_TRUST_H

#include "core/base/status.h"
#include "core/base/text.h"
#include "core/trust/event_log.h"

/* The section of that name in the loader's own image, in the memory that the firmware loaded
 * (and, with Secure Boot, verified): empty where there is none. False: the image's headers are
 * damaged. */
MUST_CHECK bool plat_image_section(const char *name, struct text *out_section);

/* Looks for a TPM 2.0 that works. FIRMWARE_UNSUPPORTED: there is none. */
MUST_CHECK enum firmware plat_tpm_find(void);

#define PLAT_EVENT_MAX 6144 /* a line of loader.cfg, a path, and what stands around them */

/* Extends the register with the hash of the text and logs the text, of PLAT_EVENT_MAX bytes at
 * most. FIRMWARE_VOLUME_FULL: it was extended, but the firmware's log has no room for it. */
MUST_CHECK enum firmware plat_tpm_measure(uint32_t pcr, struct text text);

/* The firmware's event log, crypto-agile, where it lies. What is measured from here on is in the
 * table of final events as well. FIRMWARE_UNSUPPORTED: there is no TPM, or no such table.
 * FIRMWARE_COMPROMISED_DATA: it makes no sense. *out_log is all zero before, and has no bytes
 * then. */
MUST_CHECK enum firmware plat_tpm_log(struct event_log *out_log);

#endif
