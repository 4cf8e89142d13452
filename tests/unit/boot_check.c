#include "boot_check.h"

#include "boot_tables.h"
#include "suite.h"

#include <string.h>
#include <zlib.h>

static uint64_t page_up(uint64_t size)
{
    return (size + PAGE_SIZE - 1) / PAGE_SIZE * PAGE_SIZE;
}

static bool within(uint64_t base, uint64_t size, uint64_t outer, uint64_t outer_size)
{
    return base >= outer && size <= outer_size && base - outer <= outer_size - size;
}

static bool disjoint(uint64_t base, uint64_t size, uint64_t other, uint64_t other_size)
{
    return base + size <= other || other + other_size <= base;
}

static bool all_zero(uint64_t address, uint64_t size)
{
    const uint8_t *bytes = (const uint8_t *)address;
    return size == 0 || (bytes[0] == 0 && memcmp(bytes, bytes + 1, size - 1) == 0);
}

static struct placed_ranges placed_ranges(const struct boot *boot, const struct BootInfo *info)
{
    const struct hand_over *reserved = &boot->attempt.hand_over;
    return (struct placed_ranges){{
        {"kernel", info->kernel.address, page_up(info->kernel.size), BOOTINFO_MEMORY_KERNEL},
        {"stack", info->stack.address - PAGE_SIZE, info->stack.size + PAGE_SIZE,
         BOOTINFO_MEMORY_STACK},
        {"info", info->info.address, info->info.size, BOOTINFO_MEMORY_INFO},
        {"tables", reserved->tables, reserved->table_pages * PAGE_SIZE, BOOTINFO_MEMORY_LOADER},
        {"hand-off", reserved->hand_off.block, arch_hand_off_pages() * PAGE_SIZE,
         BOOTINFO_MEMORY_LOADER},
    }};
}

static void check_placed(const struct placed_ranges *placed)
{
    for (int i = 0; i < PLACED_COUNT; i++) {
        const struct range *range = &placed->items[i];
        ck_assert_msg(range->base % PAGE_SIZE == 0 && range->base >= MIB, "%s lies at 0x%lx",
                      range->name, range->base);
        ck_assert_msg(range->type == BOOTINFO_MEMORY_KERNEL ||
                          fake_is_allocated(range->base, range->size),
                      "%s was not allocated", range->name);
        for (int j = 0; j < i; j++) {
            const struct range *other = &placed->items[j];
            ck_assert_msg(disjoint(range->base, range->size, other->base, other->size),
                          "%s and %s overlap", range->name, other->name);
        }
    }
}

static void check_kernel(const struct BootInfo *info, const struct expectation *expected)
{
    uint64_t memory_size =
        expected->memory_size != 0 ? expected->memory_size : expected->image.size;
    ck_assert_uint_eq(info->kernel.address, expected->address);
    ck_assert_uint_eq(info->kernel.size, memory_size);
    ck_assert_uint_eq(fake.hand_off.entry,
                      expected->entry != 0 ? expected->entry : expected->address);
    ck_assert_uint_eq(info->kernel_virtual, expected->virtual_address != 0
                                                ? expected->virtual_address
                                                : expected->address);
    ck_assert_uint_eq(info->direct_map, expected->direct_map);
    ck_assert(
        memcmp((const void *)expected->address, expected->image.bytes, expected->image.size) == 0);
    ck_assert_msg(all_zero(expected->address + expected->image.size,
                           page_up(memory_size) - expected->image.size),
                  "the kernel's tail is not zero");
}

static void check_stack(const struct BootInfo *info, const struct expectation *expected)
{
    uint64_t size =
        expected->stack_size != 0 ? page_up(expected->stack_size) : CONFIG_DEFAULT_STACK;
    ck_assert_uint_eq(info->stack.size, size);
    ck_assert_uint_eq(info->stack.address + size, fake.hand_off.stack_top);
    ck_assert(all_zero(info->stack.address, size));
}

