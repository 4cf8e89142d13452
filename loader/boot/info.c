/* The info block: one contiguous piece of memory for the struct and all it points at, reserved
 * before the exit and filled from the final map. */
#include "boot/boot.h"
#include "core/base/madt.h"

#include <string.h>
#include <zlib.h>

#define TABLE_PAGES 16 /* page tables of most machines; more are reserved where it is short */
#define SLACK_MIN   64 /* descriptors; firmware's own maps grow by dozens (Linux ec469692) */
#define PLACED_MIN  (LEDGER_MAX + 2) /* and the kernel, and the loader */
#define LOG_SLACK   256              /* what the stages after this one log */

static uint64_t align8(uint64_t offset)
{
    return (offset + 7) & ~UINT64_C(7);
}

static uint64_t placed_max(const struct boot *boot)
{
    return PLACED_MIN + (uint64_t)boot->modules.count;
}

uint32_t bootinfo_framebuffer_count(const struct boot *boot)
{
    return boot->entry->screen.kind == CONFIG_SCREEN_NONE ? 0 : boot->machine.framebuffer_count;
}

static uint64_t edids_size(const struct boot *boot)
{
    uint64_t size = 0;
    for (uint32_t i = 0; i < bootinfo_framebuffer_count(boot); i++) {
        size += boot->machine.framebuffers[i].edid.size;
    }
    return size;
}

static uint64_t texts_size(const struct boot *boot)
{
    return boot->entry->cmdline.size + 1 + sizeof(BATON_NAME) + boot->image.file.path.size + 1 +
           boot->modules.texts_size;
}

/* Lays the block out for descriptors_max descriptors and gives its size in bytes. */
static uint64_t lay_out(const struct boot *boot, uint64_t stride, struct info *info)
{
    uint64_t at = align8(sizeof(struct BootInfo));
    info->framebuffers_offset = at;
    at += bootinfo_framebuffer_count(boot) * sizeof(struct BootInfoFramebuffer);
    info->modules_offset = at;
    at += boot->modules.count * sizeof(struct BootInfoModule);
    info->timeline_offset = at;
    at += TIMELINE_MAX * sizeof(struct BootInfoTimestamp);
    info->cpus_offset = at;
    at += info->cpus_max * sizeof(struct BootInfoCpu);
    info->edids_offset = at;
    at += edids_size(boot);
    info->texts_offset = at;
    info->log_offset = at + texts_size(boot);
    info->log_capacity = boot->log.writer.used + LOG_SLACK;
    info->regions_offset = align8(info->log_offset + info->log_capacity);
    info->regions_max = memory_map_regions_max(info->descriptors_max, placed_max(boot));
    info->map_offset = info->regions_offset + info->regions_max * sizeof(struct BootInfoRegion);
    info->map_capacity = info->descriptors_max * stride;
    return info->map_offset + info->map_capacity;
}

static enum status reserve_pages(struct boot *boot, uint32_t type, uint64_t page_count,
                                 const char *what, uint64_t *out_address)
{
    struct memory_request request = {PLAT_DATA, type, page_count, what};
    return memory_reserve(boot, request, out_address);
}

uint64_t descriptor_count(uint64_t map_size, uint64_t stride)
{
    const uint64_t most = UINT64_C(1) << 32;
    return map_size / stride < most ? map_size / stride : most;
}

