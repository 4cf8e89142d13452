/* All that page tables map, against all that a request wants to be mapped. */
#ifndef BATON_TABLES_JUDGE_H
#define BATON_TABLES_JUDGE_H

#include "arch/x86_64/paging.h"

/* Reads every entry of the tables from top on, and holds what they map against docs/abi.md,
 * "Machine state at entry": NULL, or what is wrong (printed with the address to stderr). Every byte
 * of the address space counts, not only those near an edge; and each table of pool is in use. */
const char *tables_judge(const struct paging_request *request, const struct arch_pool *pool,
                         uint64_t top);

#endif
