/* smp.h where QEMU has no such machine: CPUs that wait at a mailbox, which this kernel plays
 * itself, and one that is listed and absent. */
#include "smp.h"

#include "console.h"
#include "finish.h"
#include "room.h"

BOOTINFO_KERNEL_HEADER(kernel_main, 0x4000);

#define CPUS_MAX   16
#define STACK_SIZE 4096
#define ABSENT     200 /* an APIC id that no CPU of the test has */

struct mailbox {
    volatile uint16_t command;
    uint16_t reserved;
    volatile uint32_t id;
    volatile uint64_t vector;
};

static struct smp_cpu cpus[CPUS_MAX];
static _Alignas(16) uint8_t stacks[CPUS_MAX * STACK_SIZE];
static _Alignas(4096) struct mailbox mailbox;
static volatile uint32_t parked;
static volatile uint32_t arrived;
static struct smp smp;

/* As firmware with a mailbox does: in long mode, interrupts off. */
static void park(struct smp_cpu *cpu)
{
    uint32_t id = cpu->id;
    __atomic_fetch_add(&parked, 1, __ATOMIC_SEQ_CST);
    while (mailbox.command != 1 || mailbox.id != id) {
        __asm__ volatile("pause");
    }
    uint64_t vector = mailbox.vector;
    __atomic_store_n(&mailbox.command, 0, __ATOMIC_SEQ_CST);
    __asm__ volatile("xor %%esp, %%esp; jmp *%0" : : "r"(vector));
}

static void arrive(struct smp_cpu *cpu)
{
    volatile double id = cpu->id; /* SSE is on */
    uint64_t cr3;
    __asm__ volatile("mov %%cr3, %0" : "=r"(cr3));
    int good = id * 2 == 2.0 * cpu->id && cpu->argument == 5 && cr3 != 0;
    __atomic_fetch_add(&arrived, good ? 1 : 1000, __ATOMIC_SEQ_CST);
    for (;;) {
        __asm__ volatile("cli; hlt");
    }
}

static void expect(const char *what, uint64_t found, uint64_t expected)
{
    print(what);
    print(": ");
    print_decimal(found, 0);
    print("\n");
    if (found != expected) {
        finish(0);
    }
}

static uint32_t start(void (*entry)(struct smp_cpu *cpu))
{
    smp.entry = entry;
    return smp_start(&smp);
}

void kernel_main(const struct BootInfo *info, uint64_t magic)
{
    const struct room room = {.size = 0x2000, .alignment = 0x1000, .first = 1, .last = 0xFFFFF};
    console_use(&info->serial);
    uint32_t count = smp_list(info, cpus, CPUS_MAX);
    expect("magic", magic == BOOTINFO_MAGIC && count > 1 && count < CPUS_MAX, 1);
    smp = (struct smp){.info = info,
                       .cpus = cpus,
                       .count = count,
                       .low = room_find(info, &room),
                       .stacks = stacks,
                       .stack_size = STACK_SIZE,
                       .init_microseconds = 1};
    expect("started by SIPI", start(park), count);
    while (parked != count - 1) {
        __asm__ volatile("pause");
    }
    for (uint32_t i = 1; i < count; i++) {
        cpus[i].state = SMP_STOPPED;
        cpus[i].wake_up = (uint64_t)(uintptr_t)&mailbox;
        cpus[i].argument = 5;
    }
    cpus[count].id = ABSENT;
    smp.count++;
    expect("started by mailbox", start(arrive), count);
    while (arrived < count - 1) {
        __asm__ volatile("pause");
    }
    expect("arrived", arrived, count - 1);
    expect("state of the absent one", cpus[count].state, SMP_SILENT);
    finish(1);
}
