/* The CPUs of the machine, from the ACPI table that lists them (ACPI 6.5 section 5.2.12). madt is
 * the address of one whose length and checksum are right, as acpi_find finds it, or 0. */
#ifndef BATON_MADT_H
#define BATON_MADT_H

#include "abi/bootinfo.h"

#include <stdbool.h>

/* Those beyond are left out: a damaged table must not cost minutes. */
#define MADT_CPUS_MAX 4096

/* How many CPUs madt_cpus finds at most. */
uint32_t madt_cpu_count(uint64_t madt);

/* The address that BootInfoCpu.wake_up will be for each CPU but the first; 0: there is none. */
uint64_t madt_mailbox(uint64_t madt);

/* Those that are enabled, or can be, each once: the boot CPU first, then as in the table. room is
 * at least madt_cpu_count. Returns how many. */
uint32_t madt_cpus(uint64_t madt, uint64_t boot_cpu, struct BootInfoCpu *cpus, uint32_t room);

#endif
