/* What both suites share: a disk with chaos.efi, a plan and the loaders' folders; a boot of it. */
#ifndef BATON_CHAOS_HARNESS_H
#define BATON_CHAOS_HARNESS_H

#include "boot/harness.h"
#include "core/base/status.h"
#include "plan.h"

/* Folders \cases\NN: what the loader finds beside itself. */
enum folder {
    FOLDER_RAW,     /* 1.5 MiB at 1 MiB, which is free */
    FOLDER_GZIP,    /* the same compressed */
    FOLDER_STAGED,  /* at 0xA00000, where OVMF has boot services data */
    FOLDER_MISSING, /* no such kernel */
    FOLDER_CORRUPT, /* a damaged gzip file */
    FOLDER_WHOLE,   /* read_chunk = whole */
    FOLDER_CHUNKS,  /* read_chunk = 4K */
    FOLDER_STEPS,   /* 6 MiB, read_chunk = 1M */
    FOLDER_QUIET,   /* log = quiet */
    FOLDER_INSPECT, /* the kernel that judges the hand-off */
    FOLDER_INSPECT_GZIP,
    FOLDER_INSPECT_LARGE, /* 6 MiB */
    FOLDER_CARD,          /* the kernel that draws a test card */
    FOLDER_MENU,          /* two entries and a timeout */
    FOLDER_CRASH,         /* a kernel that dies, and resets the machine */
    FOLDER_MEASURED,      /* measure = yes, and a module */
    FOLDER_SEALED,        /* a sealed loader; the kernel is outside and pinned */
    FOLDER_REQUIRED,      /* the same, measure = required */
    FOLDER_COUNT
};

#define RAW_SIZE UINT64_C(0x180000)

/* Boots chaos.efi with these cases. extra: more arguments for QEMU, or NULL. */
void chaos_run(const struct chaos_case *cases, size_t count, unsigned timeout_s,
               const char *const *extra, struct machine_run *out_run);

#endif
