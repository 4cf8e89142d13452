/* The address space that boot/ asks for, built by paging.c. */
#include "arch.h"
#include "arch/x86_64/paging.h"

static struct paging_request request_for(const struct arch_cpu *cpu, const struct arch_space *space)
{
    return (struct paging_request){
        .regions = space->regions,
        .region_count = space->region_count,
        .extra = space->extra,
        .extra_count = space->extra_count,
        .segments = space->segments,
        .segment_count = space->segment_count,
        .distance = space->distance,
        .direct_map = space->direct_map,
        .guard = space->guard,
        .execute_segments = space->execute_segments,
        .limit = cpu->address_limit,
        .five_levels = (cpu->flags & BOOTINFO_FLAG_LA57) != 0,
        .gigabyte_pages = cpu->large_tables,
        .no_execute = (cpu->flags & BOOTINFO_FLAG_NX) != 0,
    };
}

uint64_t arch_tables_build(const struct arch_cpu *cpu, const struct arch_space *space,
                           struct arch_pool *pool)
{
    struct paging_request request = request_for(cpu, space);
    return paging_build(&request, pool);
}

uint64_t arch_tables_end(const struct arch_cpu *cpu, const struct arch_space *space)
{
    struct paging_request request = request_for(cpu, space);
    return paging_end(&request);
}
