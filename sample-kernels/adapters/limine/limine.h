/* What the parts of the adapter share. */
#ifndef LIMINE_H
#define LIMINE_H

#include "image.h"
#include "paging.h"
#include "room.h"

#define HHDM       UINT64_C(0xFFFF800000000000) /* all memory, from physical 0 on */
#define LOW_PAGES  3                            /* below 1 MiB: two for smp.h, one for enter.S */
#define CPUS_MAX   256
#define LIMINE_PAT UINT64_C(0x0000010500070406) /* WB WT UC- UC WP WC UC UC */

/* Memory for all that the kernel is given; zero at first. */
struct arena {
    uint64_t first;
    uint64_t next;
    uint64_t end;
};

struct limine {
    const struct BootInfo *info;
    struct BootInfoSpan file;
    struct limine_image image;
    struct limine_wishes wishes;
    struct arena arena;
    uint64_t low; /* LOW_PAGES of them */
    struct paging paging;
    uint64_t cpu_count; /* that run: 1 where the kernel does not ask for the others */
};

/* limine.c: size bytes at a multiple of 16; ends the adapter where there are no more. */
void *arena_add(struct limine *limine, uint64_t size);
/* As the kernel sees it. */
static inline uint64_t high(const void *pointer)
{
    return (uint64_t)(uintptr_t)pointer + HHDM;
}

/* tables.c: all that the base revision promises, and the low pages to themselves. */
void tables_make(struct limine *limine, void *pool, uint64_t size);
uint64_t tables_size(const struct limine *limine);

/* map.c: the response to LIMINE_MEMORY_MAP. */
uint64_t map_answer(struct limine *limine);

/* cpus.c: starts them, and makes the response to LIMINE_MP. */
uint64_t cpus_answer(struct limine *limine);
/* Masks what the firmware left on of the I/O APICs. */
void cpus_mask_io(const struct BootInfo *info);

/* answers.c: the response to a request, as the kernel sees it; 0: none. */
uint64_t answer(struct limine *limine, const struct limine_request *request);
/* count words, copied. */
uint64_t answer_words(struct limine *limine, const uint64_t *words, uint32_t count);
/* Pointers to count things, stride bytes apart. */
uint64_t answer_list(struct limine *limine, uint64_t first, uint64_t stride, uint64_t count);

#endif
