#include "arch/x86_64/cpu.h"

#define CR4_LA57            (UINT64_C(1) << 12)
#define LEAF_TOPOLOGY       0xBu
#define LEAF_TSC            0x15u
#define LEAF_FREQUENCY      0x16u
#define LEAF_HYPERVISOR     0x40000000u
#define LEAF_HYPERVISOR_TSC 0x40000010u
#define LEAF_EXTENDED       0x80000000u

/* VMware's timing leaf, which KVM and others have taken up: EAX is the TSC's frequency in kHz. */
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

void cpu_features(struct cpu_features *out_features)
{
    uint32_t extended_max = cpu_cpuid(LEAF_EXTENDED).eax;
    uint32_t extended = cpu_cpuid(LEAF_EXTENDED + 1).edx;
    uint32_t leaf_max = cpu_cpuid(0).eax;
    *out_features = (struct cpu_features){
        .no_execute = (extended >> 20 & 1) != 0,
        .gigabyte_pages = (extended >> 26 & 1) != 0,
        .five_levels = (cpu_cr4() & CR4_LA57) != 0,
        .physical_bits =
            extended_max >= LEAF_EXTENDED + 8 ? cpu_cpuid(LEAF_EXTENDED + 8).eax & 0xFF : 36,
        .apic_id = apic_id(leaf_max),
        .tsc_frequency = tsc_frequency(leaf_max),
    };
}