enum status bootinfo_reserve_map(struct boot *boot, uint64_t map_size, uint64_t descriptor_size)
{
    struct info *info = &boot->info;
    uint64_t stride = 0;
    boot->failure.number[0] = descriptor_size;
    if (memory_map_stride(descriptor_size, &stride) != STATUS_OK) {
        return fail(boot, STATUS_MAP_BAD_STRIDE);
    }
    memory_release(boot, info->address);
    memory_release(boot, info->scratch);
    uint64_t count = descriptor_count(map_size, stride) + 1;
    info->descriptors_max = count + (count / 4 > SLACK_MIN ? count / 4 : SLACK_MIN);
    info->page_count = page_count_of(lay_out(boot, stride, info));
    TRY(reserve_pages(boot, BOOTINFO_MEMORY_INFO, info->page_count, "the boot info",
                      &info->address));
    memset((void *)info->address, 0, info->page_count * PAGE_SIZE);
    boot->map.buffer = (void *)(info->address + info->map_offset);
    boot->map.capacity = info->map_capacity;
    uint64_t scratch = memory_map_scratch_size(info->descriptors_max, placed_max(boot));
    scratch += placed_max(boot) * sizeof(struct placed);
    return reserve_pages(boot, BOOTINFO_MEMORY_USABLE, page_count_of(scratch),
                         "sorting the memory map", &info->scratch);
}

static void log_info(struct boot *boot)
{
    const struct info *info = &boot->info;
    char buffer[128];
    struct writer line = writer_on(buffer, sizeof(buffer));
    write_size(&line, info->page_count * PAGE_SIZE);
    write_string(&line, " at ");
    write_hex(&line, info->address);
    write_string(&line, ", room for ");
    write_decimal(&line, info->descriptors_max);
    write_string(&line, " firmware memory descriptors");
    log_stage(&boot->log, "info", &line);
}

bool loader_is_in_the_way(const struct boot *boot)
{
    const struct BootInfoSpan image = boot->machine.loader_image;
    const struct placement *placement = &boot->placement;
    return image.address < placement->target + placement->page_count * PAGE_SIZE &&
           placement->target < image.address + image.size;
}

/* The handlers run from the loader's own image, which then has to survive the jump. The page tables'
 * room is free until the exit: the firmware's font goes through it. */
static void prepare_fault_handlers(struct boot *boot)
{
    boot->hand_off.on_fault = boot->entry->on_fault;
    boot->hand_off.font = &boot->font;
    if (boot->entry->on_fault.kind == ON_FAULT_NONE) {
        return;
    }
    if (loader_is_in_the_way(boot)) {
        log_line(&boot->log, LOG_NORMAL,
                 TEXT("info       no fault handlers: the loader lies where the kernel goes"));
        return;
    }
    boot->hand_off.handle_faults = true;
    if (bootinfo_framebuffer_count(boot) > 0) {
        plat_font((void *)boot->info.tables, boot->info.table_pages * PAGE_SIZE, &boot->font);
    }
}

enum status bootinfo_reserve(struct boot *boot)
{
    struct info *info = &boot->info;
    struct memory_request hand_off = {PLAT_CODE, BOOTINFO_MEMORY_LOADER, HAND_OFF_PAGES,
                                      "the hand-off"};
    TRY(memory_reserve(boot, hand_off, &info->hand_off));
    info->table_pages = TABLE_PAGES;
    TRY(reserve_pages(boot, BOOTINFO_MEMORY_LOADER, info->table_pages, "page tables",
                      &info->tables));
    prepare_fault_handlers(boot);
    info->cpus_max = madt_cpu_count(boot->machine.madt);
    struct plat_map size_only = {0};
    boot->failure.firmware = plat_memory_map(&size_only);
    if (boot->failure.firmware != FIRMWARE_BUFFER_TOO_SMALL) {
        return fail(boot, STATUS_MAP_FAILED);
    }
    TRY(bootinfo_reserve_map(boot, size_only.size, size_only.descriptor_size));
    log_info(boot);
    return STATUS_OK;
}

