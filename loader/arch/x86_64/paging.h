/* The page tables a kernel starts on: docs/abi.md, "Machine state at entry". Pure: writes tables
 * into memory it is given, touches no register. */
#ifndef BATON_PAGING_H
#define BATON_PAGING_H

#include "arch.h"

/* What the tables map, identity, writable and executable: the low 4 GiB, every region but RESERVED,
 * MMIO, MMIO_PORT, UNUSABLE and UNACCEPTED rounded outward to 2 MiB, and the extra spans rounded in
 * the same way. Not mapped: page 0, the page at guard, and everything from limit on. The same again
 * at direct_map, not executable, and the kernel's high segments at their virtual addresses. */
struct paging_request {
    struct arch_space space;
    uint64_t limit;      /* the first address that the CPU cannot reach; 0: what the levels leave */
    bool five_levels;    /* CR4.LA57 as the firmware left it */
    bool gigabyte_pages; /* CPUID 80000001h EDX bit 26 */
    bool no_execute;     /* EFER.NXE will be set */
};

/* Builds the tables in pool and gives the address of the top one (for CR3), or 0 where pool is too
 * small: then pool->used is the number of pages that suffice for this request. */
MUST_CHECK uint64_t paging_build(const struct paging_request *request, struct arch_pool *pool);

/* The end of the highest address that the identity map of request reaches. */
uint64_t paging_end(const struct paging_request *request);

#endif
