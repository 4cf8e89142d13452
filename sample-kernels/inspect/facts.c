/* Spans against regions, and single fields: docs/abi.md, "struct BootInfo". */
#include "judge.h"

#define PORT_END UINT64_C(0x10000)

#define MADT_SIGNATURE UINT32_C(0x43495041) /* "APIC" */

#define STACK_ASKED UINT64_C(0x10000) /* by entry.S */

static uint64_t page_up(uint64_t address)
{
    return (address + PAGE_SIZE - 1) & ~(PAGE_SIZE - 1);
}

/* One region of that type is exactly [base, end). */
static struct finding is_region(const struct BootInfo *info, uint64_t base, uint64_t end,
                                uint32_t type)
{
    const struct BootInfoRegion *region = region_at(info, base);
    if (region == NULL || region->type != type) {
        return broken(base, region == NULL ? NOWHERE : region->type, type);
    }
    if (region->base != base) {
        return broken(base, region->base, base);
    }
    uint64_t region_end = region->base + region->size;
    return region_end == end ? as_promised() : broken(base, region_end, end);
}

static struct finding kernel_region(const struct evidence *evidence)
{
    const struct BootInfoSpan *kernel = &evidence->info->kernel;
    return is_region(evidence->info, kernel->address, page_up(kernel->address + kernel->size),
                     BOOTINFO_MEMORY_KERNEL);
}

static struct finding rip_region(const struct evidence *evidence)
{
    const struct BootInfoSpan *kernel = &evidence->info->kernel;
    uint64_t rip = evidence->machine->rip;
    return lies_within(rip, 1, kernel->address, kernel->size)
               ? as_promised()
               : broken(rip, kernel->address, kernel->size);
}

static struct finding stack_region(const struct evidence *evidence)
{
    const struct BootInfoSpan *stack = &evidence->info->stack;
    return is_region(evidence->info, stack->address - PAGE_SIZE, stack->address + stack->size,
                     BOOTINFO_MEMORY_STACK);
}

static struct finding stack_size(const struct evidence *evidence)
{
    uint64_t size = evidence->info->stack.size;
    return size >= STACK_ASKED ? expect(size % PAGE_SIZE, 0) : broken(NOWHERE, size, STACK_ASKED);
}

static struct finding info_region(const struct evidence *evidence)
{
    const struct BootInfoSpan *block = &evidence->info->info;
    return is_region(evidence->info, block->address, block->address + block->size,
                     BOOTINFO_MEMORY_INFO);
}

static struct finding modules(const struct evidence *evidence)
{
    const struct BootInfo *info = evidence->info;
    for (uint32_t i = 0; i < info->modules.count; i++) {
        const struct BootInfoSpan *data = &bootinfo_module(info, i)->data;
        if (data->address % PAGE_SIZE != 0) {
            return broken(i, data->address, 0);
        }
        struct finding finding =
            lies_in_region(info, data->address, data->size, BOOTINFO_MEMORY_MODULE);
        if (finding.broken) {
            return finding;
        }
    }
    return info->modules.count == 0 ? skipped("no module") : as_promised();
}

static struct finding framebuffers(const struct evidence *evidence)
{
    const struct BootInfo *info = evidence->info;
    for (uint32_t i = 0; i < info->framebuffers.count; i++) {
        const struct BootInfoFramebuffer *buffer = bootinfo_framebuffer(info, i);
        uint64_t line = (uint64_t)buffer->width * buffer->bits_per_pixel / 8;
        uint32_t color_bits = buffer->red_size + buffer->green_size + buffer->blue_size;
        if (buffer->address == 0 || line == 0 || buffer->pitch < line ||
            (uint64_t)buffer->pitch * buffer->height > buffer->size) {
            return broken(i, buffer->pitch, line);
        }
        if (color_bits == 0 || color_bits > buffer->bits_per_pixel) {
            return broken(i, color_bits, buffer->bits_per_pixel);
        }
    }
    return info->framebuffers.count == 0 ? skipped("no framebuffer") : as_promised();
}

static struct finding framebuffer_flag(const struct evidence *evidence)
{
    const struct BootInfo *info = evidence->info;
    bool flag = has_flag(info, BOOTINFO_FLAG_FRAMEBUFFER_LINEAR);
    return expect_true(!flag || info->framebuffers.count > 0);
}

static uint64_t timestamp(void)
{
    uint32_t low;
    uint32_t high;
    __asm__ volatile("rdtsc" : "=a"(low), "=d"(high));
    return (uint64_t)high << 32 | low;
}

