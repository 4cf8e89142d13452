#include "core/info/block.h"

#include "core/base/apart.h"
#include "core/base/madt.h"

#include <string.h>
#include <zlib.h>

#define LOG_SLACK 256 /* room for the lines of the stages that follow */

static uint64_t align8(uint64_t offset)
{
    return (offset + 7) & ~UINT64_C(7);
}

static uint64_t edids_size(const struct info_facts *facts)
{
    uint64_t size = 0;
    for (uint32_t i = 0; i < facts->framebuffer_count; i++) {
        size += facts->framebuffers[i].edid.size;
    }
    return size;
}

/* Bytes of all texts, each with its NUL. */
static uint64_t texts_size(const struct info_facts *facts)
{
    uint64_t size =
        facts->command_line.size + facts->loader_name.size + facts->kernel_name.size + 3;
    for (uint32_t i = 0; i < facts->module_count; i++) {
        struct info_module module = facts->module_at(facts->modules, i);
        size += module.name.size + module.arguments.size + 2;
    }
    return size;
}

void info_block_lay_out(const struct info_facts *facts, struct info_layout layout,
                        struct info_block *out_block)
{
    struct info_block block = {.descriptors_max = layout.descriptors_max};
    uint64_t at = align8(sizeof(struct BootInfo));
    block.framebuffers_offset = at;
    at += facts->framebuffer_count * sizeof(struct BootInfoFramebuffer);
    block.modules_offset = at;
    at += facts->module_count * sizeof(struct BootInfoModule);
    block.timeline_offset = at;
    at += facts->timeline_max * sizeof(struct BootInfoTimestamp);
    block.cpus_offset = at;
    block.cpus_max = madt_cpu_count(facts->madt);
    at += block.cpus_max * sizeof(struct BootInfoCpu);
    block.edids_offset = at;
    at += edids_size(facts);
    block.tpm_log_offset = at;
    at += facts->tpm_log->bytes.size;
    block.texts_offset = at;
    block.log_offset = at + texts_size(facts);
    block.log_capacity = facts->log.size + LOG_SLACK;
    block.regions_offset = align8(block.log_offset + block.log_capacity);
    block.regions_max = memory_map_regions_max(layout.descriptors_max, layout.placed_max);
    block.map_offset = block.regions_offset + block.regions_max * sizeof(struct BootInfoRegion);
    block.map_capacity = layout.descriptors_max * layout.stride;
    block.page_count = page_count_of(block.map_offset + block.map_capacity);
    *out_block = block;
}

/* Copies text to *at, and moves *at on, past the NUL after it. */
static struct BootInfoSpan put_text(uint64_t *at, struct text text)
{
    struct BootInfoSpan span = {*at, text.size};
    if (text.size > 0) {
        memcpy((void *)*at, text.bytes, text.size);
    }
    *at += text.size + 1;
    return span;
}

static struct BootInfoArray array_at(uint64_t at, uint32_t count, uint32_t entry_size)
{
    return (struct BootInfoArray){count > 0 ? at : 0, count, entry_size};
}

static struct BootInfoArray put_modules(const struct info_facts *facts,
                                        const struct info_block *block, uint64_t *texts)
{
    uint64_t at = block->address + block->modules_offset;
    struct BootInfoModule *out = (struct BootInfoModule *)at;
    for (uint32_t i = 0; i < facts->module_count; i++) {
        struct info_module module = facts->module_at(facts->modules, i);
        out[i].data = module.data;
        out[i].name = put_text(texts, module.name);
        out[i].arguments = put_text(texts, module.arguments);
    }
    return array_at(at, facts->module_count, sizeof(*out));
}

static struct BootInfoArray put_framebuffers(const struct info_facts *facts,
                                             const struct info_block *block)
{
    uint64_t address = block->address + block->framebuffers_offset;
    uint64_t edid = block->address + block->edids_offset;
    struct BootInfoFramebuffer *out = (struct BootInfoFramebuffer *)address;
    for (uint32_t i = 0; i < facts->framebuffer_count; i++) {
        out[i] = facts->framebuffers[i];
        if (out[i].edid.size > 0) {
            memcpy((void *)edid, (const void *)out[i].edid.address, out[i].edid.size);
            out[i].edid.address = edid;
            edid += out[i].edid.size;
        }
    }
    return array_at(address, facts->framebuffer_count, sizeof(*out));
}

