/* What BootInfo says of the firmware's tables, held against those tables. */
#include "judge.h"

/* UEFI 2.10 section 4.2, EFI_TABLE_HEADER: offsets */
#define HEADER_SIZE     12
#define HEADER_CRC      16
#define HEADER_RESERVED 20
#define HEADER_END      24

/* UEFI 2.10 section 4.3, EFI_SYSTEM_TABLE: offsets */
#define SYSTEM_TABLE_SIGNATURE UINT64_C(0x5453595320494249) /* "IBI SYST" */
#define RUNTIME_SERVICES       88
#define TABLE_COUNT            104
#define TABLES                 112

#define RUNTIME_SIGNATURE UINT64_C(0x56524553544E5552) /* "RUNTSERV" */

#define DESCRIPTOR_VERSION  1
#define DESCRIPTOR_SIZE_MIN 40 /* bytes */

#define RSDP_SIGNATURE UINT64_C(0x2052545020445352) /* "RSD PTR " */
#define RSDP_SUMMED    20                           /* bytes: ACPI 6.5 section 5.2.5.3 */
#define RSDP_REVISION  15
#define RSDP_LENGTH    20
#define RSDP_LEAST     36 /* bytes, from revision 2 on */

#define SMBIOS_3     0x334D535F /* "_SM3" */
#define SMBIOS_2     0x5F4D535F /* "_SM_" */
#define SMBIOS_LEAST 24         /* bytes */

/* UEFI 2.10 section 4.6, EFI_CONFIGURATION_TABLE */
struct configuration_table {
    uint64_t guid[2];
    uint64_t address;
};

struct guid {
    uint64_t low;
    uint64_t high;
};

static const struct guid acpi_20 = {0x11D3E4F18868E871, 0x81883CC7800022BC};
static const struct guid acpi_10 = {0x11D32D88EB9D2D30, 0x4DC13F279000169A};
static const struct guid smbios_3 = {0x4A2C9794F2FD1544, 0x94E320CFBBE52E99};
static const struct guid smbios_2 = {0x11D32D88EB9D2D31, 0x4DC13F279000169A};

static uint64_t word(uint64_t address)
{
    return *(const uint64_t *)(uintptr_t)address;
}

static uint32_t half(uint64_t address)
{
    return *(const uint32_t *)(uintptr_t)address;
}

/* The firmware's table of that name, or 0. */
static uint64_t find_table(const struct BootInfo *info, const struct guid *guid)
{
    const struct configuration_table *tables =
        (const struct configuration_table *)(uintptr_t)word(info->efi_system_table + TABLES);
    uint64_t count = word(info->efi_system_table + TABLE_COUNT);
    for (uint64_t i = 0; i < count; i++) {
        if (tables[i].guid[0] == guid->low && tables[i].guid[1] == guid->high) {
            return tables[i].address;
        }
    }
    return 0;
}

static struct finding find_either(const struct BootInfo *info, uint64_t found,
                                  const struct guid *first, const struct guid *second)
{
    uint64_t expected = find_table(info, first);
    return expect(found, expected != 0 ? expected : find_table(info, second));
}

static struct finding system_table(const struct evidence *evidence)
{
    uint64_t address = evidence->info->efi_system_table;
    if (address == 0) {
        return broken(0, 0, 1);
    }
    return expect(word(address), SYSTEM_TABLE_SIGNATURE);
}

/* Of the table as the firmware left it: ExitBootServices changes it (UEFI 2.10 section 7.4.6). */
static struct finding table_crc(uint64_t address)
{
    const uint8_t *bytes = (const uint8_t *)(uintptr_t)address;
    const uint32_t zero = 0;
    uint32_t size = half(address + HEADER_SIZE);
    if (size < HEADER_END || size > PAGE_SIZE) {
        return broken(address, size, HEADER_END);
    }
    uint32_t crc = bootinfo_crc32(0, bytes, HEADER_CRC);
    crc = bootinfo_crc32(crc, &zero, sizeof(zero));
    crc = bootinfo_crc32(crc, bytes + HEADER_RESERVED, size - HEADER_RESERVED);
    return expect(half(address + HEADER_CRC), crc);
}

static struct finding system_table_crc(const struct evidence *evidence)
{
    return table_crc(evidence->info->efi_system_table);
}

static struct finding runtime_services(const struct evidence *evidence)
{
    uint64_t address = word(evidence->info->efi_system_table + RUNTIME_SERVICES);
    if (address == 0 || word(address) != RUNTIME_SIGNATURE) {
        return broken(address, 0, RUNTIME_SIGNATURE);
    }
    return table_crc(address);
}

