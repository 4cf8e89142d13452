/* What the firmware reports about the machine and the loader's start, and how the loader leaves
 * it. */
#ifndef BATON_PLATFORM_MACHINE_H
#define BATON_PLATFORM_MACHINE_H

#include "core/base/seed.h"
#include "core/base/status.h"
#include "core/base/text.h"
#include "core/info/block.h"

#define PLAT_FRAMEBUFFERS_MAX 16

/* What the firmware reports about the machine. Asking changes nothing. */
struct machine {
    uint32_t secure_boot; /* BOOTINFO_SECURE_BOOT_* */
    struct partition partition;
    uint64_t efi_system_table;
    uint64_t acpi_rsdp;
    uint64_t madt; /* the ACPI table of CPUs, as firmware_tables_find finds it; 0: none is sound */
    uint64_t smbios;
    int64_t boot_time;                /* seconds since 1970-01-01 UTC, or BOOTINFO_TIME_UNKNOWN */
    struct BootInfoSpan loader_image; /* runs while the page tables change */
    struct BootInfoSpan resident;     /* the part of it that the fault handlers need */
    /* The console's first. Their EDIDs are the firmware's. */
    struct BootInfoFramebuffer framebuffers[PLAT_FRAMEBUFFERS_MAX];
    uint32_t framebuffer_count;
    uint32_t framebuffers_left_out; /* more than there is room for */
};

void plat_machine(struct machine *out_machine);

/* Mixes the firmware's random numbers into seed, if it has any. */
void plat_random(struct seed *seed);

/* The load options the loader was started with; empty where there are none, or no text. */
struct text plat_options(void);

/* The firmware resets the machine after that many seconds; 0: never. */
void plat_watchdog(uint32_t seconds);

/* ExitBootServices (UEFI 2.10 section 7.4.6). After its first failure only plat_memory_map,
 * plat_exit, plat_say, plat_restart, arch_counter, arch_reference and functions that call neither
 * firmware nor CPU may be called; after success only arch_hand_off. */
MUST_CHECK enum firmware plat_exit(uint64_t key);

/* Gives the user time to read, then resets the machine. */
_Noreturn void plat_restart(void);

#endif
