/* The stage config: finds loader.cfg, reads it and picks the entry to begin with. The language
 * itself is core/config. */
#ifndef BATON_BOOT_CONFIG_H
#define BATON_BOOT_CONFIG_H

#include "boot/session.h"
#include "core/config/load_options.h"

#define SEARCHED_SIZE 3072

struct loader_config {
    struct load_options options;
    char path[PATH_MAX_BYTES];    /* canonical */
    char searched[SEARCHED_SIZE]; /* the paths that were tried */
    struct config *config;        /* NULL until the file was read */
    const struct entry *entry;    /* what load options name, else the default */
};

MUST_CHECK enum status config_read(struct session *session, struct loader_config *loader_config);
/* Shows all errors of loader.cfg, or why it was not found. */
void config_show_errors(struct session *session, const struct loader_config *loader_config);

#endif
