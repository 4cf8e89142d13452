#include "arch/x86_64/cpu.h"
#include "arch/x86_64/sev.h"
#include "arch/x86_64/walk.h"

#include "arch.h"
#include "core/base/acpi.h"

#define LEAF_TOPOLOGY       0xBu
#define LEAF_TSC            0x15u
#define LEAF_FREQUENCY      0x16u
#define LEAF_HYPERVISOR     0x40000000u
#define LEAF_HYPERVISOR_TSC 0x40000010u
#define LEAF_EXTENDED       0x80000000u
#define LEAF_ENCRYPTION     0x8000001Fu
#define ENCRYPTION_SEV      2u
#define MSR_SEV_STATUS      0xC0010131u
#define EXTENDED_NX         (1u << 20) /* leaf 80000001h EDX (Intel SDM 2A, CPUID) */
#define EXTENDED_1G         (1u << 26)

/* VMware's timing leaf, which KVM and others have adopted: EAX is the TSC's frequency in kHz. */
static uint64_t hypervisor_frequency(void)
{
    bool present = (cpu_cpuid(1).ecx >> 31) != 0;
    if (!present || cpu_cpuid(LEAF_HYPERVISOR).eax < LEAF_HYPERVISOR_TSC) {
        return 0;
    }
    return cpu_cpuid(LEAF_HYPERVISOR_TSC).eax * UINT64_C(1000);
}

static uint64_t tsc_frequency(uint32_t leaf_max)
{
    if (leaf_max >= LEAF_TSC) {
        struct cpuid tsc = cpu_cpuid(LEAF_TSC);
        if (tsc.eax != 0 && tsc.ebx != 0 && tsc.ecx != 0) {
            return (uint64_t)tsc.ecx * tsc.ebx / tsc.eax;
        }
    }
    uint64_t frequency = hypervisor_frequency();
    if (frequency == 0 && leaf_max >= LEAF_FREQUENCY) {
        frequency = (cpu_cpuid(LEAF_FREQUENCY).eax & 0xFFFF) * UINT64_C(1000000);
    }
    return frequency;
}

/* The number of bits of a physical address; 36 if the CPU does not report it. */
static uint32_t physical_bits(uint32_t extended_max)
{
    return extended_max >= LEAF_EXTENDED + 8 ? cpu_cpuid(LEAF_EXTENDED + 8).eax & 0xFF : 36;
}

/* A guest of AMD SEV may read this MSR (AMD APM 2 section 15.34.10); where there is no SEV it does
 * not exist. */
static const char *memory_encryption(uint32_t extended_max)
{
    bool guest = (cpu_cpuid(1).ecx >> 31) != 0;
    if (!guest || extended_max < LEAF_ENCRYPTION ||
        (cpu_cpuid(LEAF_ENCRYPTION).eax & ENCRYPTION_SEV) == 0) {
        return NULL;
    }
    return sev_name(cpu_rdmsr(MSR_SEV_STATUS));
}

static uint32_t apic_id(uint32_t leaf_max)
{
    if (leaf_max >= LEAF_TOPOLOGY) {
        struct cpuid topology = cpu_cpuid(LEAF_TOPOLOGY);
        if (topology.ebx != 0) {
            return topology.edx;
        }
    }
    return cpu_cpuid(1).ebx >> 24;
}

void arch_describe(uint64_t fadt, struct arch_cpu *out_cpu)
{
    uint32_t leaf_max = cpu_cpuid(0).eax;
    uint32_t extended_max = cpu_cpuid(LEAF_EXTENDED).eax;
    uint32_t extended = cpu_cpuid(LEAF_EXTENDED + 1).edx;
    bool five_levels = (cpu_cr4() & CR4_LA57) != 0;
    uint64_t physical = UINT64_C(1) << physical_bits(extended_max);
    *out_cpu = (struct arch_cpu){
        .flags = ((extended & EXTENDED_NX) != 0 ? BOOTINFO_FLAG_NX : 0) |
                 (five_levels ? BOOTINFO_FLAG_LA57 : 0),
        .address_limit = least(physical, UINT64_C(1) << (five_levels ? 56 : 47)),
        .higher_half = five_levels ? UINT64_C(0xFF00000000000000) : UINT64_C(0xFFFF800000000000),
        .counter_hz = tsc_frequency(leaf_max),
        .id = apic_id(leaf_max),
        .encryption = memory_encryption(extended_max),
        .large_tables = (extended & EXTENDED_1G) != 0,
    };
    if (out_cpu->counter_hz == 0) {
        struct acpi_timer timer = acpi_timer(fadt);
        out_cpu->reference_hz = timer.port != 0 ? ACPI_TIMER_HZ : 0;
        out_cpu->reference_mask = timer.mask;
        out_cpu->reference_port = timer.port;
    }
}

/* The firmware maps all memory to itself, its page tables too (UEFI 2.10 section 2.3.4). Where
 * memory is encrypted, addresses in page tables have a bit more: nothing is looked at then. */
bool arch_is_readable(uint64_t address, uint64_t size)
{
    static bool known;
    static bool encrypted;
    static struct BootInfoSpan mapped; /* to itself */
    if (!known) {
        encrypted = memory_encryption(cpu_cpuid(LEAF_EXTENDED).eax) != NULL;
        known = true;
    }
    if (encrypted) {
        return false;
    }
    /* Most tables of the firmware lie in one large page: it is walked to once. */
    uint64_t offset = address - mapped.address;
    if (offset <= mapped.size && size <= mapped.size - offset) {
        return true;
    }
    struct page_tables tables = {.top = cpu_cr3(), .five_levels = (cpu_cr4() & CR4_LA57) != 0};
    uint64_t physical = 0;
    uint64_t room = walk_to(&tables, address, &physical);
    if (physical == address) {
        mapped = (struct BootInfoSpan){address, room};
    }
    return (physical == address && size <= room) || walk_is_identity(&tables, address, size);
}

uint64_t arch_find(const void *words, uint64_t count, uint32_t value)
{
    uint64_t left = count;
    bool found;
    __asm__ volatile("repne scasl"
                     : "+D"(words), "+c"(left), "=@ccz"(found)
                     : "a"(value)
                     : "memory");
    return found && count != 0 ? count - left - 1 : count;
}

uint64_t arch_counter(void)
{
    return cpu_timestamp();
}

uint32_t arch_reference(const struct arch_cpu *cpu)
{
    return cpu_in32(cpu->reference_port);
}
