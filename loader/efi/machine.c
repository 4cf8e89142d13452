/* Answers about the machine. Asking changes nothing. */
#include <string.h>

#include "core/base/clock.h"
#include "efi/firmware.h"

#define TABLES_MAX 4096 /* more than any firmware has */

static uint64_t find_table(const EFI_GUID *guid)
{
    const UINTN size = sizeof(EFI_CONFIGURATION_TABLE);
    UINTN count = firmware_table->NumberOfTableEntries;
    uint64_t tables = (uint64_t)firmware_table->ConfigurationTable;
    if (count > TABLES_MAX || tables > UINT64_MAX - count * size ||
        !arch_is_readable(tables, count * size)) {
        return 0;
    }
    for (UINTN i = 0; i < count; i++) {
        const EFI_CONFIGURATION_TABLE *table = &firmware_table->ConfigurationTable[i];
        if (memcmp(&table->VendorGuid, guid, sizeof(*guid)) == 0) {
            return (uint64_t)table->VendorTable;
        }
    }
    return 0;
}

static uint64_t firmware_rsdp(void)
{
    static const EFI_GUID acpi_2 = ACPI_20_TABLE_GUID;
    static const EFI_GUID acpi_1 = ACPI_TABLE_GUID;
    uint64_t newer = find_table(&acpi_2);
    return newer != 0 ? newer : find_table(&acpi_1);
}

static void describe_tables(struct machine *machine)
{
    static const EFI_GUID smbios_3 = SMBIOS3_TABLE_GUID;
    static const EFI_GUID smbios_2 = SMBIOS_TABLE_GUID;
    machine->acpi_rsdp = firmware_rsdp();
    uint64_t newer = find_table(&smbios_3);
    machine->smbios = newer != 0 ? newer : find_table(&smbios_2);
    machine->efi_system_table = (uint64_t)firmware_table;
}

static int64_t boot_time(void)
{
    EFI_TIME now;
    EFI_STATUS status = firmware_table->RuntimeServices->GetTime(&now, NULL);
    if (EFI_ERROR(status)) {
        return BOOTINFO_TIME_UNKNOWN;
    }
    struct clock_time time = {
        .year = now.Year,
        .month = now.Month,
        .day = now.Day,
        .hour = now.Hour,
        .minute = now.Minute,
        .second = now.Second,
        .minutes_to_utc = now.TimeZone == EFI_UNSPECIFIED_TIMEZONE ? 0 : now.TimeZone,
    };
    return clock_unix_seconds(&time);
}

/* The variable SecureBoot (UEFI 2.10 section 3.3). */
static bool secure_boot(void)
{
    static const EFI_GUID guid = EFI_GLOBAL_VARIABLE;
    static const CHAR16 name[] = u"SecureBoot";
    uint8_t value = 0;
    UINTN size = sizeof(value);
    EFI_STATUS status = firmware_table->RuntimeServices->GetVariable((CHAR16 *)name, guid_of(&guid),
                                                                     NULL, &size, &value);
    return !EFI_ERROR(status) && value == 1;
}

/* The part of the loader that the fault handlers need. The rest is free after the jump. */
static struct BootInfoSpan lasting_image(void)
{
    uint64_t base = (uint64_t)firmware_loaded_image->ImageBase;
    return (struct BootInfoSpan){base, arch_resident_end() - base};
}

void plat_machine(struct machine *out_machine)
{
    *out_machine = (struct machine){
        .loader_image = lasting_image(),
    };
    describe_tables(out_machine);
    graphics_describe(out_machine);
    device_path_partition(&out_machine->partition);
    out_machine->boot_time = boot_time();
    out_machine->flags |= secure_boot() ? BOOTINFO_FLAG_SECURE_BOOT : 0;
}
