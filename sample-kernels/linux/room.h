/* Memory that nobody uses. */
#ifndef LINUX_ROOM_H
#define LINUX_ROOM_H

#include "bootinfo.h"

struct room {
    uint64_t size;      /* bytes */
    uint64_t alignment; /* a power of two */
    uint64_t first;     /* the lowest address wanted */
    uint64_t last;      /* the last byte may lie here */
    struct BootInfoSpan avoid;
};

/* The lowest such place in one USABLE region; 0: there is none. */
uint64_t room_find(const struct BootInfo *info, const struct room *room);

#endif
