/* The memory that goes to the kernel, the kernel apart: the stage info reserves it, the stage exit
 * fills it. */
#ifndef BATON_HAND_OVER_H
#define BATON_HAND_OVER_H

#include "boot/firmware_map.h"
#include "boot/kernel.h"
#include "boot/segments.h"
#include "core/info/block.h"
#include "platform/memory.h"

struct hand_over {
    struct info_block block;
    struct plat_map map;  /* its buffer lies in the block */
    uint64_t scratch;     /* for memory_map_convert, and the ranges that are cut out of the map */
    uint64_t tables;      /* room for page tables */
    uint64_t table_pages; /* at tables */
    uint64_t direct_map_size; /* bytes of the window; 0 without one */
    struct seed seed;
    struct kernel_segments segments;
    struct hand_off hand_off;
    struct font font; /* for the fault handlers */
};

/* What goes into BootInfo, as far as it is known now. */
struct info_facts hand_over_facts(const struct session *session, const struct kernel *kernel,
                                  const struct hand_over *hand_over);
/* How many framebuffers BootInfo lists. */
uint32_t hand_over_framebuffers(const struct session *session, const struct entry *entry);
/* Takes memory for the info block, with room for a map of hand_over->map.size bytes and some more
 * descriptors. Gives back the block that was there before. */
MUST_CHECK enum status hand_over_take_block(struct session *session, const struct kernel *kernel,
                                            struct hand_over *hand_over);
/* Takes hand_over->table_pages pages for page tables. Gives back those that were there before. */
MUST_CHECK enum status hand_over_take_tables(struct session *session, struct hand_over *hand_over);
/* Converts the firmware's map, which lies in the block, to the regions of the block. */
void hand_over_convert_map(const struct session *session, const struct kernel *kernel,
                           struct hand_over *hand_over, uint64_t stride);

#endif
