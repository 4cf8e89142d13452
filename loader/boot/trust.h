/* What may be booted, and who is to know of it: docs/security.md. With Secure Boot on, only
 * bytes that are in the loader's own image, which the firmware has verified, or whose SHA-256
 * stands there. */
#ifndef BATON_TRUST_H
#define BATON_TRUST_H

#include "arch.h"
#include "platform/trust.h"

/* What is known of one attempt. */
struct trust_attempt {
    bool by_hand;    /* the user chose the entry */
    bool unverified; /* edited, or a file was neither sealed nor what its pin says */
    uint32_t flags;  /* BOOTINFO_FLAG_*, from measure_choice on */
    struct event_log log;
};

struct trust {
    bool locked;           /* Secure Boot is on, or may be */
    struct text archive;   /* in the loader's own image; empty: it is not sealed */
    struct config *pins;   /* NULL: loader.cfg was not read yet */
    bool config_sealed;    /* loader.cfg came from the archive */
    bool measures;         /* what boots is entered in the TPM */
    enum firmware refused; /* by the TPM, since the start; FIRMWARE_OK: nothing */
    bool log_full;         /* the firmware's log has no room for an event */
    struct writer event;   /* on words */
    struct trust_attempt now;
    char words[PLAT_EVENT_MAX]; /* the event that is measured, or the digest for a failure */
};

/* How a file came to be trusted. */
struct origin {
    const uint8_t *memory;        /* all its bytes, in the archive; NULL: it is on the volume */
    const struct config_pin *pin; /* NULL: there is none */
};

/* Looks for what the loader carries. Nothing boots where it should carry something and does not. */
MUST_CHECK enum status trust_begin(struct trust *trust, uint32_t secure_boot,
                                   struct failure *failure);
/* config was read and parsed; whether the TPM is wanted stands in it. */
void trust_begin_measuring(struct trust *trust, struct config *config);
/* What the TPM has answered to an event. */
void trust_note(struct trust *trust, enum firmware answer);
/* Fails where measuring is required and the TPM has refused an event since the start. */
MUST_CHECK enum status trust_check_measured(const struct trust *trust, struct failure *failure);
/* Whether the file at path may be opened, and where it is. */
MUST_CHECK bool trust_admit(struct trust *trust, const struct text *path, struct origin *out_origin,
                            uint64_t *out_size);
/* Whether it has to be in memory as a whole before anything may look at it. */
bool trust_wants_all(const struct trust *trust, const struct origin *origin);

#endif
