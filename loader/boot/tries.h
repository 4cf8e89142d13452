/* Counted tries: how often a kernel was started without reporting that it came up. The count is
 * an EFI variable for each entry (docs/menu.md); it is written as late as can be, and never to a
 * file. */
#ifndef BATON_TRIES_H
#define BATON_TRIES_H

#include "boot/log.h"
#include "core/base/status.h"

/* Of one attempt. */
struct tries {
    const struct entry *entry;
    struct text config_path; /* for the error */
    struct text config_file; /* loader.cfg: another one gives all tries back */
    bool forced;             /* the entry is booted even if its tries are used up */
    uint32_t kernel; /* a checksum that identifies the kernel: another one has all its tries */
    uint32_t left;
    bool announced; /* BatonBooted is set */
    bool counted;   /* left was written with one try less */
};

/* Whether tries->entry, whose kernel's file has file_size bytes, has tries left. */
MUST_CHECK enum status tries_check(struct tries *tries, uint64_t file_size,
                                   struct failure *failure);
/* Takes one try, and sets BatonBooted. */
MUST_CHECK enum status tries_count(struct tries *tries, struct log *log, struct failure *failure);
/* Undoes what tries_count has announced and counted: the kernel does not run after all. Once. */
void tries_forget(const struct tries *tries, struct log *log);
/* Gives an entry all its tries. */
void tries_refill(const struct entry *entry);

#endif
