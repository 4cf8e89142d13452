/* The stage entry: which entry boots. The one that the user chooses, else the default; and the next
 * one when an entry cannot be loaded. */
#ifndef BATON_ENTRY_H
#define BATON_ENTRY_H

#include "boot/session.h"
#include "core/screen/menu.h"

struct entry_choice {
    const struct config *config;
    uint32_t entry;      /* index of the one being tried */
    uint32_t first;      /* where the search began */
    bool by_hand;        /* the user chose it */
    bool menu_shown;     /* at least once */
    uint64_t tried;      /* bits of the entries tried so far */
    uint64_t skipped;    /* bits of those whose tries are used up or cannot be counted */
    bool last_resort;    /* only skipped entries are left: they are booted all the same */
    struct entry edited; /* the user's choice, with the command line as edited */
    uint32_t row_sums[MENU_ROWS_MOST]; /* a checksum of each row of the menu that is shown */
    struct menu menu;
};

/* What to boot first: wanted, or what the user chooses in the menu. may_ask: the menu may be shown.
 * NULL: the user wants to leave. */
const struct entry *entry_first(struct entry_choice *choice, struct session *session,
                                const struct entry *wanted, bool may_ask);
/* What to boot after the last entry failed with status, and message. NULL: nothing. */
const struct entry *entry_next(struct entry_choice *choice, struct session *session,
                               enum status status, struct text message);
/* Whether the entry is booted even if its tries are used up. */
bool entry_is_forced(const struct entry_choice *choice);
/* At the beginning of each attempt. After a menu or a failed attempt: gives the watchdog its
 * time, and logs the entry. */
void entry_begin(const struct entry_choice *choice, struct session *session,
                 const struct entry *entry);

#endif
