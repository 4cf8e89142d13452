/* The info block: one contiguous piece of memory for BootInfo and all it points at. Pure: lays
 * it out for a number of descriptors, and fills it from plain facts. */
#ifndef BATON_INFO_BLOCK_H
#define BATON_INFO_BLOCK_H

#include "core/base/seed.h"
#include "core/base/text.h"
#include "core/memory/map.h"
#include "core/trust/event_log.h"

/* A module: a file that was loaded beside the kernel. */
struct info_module {
    struct BootInfoSpan data;
    struct text name;
    struct text arguments;
};

/* Gives the i-th module. The list is the caller's: there may be thousands. */
typedef struct info_module info_module_at(const void *modules, uint32_t i);

/* Where the loader's volume lies, as far as the firmware says. */
struct partition {
    uint32_t kind;   /* BOOTINFO_PARTITION_* */
    uint32_t number; /* from 1; 0: not known */
    uint8_t id[16];  /* as in BootInfo */
};

/* What BootInfo says, apart from the memory map. */
struct info_facts {
    uint32_t flags;
    struct BootInfoSpan kernel;
    uint64_t kernel_virtual;
    uint64_t direct_map;
    uint64_t direct_map_size;
    struct BootInfoSpan stack;
    struct text command_line;
    struct text loader_name;
    struct text kernel_name; /* its file's */
    uint64_t kernel_file_size;
    uint32_t kernel_crc32;
    const void *modules;
    info_module_at *module_at;
    uint32_t module_count;
    const struct BootInfoFramebuffer *framebuffers;
    uint32_t framebuffer_count;
    struct text log;
    const struct BootInfoTimestamp *timeline;
    uint32_t timeline_count;
    uint32_t timeline_max;
    uint64_t efi_system_table;
    uint64_t acpi_rsdp;
    uint64_t madt;     /* sound, or 0 */
    uint64_t boot_cpu; /* the id it has for the CPU that runs */
    uint32_t machine;  /* BOOTINFO_MACHINE_* */
    uint64_t smbios;
    int64_t boot_time;
    uint64_t tsc_frequency;
    struct BootInfoSerial serial;
    uint32_t secure_boot;
    const uint8_t *kernel_sha256; /* 32 bytes */
    const struct event_log *tpm_log;
    const struct seed *seed;
    const struct partition *partition;
};

/* Where things lie in the block, as offsets. */
struct info_block {
    uint64_t address;
    uint64_t page_count;
    uint64_t tpm_log_offset;
    uint64_t texts_offset;
    uint64_t log_offset;
    uint64_t log_capacity;
    uint64_t timeline_offset;
    uint64_t modules_offset;
    uint64_t framebuffers_offset;
    uint64_t cpus_offset;
    uint32_t cpus_max;
    uint64_t edids_offset;
    uint64_t regions_offset;
    uint64_t regions_max;
    uint64_t region_count;
    uint64_t map_offset;
    uint64_t map_capacity;
    uint64_t descriptors_max;
};

/* What the block needs room for, besides the facts. */
struct info_layout {
    uint64_t descriptors_max; /* of the firmware's map */
    uint64_t stride;          /* bytes from one descriptor to the next */
    uint64_t placed_max;      /* ranges that are cut out of the map */
};
/* Lays the block out for facts and layout. address and region_count become 0: the caller sets
 * them. */
void info_block_lay_out(const struct info_facts *facts, struct info_layout layout,
                        struct info_block *out_block);

static inline struct BootInfoRegion *info_block_regions(const struct info_block *block)
{
    return (struct BootInfoRegion *)(block->address + block->regions_offset);
}

/* The firmware's map, which lies in the block. */
struct info_map {
    uint64_t size;
    uint32_t descriptor_size;
    uint32_t descriptor_version;
};

/* Writes BootInfo and all it points at but the memory map's regions, which are there already. All
 * else in the block is zeros, or what info_block_fill wrote for the same facts before. */
void info_block_fill(const struct info_facts *facts, const struct info_block *block,
                     struct info_map map);

#endif
