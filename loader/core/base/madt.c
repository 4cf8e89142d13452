#include "core/base/madt.h"

#include "core/base/apart.h"

#include <string.h>

#define LENGTH       4
#define FIRST        44 /* offset of the first structure */
#define TYPE_APIC    0
#define TYPE_X2APIC  9
#define TYPE_WAKE_UP 16

#define STRUCTURE_ENABLED 1
#define STRUCTURE_LATER   2 /* "online capable" */

static uint64_t read(uint64_t address, unsigned size)
{
    uint64_t value = 0;
    memcpy(&value, (const void *)address, size); /* little-endian */
    return value;
}

/* The structure at *at, which moves on to the next; 0: the table is over. */
static uint64_t next(uint64_t madt, uint64_t *at)
{
    uint64_t end = madt + read(madt + LENGTH, 4);
    uint64_t structure = *at;
    if (structure > end - 2) {
        return 0;
    }
    uint64_t size = read(structure + 1, 1);
    if (size < 2 || size > end - structure) {
        return 0;
    }
    *at = structure + size;
    return structure;
}

/* Whether the structure is of that type, and as long as its type is. */
static bool is(uint64_t structure, uint64_t type, uint64_t size)
{
    return read(structure, 1) == type && read(structure + 1, 1) >= size;
}

/* False: the structure is no CPU, or one that never runs. */
static bool read_cpu(uint64_t structure, struct BootInfoCpu *out_cpu)
{
    uint64_t flags = 0;
    struct BootInfoCpu cpu = {0};
    if (is(structure, TYPE_APIC, 8)) {
        cpu.acpi_id = (uint32_t)read(structure + 2, 1);
        cpu.id = read(structure + 3, 1);
        flags = cpu.id == UINT8_MAX ? 0 : read(structure + 4, 4);
    } else if (is(structure, TYPE_X2APIC, 16)) {
        cpu.id = read(structure + 4, 4);
        flags = cpu.id == UINT32_MAX ? 0 : read(structure + 8, 4);
        cpu.acpi_id = (uint32_t)read(structure + 12, 4);
    }
    cpu.flags = (flags & STRUCTURE_ENABLED) != 0 ? BOOTINFO_CPU_ENABLED
                : (flags & STRUCTURE_LATER) != 0 ? BOOTINFO_CPU_LATER
                                                 : 0;
    *out_cpu = cpu;
    return cpu.flags != 0;
}

uint32_t madt_cpu_count(uint64_t madt)
{
    uint32_t count = 0;
    uint64_t at = madt + FIRST;
    uint64_t structure;
    struct BootInfoCpu cpu;
    while (madt != 0 && count < MADT_CPUS_MAX && (structure = next(madt, &at)) != 0) {
        count += read_cpu(structure, &cpu) ? 1 : 0;
    }
    return count;
}

static bool is_listed(const struct BootInfoCpu *cpus, uint32_t count, uint64_t id)
{
    for (uint32_t i = 0; i < count; i++) {
        if (cpus[i].id == id) {
            return true;
        }
    }
    return false;
}

/* To the front, the others one up. */
static void put_first(struct BootInfoCpu *cpus, uint32_t i)
{
    struct BootInfoCpu boot = cpus[i];
    memmove(cpus + 1, cpus, i * sizeof(*cpus));
    boot.flags = BOOTINFO_CPU_ENABLED | BOOTINFO_CPU_BOOT; /* it runs, whatever the table says */
    cpus[0] = boot;
}

uint64_t madt_mailbox(uint64_t madt)
{
    uint64_t mailbox = 0;
    uint64_t at = madt + FIRST;
    uint64_t structure;
    while (madt != 0 && (structure = next(madt, &at)) != 0) {
        if (is(structure, TYPE_WAKE_UP, 16)) {
            mailbox = read(structure + 8, 8);
        }
    }
    return mailbox;
}

APART uint32_t madt_cpus(uint64_t madt, uint64_t boot_cpu, struct BootInfoCpu *cpus, uint32_t room)
{
    uint32_t count = 0;
    const uint64_t mailbox = madt_mailbox(madt);
    uint64_t at = madt + FIRST;
    uint64_t structure;
    while (madt != 0 && (structure = next(madt, &at)) != 0) {
        struct BootInfoCpu cpu;
        /* Firmware may list a CPU by both types. */
        if (count < room && read_cpu(structure, &cpu) && !is_listed(cpus, count, cpu.id)) {
            cpus[count++] = cpu;
        }
    }
    for (uint32_t i = 0; i < count; i++) {
        if (cpus[i].id == boot_cpu) {
            put_first(cpus, i);
        } else {
            cpus[i].wake_up = mailbox;
        }
    }
    return count;
}