static struct finding timeline(const struct evidence *evidence)
{
    const struct BootInfo *info = evidence->info;
    uint64_t last = 0;
    for (uint32_t i = 0; i < info->timeline.count; i++) {
        const struct BootInfoTimestamp *stamp = bootinfo_timestamp(info, i);
        if (stamp->tsc < last) {
            return broken(i, stamp->tsc, last);
        }
        if (stamp->stage < BOOTINFO_STAGE_START || stamp->stage > BOOTINFO_STAGE_MODULES) {
            return broken(i, stamp->stage, BOOTINFO_STAGE_MODULES);
        }
        last = stamp->tsc;
    }
    return expect_true(last <= timestamp());
}

static struct finding timeline_ends(const struct evidence *evidence)
{
    const struct BootInfo *info = evidence->info;
    if (info->timeline.count == 0) {
        return skipped("no timeline");
    }
    uint32_t first = bootinfo_timestamp(info, 0)->stage;
    uint32_t last = bootinfo_timestamp(info, info->timeline.count - 1)->stage;
    return first == BOOTINFO_STAGE_START ? expect(last, BOOTINFO_STAGE_EXIT)
                                         : broken(0, first, BOOTINFO_STAGE_START);
}

static struct finding serial(const struct evidence *evidence)
{
    const struct BootInfoSerial *port = &evidence->info->serial;
    switch (port->kind) {
    case BOOTINFO_SERIAL_NONE:
        return expect(port->base | port->baud | port->register_stride, 0);
    case BOOTINFO_SERIAL_16550_PORT:
        return expect_true(port->base != 0 && port->base < PORT_END && port->register_stride == 1);
    case BOOTINFO_SERIAL_16550_MEMORY:
        return expect_true(port->base != 0 && port->register_stride != 0);
    default:
        return broken(NOWHERE, port->kind, BOOTINFO_SERIAL_16550_MEMORY);
    }
}

/* The boot CPU first, each once: docs/abi.md, BootInfoCpu. */
static struct finding cpus(const struct evidence *evidence)
{
    const struct BootInfo *info = evidence->info;
    const uint32_t known = BOOTINFO_CPU_ENABLED | BOOTINFO_CPU_LATER | BOOTINFO_CPU_BOOT;
    const struct BootInfoCpu *cpu;
    for (uint32_t i = 0; (cpu = bootinfo_cpu(info, i)) != NULL; i++) {
        uint32_t may_run = cpu->flags & (BOOTINFO_CPU_ENABLED | BOOTINFO_CPU_LATER);
        bool boot = (cpu->flags & BOOTINFO_CPU_BOOT) != 0;
        if ((cpu->flags & ~known) != 0 || may_run == 0 || boot != (cpu->id == info->boot_cpu) ||
            (boot && i != 0)) {
            return broken(i, cpu->flags, BOOTINFO_CPU_ENABLED);
        }
        for (uint32_t k = 0; k < i; k++) {
            if (bootinfo_cpu(info, k)->id == cpu->id) {
                return broken(i, cpu->id, k);
            }
        }
    }
    return info->cpus.count == 0 ? skipped("no CPU is listed") : as_promised();
}

/* "APIC", and it sums to 0 (ACPI 6.5 section 5.2.6). */
static struct finding madt(const struct evidence *evidence)
{
    const uint8_t *table = (const uint8_t *)(uintptr_t)evidence->info->madt;
    if (table == NULL) {
        return evidence->info->cpus.count == 0 ? skipped("no MADT") : broken(0, 0, 1);
    }
    uint32_t signature;
    uint32_t size;
    uint8_t sum = 0;
    __builtin_memcpy(&signature, table, sizeof(signature));
    __builtin_memcpy(&size, table + 4, sizeof(size));
    for (uint32_t i = 0; signature == MADT_SIGNATURE && i < size; i++) {
        sum = (uint8_t)(sum + table[i]);
    }
    return signature == MADT_SIGNATURE ? expect(sum, 0)
                                       : broken(NOWHERE, signature, MADT_SIGNATURE);
}

const struct promise fact_promises[] = {
    {"the kernel is one KERNEL region", kernel_region},
    {"the entry lies in the kernel", rip_region},
    {"the stack is one STACK region, its guard page included", stack_region},
    {"the stack has the size asked for, in whole pages", stack_size},
    {"the info block is one INFO region", info_region},
    {"modules are page-aligned, each in a MODULE region", modules},
    {"framebuffers are large enough for their lines", framebuffers},
    {"BOOTINFO_FLAG_FRAMEBUFFER_LINEAR only with a framebuffer", framebuffer_flag},
    {"the timeline's stages are known, its clock runs forward", timeline},
    {"the timeline runs from START to EXIT", timeline_ends},
    {"the serial port is complete", serial},
    {"CPUs are listed once, the boot CPU first", cpus},
    {"the MADT has its signature and checksum", madt},
    {NULL, NULL},
};
