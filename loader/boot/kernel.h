/* The kernel of one attempt: what the stages find out about it. Each stage fills its own part and
 * reads those of the stages before it. */
#ifndef BATON_KERNEL_H
#define BATON_KERNEL_H

#include "boot/stream.h"
#include "core/image/needs.h"

/* Filled by the stage image. */
struct image {
    struct stream stream; /* where its bytes come from */
    enum image_kind kind; /* IMAGE_RAW or IMAGE_ELF64, after inflating */
    struct elf elf;       /* of an IMAGE_ELF64 */
    struct image_needs needs;
    uint64_t size; /* bytes that are loaded; 0: not known before they are inflated (zlib) */
    struct BootInfoKernelHeader header;
    bool has_header;   /* header is the kernel's */
    bool given_format; /* by loader.cfg: no kernel of another loader is looked for */
    bool header_late;  /* it was found when all was loaded: another image_read goes by it */
};

/* Filled by the stage placement. */
struct placement {
    uint64_t target;          /* where the kernel lies from the jump on */
    uint64_t virtual_address; /* where it runs: target, unless it is linked for the higher half */
    uint64_t entry;           /* its first instruction */
    uint64_t page_count;
    uint64_t source; /* where its bytes are until the exit: target, unless staged */
    uint64_t source_pages;
    bool staged;
    uint64_t stack; /* the lowest byte; the guard page lies below */
    uint64_t stack_pages;
};

/* A module in memory. The texts point into loader.cfg. */
struct module {
    struct text path;
    struct text arguments;
    uint64_t address;
    uint64_t size; /* bytes; the rest of the last page is zero */
};

/* Filled by the stage modules. */
struct modules {
    struct module *items; /* NULL where the entry has none */
    uint32_t count;       /* how many of items have memory */
    struct file file;     /* the one being read */
};

struct kernel {
    const struct entry *entry;
    struct image image;
    struct placement placement;
    struct modules modules;
};

/* The place that the kernel takes from the jump on. */
static inline struct BootInfoSpan placement_span(const struct placement *placement)
{
    return (struct BootInfoSpan){placement->target, placement->page_count * PAGE_SIZE};
}

/* Whether the loader itself lies where the kernel goes. */
static inline bool placement_covers(const struct placement *placement, struct BootInfoSpan loader)
{
    return spans_overlap(placement_span(placement), loader);
}

#endif
