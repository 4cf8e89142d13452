/* loader/efi/machine.c on a host: tables, clock, Secure Boot, the part of the loader that stays. */
#include "efi/firmware.h"
#include "suite.h"

#include <string.h>

EFI_HANDLE firmware_image;
EFI_SYSTEM_TABLE *firmware_table;
EFI_LOADED_IMAGE *firmware_loaded_image;

static uint64_t unreadable;

bool arch_is_readable(uint64_t address, uint64_t size)
{
    return size == 0 || unreadable < address || unreadable >= address + size;
}

struct BootInfoSpan arch_resident(void)
{
    return (struct BootInfoSpan){0x6000, 0x1800};
}

void graphics_describe(struct machine *machine)
{
    machine->framebuffer_count = 3;
}

void device_path_partition(struct partition *out_partition)
{
    ck_assert_uint_eq(out_partition->kind, 0); /* all zero */
    out_partition->number = 5;
}

static EFI_TIME now;
static EFI_STATUS time_status;
static EFI_STATUS secure_status;
static uint8_t secure_value;
static UINTN secure_size;
static EFI_STATUS setup_status;
static uint8_t setup_value;

static EFI_STATUS EFIAPI get_time(EFI_TIME *time, EFI_TIME_CAPABILITIES *capabilities)
{
    ck_assert_ptr_null(capabilities);
    *time = now;
    return time_status;
}

static EFI_STATUS EFIAPI get_variable(CHAR16 *name, EFI_GUID *guid, UINT32 *attributes, UINTN *size,
                                      VOID *data)
{
    static const EFI_GUID global = EFI_GLOBAL_VARIABLE;
    static const CHAR16 secure_name[] = u"SecureBoot";
    static const CHAR16 setup_name[] = u"SetupMode";
    (void)attributes;
    ck_assert_mem_eq(guid, &global, sizeof(global));
    ck_assert_uint_eq(*size, 1);
    if (memcmp(name, setup_name, sizeof(setup_name)) == 0) {
        *(uint8_t *)data = setup_value;
        return setup_status;
    }
    ck_assert_mem_eq(name, secure_name, sizeof(secure_name));
    *(uint8_t *)data = secure_value;
    *size = secure_size;
    return secure_status;
}

static EFI_RUNTIME_SERVICES runtime = {.GetTime = get_time, .GetVariable = get_variable};
static EFI_CONFIGURATION_TABLE tables[5];
static EFI_SYSTEM_TABLE table = {.RuntimeServices = &runtime};
static EFI_LOADED_IMAGE image;
static struct machine machine;

static void add_table(EFI_GUID guid, uint64_t address)
{
    tables[table.NumberOfTableEntries++] = (EFI_CONFIGURATION_TABLE){guid, (VOID *)address};
}

static void setup(void)
{
    table.NumberOfTableEntries = 0;
    table.ConfigurationTable = tables;
    now = (EFI_TIME){.Year = 2026, .Month = 11, .Day = 26, .Hour = 12, .Minute = 30, .Second = 5};
    time_status = secure_status = setup_status = EFI_SUCCESS;
    secure_value = setup_value = 0;
    secure_size = 1;
    secure_value = 0;
    unreadable = UINT64_MAX;
    image.ImageBase = (VOID *)0x4000;
    image.ImageSize = 0x5000;
    firmware_loaded_image = &image;
    firmware_table = &table;
}

START_TEST(the_newer_tables_are_taken)
{
    add_table((EFI_GUID)ACPI_TABLE_GUID, 0x1000);
    add_table((EFI_GUID)SMBIOS_TABLE_GUID, 0x3000);
    plat_machine(&machine);
    ck_assert_uint_eq(machine.acpi_rsdp, 0x1000);
    ck_assert_uint_eq(machine.smbios, 0x3000);
    add_table((EFI_GUID)ACPI_20_TABLE_GUID, 0x2000);
    add_table((EFI_GUID)SMBIOS3_TABLE_GUID, 0x4000);
    plat_machine(&machine);
    ck_assert_uint_eq(machine.acpi_rsdp, 0x2000);
    ck_assert_uint_eq(machine.smbios, 0x4000);
    ck_assert_uint_eq(machine.efi_system_table, (uint64_t)&table);
    ck_assert_uint_eq(machine.loader_image.address, 0x4000);
    ck_assert_uint_eq(machine.loader_image.size, 0x5000);
    ck_assert_uint_eq(machine.resident.address, 0x6000);
    ck_assert_uint_eq(machine.resident.size, 0x1800);
    ck_assert_uint_eq(machine.framebuffer_count, 3);
    ck_assert_uint_eq(machine.partition.number, 5);
}
END_TEST

