/* The fake's ACPI and SMBIOS tables, at their true addresses. */
#define _GNU_SOURCE
#include "fake_platform.h"

#include <string.h>
#include <sys/mman.h>

#define HEADER_SIZE 36
#define RSDP_SIZE   36
#define XSDT_AT     64 /* after the RSDP */

static bool mapped;

static void map_at(uint64_t address, uint64_t size)
{
    void *wanted = (void *)address;
    void *got = mmap(wanted, size, PROT_READ | PROT_WRITE,
                     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE, -1, 0);
    if (got != wanted) {
        fake_violation("no memory at 0x%llx on this system", (unsigned long long)address);
    }
}

static void put(uint64_t address, uint64_t value, size_t size)
{
    memcpy((void *)address, &value, size);
}

void fake_seal(uint64_t address, uint32_t size, uint32_t checksum)
{
    uint8_t *bytes = (uint8_t *)address;
    uint8_t sum = 0;
    bytes[checksum] = 0;
    for (uint32_t i = 0; i < size; i++) {
        sum = (uint8_t)(sum + bytes[i]);
    }
    bytes[checksum] = (uint8_t)(0 - sum);
}

void fake_write_table(uint64_t address, const char *signature, uint32_t size)
{
    memset((void *)address, 0, size);
    memcpy((void *)address, signature, 4);
    put(address + 4, size, 4);
    fake_seal(address, size, 9);
}

void fake_write_acpi(uint64_t rsdp, const uint64_t *tables, uint32_t count)
{
    uint64_t xsdt = rsdp + XSDT_AT;
    fake_write_table(xsdt, "XSDT", HEADER_SIZE + 8 * count);
    for (uint32_t i = 0; i < count; i++) {
        put(xsdt + HEADER_SIZE + 8 * i, tables[i], 8);
    }
    fake_seal(xsdt, HEADER_SIZE + 8 * count, 9);
    memset((void *)rsdp, 0, RSDP_SIZE);
    memcpy((void *)rsdp, "RSD PTR ", 8);
    put(rsdp + 15, 2, 1);
    put(rsdp + 20, RSDP_SIZE, 4);
    put(rsdp + 24, xsdt, 8);
    fake_seal(rsdp, 20, 8);
    fake_seal(rsdp, RSDP_SIZE, 32);
    fake.machine.acpi_rsdp = rsdp;
}

void fake_write_smbios(uint64_t address, uint64_t table, uint32_t size)
{
    memset((void *)address, 0, 24);
    memcpy((void *)address, "_SM3_", 5);
    put(address + 6, 24, 1);
    put(address + 12, size, 4);
    put(address + 16, table, 8);
    fake_seal(address, 24, 5);
    fake.machine.smbios = address;
}

bool fake_tables_hold(uint64_t address, uint64_t size)
{
    bool low = address >= FAKE_TABLES && address < FAKE_TABLES + FAKE_TABLES_SIZE &&
               size <= FAKE_TABLES + FAKE_TABLES_SIZE - address;
    bool high = address >= FAKE_HIGH && address < FAKE_HIGH + FAKE_HIGH_SIZE &&
                size <= FAKE_HIGH + FAKE_HIGH_SIZE - address;
    return low || high;
}

void fake_tables_reset(void)
{
    static const uint64_t none = 0;
    if (!mapped) {
        map_at(FAKE_TABLES, FAKE_TABLES_SIZE);
        map_at(FAKE_HIGH, FAKE_HIGH_SIZE);
        mapped = true;
    }
    fake_write_acpi(FAKE_RSDP, &none, 1);
    fake_write_smbios(FAKE_SMBIOS, FAKE_SMBIOS + 32, 64);
}
