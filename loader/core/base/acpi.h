/* The two ACPI tables the loader reads: FADT for a clock, SPCR for the serial port. Reads memory at
 * the addresses that the tables name (ACPI 6.5 sections 5.2.5 to 5.2.9), which firmware keeps. */
#ifndef BATON_ACPI_H
#define BATON_ACPI_H

#include "abi/bootinfo.h"

#include <stdbool.h>

/* Address of the table with this signature ("FACP"), found through the RSDP; 0: there is none, or
 * a checksum on the way is wrong. */
uint64_t acpi_table(uint64_t rsdp, const char *signature);

/* The power management timer (ACPI 6.5 section 4.8.3.3): counts up at ACPI_TIMER_HZ. */
#define ACPI_TIMER_HZ UINT64_C(3579545)

struct acpi_timer {
    uint16_t port; /* 0: there is none */
    uint32_t mask; /* it wraps after this value */
};

struct acpi_timer acpi_timer(uint64_t rsdp);

/* The port SPCR describes; false: no SPCR, or a port of a kind that the loader does not know. */
bool acpi_serial(uint64_t rsdp, struct BootInfoSerial *out_serial);

#endif
