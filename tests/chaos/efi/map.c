/* GetMemoryMap and ExitBootServices. */
#include "chaos.h"

#include <string.h>

enum { DESCRIPTORS_MAX = 32 * 1024, MAP_SIZE = 64 * 1024, PAGE = 4096 };

static uint8_t real_map[MAP_SIZE];
static EFI_MEMORY_DESCRIPTOR shown[DESCRIPTORS_MAX];
static uint64_t shown_count;

static const EFI_MEMORY_DESCRIPTOR runtime_mmio = {.Type = EfiMemoryMappedIO,
                                                   .PhysicalStart = 0x900000000,
                                                   .NumberOfPages = 16,
                                                   .Attribute = EFI_MEMORY_RUNTIME | EFI_MEMORY_UC};

static void show(const EFI_MEMORY_DESCRIPTOR *descriptor)
{
    if (shown_count == DESCRIPTORS_MAX) {
        report("too many descriptors\n");
        leave(false);
    }
    shown[shown_count++] = *descriptor;
}

/* How many descriptors there are to be more than the firmware has. */
static uint64_t pieces_wanted(void)
{
    const struct chaos_case *plan = run.plan;
    uint64_t later = run.calls[CHAOS_GET_MEMORY_MAP] - 1;
    uint64_t factor = (plan->flags & CHAOS_DOUBLED) != 0 ? UINT64_C(1) << later : later;
    return plan->pieces + factor * plan->pieces_more + (run.exit_began ? plan->pieces_late : 0);
}

/* Single pages, then the rest. */
static void show_in_pieces(const EFI_MEMORY_DESCRIPTOR *descriptor, uint64_t pieces)
{
    EFI_MEMORY_DESCRIPTOR piece = *descriptor;
    for (uint64_t i = 0; i < pieces; i++) {
        piece.NumberOfPages = 1;
        show(&piece);
        piece.PhysicalStart += PAGE;
    }
    piece.NumberOfPages = descriptor->NumberOfPages - pieces;
    show(&piece);
}

static const EFI_MEMORY_DESCRIPTOR *largest_free(UINTN size, UINTN stride)
{
    const EFI_MEMORY_DESCRIPTOR *largest = NULL;
    for (UINTN at = 0; at < size; at += stride) {
        const EFI_MEMORY_DESCRIPTOR *descriptor = (const void *)(real_map + at);
        if (descriptor->Type == EfiConventionalMemory &&
            (largest == NULL || descriptor->NumberOfPages > largest->NumberOfPages)) {
            largest = descriptor;
        }
    }
    return largest;
}

static void show_all(UINTN size, UINTN stride)
{
    const EFI_MEMORY_DESCRIPTOR *largest = largest_free(size, stride);
    uint64_t pieces = pieces_wanted();
    if (largest == NULL || largest->NumberOfPages <= pieces) {
        report("too little free memory\n");
        leave(false);
    }
    shown_count = 0;
    for (UINTN at = 0; at < size; at += stride) {
        const EFI_MEMORY_DESCRIPTOR *descriptor = (const void *)(real_map + at);
        show_in_pieces(descriptor, descriptor == largest ? pieces : 0);
    }
    if ((run.plan->flags & CHAOS_RUNTIME_MMIO) != 0) {
        show(&runtime_mmio);
    }
}

static void copy_out(uint8_t *out, UINTN stride)
{
    bool reversed = (run.plan->flags & CHAOS_REVERSED_MAP) != 0;
    UINTN size = stride < sizeof(shown[0]) ? stride : sizeof(shown[0]);
    for (uint64_t i = 0; i < shown_count; i++) {
        memset(out + i * stride, 0xA5, stride);
        memcpy(out + i * stride, &shown[reversed ? shown_count - 1 - i : i], size);
    }
}

static EFI_STATUS map_of_plan(UINTN *size, EFI_MEMORY_DESCRIPTOR *map, UINTN *key, UINTN *stride,
                              UINT32 *version)
{
    UINTN real_size = sizeof(real_map);
    UINTN real_stride = 0;
    EFI_STATUS status = firmware.GetMemoryMap(&real_size, (EFI_MEMORY_DESCRIPTOR *)(void *)real_map,
                                              key, &real_stride, version);
    if (EFI_ERROR(status)) {
        return status;
    }
    show_all(real_size, real_stride);
    *stride = run.plan->stride != 0 ? run.plan->stride : real_stride;
    UINTN room = *size;
    *size = shown_count * *stride;
    if (room < *size) {
        return EFI_BUFFER_TOO_SMALL;
    }
    copy_out((uint8_t *)map, *stride);
    return EFI_SUCCESS;
}

