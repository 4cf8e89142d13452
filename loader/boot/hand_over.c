#include "boot/hand_over.h"

#include "platform/machine.h"

#include <string.h>

#define SPARE_DESCRIPTORS 64 /* at least; firmware's own maps grow by dozens (Linux ec469692) */
#define PLACED_BESIDES    (PAGES_MAX + 2) /* all that was taken, the kernel, the handlers */

static struct info_module module_at(const void *items, uint32_t i)
{
    const struct module *module = (const struct module *)items + i;
    return (struct info_module){{module->address, module->size}, module->path, module->arguments};
}

uint32_t hand_over_framebuffers(const struct session *session, const struct entry *entry)
{
    return entry->screen.kind == CONFIG_SCREEN_NONE ? 0 : session->machine.framebuffer_count;
}

static uint32_t flags_of(const struct session *session, const struct kernel *kernel,
                         const struct hand_over *hand_over)
{
    uint32_t flags = session->cpu.flags | session->volume.trust.now.flags;
    flags |= hand_over->hand_off.handle_faults ? BOOTINFO_FLAG_FAULT_HANDLERS : 0;
    flags |= kernel->placement.staged ? BOOTINFO_FLAG_STAGED : 0;
    flags |=
        hand_over_framebuffers(session, kernel->entry) > 0 ? BOOTINFO_FLAG_FRAMEBUFFER_LINEAR : 0;
    return flags;
}

struct info_facts hand_over_facts(const struct session *session, const struct kernel *kernel,
                                  const struct hand_over *hand_over)
{
    const struct machine *machine = &session->machine;
    const struct placement *placement = &kernel->placement;
    const struct stream *stream = &kernel->image.stream;
    return (struct info_facts){
        .flags = flags_of(session, kernel, hand_over),
        .kernel = {placement->target, kernel->image.needs.memory_size},
        .kernel_virtual = placement->virtual_address,
        .direct_map = kernel->image.needs.direct_map,
        .direct_map_size = hand_over->direct_map_size,
        .stack = {placement->stack, placement->stack_pages * PAGE_SIZE},
        .command_line = kernel->entry->cmdline,
        .loader_name = TEXT(BATON_NAME),
        .kernel_name = stream->file.path,
        .kernel_file_size = stream->file.size,
        .kernel_crc32 = stream->crc32,
        .modules = kernel->modules.items,
        .module_at = module_at,
        .module_count = kernel->modules.count,
        .framebuffers = machine->framebuffers,
        .framebuffer_count = hand_over_framebuffers(session, kernel->entry),
        .log = writer_text(&session->log.writer),
        .timeline = session->timeline.items,
        .timeline_count = session->timeline.count,
        .timeline_max = TIMELINE_MAX,
        .efi_system_table = machine->efi_system_table,
        .acpi_rsdp = machine->acpi_rsdp,
        .madt = machine->madt,
        .boot_cpu = session->cpu.id,
        .machine = arch_target.elf_machine,
        .smbios = machine->smbios,
        .boot_time = machine->boot_time,
        .tsc_frequency = timeline_counter_hz(&session->timeline, &session->cpu),
        .serial = session->serial.info,
        .secure_boot = machine->secure_boot,
        .kernel_sha256 = stream->file.sha256,
        .tpm_log = &session->volume.trust.now.log,
        .seed = &hand_over->seed,
        .partition = &machine->partition,
    };
}

static uint64_t placed_max(const struct modules *modules)
{
    return PLACED_BESIDES + (uint64_t)modules->count;
}

enum status hand_over_take_block(struct session *session, const struct kernel *kernel,
                                 struct hand_over *hand_over)
{
    struct failure *failure = &session->failure;
    struct info_block *block = &hand_over->block;
    struct plat_map *map = &hand_over->map;
    struct info_layout layout = {.placed_max = placed_max(&kernel->modules)};
    struct info_facts facts = hand_over_facts(session, kernel, hand_over);
    uint64_t address = 0;
    TRY(firmware_map_stride(failure, map->descriptor_size, &layout.stride));
    pages_release(&session->pages, block->address);
    pages_release(&session->pages, hand_over->scratch);
    uint64_t count = memory_map_count(map->size, layout.stride) + 1;
    layout.descriptors_max = count + most(count / 4, SPARE_DESCRIPTORS);
    info_block_lay_out(&facts, layout, block);
    struct pages_wish wish = {PLAT_DATA, BOOTINFO_MEMORY_INFO, block->page_count, "the boot info"};
    TRY(pages_take(&session->pages, wish, failure, &address));
    memset((void *)address, 0, block->page_count * PAGE_SIZE);
    block->address = address;
    map->buffer = (void *)(address + block->map_offset);
    map->capacity = block->map_capacity;
    uint64_t scratch = memory_map_scratch_size(layout.descriptors_max, layout.placed_max);
    scratch += layout.placed_max * sizeof(struct placed);
    return pages_take(&session->pages, pages_for(scratch, "sorting the memory map"), failure,
                      &hand_over->scratch);
}

enum status hand_over_take_tables(struct session *session, struct hand_over *hand_over)
{
    struct pages_wish wish = {PLAT_DATA, BOOTINFO_MEMORY_LOADER, hand_over->table_pages,
                              "page tables"};
    pages_release(&session->pages, hand_over->tables);
    return pages_take(&session->pages, wish, &session->failure, &hand_over->tables);
}

/* The loader's own ranges that the map must show. */
static uint32_t collect_placed(const struct session *session, const struct kernel *kernel,
                               bool keep_handlers, struct placed *placed)
{
    const struct BootInfoSpan resident = session->machine.resident;
    const struct placement *placement = &kernel->placement;
    uint32_t count = 0;
    placed[count++] =
        (struct placed){placement->target, placement->page_count, BOOTINFO_MEMORY_KERNEL};
    if (keep_handlers) {
        placed[count++] =
            (struct placed){resident.address, page_count_of(resident.size), BOOTINFO_MEMORY_LOADER};
    }
    for (uint32_t i = 0; i < session->pages.count; i++) {
        const struct pages_taken *item = &session->pages.items[i];
        if (item->type != BOOTINFO_MEMORY_USABLE) {
            placed[count++] = (struct placed){item->address, item->count, item->type};
        }
    }
    for (uint32_t i = 0; i < kernel->modules.count; i++) {
        const struct module *module = &kernel->modules.items[i];
        placed[count++] =
            (struct placed){module->address, page_count_of(module->size), BOOTINFO_MEMORY_MODULE};
    }
    return count;
}

void hand_over_convert_map(const struct session *session, const struct kernel *kernel,
                           struct hand_over *hand_over, uint64_t stride)
{
    struct info_block *block = &hand_over->block;
    struct plat_map *map = &hand_over->map;
    uint64_t scratch_size =
        memory_map_scratch_size(block->descriptors_max, placed_max(&kernel->modules));
    struct placed *placed = (struct placed *)(hand_over->scratch + scratch_size);
    uint32_t placed_count =
        collect_placed(session, kernel, hand_over->hand_off.handle_faults, placed);
    struct BootInfoRegion *regions = info_block_regions(block);
    block->region_count =
        memory_map_convert((struct firmware_map){map->buffer, map->size, stride}, placed,
                           placed_count, regions, (void *)hand_over->scratch);
    memset(regions + block->region_count, 0,
           (block->regions_max - block->region_count) * sizeof(*regions));
    memset((uint8_t *)map->buffer + map->size, 0, map->capacity - map->size);
    map->descriptor_size = stride;
}
