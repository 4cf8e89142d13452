/* The whole boot: docs/boot-flow.md. */
#ifndef BATON_BOOT_H
#define BATON_BOOT_H

#include "boot/config.h"
#include "boot/entry.h"
#include "boot/hand_over.h"
#include "boot/screen.h"
#include "boot/tries.h"

/* What one entry takes. It is undone in one place, and all zero before each attempt. */
struct attempt {
    struct kernel kernel;
    struct screen screen;
    struct tries tries;
    struct hand_over hand_over;
};

struct boot {
    struct session session;
    struct loader_config loader_config;
    struct entry_choice choice;
    struct attempt attempt;
};

/* Boots what loader.cfg and the user want. Returns when that failed and the user has been shown
 * why, or with STATUS_OK where the user left the menu; everything was given back. boot is all
 * zero at first. */
enum status boot(struct boot *boot);

#endif