/* The ranges of the loader's own that the map must show. */
static uint32_t collect_placed(const struct boot *boot, struct placed *placed)
{
    const struct placement *placement = &boot->placement;
    uint32_t count = 0;
    placed[count++] =
        (struct placed){placement->target, placement->page_count, BOOTINFO_MEMORY_KERNEL};
    if (boot->hand_off.handle_faults) {
        const struct BootInfoSpan image = boot->machine.loader_image;
        placed[count++] =
            (struct placed){image.address, page_count_of(image.size), BOOTINFO_MEMORY_LOADER};
    }
    for (uint32_t i = 0; i < boot->ledger.count; i++) {
        const struct allocation *item = &boot->ledger.items[i];
        if (item->type != BOOTINFO_MEMORY_USABLE) {
            placed[count++] = (struct placed){item->address, item->page_count, item->type};
        }
    }
    for (uint32_t i = 0; i < boot->modules.count; i++) {
        const struct module *module = &boot->modules.items[i];
        placed[count++] =
            (struct placed){module->address, page_count_of(module->size), BOOTINFO_MEMORY_MODULE};
    }
    return count;
}

void bootinfo_convert_map(struct boot *boot, uint64_t stride)
{
    struct info *info = &boot->info;
    struct placed *placed =
        (struct placed *)(info->scratch +
                          memory_map_scratch_size(info->descriptors_max, placed_max(boot)));
    uint32_t placed_count = collect_placed(boot, placed);
    struct firmware_map map = {boot->map.buffer, boot->map.size, stride};
    struct BootInfoRegion *regions =
        (struct BootInfoRegion *)(info->address + info->regions_offset);
    info->region_count =
        memory_map_convert(map, placed, placed_count, regions, (void *)info->scratch);
    memset(regions + info->region_count, 0,
           (info->regions_max - info->region_count) * sizeof(*regions));
    memset((uint8_t *)boot->map.buffer + boot->map.size, 0, boot->map.capacity - boot->map.size);
    boot->map.descriptor_size = stride;
}

/* Copies text behind *at, a NUL behind it, and moves *at on. */
static struct BootInfoSpan put_text(uint64_t *at, struct text text)
{
    struct BootInfoSpan span = {*at, text.size};
    if (text.size > 0) {
        memcpy((void *)*at, text.bytes, text.size);
    }
    *(char *)(*at + text.size) = '\0';
    *at += text.size + 1;
    return span;
}

static struct BootInfoArray put_array(uint64_t at, const void *entries, uint32_t count,
                                      uint32_t entry_size)
{
    if (count > 0 && entries != NULL) {
        memcpy((void *)at, entries, (uint64_t)count * entry_size);
    }
    return (struct BootInfoArray){count > 0 ? at : 0, count, entry_size};
}

static struct BootInfoArray put_modules(const struct boot *boot, uint64_t *texts)
{
    const struct modules *modules = &boot->modules;
    uint64_t at = boot->info.address + boot->info.modules_offset;
    struct BootInfoModule *out = (struct BootInfoModule *)at;
    for (uint32_t i = 0; i < modules->count; i++) {
        const struct module *module = &modules->items[i];
        out[i].data = (struct BootInfoSpan){module->address, module->size};
        out[i].name = put_text(texts, module->path);
        out[i].arguments = put_text(texts, module->arguments);
    }
    return put_array(at, NULL, modules->count, sizeof(*out));
}

static struct BootInfoArray put_framebuffers(const struct boot *boot)
{
    uint64_t address = boot->info.address + boot->info.framebuffers_offset;
    uint64_t edid = boot->info.address + boot->info.edids_offset;
    struct BootInfoFramebuffer *out = (struct BootInfoFramebuffer *)address;
    struct BootInfoArray array = put_array(address, boot->machine.framebuffers,
                                           bootinfo_framebuffer_count(boot), sizeof(*out));
    for (uint32_t i = 0; i < array.count; i++) {
        if (out[i].edid.size > 0) {
            memcpy((void *)edid, (const void *)out[i].edid.address, out[i].edid.size);
            out[i].edid.address = edid;
            edid += out[i].edid.size;
        }
    }
    return array;
}