static struct BootInfoArray put_timeline(const struct info_facts *facts,
                                         const struct info_block *block)
{
    uint64_t at = block->address + block->timeline_offset;
    memcpy((void *)at, facts->timeline, facts->timeline_count * sizeof(*facts->timeline));
    return array_at(at, facts->timeline_count, sizeof(*facts->timeline));
}

static void put_trust(const struct info_facts *facts, const struct info_block *block,
                      struct BootInfo *out)
{
    uint64_t at = block->address + block->tpm_log_offset;
    const struct event_log *log = facts->tpm_log;
    out->secure_boot = facts->secure_boot;
    memcpy(out->kernel_sha256, facts->kernel_sha256, sizeof(out->kernel_sha256));
    if (log->bytes.size > 0) {
        memcpy((void *)at, log->bytes.bytes, log->bytes.size);
        out->tpm_event_log = (struct BootInfoSpan){at, log->bytes.size};
        out->tpm_final_events = log->final_events;
        out->tpm_final_first = log->final_count;
        out->tpm_log_format = BOOTINFO_TPM_LOG_CRYPTO_AGILE;
    }
}

static struct BootInfoArray put_cpus(const struct info_facts *facts, const struct info_block *block)
{
    uint64_t at = block->address + block->cpus_offset;
    uint32_t count =
        madt_cpus(facts->madt, facts->boot_cpu, (struct BootInfoCpu *)at, block->cpus_max);
    return array_at(at, count, sizeof(struct BootInfoCpu));
}

APART static void fill_arrays(const struct info_facts *facts, const struct info_block *block,
                              struct BootInfo *out)
{
    uint64_t texts = block->address + block->texts_offset;
    uint64_t log = block->address + block->log_offset;
    struct text logged = {facts->log.bytes, least(facts->log.size, block->log_capacity - 1)};
    out->memory_map = array_at(block->address + block->regions_offset,
                               (uint32_t)block->region_count, sizeof(struct BootInfoRegion));
    out->framebuffers = put_framebuffers(facts, block);
    out->timeline = put_timeline(facts, block);
    out->cpus = put_cpus(facts, block);
    out->command_line = put_text(&texts, facts->command_line);
    out->loader_name = put_text(&texts, facts->loader_name);
    out->kernel_file = (struct BootInfoFile){.name = put_text(&texts, facts->kernel_name),
                                             .size = facts->kernel_file_size,
                                             .crc32 = facts->kernel_crc32};
    out->modules = put_modules(facts, block, &texts);
    out->log = put_text(&log, logged);
}

static void fill_values(const struct info_facts *facts, struct BootInfo *out)
{
    out->magic = BOOTINFO_MAGIC;
    out->version_major = BOOTINFO_VERSION_MAJOR;
    out->version_minor = BOOTINFO_VERSION_MINOR;
    out->size = sizeof(*out);
    out->flags = facts->flags;
    out->kernel = facts->kernel;
    out->kernel_virtual = facts->kernel_virtual;
    out->direct_map = facts->direct_map;
    out->direct_map_size = facts->direct_map_size;
    out->stack = facts->stack;
    out->efi_system_table = facts->efi_system_table;
    out->acpi_rsdp = facts->acpi_rsdp;
    out->madt = facts->madt;
    out->boot_cpu = facts->boot_cpu;
    out->machine = facts->machine;
    out->smbios = facts->smbios;
    out->boot_time = facts->boot_time;
    out->tsc_frequency = facts->tsc_frequency;
    out->serial = facts->serial;
    memcpy(out->random_seed, facts->seed->words, sizeof(out->random_seed));
    out->random_sources = facts->seed->sources;
    out->partition_kind = facts->partition->kind;
    out->partition_number = facts->partition->number;
    memcpy(out->partition_id, facts->partition->id, sizeof(out->partition_id));
}

void info_block_fill(const struct info_facts *facts, const struct info_block *block,
                     struct info_map map)
{
    struct BootInfo *out = (struct BootInfo *)block->address;
    fill_values(facts, out);
    fill_arrays(facts, block, out);
    put_trust(facts, block, out);
    out->info = (struct BootInfoSpan){block->address, block->page_count * PAGE_SIZE};
    out->efi_memory_map = (struct BootInfoSpan){block->address + block->map_offset, map.size};
    out->efi_descriptor_size = map.descriptor_size;
    out->efi_descriptor_version = map.descriptor_version;
    out->checksum = 0;
    out->checksum = (uint32_t)crc32(0, (const Bytef *)out, sizeof(*out));
}