static void check_copy(const struct BootInfo *info, const struct expectation *expected,
                       const struct placed_ranges *placed)
{
    const struct hand_off *hand_off = &fake.hand_off;
    ck_assert_int_eq((info->flags & BOOTINFO_FLAG_STAGED) != 0, expected->staged);
    if (!expected->staged) {
        ck_assert_uint_eq(hand_off->copy_pages + hand_off->zero_pages, 0);
        ck_assert(fake_is_allocated(info->kernel.address, page_up(info->kernel.size)));
        return;
    }
    uint64_t size = hand_off->copy_pages * PAGE_SIZE;
    ck_assert_uint_eq(hand_off->copy_target, info->kernel.address);
    ck_assert_uint_eq(size + hand_off->zero_pages * PAGE_SIZE, page_up(info->kernel.size));
    ck_assert(fake_is_allocated(hand_off->copy_source, size));
    for (int i = 0; i < PLACED_COUNT; i++) {
        ck_assert_msg(
            disjoint(hand_off->copy_source, size, placed->items[i].base, placed->items[i].size),
            "the copy overlaps the %s", placed->items[i].name);
    }
}

static uint32_t type_of_efi(uint32_t efi_type)
{
    static const uint8_t types[] = {
        [EFI_RESERVED] = BOOTINFO_MEMORY_RESERVED,
        [EFI_LOADER_CODE] = BOOTINFO_MEMORY_USABLE,
        [EFI_LOADER_DATA] = BOOTINFO_MEMORY_USABLE,
        [EFI_BOOT_CODE] = BOOTINFO_MEMORY_BOOT_SERVICES,
        [EFI_BOOT_DATA] = BOOTINFO_MEMORY_BOOT_SERVICES,
        [EFI_RUNTIME_CODE] = BOOTINFO_MEMORY_EFI_RUNTIME_CODE,
        [EFI_RUNTIME_DATA] = BOOTINFO_MEMORY_EFI_RUNTIME_DATA,
        [EFI_FREE] = BOOTINFO_MEMORY_USABLE,
        [EFI_UNUSABLE] = BOOTINFO_MEMORY_UNUSABLE,
        [EFI_ACPI_TABLES] = BOOTINFO_MEMORY_ACPI_RECLAIMABLE,
        [EFI_ACPI_NVS] = BOOTINFO_MEMORY_ACPI_NVS,
        [EFI_MMIO] = BOOTINFO_MEMORY_MMIO,
    };
    return types[efi_type];
}

static const struct BootInfoRegion *region_at(const struct BootInfo *info, uint64_t address)
{
    for (uint32_t i = 0; i < info->memory_map.count; i++) {
        const struct BootInfoRegion *region = bootinfo_region(info, i);
        if (address >= region->base && address - region->base < region->size) {
            return region;
        }
    }
    return NULL;
}

/* What the fault handlers run from stays. */
static bool is_loader(uint64_t address)
{
    const struct BootInfoSpan resident = fake.machine.resident;
    return fake.hand_off.handle_faults &&
           within(address, PAGE_SIZE, resident.address, page_up(resident.size));
}

static uint32_t type_of_page(const struct BootInfo *info, const struct placed_ranges *placed,
                             uint64_t address)
{
    if (is_loader(address)) {
        return BOOTINFO_MEMORY_LOADER;
    }
    for (int i = 0; i < PLACED_COUNT; i++) {
        if (within(address, PAGE_SIZE, placed->items[i].base, placed->items[i].size)) {
            return placed->items[i].type;
        }
    }
    for (uint32_t i = 0; i < info->modules.count; i++) {
        const struct BootInfoSpan data = bootinfo_module(info, i)->data;
        if (within(address, PAGE_SIZE, data.address, page_up(data.size))) {
            return BOOTINFO_MEMORY_MODULE;
        }
    }
    return type_of_efi((uint32_t)fake_type_at(address));
}

/* Check writes each assertion down before it is made: loops that run long go without.
 * Page for page against the fake's own record of its memory. */
static void check_ram(const struct BootInfo *info, const struct placed_ranges *placed)
{
    const struct BootInfoRegion *region = NULL;
    for (uint64_t at = FAKE_RAM_BASE; at < FAKE_RAM_END; at += PAGE_SIZE) {
        if (region == NULL || at - region->base >= region->size) {
            region = region_at(info, at);
        }
        uint32_t type = region != NULL ? region->type : UINT32_MAX;
        uint32_t expected =
            fake_type_at(at) != EFI_NOTHING ? type_of_page(info, placed, at) : UINT32_MAX;
        if (type != expected) {
            ck_abort_msg("0x%lx is of type %u, expected %u", at, type, expected);
        }
    }
}

