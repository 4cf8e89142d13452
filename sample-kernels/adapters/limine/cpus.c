#include "bytes.h"
#include "enter.h"
#include "limine.h"
#include "memory.h"
#include "smp.h"

#define PAGE             UINT64_C(4096)
#define MADT_FIRST       44
#define MADT_IO_APIC     1
#define IO_APIC_VERSION  1
#define IO_APIC_REDIRECT 0x10 /* the first entry's lower half */
#define MASKED           0x10000

static struct smp_cpu cpus[CPUS_MAX];
static struct limine_jump jumps[CPUS_MAX];

/* On the new CPU. */
static void wait_for_kernel(struct smp_cpu *cpu)
{
    uint32_t low = (uint32_t)LIMINE_PAT;
    uint32_t upper = (uint32_t)(LIMINE_PAT >> 32);
    struct limine_jump *jump = &jumps[cpu - cpus];
    __asm__ volatile("wrmsr" : : "c"(PAGING_MSR_PAT), "a"(low), "d"(upper));
    ((void (*)(struct limine_jump *))(uintptr_t)cpu->argument)(jump);
}

/* Each has an answer and a stack, which smp.h uses first and the kernel's function then. */
static void prepare(struct limine *limine, const struct limine_jump *common,
                    struct limine_cpu *list, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        list[i].acpi_id = cpus[i].acpi_id;
        list[i].apic_id = cpus[i].id;
        cpus[i].argument = limine->low + 2 * PAGE;
        jumps[i] = *common;
        jumps[i].entry = 0;
        jumps[i].cpu = high(&list[i]);
    }
}

uint64_t cpus_answer(struct limine *limine)
{
    uint32_t count = smp_list(limine->info, cpus, CPUS_MAX);
    count = count < CPUS_MAX ? count : CPUS_MAX;
    if (count == 0) {
        return 0;
    }
    uint64_t stack_size = limine->wishes.stack_size;
    struct limine_cpu *list = arena_add(limine, count * sizeof(*list));
    uint64_t *pointers = arena_add(limine, (count + 1) * sizeof(*pointers));
    uint8_t *stacks = arena_add(limine, count * stack_size);
    struct limine_jump common = {.cr3 = limine->paging.root, .gdt = limine->low + 3 * PAGE - 16};
    prepare(limine, &common, list, count);
    for (uint32_t i = 0; i < count; i++) {
        jumps[i].stack = high(stacks + (i + 1) * stack_size);
    }
    const struct smp smp = {.info = limine->info,
                            .cpus = cpus,
                            .count = count,
                            .low = limine->low,
                            .entry = wait_for_kernel,
                            .stacks = stacks,
                            .stack_size = stack_size};
    (void)smp_start(&smp);
    uint64_t running = 0; /* the kernel does not see those that did not come */
    for (uint32_t i = 0; i < count; i++) {
        if (cpus[i].state == SMP_RUNS) {
            pointers[running++] = high(&list[i]);
        }
    }
    limine->cpu_count = running;
    const uint64_t words[] = {0, (uint64_t)cpus[0].id << 32 | (smp_x2apic() ? 1 : 0), running,
                              high(pointers)};
    return answer_words(limine, words, 4);
}

static void mask(uint64_t address)
{
    volatile uint32_t *apic = (volatile uint32_t *)(uintptr_t)address;
    apic[0] = IO_APIC_VERSION;
    uint32_t count = (apic[4] >> 16 & 0xFF) + 1;
    for (uint32_t i = 0; i < count; i++) {
        apic[0] = IO_APIC_REDIRECT + 2 * i;
        apic[4] |= MASKED;
    }
}

void cpus_mask_io(const struct BootInfo *info)
{
    const uint8_t *madt = BOOTINFO_HAS(info, madt) ? (const uint8_t *)(uintptr_t)info->madt : NULL;
    uint64_t end = madt != NULL ? field(madt, 4, 4) : 0;
    for (uint64_t at = MADT_FIRST; at + 2 <= end && madt[at + 1] >= 2; at += madt[at + 1]) {
        if (madt[at] == MADT_IO_APIC && madt[at + 1] >= 12 && at + 12 <= end) {
            mask(field(madt, at + 4, 4));
        }
    }
}
