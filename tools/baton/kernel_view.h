/* A kernel file as the loader sees it, by the loader's own code. */
#ifndef BATON_TOOL_KERNEL_VIEW_H
#define BATON_TOOL_KERNEL_VIEW_H

#include "abi/bootinfo.h"
#include "core/config/config.h"

#include <stdbool.h>

enum { KERNEL_VIEW_SEGMENTS_MAX = 16, KERNEL_VIEW_WORDS_MAX = 4096 };

enum kernel_view_format {
    KERNEL_VIEW_RAW,
    KERNEL_VIEW_ELF,
};

struct kernel_view_segment {
    uint64_t address; /* physical, of a kernel that is not moved */
    uint64_t file_size;
    uint64_t memory_size;
    bool write;
    bool execute;
};

struct kernel_view {
    enum kernel_view_format format;
    const char *compression; /* "gzip", "zlib"; NULL: none */
    uint64_t image_size;     /* of the image itself, inflated */
    bool has_header;
    struct BootInfoKernelHeader header;
    uint64_t physical; /* the first address, where it is not moved */
    uint64_t address;  /* the same as the kernel sees it */
    uint64_t memory_size;
    uint64_t entry;
    uint64_t stack_size;
    uint64_t alignment;  /* 0: it must lie at physical; else any multiple of this will do */
    uint64_t direct_map; /* 0: none */
    bool position_independent;
    uint32_t segment_count; /* ELF only */
    struct kernel_view_segment segments[KERNEL_VIEW_SEGMENTS_MAX];
};

/* What an entry of loader.cfg makes of the file. False: words has what the loader would say, of
 * KERNEL_VIEW_WORDS_MAX bytes at most. */
bool kernel_view_make(const struct entry *entry, const void *file, size_t size, char *words,
                      struct kernel_view *out_view);
/* The same for a module: it is not empty, and one to be inflated can be. */
bool kernel_view_module(const struct config_module *module, const void *file, size_t size,
                        char *words);
/* An entry that says nothing but the kernel's path. */
struct entry kernel_view_entry(const char *path);

enum kernel_view_room {
    KERNEL_VIEW_FREE,
    KERNEL_VIEW_STAGED, /* boot services are there: it is copied once they have left */
    KERNEL_VIEW_MOVED,  /* it does not mind where it lies */
    KERNEL_VIEW_REFUSED,
    KERNEL_VIEW_NO_MAP, /* the file is no memory map */
};

/* Where the kernel would land on the firmware whose map was recorded in that file (maps.h).
 * words: for the last two, what is wrong with name, as the loader says it. */
enum kernel_view_room kernel_view_room(const struct kernel_view *view, const char *map,
                                       const char *name, char *words);
const char *kernel_view_room_name(enum kernel_view_room room);

#endif