static void check_other_memory(const struct BootInfo *info)
{
    for (uint32_t i = 0; i < fake.descriptor_count; i++) {
        const struct firmware_descriptor *descriptor = &fake.descriptors[i];
        const struct BootInfoRegion *region = region_at(info, descriptor->physical_start);
        uint64_t base = descriptor->physical_start;
        uint32_t type = base == 0 ? BOOTINFO_MEMORY_RESERVED : type_of_efi(descriptor->type);
        ck_assert(region != NULL);
        ck_assert(within(base, descriptor->page_count * PAGE_SIZE, region->base, region->size));
        ck_assert_uint_eq(region->type, type);
        ck_assert_uint_eq(region->efi_attributes, descriptor->attributes);
    }
}

static void check_regions(const struct BootInfo *info)
{
    ck_assert_uint_eq(info->memory_map.entry_size, sizeof(struct BootInfoRegion));
    for (uint32_t i = 0; i < info->memory_map.count; i++) {
        const struct BootInfoRegion *region = bootinfo_region(info, i);
        ck_assert(region->base % PAGE_SIZE == 0 && region->size % PAGE_SIZE == 0);
        ck_assert(region->size > 0 && region->reserved == 0);
        ck_assert(region->type < BOOTINFO_MEMORY_TYPE_COUNT);
        if (i > 0) {
            const struct BootInfoRegion *before = bootinfo_region(info, i - 1);
            uint64_t end = before->base + before->size;
            ck_assert_msg(end <= region->base, "regions out of order at 0x%lx", region->base);
            ck_assert_msg(end < region->base || before->type != region->type ||
                              before->efi_attributes != region->efi_attributes,
                          "regions not merged at 0x%lx", region->base);
        }
    }
}

/* Crosses a part of the info block off; what nobody claims must be zero. */
static void claim(uint8_t *block, const struct BootInfo *info, uint64_t address, uint64_t size)
{
    if (size == 0) {
        return;
    }
    ck_assert_msg(within(address, size, info->info.address, info->info.size),
                  "0x%lx of %lu bytes is outside of the info block", address, size);
    uint8_t *at = block + (address - info->info.address);
    for (uint64_t i = 0; i < size; i++) {
        if (at[i] != 0) {
            ck_abort_msg("two things lie at 0x%lx", address + i);
        }
        at[i] = 1;
    }
}

static void claim_array(uint8_t *block, const struct BootInfo *info, struct BootInfoArray array,
                        uint64_t entry_size)
{
    ck_assert_uint_eq(array.entry_size, entry_size);
    ck_assert_int_eq(array.address == 0, array.count == 0);
    ck_assert_uint_eq(array.address % 8, 0);
    claim(block, info, array.address, (uint64_t)array.count * array.entry_size);
}

static void claim_text(uint8_t *block, const struct BootInfo *info, struct BootInfoSpan span)
{
    ck_assert(span.address != 0);
    claim(block, info, span.address, span.size + 1);
    ck_assert_uint_eq(((const char *)span.address)[span.size], '\0');
    ck_assert_uint_eq(strlen((const char *)span.address), span.size);
}

static void check_block(const struct BootInfo *info)
{
    uint8_t *block = calloc(info->info.size, 1);
    ck_assert_uint_eq(info->info.address, (uint64_t)info);
    ck_assert_uint_eq(info->info.address % PAGE_SIZE + info->info.size % PAGE_SIZE, 0);
    claim(block, info, info->info.address, info->size);
    claim_array(block, info, info->memory_map, sizeof(struct BootInfoRegion));
    claim_array(block, info, info->modules, sizeof(struct BootInfoModule));
    claim_array(block, info, info->framebuffers, sizeof(struct BootInfoFramebuffer));
    claim_array(block, info, info->timeline, sizeof(struct BootInfoTimestamp));
    claim(block, info, info->tpm_event_log.address, info->tpm_event_log.size);
    claim_array(block, info, info->cpus, sizeof(struct BootInfoCpu));
    claim_text(block, info, info->command_line);
    claim_text(block, info, info->loader_name);
    claim_text(block, info, info->log);
    claim_text(block, info, info->kernel_file.name);
    for (uint32_t i = 0; i < info->framebuffers.count; i++) {
        const struct BootInfoSpan edid = bootinfo_framebuffer(info, i)->edid;
        ck_assert_int_eq(edid.address == 0, edid.size == 0);
        claim(block, info, edid.address, edid.size);
    }
    for (uint32_t i = 0; i < info->modules.count; i++) {
        claim_text(block, info, bootinfo_module(info, i)->name);
        claim_text(block, info, bootinfo_module(info, i)->arguments);
    }
    ck_assert_uint_eq(info->efi_memory_map.address % 8, 0);
    claim(block, info, info->efi_memory_map.address, info->efi_memory_map.size);
    const uint8_t *bytes = (const uint8_t *)info;
    for (uint64_t i = 0; i < info->info.size; i++) {
        if (block[i] == 0 && bytes[i] != 0) {
            ck_abort_msg("byte %lu of the info block is 0x%x", i, bytes[i]);
        }
    }
    free(block);
}

