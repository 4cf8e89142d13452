/* What the stage info reserves and the stage exit fills: the memory that goes to the kernel besides
 * itself. */
#ifndef BATON_HAND_OVER_H
#define BATON_HAND_OVER_H

#include "boot/firmware_map.h"
#include "boot/kernel.h"
#include "core/info/block.h"

struct hand_over {
    struct info_block block;
    struct plat_map map;  /* its buffer lies in the block */
    uint64_t scratch;     /* for memory_map_convert, and the ranges that are cut out of the map */
    uint64_t tables;      /* the page tables' room */
    uint64_t table_pages; /* of it */
    struct hand_off hand_off;
    struct font font; /* for the fault handlers */
};

/* What the kernel will be told, as it is known now. */
struct info_facts hand_over_facts(const struct session *session, const struct kernel *kernel,
                                  const struct hand_over *hand_over);
/* How many framebuffers the kernel is told of. */
uint32_t hand_over_framebuffers(const struct session *session, const struct entry *entry);
/* The info block, for a map of that size and some more descriptors. Gives back what was there
 * before. */
MUST_CHECK enum status hand_over_take_block(struct session *session, const struct kernel *kernel,
                                            struct hand_over *hand_over);
/* hand_over->table_pages pages for page tables. Gives back what was there before. */
MUST_CHECK enum status hand_over_take_tables(struct session *session, struct hand_over *hand_over);
/* The firmware's map, as it lies in the block, to regions beside it. */
void hand_over_convert_map(const struct session *session, const struct kernel *kernel,
                           struct hand_over *hand_over, uint64_t stride);

#endif
