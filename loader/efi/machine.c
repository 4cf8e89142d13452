/* Answers about the machine. Asking changes nothing. */
#include <string.h>

#include "core/base/bytes.h"
#include "core/base/clock.h"
#include "core/trust/archive.h"
#include "efi/firmware.h"

#define TABLES_MAX 4096 /* more than any firmware has */

uint64_t firmware_find_table(const EFI_GUID *guid)
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
        if (long_at(&table->VendorGuid) == long_at(guid) &&
            long_at(table->VendorGuid.Data4) == long_at(guid->Data4)) {
            return (uint64_t)table->VendorTable;
        }
    }
    return 0;
}

static uint64_t firmware_rsdp(void)
{
    static const EFI_GUID acpi_2 = ACPI_20_TABLE_GUID;
    static const EFI_GUID acpi_1 = ACPI_TABLE_GUID;
    uint64_t newer = firmware_find_table(&acpi_2);
    return newer != 0 ? newer : firmware_find_table(&acpi_1);
}

static void describe_tables(struct machine *machine)
{
    static const EFI_GUID smbios_3 = SMBIOS3_TABLE_GUID;
    static const EFI_GUID smbios_2 = SMBIOS_TABLE_GUID;
    machine->acpi_rsdp = firmware_rsdp();
    uint64_t newer = firmware_find_table(&smbios_3);
    machine->smbios = newer != 0 ? newer : firmware_find_table(&smbios_2);
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

/* A variable of one byte. */
static EFI_STATUS read_byte(const CHAR16 *name, uint8_t *out_value)
{
    static const EFI_GUID guid = EFI_GLOBAL_VARIABLE;
    UINTN size = sizeof(*out_value);
    EFI_STATUS status = firmware_table->RuntimeServices->GetVariable((CHAR16 *)name, guid_of(&guid),
                                                                     NULL, &size, out_value);
    return !EFI_ERROR(status) && size != sizeof(*out_value) ? EFI_BAD_BUFFER_SIZE : status;
}

/* The variables SecureBoot and SetupMode (UEFI 2.10 section 3.3). Firmware without Secure Boot has
 * neither. Any other answer than a clear "off" counts as on. */
static uint32_t secure_boot(void)
{
    uint8_t value = 0;
    EFI_STATUS status = read_byte(u"SecureBoot", &value);
    if (status == EFI_NOT_FOUND) {
        return BOOTINFO_SECURE_BOOT_OFF;
    }
    if (EFI_ERROR(status) || value > 1) {
        return BOOTINFO_SECURE_BOOT_UNKNOWN;
    }
    if (value == 1) {
        return BOOTINFO_SECURE_BOOT_ON;
    }
    status = read_byte(u"SetupMode", &value);
    return !EFI_ERROR(status) && value == 1 ? BOOTINFO_SECURE_BOOT_SETUP : BOOTINFO_SECURE_BOOT_OFF;
}

bool plat_image_section(const char *name, struct text *out_section)
{
    const struct text image = {firmware_loaded_image->ImageBase, firmware_loaded_image->ImageSize};
    return image_section(image, name, out_section);
}

void plat_machine(struct machine *out_machine)
{
    *out_machine = (struct machine){
        .loader_image = {(uint64_t)firmware_loaded_image->ImageBase,
                         firmware_loaded_image->ImageSize},
        .resident = arch_resident(),
    };
    describe_tables(out_machine);
    graphics_describe(out_machine);
    device_path_partition(&out_machine->partition);
    out_machine->boot_time = boot_time();
    out_machine->secure_boot = secure_boot();
}