static EFI_STATUS EFIAPI get_memory_map(UINTN *size, EFI_MEMORY_DESCRIPTOR *map, UINTN *key,
                                        UINTN *stride, UINT32 *version)
{
    EFI_STATUS status = gate(CHAOS_GET_MEMORY_MAP, CALLER);
    if (EFI_ERROR(status)) {
        return status;
    }
    if (!from_loader(CALLER)) {
        return firmware.GetMemoryMap(size, map, key, stride, version);
    }
    if (run.exit_began && run.plan->map_late != 0) {
        return EFIERR(run.plan->map_late);
    }
    status = map_of_plan(size, map, key, stride, version);
    /* The last moment at which the loader can still come back. */
    if (status == EFI_SUCCESS && run.watchdog_off && (run.plan->flags & CHAOS_TO_KERNEL) == 0) {
        run.reached_end = true;
        return EFI_DEVICE_ERROR;
    }
    return status;
}

static EFI_STATUS refuse(EFI_HANDLE image, UINTN key)
{
    EFI_PHYSICAL_ADDRESS address = 0;
    run.exit_began = true;
    if (run.plan->refusal != 0) {
        return EFIERR(run.plan->refusal);
    }
    /* Another map: the key is stale, and the firmware stops its timers before it looks at it. */
    firmware.AllocatePages(AllocateAnyPages, EfiBootServicesData, 1, &address);
    return firmware.ExitBootServices(image, key);
}

static void write_msr(uint32_t number, uint64_t value)
{
    __asm__ volatile("wrmsr" : : "c"(number), "a"((uint32_t)value), "d"((uint32_t)(value >> 32)));
}

/* All that docs/abi.md promises of the CPU, the other way round. */
static void dirty_cpu(void)
{
    static const uint32_t mxcsr = 0x9FC0; /* flush to zero, rounding up, flags set */
    static const uint16_t control = 0x27F;
    uint64_t value;
    __asm__ volatile("outb %b0, $0x21; outb %b0, $0xA1" : : "a"(0)); /* no line is masked */
    __asm__ volatile("fldcw %0; fld1; fldpi; ldmxcsr %1" : : "m"(control), "m"(mxcsr));
    __asm__ volatile("mov %0, %%dr0; mov %1, %%dr7"
                     :
                     : "r"(UINT64_C(0x100000)), "r"(UINT64_C(0x401)));
    __asm__ volatile("mov %%cr4, %0; or $0x80, %0; mov %0, %%cr4" : "=r"(value)); /* PGE */
    write_msr(0xC0000100, UINT64_C(0xFFFF12345678)); /* FS and GS base */
    write_msr(0xC0000101, 0x1234);
    __asm__ volatile("pushfq; orq $0x40000, (%%rsp); popfq" : : : "cc", "memory"); /* AC */
}

static EFI_STATUS EFIAPI exit_boot_services(EFI_HANDLE image, UINTN key)
{
    (void)gate(CHAOS_EXIT_BOOT_SERVICES, CALLER);
    uint64_t tries = run.calls[CHAOS_EXIT_BOOT_SERVICES];
    if ((run.plan->flags & CHAOS_TO_KERNEL) == 0) {
        broken("ExitBootServices was called");
        leave(false);
    }
    if (!run.watchdog_off) {
        broken("the watchdog is armed at the exit");
    }
    if (hooks_open_files() > 0) {
        broken("a file is open at the exit");
    }
    console_end_line();
    report("exit: try ");
    report_decimal(tries);
    report(", maps ");
    report_decimal(run.calls[CHAOS_GET_MEMORY_MAP]);
    report(", descriptors ");
    report_decimal(shown_count);
    report_char('\n');
    if (run.plan->refusals == UINT32_MAX || tries <= run.plan->refusals) {
        return refuse(image, key);
    }
    EFI_STATUS status = firmware.ExitBootServices(image, key);
    if (!EFI_ERROR(status) && (run.plan->flags & CHAOS_DIRTY_CPU) != 0) {
        dirty_cpu();
    }
    return status;
}

void map_patch(EFI_BOOT_SERVICES *services)
{
    services->GetMemoryMap = get_memory_map;
    services->ExitBootServices = exit_boot_services;
}