static struct BootInfoArray put_cpus(const struct boot *boot)
{
    uint64_t at = boot->info.address + boot->info.cpus_offset;
    uint32_t count = madt_cpus(boot->machine.madt, boot->machine.boot_cpu, (struct BootInfoCpu *)at,
                               boot->info.cpus_max);
    return put_array(at, NULL, count, sizeof(struct BootInfoCpu));
}

static void fill_block(const struct boot *boot, struct BootInfo *out)
{
    const struct info *info = &boot->info;
    uint64_t texts = info->address + info->texts_offset;
    uint64_t log = info->address + info->log_offset;
    struct text logged = writer_text(&boot->log.writer);
    logged.size = logged.size < info->log_capacity ? logged.size : info->log_capacity - 1;
    out->memory_map = put_array(info->address + info->regions_offset, NULL,
                                (uint32_t)info->region_count, sizeof(struct BootInfoRegion));
    out->framebuffers = put_framebuffers(boot);
    out->timeline = put_array(info->address + info->timeline_offset, boot->timeline,
                              boot->timeline_count, sizeof(struct BootInfoTimestamp));
    out->info = (struct BootInfoSpan){info->address, info->page_count * PAGE_SIZE};
    out->command_line = put_text(&texts, boot->entry->cmdline);
    out->loader_name = put_text(&texts, TEXT(BATON_NAME));
    out->kernel_file = (struct BootInfoFile){.name = put_text(&texts, boot->image.file.path),
                                             .size = boot->image.file.size,
                                             .crc32 = boot->image.crc32};
    out->modules = put_modules(boot, &texts);
    out->cpus = put_cpus(boot);
    out->log = put_text(&log, logged);
    out->efi_memory_map = (struct BootInfoSpan){info->address + info->map_offset, boot->map.size};
    out->efi_descriptor_size = (uint32_t)boot->map.descriptor_size;
    out->efi_descriptor_version = boot->map.descriptor_version;
}

static void fill_machine(const struct boot *boot, struct BootInfo *out)
{
    const struct machine *machine = &boot->machine;
    out->flags = machine->flags;
    out->flags |= boot->hand_off.handle_faults ? BOOTINFO_FLAG_FAULT_HANDLERS : 0;
    out->flags |= boot->placement.staged ? BOOTINFO_FLAG_STAGED : 0;
    out->flags |= bootinfo_framebuffer_count(boot) > 0 ? BOOTINFO_FLAG_FRAMEBUFFER_LINEAR : 0;
    out->efi_system_table = machine->efi_system_table;
    out->acpi_rsdp = machine->acpi_rsdp;
    out->smbios = machine->smbios;
    out->machine = BOOTINFO_MACHINE_TARGET;
    out->madt = machine->madt;
    out->boot_cpu = machine->boot_cpu;
    out->boot_time = machine->boot_time;
    out->tsc_frequency = machine->tsc_frequency != 0
                             ? machine->tsc_frequency
                             : clock_rate_result(&boot->tsc_rate, ACPI_TIMER_HZ);
    out->serial = boot->serial;
}

void bootinfo_fill(struct boot *boot)
{
    const struct placement *placement = &boot->placement;
    struct BootInfo *out = (struct BootInfo *)boot->info.address;
    out->magic = BOOTINFO_MAGIC;
    out->version_major = BOOTINFO_VERSION_MAJOR;
    out->version_minor = BOOTINFO_VERSION_MINOR;
    out->size = sizeof(*out);
    out->kernel = (struct BootInfoSpan){placement->target, boot->image.needs.memory_size};
    out->stack = (struct BootInfoSpan){placement->stack, placement->stack_pages * PAGE_SIZE};
    out->kernel_virtual = placement->virtual_address;
    out->direct_map = boot->image.needs.direct_map;
    fill_machine(boot, out);
    fill_block(boot, out);
    out->checksum = 0;
    out->checksum = (uint32_t)crc32(0, (const Bytef *)out, sizeof(*out));
}