static void check_timeline(const struct BootInfo *info, const struct expectation *expected)
{
    static const uint32_t stages[] = {
        BOOTINFO_STAGE_START,     BOOTINFO_STAGE_CONFIG, BOOTINFO_STAGE_IMAGE,
        BOOTINFO_STAGE_PLACEMENT, BOOTINFO_STAGE_LOAD,   BOOTINFO_STAGE_MODULES,
        BOOTINFO_STAGE_INFO,      BOOTINFO_STAGE_EXIT,
    };
    uint32_t seen = 0;
    for (size_t i = 0; i < sizeof(stages) / sizeof(stages[0]); i++) {
        if (stages[i] == BOOTINFO_STAGE_MODULES && expected->module_count == 0) {
            continue;
        }
        ck_assert_uint_lt(seen, info->timeline.count);
        const struct BootInfoTimestamp *stamp = bootinfo_timestamp(info, seen);
        ck_assert_uint_eq(stamp->stage, stages[i]);
        ck_assert_uint_eq(stamp->reserved, 0);
        ck_assert(seen == 0 || stamp->tsc > bootinfo_timestamp(info, seen - 1)->tsc);
        seen++;
    }
    ck_assert_uint_eq(info->timeline.count, seen);
}

/* A line a stage, in their order; others may stand between them. Each entry that is tried begins
 * anew. */
static void check_log(const struct BootInfo *info)
{
    static const char *const stages[] = {"config ", "image ", "placement ",
                                         "load ",   "info ",  "exit "};
    enum { STAGES = sizeof(stages) / sizeof(stages[0]) };
    bool more = false;
    size_t stage = 0;
    size_t size = 0;
    for (const char *line = bootinfo_text(info->log); *line != '\0'; line += size + 1) {
        size = strcspn(line, "\n");
        ck_assert(line[size] == '\n' && size > 0);
        more = stage == STAGES;
        if (strncmp(line, "entry ", strlen("entry ")) == 0) {
            stage = 1;
        } else if (stage < STAGES) {
            stage += strncmp(line, stages[stage], strlen(stages[stage])) == 0;
        }
    }
    ck_assert(!more);
    ck_assert_msg(stage == STAGES, "no line of %s in:\n%s", stages[stage],
                  bootinfo_text(info->log));
}

static void check_facts(const struct BootInfo *info, const struct expectation *expected)
{
    const struct machine *machine = &fake.machine;
    uint32_t own = BOOTINFO_FLAG_STAGED | BOOTINFO_FLAG_FRAMEBUFFER_LINEAR |
                   BOOTINFO_FLAG_FAULT_HANDLERS | BOOTINFO_FLAG_SECURE_BOOT | BOOTINFO_FLAG_SEALED |
                   BOOTINFO_FLAG_VERIFIED | BOOTINFO_FLAG_MEASURED |
                   BOOTINFO_FLAG_TPM_LOG_TRUNCATED;
    struct text packed = expected->inflated.size != 0 ? expected->inflated : expected->image;
    uint32_t crc = (uint32_t)crc32(0, (const Bytef *)packed.bytes, (uInt)packed.size);
    ck_assert_uint_eq(info->version_minor, BOOTINFO_VERSION_MINOR);
    ck_assert_uint_eq(info->flags & ~own, fake.cpu.flags);
    uint32_t screens = expected->no_framebuffer ? 0 : machine->framebuffer_count;
    screens -= expected->screens_left_out;
    ck_assert_int_eq((info->flags & BOOTINFO_FLAG_FRAMEBUFFER_LINEAR) != 0, screens > 0);
    ck_assert_int_eq((info->flags & BOOTINFO_FLAG_FAULT_HANDLERS) != 0,
                     fake.hand_off.handle_faults);
    ck_assert_uint_eq(info->framebuffers.count, screens);
    ck_assert_uint_eq(info->efi_system_table, machine->efi_system_table);
    ck_assert_uint_eq(info->acpi_rsdp, expected->no_acpi ? 0 : machine->acpi_rsdp);
    ck_assert_uint_eq(info->smbios, expected->no_smbios ? 0 : machine->smbios);
    ck_assert_uint_eq(info->machine, BOOTINFO_MACHINE_X86_64);
    ck_assert_uint_eq(info->madt, machine->madt);
    ck_assert_uint_eq(info->boot_cpu, fake.cpu.id);
    ck_assert_uint_eq(info->cpus.entry_size, sizeof(struct BootInfoCpu));
    ck_assert_int_eq(info->boot_time, machine->boot_time);
    if (fake.cpu.counter_hz != 0) {
        ck_assert_uint_eq(info->tsc_frequency, fake.cpu.counter_hz);
    }
    ck_assert_str_eq(bootinfo_text(info->loader_name), BATON_NAME);
    ck_assert_str_eq(bootinfo_text(info->command_line),
                     expected->cmdline != NULL ? expected->cmdline : "");
    ck_assert_uint_eq(info->kernel_file.size, expected->file.size);
    ck_assert_uint_eq(info->kernel_file.crc32, expected->gzip ? crc : 0);
    ck_assert_uint_eq(info->efi_descriptor_size, fake.stride);
    ck_assert_uint_eq(info->efi_descriptor_version, 1);
    ck_assert(fake_is_final_map(info->efi_memory_map));
    ck_assert_int_eq(fake.hand_off.no_execute, (fake.cpu.flags & BOOTINFO_FLAG_NX) != 0);
}

