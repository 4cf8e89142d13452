/* Starts the other CPUs of an x86-64 machine, which BootInfo 1.2 lists: by INIT and SIPI, or by the
 * mailbox of machines that have one (ACPI 6.5 section 5.2.12.19). Freestanding C11
 * and C++17.
 *     static struct smp_cpu cpus[64];
 *     static _Alignas(16) uint8_t stacks[64 * 8192];
 *     struct smp smp = {.info = info, .cpus = cpus, .count = smp_list(info, cpus, 64),
 *                       .low = low, .entry = ap_main, .stacks = stacks, .stack_size = 8192};
 *     uint32_t running = smp_start(&smp);          // the one that calls is counted
 * ap_main(struct smp_cpu *cpu) runs on each of the others: on its own stack, interrupts off, with
 * the CR3, CR4 and EFER of the CPU that called, GDT and IDT of the trampoline (selector 8 is code,
 * 16 is data, no interrupt handlers) and SSE on. It must not return. What it relies on: low, the
 * stacks, the APIC (CPUs other than by mailbox) and the tables themselves are mapped to their own
 * addresses.
 * SPDX-License-Identifier: MIT */
#ifndef BATON_SMP_H
#define BATON_SMP_H

#include "bootinfo.h"

/* smp_cpu.state */
#define SMP_STOPPED     UINT32_C(0)
#define SMP_RUNS        UINT32_C(1)
#define SMP_UNREACHABLE UINT32_C(2) /* its APIC id needs x2APIC mode, which is off */
#define SMP_SILENT      UINT32_C(3) /* it was called, and did not come */

/* The trampoline knows these offsets. */
struct smp_cpu {
    uint32_t id; /* APIC id */
    volatile uint32_t state;
    uint64_t stack_top;
    void (*entry)(struct smp_cpu *cpu);
    uint64_t wake_up; /* as in BootInfoCpu */
    uint32_t acpi_id;
    uint32_t flags;    /* BOOTINFO_CPU_* */
    uint64_t argument; /* the kernel's */
};

struct smp {
    const struct BootInfo *info;
    struct smp_cpu *cpus;
    uint32_t count;
    uint64_t
        low; /* two free pages below 1 MiB, other than page 0; free again where all have come */
    void (*entry)(struct smp_cpu *cpu);
    uint8_t *stacks;     /* count of them */
    uint64_t stack_size; /* a multiple of 16 */
    uint64_t
        init_microseconds; /* after INIT; 0: 10,000, as old CPUs want it. New ones need none: 1 */
};

#define SMP_MSR_APIC    UINT32_C(0x1B)
#define SMP_MSR_EFER    UINT32_C(0xC0000080)
#define SMP_MSR_X2ICR   UINT32_C(0x830)
#define SMP_APIC_ICR    0x300 /* Intel SDM volume 3, 11.6.1 */
#define SMP_ICR_BUSY    UINT32_C(0x1000)
#define SMP_ICR_INIT    UINT32_C(0x4500)
#define SMP_ICR_SIPI    UINT32_C(0x4600)
#define SMP_ID_MOST     UINT32_C(254)    /* without x2APIC */
#define SMP_SECOND_SIPI UINT64_C(200)    /* microseconds after the first */
#define SMP_PATIENCE    UINT64_C(100000) /* microseconds after the second */

static inline uint64_t smp_msr(uint32_t msr)
{
    uint32_t low;
    uint32_t high;
    __asm__ volatile("rdmsr" : "=a"(low), "=d"(high) : "c"(msr));
    return (uint64_t)high << 32 | low;
}

static inline int smp_x2apic(void)
{
    return (smp_msr(SMP_MSR_APIC) & 0x400) != 0;
}

/* Waits as at 5 GHz where the frequency is unknown: rather too long. */
static inline void smp_wait(const struct BootInfo *info, uint64_t microseconds)
{
    uint64_t megahertz = info->tsc_frequency != 0 ? info->tsc_frequency / 1000000 + 1 : 5000;
    uint64_t begin = __builtin_ia32_rdtsc();
    while (__builtin_ia32_rdtsc() - begin < megahertz * microseconds) {
        __asm__ volatile("pause");
    }
}

/* Fills cpus from BootInfo, at most room of them, the boot CPU first. Returns how many there are: 0
 * where the loader is older than 1.2 or the machine has no MADT. Those that are not enabled, and
 * the kernel may enable later, are left out. */
