/* Any table of CPUs: each is listed once, the boot CPU first. */
#include "core/base/madt.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint32_t length = (uint32_t)size + 36;
    uint8_t *table = calloc(1, length);
    memcpy(table, "APIC", 4);
    memcpy(table + 4, &length, sizeof(length));
    memcpy(table + 36, data, size);
    uint64_t boot_cpu = size > 0 ? data[0] : 0;
    uint32_t most = madt_cpu_count((uintptr_t)table);
    struct BootInfoCpu *cpus = calloc(most + 1, sizeof(*cpus));
    uint32_t count = madt_cpus((uintptr_t)table, boot_cpu, cpus, most);
    CHECK(count <= most && most <= MADT_CPUS_MAX);
    for (uint32_t i = 0; i < count; i++) {
        bool boot = (cpus[i].flags & BOOTINFO_CPU_BOOT) != 0;
        CHECK(boot == (cpus[i].id == boot_cpu) && (!boot || i == 0));
        CHECK((cpus[i].flags & (BOOTINFO_CPU_ENABLED | BOOTINFO_CPU_LATER)) != 0);
        for (uint32_t k = 0; k < i; k++) {
            CHECK(cpus[k].id != cpus[i].id);
        }
    }
    free(cpus);
    free(table);
    return 0;
}