static struct finding system_table_place(const struct evidence *evidence)
{
    return lies_in_region(evidence->info, evidence->info->efi_system_table, TABLES + 8,
                          BOOTINFO_MEMORY_EFI_RUNTIME_DATA);
}

static struct finding stride(const struct evidence *evidence)
{
    const struct BootInfo *info = evidence->info;
    if (info->efi_descriptor_size < DESCRIPTOR_SIZE_MIN || info->efi_descriptor_size % 8 != 0) {
        return broken(NOWHERE, info->efi_descriptor_size, DESCRIPTOR_SIZE_MIN);
    }
    if (info->efi_memory_map.size == 0) {
        return broken(NOWHERE, 0, info->efi_descriptor_size);
    }
    return expect(info->efi_memory_map.size % info->efi_descriptor_size, 0);
}

static struct finding descriptor_version(const struct evidence *evidence)
{
    return expect(evidence->info->efi_descriptor_version, DESCRIPTOR_VERSION);
}

static struct finding rsdp(const struct evidence *evidence)
{
    return find_either(evidence->info, evidence->info->acpi_rsdp, &acpi_20, &acpi_10);
}

/* The sum of the bytes is 0. */
static struct finding sums_to_zero(uint64_t address, uint64_t size)
{
    uint8_t sum = 0;
    for (uint64_t i = 0; i < size; i++) {
        sum = (uint8_t)(sum + *(const uint8_t *)(uintptr_t)(address + i));
    }
    return expect(sum, 0);
}

static struct finding rsdp_contents(const struct evidence *evidence)
{
    uint64_t address = evidence->info->acpi_rsdp;
    if (address == 0) {
        return skipped("no ACPI");
    }
    if (word(address) != RSDP_SIGNATURE) {
        return broken(address, word(address), RSDP_SIGNATURE);
    }
    return sums_to_zero(address, RSDP_SUMMED);
}

static struct finding rsdp_extension(const struct evidence *evidence)
{
    const uint8_t *bytes = (const uint8_t *)(uintptr_t)evidence->info->acpi_rsdp;
    if (bytes == NULL || bytes[RSDP_REVISION] < 2) {
        return skipped("no ACPI 2.0");
    }
    uint32_t size = half((uintptr_t)bytes + RSDP_LENGTH);
    if (size < RSDP_LEAST || size > PAGE_SIZE) {
        return broken((uintptr_t)bytes, size, RSDP_LEAST);
    }
    return sums_to_zero((uintptr_t)bytes, size);
}

static struct finding smbios(const struct evidence *evidence)
{
    return find_either(evidence->info, evidence->info->smbios, &smbios_3, &smbios_2);
}

/* SMBIOS 3.6 sections 5.2.1 and 5.2.2. */
static struct finding smbios_contents(const struct evidence *evidence)
{
    const uint8_t *bytes = (const uint8_t *)(uintptr_t)evidence->info->smbios;
    if (bytes == NULL) {
        return skipped("no SMBIOS");
    }
    uint32_t anchor = half((uintptr_t)bytes);
    if (anchor != SMBIOS_2 && (anchor != SMBIOS_3 || bytes[4] != 0x5F)) {
        return broken((uintptr_t)bytes, anchor, SMBIOS_3);
    }
    uint8_t size = anchor == SMBIOS_3 ? bytes[6] : bytes[5];
    if (size < SMBIOS_LEAST) {
        return broken((uintptr_t)bytes, size, SMBIOS_LEAST);
    }
    return sums_to_zero((uintptr_t)bytes, size);
}

const struct promise firmware_promises[] = {
    {"the EFI system table is one", system_table},
    {"the EFI system table has its CRC", system_table_crc},
    {"the EFI system table lies in an EFI_RUNTIME_DATA region", system_table_place},
    {"the runtime services have their signature and CRC", runtime_services},
    {"the EFI memory map's stride can be stepped by", stride},
    {"the EFI memory map's descriptors have version 1", descriptor_version},
    {"the RSDP is the firmware's", rsdp},
    {"the RSDP has its signature and checksum", rsdp_contents},
    {"the RSDP has its extended checksum", rsdp_extension},
    {"the SMBIOS entry point is the firmware's", smbios},
    {"the SMBIOS entry point has its anchor and checksum", smbios_contents},
    {NULL, NULL},
};