static inline uint32_t smp_list(const struct BootInfo *info, struct smp_cpu *cpus, uint32_t room)
{
    uint32_t count = 0;
    const struct BootInfoCpu *cpu;
    for (uint32_t i = 0; (cpu = bootinfo_cpu(info, i)) != NULL; i++) {
        if ((cpu->flags & BOOTINFO_CPU_ENABLED) == 0) {
            continue;
        }
        if (count < room) {
            __builtin_memset(&cpus[count], 0, sizeof(cpus[count]));
            cpus[count].id = (uint32_t)cpu->id;
            cpus[count].wake_up = cpu->wake_up;
            cpus[count].acpi_id = cpu->acpi_id;
            cpus[count].flags = cpu->flags;
            cpus[count].state = (cpu->flags & BOOTINFO_CPU_BOOT) != 0 ? SMP_RUNS : SMP_STOPPED;
        }
        count++;
    }
    return count;
}

/* The trampoline's page: code, then from 0xF00 on what it needs. Behind it lies a copy of the
 * top-level page table, since a CPU in 32-bit mode can only load a CR3 below 4 GiB. */
struct smp_page {
    uint32_t table;       /* 0xF00: address of the copy */
    uint32_t cr4;         /* 0xF04 */
    uint32_t efer;        /* 0xF08 */
    uint32_t count;       /* 0xF0C */
    uint64_t cr3;         /* 0xF10: the real one */
    struct smp_cpu *cpus; /* 0xF18 */
    uint16_t no_idt[8];   /* 0xF20 */
    uint64_t gdt[3];      /* 0xF30 */
    uint16_t reserved[3]; /* 0xF48 */
    uint16_t gdt_limit;   /* 0xF4E */
    uint32_t gdt_base;    /* 0xF50 */
    uint32_t gdt_base_high;
    uint32_t long_entry; /* 0xF58: a far pointer */
    uint32_t long_selector;
};

#define SMP_PAGE_OFFSET 0xF00

#define SMP_HIDDEN __attribute__((visibility("hidden")))
extern const uint8_t smp_trampoline[] SMP_HIDDEN;
extern const uint8_t smp_trampoline_long[] SMP_HIDDEN;    /* 64-bit code, after the mode switch */
extern const uint8_t smp_trampoline_mailbox[] SMP_HIDDEN; /* 64-bit code, for the mailbox */
extern const uint8_t smp_trampoline_end[] SMP_HIDDEN;

/* A CPU finds its smp_cpu by its APIC id: no lock, in any order. One that is not in the list
 * halts. */
__asm__(".pushsection .rodata.smp, \"a\", @progbits\n"
        ".code16\n"
        "smp_trampoline:\n"
        "    cli\n"
        "    cld\n"
        "    movw %cs, %bx\n"
        "    movw %bx, %ds\n"
        "    movl 0xF04, %eax\n"
        "    movl %eax, %cr4\n"
        "    movl 0xF00, %eax\n"
        "    movl %eax, %cr3\n"
        "    movl $0xC0000080, %ecx\n"
        "    xorl %edx, %edx\n"
        "    movl 0xF08, %eax\n"
        "    wrmsr\n"
        "    movl $0x80010033, %eax\n" /* PG WP NE ET MP PE */
        "    lgdtl 0xF4E\n"
        "    movl %eax, %cr0\n"
        "    ljmpl *0xF58\n"
        ".code64\n"
        "smp_trampoline_mailbox:\n"
        "    cli\n"
        "    cld\n"
        "    leaq smp_trampoline(%rip), %rbx\n"
        "    movl $0xC0000080, %ecx\n"
        "    rdmsr\n"
        "    andl $0x400, %eax\n" /* LMA is not for us to change */
        "    orl 0xF08(%rbx), %eax\n"
        "    wrmsr\n"
        "    movl 0xF04(%rbx), %eax\n"
        "    movq %rax, %cr4\n"
        "    movl $0x80010033, %eax\n"
        "    movq %rax, %cr0\n"
        "    lgdtq 0xF4E(%rbx)\n"
        "    ljmpl *0xF58(%rbx)\n"
        "smp_trampoline_long:\n"
        "    movl $16, %eax\n"
        "    movl %eax, %ds\n"
        "    movl %eax, %es\n"
        "    movl %eax, %ss\n"
        "    xorl %eax, %eax\n"
        "    movl %eax, %fs\n"
        "    movl %eax, %gs\n"
        "    lldt %ax\n"
        "    leaq smp_trampoline(%rip), %rsi\n"
        "    lidtq 0xF20(%rsi)\n"
        "    movq 0xF10(%rsi), %rax\n"
        "    movq %rax, %cr3\n"
        "    xorl %eax, %eax\n"
        "    cpuid\n"
        "    cmpl $11, %eax\n" /* x2APIC ids are in leaf 11 */
        "    jb 1f\n"
        "    movl $11, %eax\n"
        "    xorl %ecx, %ecx\n"
        "    cpuid\n"
        "    testl %ebx, %ebx\n"
        "    jnz 2f\n"
        "1:  movl $1, %eax\n"
        "    cpuid\n"
        "    shrl $24, %ebx\n"
        "    movl %ebx, %edx\n"
        "2:  movq 0xF18(%rsi), %rdi\n"
        "    movl 0xF0C(%rsi), %ecx\n"
        "3:  cmpl %edx, (%rdi)\n"
        "    je 4f\n"
        "    addq $48, %rdi\n"
        "    decl %ecx\n"
        "    jnz 3b\n"
        "5:  cli\n"
        "    hlt\n"
        "    jmp 5b\n"
        "4:  xorl %eax, %eax\n"
        "    movl $1, %ecx\n"
        "    lock cmpxchgl %ecx, 4(%rdi)\n" /* once only, and not after smp_start has given it up */
        "    jne 5b\n"
        "    movq 8(%rdi), %rsp\n"
        "    fninit\n"
        "    pushq $0x1F80\n"
        "    ldmxcsr (%rsp)\n"
        "    movq $0, (%rsp)\n" /* a return address, for alignment and for unwinders */
        "    xorl %ebp, %ebp\n"
        "    jmpq *16(%rdi)\n"
        "smp_trampoline_end:\n"
        ".popsection\n");