static void check_module_place(const struct BootInfo *info, uint32_t i,
                               const struct placed_ranges *placed)
{
    const struct BootInfoSpan data = bootinfo_module(info, i)->data;
    uint64_t size = page_up(data.size);
    ck_assert_uint_eq(data.address % PAGE_SIZE, 0);
    ck_assert(fake_is_allocated(data.address, size));
    ck_assert(all_zero(data.address + data.size, size - data.size));
    check_mapped(data.address, placed);
    ck_assert(disjoint(data.address, size, info->kernel.address, page_up(info->kernel.size)) &&
              disjoint(data.address, size, fake.hand_off.copy_source,
                       fake.hand_off.copy_pages * PAGE_SIZE));
    for (int j = 0; j < PLACED_COUNT; j++) {
        ck_assert_msg(disjoint(data.address, size, placed->items[j].base, placed->items[j].size),
                      "a module overlaps the %s", placed->items[j].name);
    }
    for (uint32_t j = 0; j < i; j++) {
        const struct BootInfoSpan other = bootinfo_module(info, j)->data;
        ck_assert(disjoint(data.address, size, other.address, page_up(other.size)));
    }
}

static void check_modules(const struct BootInfo *info, const struct expectation *expected,
                          const struct placed_ranges *placed)
{
    ck_assert_uint_eq(info->modules.count, expected->module_count);
    for (uint32_t i = 0; i < info->modules.count; i++) {
        const struct BootInfoModule *module = bootinfo_module(info, i);
        const struct expected_module *wanted = &expected->modules[i];
        ck_assert_str_eq(bootinfo_text(module->name), wanted->name);
        ck_assert_str_eq(bootinfo_text(module->arguments), wanted->arguments);
        ck_assert_uint_eq(module->data.size, wanted->data.size);
        ck_assert(
            memcmp((const void *)module->data.address, wanted->data.bytes, wanted->data.size) == 0);
        check_module_place(info, i, placed);
    }
}

void check_hand_off(const struct boot *boot, const struct expectation *expected)
{
    const struct BootInfo *info = (const struct BootInfo *)fake.hand_off.info;
    ck_assert_msg(fake_is_allocated((uint64_t)info, sizeof(*info)), "BootInfo lies at 0x%lx",
                  (uint64_t)info);
    ck_assert(bootinfo_valid(info));
    struct placed_ranges placed = placed_ranges(boot, info);
    ck_assert_uint_eq(fake.hand_off.block, boot->attempt.hand_over.hand_off.block);
    check_placed(&placed);
    check_kernel(info, expected);
    check_stack(info, expected);
    check_copy(info, expected, &placed);
    check_regions(info);
    check_ram(info, &placed);
    check_other_memory(info);
    check_block(info);
    check_tables(info, &placed, expected);
    check_timeline(info, expected);
    check_modules(info, expected, &placed);
    check_log(info);
    check_facts(info, expected);
}
