/* The ACPI tables (ACPI 6.5 sections 5.2.5 to 5.2.9): where they lie, and the two that the loader
 * reads: FADT for a clock, SPCR for the serial port. */
#ifndef BATON_ACPI_H
#define BATON_ACPI_H

#include "core/base/serial.h"

#include <stdbool.h>

#define ACPI_SPANS_MAX 8

/* How memory is looked at. */
struct acpi_view {
    bool (*readable)(uint64_t address, uint64_t size); /* can all of it be read? */
    uint64_t mapped_below; /* a kernel finds everything mapped that ends at or below this */
};

/* What the RSDP leads to. Every address is asked for before it is followed. */
struct acpi_tables {
    uint64_t rsdp; /* 0: none, or one that cannot be believed */
    uint64_t fadt; /* the same */
    uint64_t spcr;
    uint64_t madt;
    uint64_t wrong; /* where something damaged or unreadable was passed over; 0: nowhere */
    /* All that ends above mapped_below; what lies within 2 MiB is one. */
    struct BootInfoSpan spans[ACPI_SPANS_MAX];
    uint32_t span_count;
    uint32_t omitted_count; /* those that spans has no room for */
};

/* Of the bytes; the checksum of all tables here, and of SMBIOS's. */
bool acpi_sums_to_zero(uint64_t address, uint64_t size);

void acpi_find(uint64_t rsdp, const struct acpi_view *view, struct acpi_tables *out_tables);

/* The power management timer (ACPI 6.5 section 4.8.3.3): counts up at ACPI_TIMER_HZ. */
#define ACPI_TIMER_HZ UINT64_C(3579545)

struct acpi_timer {
    uint16_t port; /* 0: there is none */
    uint32_t mask; /* it wraps after this value */
};

/* fadt: struct acpi_tables. */
struct acpi_timer acpi_timer(uint64_t fadt);

/* The port SPCR describes; false: no SPCR, or a port of a kind that the loader does not know. */
bool acpi_serial(uint64_t spcr, struct serial_port *out_serial);

#endif
