/* A machine as inspect finds it, made up on this host: BootInfo, the firmware's map and tables,
 * page tables, a GDT. Sound until a test breaks something. */
#ifndef BATON_JUDGE_WORLD_H
#define BATON_JUDGE_WORLD_H

#include "judge.h"

#include "firmware_map.h"

#define WORLD_DESCRIPTORS 11
#define WORLD_STRIDE      56 /* bytes; sizeof(struct firmware_descriptor) is 40 */

#define WORLD_KERNEL   UINT64_C(0x100000)
#define WORLD_NVS      UINT64_C(0x800000)
#define WORLD_SERVICES UINT64_C(0x808000)
#define WORLD_STACK    UINT64_C(0x901000)
#define WORLD_RUNTIME  UINT64_C(0xA00000)
#define WORLD_SCREEN   UINT64_C(0x80000000)

struct world {
    struct evidence evidence;
    struct machine machine;
    struct clocks clocks;
    struct BootInfo *info;
    struct BootInfoRegion *regions;
    struct BootInfoTimestamp *timeline;
    struct BootInfoFramebuffer *screen;
    struct BootInfoCpu *cpus;
    struct BootInfoModule *module; /* room for one: zero, and not in modules */
    uint64_t *gdt;
    uint8_t *system_table;
    uint8_t *rsdp;
    uint8_t *smbios;
    uint8_t *madt;
    uint8_t *services; /* runtime services */
};

/* One world at a time: it lives in static memory. */
void world_make(struct world *world);
/* The checksum of what BootInfo says now. */
void world_seal(struct world *world);
struct firmware_descriptor *world_descriptor(struct world *world, uint32_t i);
/* The region that holds address. */
struct BootInfoRegion *world_region(struct world *world, uint64_t address);
/* The lowest page table's entry for address; a new 2 MiB page where there was none. */
uint64_t *world_page(struct world *world, uint64_t address);

#endif