static inline uint32_t smp_address(const struct smp *smp, const uint8_t *code)
{
    return (uint32_t)(smp->low + (uint64_t)(code - smp_trampoline));
}

static inline void smp_make_page(const struct smp *smp)
{
    uint8_t *bytes = (uint8_t *)(uintptr_t)smp->low;
    struct smp_page *page = (struct smp_page *)(uintptr_t)(smp->low + SMP_PAGE_OFFSET);
    uint64_t size = (uint64_t)(smp_trampoline_end - smp_trampoline);
    uint64_t cr3;
    uint64_t cr4;
    __asm__ volatile("mov %%cr3, %0" : "=r"(cr3));
    __asm__ volatile("mov %%cr4, %0" : "=r"(cr4));
    for (uint64_t i = 0; i < 4096; i++) {
        bytes[i] = i < size ? smp_trampoline[i] : 0;
        bytes[4096 + i] = ((const uint8_t *)(uintptr_t)(cr3 & UINT64_C(0x000FFFFFFFFFF000)))[i];
    }
    page->table = (uint32_t)smp->low + 4096;
    page->cr4 = (uint32_t)cr4 & ~UINT32_C(0x20000);                  /* PCIDE: only in long mode */
    page->efer = (uint32_t)smp_msr(SMP_MSR_EFER) & ~UINT32_C(0x400); /* LMA: the CPU's own */
    page->cr3 = cr3;
    page->cpus = smp->cpus;
    page->count = smp->count;
    page->gdt[1] = UINT64_C(0x00AF9B000000FFFF);
    page->gdt[2] = UINT64_C(0x00CF93000000FFFF);
    page->gdt_limit = sizeof(page->gdt) - 1;
    page->gdt_base = (uint32_t)(uintptr_t)page->gdt;
    page->long_entry = smp_address(smp, smp_trampoline_long);
    page->long_selector = 8;
}

static inline void smp_send(uint32_t id, uint32_t command)
{
    if (smp_x2apic()) {
        __asm__ volatile("mfence\n\tlfence\n\twrmsr"
                         :
                         : "c"(SMP_MSR_X2ICR), "a"(command), "d"(id)
                         : "memory");
        return;
    }
    uint64_t base = smp_msr(SMP_MSR_APIC) & UINT64_C(0x000FFFFFFFFFF000);
    volatile uint32_t *icr = (volatile uint32_t *)(uintptr_t)(base + SMP_APIC_ICR);
    icr[4] = id << 24;
    icr[0] = command;
    for (uint32_t i = 0; i < 100000 && (icr[0] & SMP_ICR_BUSY) != 0; i++) {
        __asm__ volatile("pause");
    }
}

