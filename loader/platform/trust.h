/* Questions to the firmware: what the loader's own image carries, and the TPM. */
#ifndef BATON_PLATFORM_TRUST_H
#define BATON_PLATFORM_TRUST_H

#include "core/base/status.h"
#include "core/base/text.h"

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

/* The firmware's event log, crypto-agile. */
struct plat_event_log {
    uint64_t address;
    uint64_t size_max;     /* bytes that can be read there, and have the log */
    uint64_t last;         /* the offset of the last event */
    uint8_t truncated;     /* it lacks events */
    uint64_t final_events; /* EFI_TCG2_FINAL_EVENTS_TABLE, or 0 */
    uint32_t final_count;  /* events in it now */
};

/* What is measured from here on is in the table of final events as well. FIRMWARE_UNSUPPORTED:
 * there is no TPM. */
MUST_CHECK enum firmware plat_tpm_log(struct plat_event_log *out_log);

#endif