/* i: no tables, a list that cannot be read, that wraps around, of more than any firmware has. */
START_TEST(a_list_of_tables_that_cannot_be_is_none)
{
    add_table((EFI_GUID)ACPI_TABLE_GUID, 0x1000);
    switch (_i) {
    case 0:
        table.NumberOfTableEntries = 0;
        table.ConfigurationTable = NULL;
        break;
    case 1:
        unreadable = (uint64_t)tables + sizeof(tables[0]) - 1;
        break;
    case 2:
        table.ConfigurationTable = (EFI_CONFIGURATION_TABLE *)(UINT64_MAX - 7);
        break;
    default:
        table.NumberOfTableEntries = 5000;
        break;
    }
    plat_machine(&machine);
    ck_assert_uint_eq(machine.acpi_rsdp, 0);
    ck_assert_uint_eq(machine.smbios, 0);
}
END_TEST

START_TEST(the_clock_is_read_with_its_time_zone)
{
    const int64_t utc = 1795696205; /* date -u -d '2026-11-26 12:30:05' +%s */
    now.TimeZone = EFI_UNSPECIFIED_TIMEZONE;
    plat_machine(&machine);
    ck_assert_int_eq(machine.boot_time, utc);
    now.TimeZone = 60; /* local time is UTC less that many minutes */
    plat_machine(&machine);
    ck_assert_int_eq(machine.boot_time, utc + 3600);
    now.TimeZone = -120;
    plat_machine(&machine);
    ck_assert_int_eq(machine.boot_time, utc - 7200);
    now.Month = 13;
    plat_machine(&machine);
    ck_assert_int_eq(machine.boot_time, BOOTINFO_TIME_UNKNOWN);
    now.Month = 11;
    time_status = EFI_DEVICE_ERROR;
    plat_machine(&machine);
    ck_assert_int_eq(machine.boot_time, BOOTINFO_TIME_UNKNOWN);
}
END_TEST

/* What the variable SecureBoot is, and what that means. Only a clear answer counts as off. */
static const struct {
    EFI_STATUS status;
    UINTN size;
    uint8_t value;
    uint32_t state;
} answers[] = {
    {EFI_SUCCESS, 1, 0, BOOTINFO_SECURE_BOOT_OFF},
    {EFI_SUCCESS, 1, 1, BOOTINFO_SECURE_BOOT_ON},
    {EFI_SUCCESS, 1, 2, BOOTINFO_SECURE_BOOT_UNKNOWN},
    {EFI_SUCCESS, 0, 0, BOOTINFO_SECURE_BOOT_UNKNOWN},
    {EFI_BUFFER_TOO_SMALL, 2, 0, BOOTINFO_SECURE_BOOT_UNKNOWN},
    {EFI_DEVICE_ERROR, 1, 0, BOOTINFO_SECURE_BOOT_UNKNOWN},
    {EFI_SECURITY_VIOLATION, 1, 0, BOOTINFO_SECURE_BOOT_UNKNOWN},
    {EFI_NOT_FOUND, 1, 1, BOOTINFO_SECURE_BOOT_OFF},
};

START_TEST(only_a_clear_answer_means_that_secure_boot_is_off)
{
    secure_status = answers[_i].status;
    secure_size = answers[_i].size;
    secure_value = answers[_i].value;
    plat_machine(&machine);
    ck_assert_uint_eq(machine.secure_boot, answers[_i].state);
}
END_TEST

START_TEST(setup_mode_is_off_with_a_name)
{
    setup_value = 1;
    plat_machine(&machine);
    ck_assert_uint_eq(machine.secure_boot, BOOTINFO_SECURE_BOOT_SETUP);
    setup_status = EFI_NOT_FOUND;
    plat_machine(&machine);
    ck_assert_uint_eq(machine.secure_boot, BOOTINFO_SECURE_BOOT_OFF);
    secure_value = 1;
    setup_status = EFI_SUCCESS;
    plat_machine(&machine);
    ck_assert_uint_eq(machine.secure_boot, BOOTINFO_SECURE_BOOT_ON);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("efi_machine");
    TCase *tests = tcase_create("machine");
    tcase_add_checked_fixture(tests, setup, NULL);
    tcase_add_test(tests, the_newer_tables_are_taken);
    tcase_add_loop_test(tests, a_list_of_tables_that_cannot_be_is_none, 0, 4);
    tcase_add_test(tests, the_clock_is_read_with_its_time_zone);
    tcase_add_loop_test(tests, only_a_clear_answer_means_that_secure_boot_is_off, 0,
                        sizeof(answers) / sizeof(answers[0]));
    tcase_add_test(tests, setup_mode_is_off_with_a_name);
    suite_add_tcase(suite, tests);
    return suite_main(suite, "unit-efi_machine");
}