/* The mailbox serves one CPU at a time: the firmware takes the command by clearing it. */
static inline void smp_mail(const struct smp *smp, const struct smp_cpu *cpu)
{
    volatile uint8_t *mailbox = (volatile uint8_t *)(uintptr_t)cpu->wake_up;
    volatile uint16_t *command = (volatile uint16_t *)mailbox;
    *(volatile uint32_t *)(mailbox + 4) = cpu->id;
    *(volatile uint64_t *)(mailbox + 8) = smp_address(smp, smp_trampoline_mailbox);
    __atomic_store_n(command, 1, __ATOMIC_SEQ_CST);
    for (uint64_t waited = 0; *command != 0 && waited < SMP_PATIENCE; waited += 10) {
        smp_wait(smp->info, 10);
    }
}

static inline void smp_send_all(const struct smp *smp, uint32_t command)
{
    for (uint32_t i = 0; i < smp->count; i++) {
        if (smp->cpus[i].state == SMP_STOPPED && smp->cpus[i].wake_up == 0) {
            smp_send(smp->cpus[i].id, command);
        }
    }
}

/* Until all that can come have come, but not longer than that. */
static inline void smp_await(const struct smp *smp, uint64_t microseconds)
{
    uint32_t missing = 1;
    for (uint64_t waited = 0; waited < microseconds && missing != 0; waited += 10) {
        missing = 0;
        for (uint32_t i = 0; i < smp->count; i++) {
            missing += smp->cpus[i].state == SMP_STOPPED;
        }
        if (missing != 0) {
            smp_wait(smp->info, 10);
        }
    }
}

static inline void smp_prepare(const struct smp *smp)
{
    uint32_t most = smp_x2apic() ? UINT32_MAX : SMP_ID_MOST;
    for (uint32_t i = 0; i < smp->count; i++) {
        struct smp_cpu *cpu = &smp->cpus[i];
        cpu->entry = smp->entry;
        cpu->stack_top = (uint64_t)(uintptr_t)smp->stacks + (i + 1) * smp->stack_size;
        if (cpu->state == SMP_STOPPED && cpu->wake_up == 0 && cpu->id > most) {
            cpu->state = SMP_UNREACHABLE;
        }
    }
}

/* Those that did not come are SILENT, and halt if they come later: then low must not be reused. */
static inline uint32_t smp_count(const struct smp *smp)
{
    uint32_t running = 0;
    for (uint32_t i = 0; i < smp->count; i++) {
        uint32_t expected = SMP_STOPPED;
        (void)__atomic_compare_exchange_n(&smp->cpus[i].state, &expected, SMP_SILENT, 0,
                                          __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
        running += smp->cpus[i].state == SMP_RUNS;
    }
    return running;
}

/* Starts all of smp->cpus that are STOPPED, and returns how many run. All get INIT, then one wait
 * for all of them, then SIPI; who has not come after 200 microseconds gets a second one. */
static inline uint32_t smp_start(const struct smp *smp)
{
    smp_prepare(smp);
    smp_make_page(smp);
    for (uint32_t i = 0; i < smp->count; i++) {
        if (smp->cpus[i].state == SMP_STOPPED && smp->cpus[i].wake_up != 0) {
            smp_mail(smp, &smp->cpus[i]);
        }
    }
    smp_send_all(smp, SMP_ICR_INIT);
    smp_await(smp, smp->init_microseconds != 0 ? smp->init_microseconds : 10000);
    smp_send_all(smp, SMP_ICR_SIPI | (uint32_t)(smp->low >> 12));
    smp_await(smp, SMP_SECOND_SIPI);
    smp_send_all(smp, SMP_ICR_SIPI | (uint32_t)(smp->low >> 12));
    smp_await(smp, SMP_PATIENCE);
    return smp_count(smp);
}

#define SMP_ASSERT_OFFSET(type, member, offset) \
    BOOTINFO_ASSERT(offsetof(struct type, member) == (offset))
BOOTINFO_ASSERT(sizeof(struct smp_cpu) == 48);
SMP_ASSERT_OFFSET(smp_cpu, state, 4);
SMP_ASSERT_OFFSET(smp_cpu, stack_top, 8);
SMP_ASSERT_OFFSET(smp_cpu, entry, 16);
SMP_ASSERT_OFFSET(smp_page, count, 0x0C);
SMP_ASSERT_OFFSET(smp_page, cr3, 0x10);
SMP_ASSERT_OFFSET(smp_page, cpus, 0x18);
SMP_ASSERT_OFFSET(smp_page, no_idt, 0x20);
SMP_ASSERT_OFFSET(smp_page, gdt, 0x30);
SMP_ASSERT_OFFSET(smp_page, gdt_limit, 0x4E);
SMP_ASSERT_OFFSET(smp_page, long_entry, 0x58);

#endif
