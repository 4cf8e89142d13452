/* The TPM's event log in its crypto-agile form (TCG PC Client Platform Firmware Profile, section
 * "Event Logging"; TCG EFI Protocol Specification, GetEventLog). Pure. */
#ifndef BATON_EVENT_LOG_H
#define BATON_EVENT_LOG_H

#include "core/base/text.h"

#define EVENT_LOG_CRYPTO_AGILE 2 /* EFI_TCG2_EVENT_LOG_FORMAT_TCG_2 */

struct event_log {
    struct text bytes;     /* empty: there is none */
    bool truncated;        /* it lacks events */
    uint64_t final_events; /* EFI_TCG2_FINAL_EVENTS_TABLE */
    uint32_t final_count;  /* events in it that the log has as well */
};

/* The firmware says where the log begins and where its last event begins. How many bytes the log
 * has: up to the end of that event. 0: it makes no sense, or is longer than log.size. last: the
 * offset of the last event; 0: the log has no other event than the first, which describes it. */
uint64_t event_log_size(struct text log, uint64_t last);

#endif
