/* The firmware's tables that BootInfo names. What they name is checked before anybody
 * follows it; what cannot be is as if it were not there, and the log says so. */
#ifndef BATON_FIRMWARE_TABLES_H
#define BATON_FIRMWARE_TABLES_H

#include "boot/log.h"
#include "core/base/acpi.h"
#include "platform/machine.h"

#define FIRMWARE_SPANS_MAX (ACPI_SPANS_MAX + 3)

struct firmware_tables {
    struct acpi_tables acpi;
    uint64_t mailbox; /* where CPUs are woken up, a page; 0: it is done in another way */
    struct BootInfoSpan smbios[2]; /* the entry point, the table */
    uint64_t wrong_smbios;         /* the address that was named; 0: nothing */
};

/* Finds them, and takes out of machine what is none. */
void firmware_tables_find(struct machine *machine, struct firmware_tables *tables);
/* A line for each table that is not as it should be. */
void firmware_tables_log(struct log *log, const struct firmware_tables *tables);
/* Where they lie, as far as they have to be mapped on purpose; how many. */
uint32_t firmware_tables_spans(const struct firmware_tables *tables,
                               struct BootInfoSpan out_spans[FIRMWARE_SPANS_MAX]);

#endif
