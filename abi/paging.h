/* x86-64 page tables for a kernel of its own: 4 or 5 levels as the CPU has them, pages of 2 MiB
 * where addresses and sizes allow, write-combining for framebuffers. Freestanding C11 and C++17.
 *     struct paging tables;
 *     paging_begin(&tables, pool, sizeof(pool));        // identity-mapped, at a multiple of 4096
 *     paging_map(&tables, 0, 0, 0x100000000, PAGING_WRITE);
 *     paging_map_screens(&tables, info, 0);
 *     if (paging_failed(&tables)) ...                   // the pool is too small, or a call was
 * wrong
 *     paging_write_combining();
 *     paging_use(&tables);
 * A later call wins over an earlier one where both map an address.
 * SPDX-License-Identifier: MIT */
#ifndef BATON_PAGING_H
#define BATON_PAGING_H

#include "bootinfo.h"

#define PAGING_PAGE  UINT64_C(4096)
#define PAGING_LARGE UINT64_C(0x200000)

/* Rights and cache types of paging_map. Without any: read-only, executable, write-back. */
#define PAGING_WRITE           UINT64_C(0x2)
#define PAGING_USER            UINT64_C(0x4)
#define PAGING_UNCACHED        UINT64_C(0x18) /* PAT entry 3 */
#define PAGING_WRITE_COMBINING UINT64_C(0x88) /* PAT entry 5, which paging_write_combining sets */
#define PAGING_GLOBAL          UINT64_C(0x100)
#define PAGING_NO_EXECUTE      (UINT64_C(1) << 63) /* needs EFER.NXE: BOOTINFO_FLAG_NX */

#define PAGING_PRESENT   UINT64_C(0x1)
#define PAGING_PAT_SMALL UINT64_C(0x80) /* in the entry of a 4 KiB page; in others it says "page" */
#define PAGING_PAT_LARGE UINT64_C(0x1000) /* in the entry of a 2 MiB page */
#define PAGING_IS_PAGE   UINT64_C(0x80)
#define PAGING_ADDRESS   UINT64_C(0x000FFFFFFFFFF000)

#define PAGING_MSR_PAT  UINT32_C(0x277)
#define PAGING_CR4_LA57 UINT64_C(0x1000)

struct paging {
    uint64_t root;   /* for CR3 */
    uint32_t levels; /* 4 or 5 */
    uint32_t failed;
    uint64_t next; /* of the pool */
    uint64_t end;
};

/* A new table, all empty, from the pool; 0: the pool is used up. */
static inline uint64_t paging_new_table(struct paging *paging)
{
    if (paging->end - paging->next < PAGING_PAGE) {
        paging->failed = 1;
        return 0;
    }
    uint64_t table = paging->next;
    paging->next += PAGING_PAGE;
    for (uint32_t i = 0; i < 512; i++) {
        ((uint64_t *)(uintptr_t)table)[i] = 0;
    }
    return table;
}

static inline void paging_begin_levels(struct paging *paging, void *pool, uint64_t size,
                                       uint32_t levels)
{
    uint64_t start = (uint64_t)(uintptr_t)pool;
    paging->levels = levels;
    paging->failed = start % PAGING_PAGE != 0;
    paging->next = start;
    paging->end = start + size / PAGING_PAGE * PAGING_PAGE;
    paging->root = paging_new_table(paging);
}

/* With as many levels as the CPU runs with. */
static inline void paging_begin(struct paging *paging, void *pool, uint64_t size)
{
    uint64_t cr4;
    __asm__ volatile("mov %%cr4, %0" : "=r"(cr4));
    paging_begin_levels(paging, pool, size, (cr4 & PAGING_CR4_LA57) != 0 ? 5 : 4);
}

/* A page of 2 MiB becomes 512 pages of 4 KiB. */
static inline void paging_split(struct paging *paging, uint64_t *entry)
{
    uint64_t table = paging_new_table(paging);
    if (table == 0) {
        return;
    }
    uint64_t small = *entry & ~(PAGING_IS_PAGE | PAGING_PAT_LARGE);
    small |= (*entry & PAGING_PAT_LARGE) != 0 ? PAGING_PAT_SMALL : 0;
    for (uint64_t i = 0; i < 512; i++) {
        ((uint64_t *)(uintptr_t)table)[i] = small + i * PAGING_PAGE;
    }
    *entry = table | PAGING_PRESENT | PAGING_WRITE | PAGING_USER;
}

