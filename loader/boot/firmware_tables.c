#include "boot/firmware_tables.h"

#include "arch.h"
#include "core/base/madt.h"
#include "core/base/smbios.h"
#include "platform/machine.h"

void firmware_tables_find(struct machine *machine, struct firmware_tables *tables)
{
    const struct acpi_view view = {arch_is_readable, arch_target.mapped_below};
    acpi_find(machine->acpi_rsdp, &view, &tables->acpi);
    machine->acpi_rsdp = tables->acpi.rsdp;
    machine->madt = tables->acpi.madt;
    tables->mailbox = madt_mailbox(tables->acpi.madt);
    if (!smbios_find(machine->smbios, arch_is_readable, tables->smbios)) {
        tables->wrong_smbios = machine->smbios;
        machine->smbios = 0;
    }
}

void firmware_tables_log(struct log *log, const struct firmware_tables *tables)
{
    const struct acpi_tables *acpi = &tables->acpi;
    if (acpi->wrong != 0) {
        log_wrong(log, WARNING_ACPI_TABLE, acpi->wrong, WARNING_DAMAGED);
    }
    if (tables->wrong_smbios != 0) {
        log_wrong(log, WARNING_SMBIOS, tables->wrong_smbios, WARNING_DAMAGED);
    }
    if (acpi->omitted_count != 0) {
        log_wrong(log, WARNING_ACPI_OMITTED, acpi->omitted_count, WARNING_APART);
    }
}

uint32_t firmware_tables_spans(const struct firmware_tables *tables,
                               struct BootInfoSpan out_spans[FIRMWARE_SPANS_MAX])
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < tables->acpi.span_count; i++) {
        out_spans[count++] = tables->acpi.spans[i];
    }
    for (int i = 0; i < 2; i++) {
        const struct BootInfoSpan *span = &tables->smbios[i];
        if (span->address + span->size > arch_target.mapped_below) {
            out_spans[count++] = *span;
        }
    }
    if (tables->mailbox > arch_target.mapped_below - PAGE_SIZE) {
        out_spans[count++] = (struct BootInfoSpan){tables->mailbox, PAGE_SIZE};
    }
    return count;
}
