/* What is booted: the kernel, its loader.cfg, its names. */
#ifndef BATON_RUNNER_KERNEL_H
#define BATON_RUNNER_KERNEL_H

#include "core/config/config.h"
#include "options.h"
#include "symbols.h"
#include "vm/disk.h"

/* A file that loader.cfg names besides the kernel. */
struct kernel_module {
    char *host; /* the file on this machine; NULL: not found */
    char *path; /* in the image */
};

/* Starts as {0}. */
struct kernel {
    struct bytes config_text;
    char *config_name; /* for messages */
    char *file;        /* on this machine */
    char *path;        /* in the image: "/boot/k.bin" */
    struct kernel_module *modules;
    size_t module_count;
    struct symbols symbols;
};

enum kernel_status {
    KERNEL_FOUND,
    KERNEL_MISSING, /* message says what */
    KERNEL_REFUSED, /* the loader would say the same about loader.cfg, some seconds later */
};

enum kernel_status kernel_find(const struct options *options, struct message *message,
                               struct kernel *kernel);
/* A disk with the loader, the kernel, its modules, and that loader.cfg. */
bool kernel_make_disk(const struct kernel *kernel, const struct bytes *config, const char *disk,
                      struct message *message);
void kernel_free(struct kernel *kernel);

#endif