/* The entry for address in a table of that level (1: of 4 KiB pages, 2: of 2 MiB pages), with all
 * tables on the way there; NULL: the pool is used up. */
static inline uint64_t *paging_entry(struct paging *paging, uint64_t address, uint32_t level)
{
    uint64_t table = paging->root;
    for (uint32_t at = paging->levels; table != 0; at--) {
        uint64_t *entry = &((uint64_t *)(uintptr_t)table)[address >> (3 + 9 * at) & 511];
        if (at == level) {
            return entry;
        }
        if ((*entry & PAGING_PRESENT) == 0) {
            uint64_t below = paging_new_table(paging);
            *entry = below != 0 ? below | PAGING_PRESENT | PAGING_WRITE | PAGING_USER : 0;
        } else if ((*entry & PAGING_IS_PAGE) != 0) {
            paging_split(paging, entry);
        }
        table = (*entry & PAGING_IS_PAGE) != 0 ? 0 : *entry & PAGING_ADDRESS;
    }
    return NULL;
}

/* Maps [address, address + size) to physical on. All three are multiples of 4096. */
static inline void paging_map(struct paging *paging, uint64_t address, uint64_t physical,
                              uint64_t size, uint64_t flags)
{
    if ((address | physical | size) % PAGING_PAGE != 0) {
        paging->failed = 1;
    }
    for (uint64_t done = 0; done < size && !paging->failed;) {
        uint64_t at = address + done;
        uint64_t to = physical + done;
        int large = (at | to) % PAGING_LARGE == 0 && size - done >= PAGING_LARGE;
        uint64_t *entry = paging_entry(paging, at, large ? 2 : 1);
        if (entry == NULL) {
            return;
        }
        uint64_t pat = (flags & PAGING_PAT_SMALL) == 0 ? 0
                       : large                         ? PAGING_PAT_LARGE
                                                       : PAGING_PAT_SMALL;
        *entry =
            to | (flags & ~PAGING_PAT_SMALL) | pat | PAGING_PRESENT | (large ? PAGING_IS_PAGE : 0);
        done += large ? PAGING_LARGE : PAGING_PAGE;
    }
}

/* All framebuffers, write-combining, each at its physical address plus offset. */
static inline void paging_map_screens(struct paging *paging, const struct BootInfo *info,
                                      uint64_t offset)
{
    for (uint32_t i = 0; i < info->framebuffers.count; i++) {
        const struct BootInfoFramebuffer *screen = bootinfo_framebuffer(info, i);
        uint64_t first = screen->address / PAGING_PAGE * PAGING_PAGE;
        uint64_t size = screen->address + screen->size - first;
        uint64_t flags = PAGING_WRITE | PAGING_WRITE_COMBINING;
        flags |= (info->flags & BOOTINFO_FLAG_NX) != 0 ? PAGING_NO_EXECUTE : 0;
        paging_map(paging, offset + first, first,
                   (size + PAGING_PAGE - 1) / PAGING_PAGE * PAGING_PAGE, flags);
    }
}

static inline int paging_failed(const struct paging *paging)
{
    return (int)paging->failed;
}

/* PAT entry 5 becomes write-combining (Intel SDM volume 3, 12.12). On every CPU, and before the
 * first page that uses it is mapped. */
static inline void paging_write_combining(void)
{
    uint32_t low;
    uint32_t high;
    __asm__ volatile("rdmsr" : "=a"(low), "=d"(high) : "c"(PAGING_MSR_PAT));
    high = (high & ~UINT32_C(0xFF00)) | UINT32_C(0x0100);
    __asm__ volatile("wrmsr" : : "c"(PAGING_MSR_PAT), "a"(low), "d"(high) : "memory");
}

static inline void paging_use(const struct paging *paging)
{
    __asm__ volatile("mov %0, %%cr3" : : "r"(paging->root) : "memory");
}

#endif
