/* Every question that boot/ may ask of the CPU. arch/NAME answers, one folder an architecture; the
 * unit tests have a fake CPU that uses the real page tables of arch/x86_64. */
#ifndef BATON_ARCH_H
#define BATON_ARCH_H

#include "core/base/seed.h"
#include "core/base/serial.h"
#include "core/base/status.h"
#include "core/base/target.h"
#include "core/config/config.h"
#include "core/memory/map.h"
#include "core/screen/terminal.h"
#include "core/trust/sha256.h"

/* The architecture's numbers and names. */
extern const struct target arch_target;

/* What the CPU can do. */
struct arch_cpu {
    uint32_t flags;          /* BOOTINFO_FLAG_* that describe the CPU */
    uint64_t address_limit;  /* the first address that an identity map cannot reach */
    uint64_t higher_half;    /* the first address of the upper half of virtual addresses */
    uint64_t counter_hz;     /* of arch_counter; 0: not known, so it is measured */
    uint64_t reference_hz;   /* of arch_reference; 0: there is no such counter */
    uint32_t reference_mask; /* it wraps around after this value */
    uint16_t reference_port; /* where arch_reference reads it */
    uint64_t id;             /* this CPU's (x86-64: APIC id), as the MADT has it */
    const char *encryption;  /* of memory, by name, which the page tables do not have; NULL: none */
    bool large_tables;       /* page tables of 1 GiB entries (x86-64: CPUID 80000001h EDX bit 26) */
};

/* fadt: the ACPI table of that name; 0: there is none. */
void arch_describe(uint64_t fadt, struct arch_cpu *out_cpu);
/* Whether all of [address, address + size) can be read now. It does not wrap around. */
bool arch_is_readable(uint64_t address, uint64_t size);

/* Which of count words has this value, the first one if there are several; count if none has. */
uint64_t arch_find(const void *words, uint64_t count, uint32_t value);

/* Mixes the CPU's random numbers into seed, where it has any. */
void arch_random(struct seed *seed);

/* Counts up evenly, and fast. */
uint64_t arch_counter(void);
/* A slow counter of known rate; its bits above reference_mask are undefined. */
uint32_t arch_reference(const struct arch_cpu *cpu);

/* A part of the kernel with its own access rights. Whole pages. */
struct arch_segment {
    uint64_t address;  /* physical */
    uint64_t size;     /* bytes */
    uint64_t distance; /* from there to its virtual address, modulo 2^64 */
    bool writable;
    bool executable;
};

/* The address space a kernel starts in: docs/abi.md, "Machine state at entry". */
struct arch_space {
    const struct BootInfoRegion *regions; /* sorted, disjoint */
    uint64_t region_count;
    const struct BootInfoSpan *extra; /* framebuffers, and what runs while the tables change */
    uint64_t extra_count;
    /* Rights at physical addresses: sorted, disjoint. */
    const struct arch_segment *segments;
    uint64_t segment_count;
    /* What is mapped in the higher half as well: sorted by virtual address, disjoint; all of it
     * on one side of the direct map. */
    const struct arch_segment *high_segments;
    uint64_t high_segment_count;
    uint64_t direct_map; /* where physical 0 is mapped; a multiple of 1 GiB; 0: nowhere else */
    uint64_t guard;      /* address of the stack's guard page; 0: there is no guard page */
    /* The direct map shows the kernel where it is linked: the segments have their rights there,
     * too, and it ends with the address space at the latest. */
    bool direct_map_runs;
    bool execute_segments; /* identity: all segments, since the loader runs there until the jump */
};

/* Memory for page tables: page-aligned, identity-mapped now. It need not be zero. */
struct arch_pool {
    void *pages;
    uint64_t page_count;
    uint64_t used;
};

/* Builds the tables of space in pool and gives the address of the top one, or 0 where pool is too
 * small: then pool->used is the number of pages that suffice. Pure. */
MUST_CHECK uint64_t arch_tables_build(const struct arch_cpu *cpu, const struct arch_space *space,
                                      struct arch_pool *pool);
/* The end of the highest physical address that the direct map of space reaches, or would reach.
 * Pure. */
uint64_t arch_tables_end(const struct arch_cpu *cpu, const struct arch_space *space);

/* The block function of SHA-256 that is quickest on this CPU. Pure. */
sha256_block *arch_sha256_block(void);

/* A byte of I/O port space. Nothing asks for one where the architecture has none. */
uint8_t arch_port_read(uint16_t port);
void arch_port_write(uint16_t port, uint8_t value);

/* Stops the CPU for good. */
_Noreturn void arch_halt(void);

/* What the fault handlers need of the loader's image, from a whole page on: the rest is free after
 * the jump. */
struct BootInfoSpan arch_resident(void);

/* The last step: page tables, descriptor tables, registers, jump. */
struct hand_off {
    uint64_t block;       /* arch_hand_off_pages() of LOADER memory */
    uint64_t page_tables; /* from arch_tables_build */
    uint64_t copy_target; /* a staged kernel: copy_pages are copied here from copy_source */
    uint64_t copy_source;
    uint64_t copy_pages; /* 0: nothing to copy */
    uint64_t zero_pages; /* to clear after the copied ones */
    uint64_t entry;      /* the kernel's first instruction */
    uint64_t stack_top;  /* the first address above the stack */
    uint64_t info;       /* BootInfo */
    bool no_execute;     /* the page tables forbid execution somewhere: the CPU must heed it */
    bool handle_faults;  /* else an exception ends in a reset */
    bool has_header;     /* the kernel has a kernel header of BootInfo */
    struct on_fault on_fault;
    const struct font *font;
    const struct serial_port *serial;
};

/* How many pages the hand-off takes: the CPU's own tables and code, and the fault handlers'. */
uint64_t arch_hand_off_pages(void);

_Noreturn void arch_hand_off(const struct hand_off *hand_off);

#endif
