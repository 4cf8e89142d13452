#include "core/base/acpi.h"

#include <string.h>

#define RSDP_SIZE_1       20
#define RSDP_SIZE_2       36
#define HEADER_SIZE       36
#define TABLE_MAX         0x100000 /* bytes; longer is damaged */
#define FADT_TIMER_BLOCK  76
#define FADT_FLAGS        112
#define FADT_TIMER_32_BIT 0x100
#define SPCR_INTERFACE    36
#define SPCR_ADDRESS      40 /* a generic address structure, ACPI 6.5 section 5.2.3.2 */
#define SPCR_BAUD         58
#define SPCR_SIZE         80
#define SPACE_MEMORY      0
#define SPACE_PORT        1

static uint64_t read(uint64_t address, unsigned size)
{
    uint64_t value = 0;
    memcpy(&value, (const void *)address, size); /* little-endian */
    return value;
}

static bool sums_to_zero(uint64_t address, uint64_t size)
{
    const uint8_t *bytes = (const uint8_t *)address;
    uint8_t sum = 0;
    for (uint64_t i = 0; i < size; i++) {
        sum = (uint8_t)(sum + bytes[i]);
    }
    return sum == 0;
}

static uint64_t length_of(uint64_t table)
{
    return read(table + 4, 4);
}

static bool is_table(uint64_t table, const char *signature)
{
    if (table == 0 || memcmp((const void *)table, signature, 4) != 0) {
        return false;
    }
    uint64_t length = length_of(table);
    return length >= HEADER_SIZE && length <= TABLE_MAX && sums_to_zero(table, length);
}

/* XSDT, or RSDT where the RSDP is of ACPI 1.0; out_stride is the size of its entries. */
static uint64_t root_table(uint64_t rsdp, unsigned *out_stride)
{
    if (rsdp == 0 || memcmp((const void *)rsdp, "RSD PTR ", 8) != 0 ||
        !sums_to_zero(rsdp, RSDP_SIZE_1)) {
        return 0;
    }
    bool extended = read(rsdp + 15, 1) >= 2 && sums_to_zero(rsdp, RSDP_SIZE_2);
    uint64_t xsdt = extended ? read(rsdp + 24, 8) : 0;
    if (is_table(xsdt, "XSDT")) {
        *out_stride = 8;
        return xsdt;
    }
    uint64_t rsdt = read(rsdp + 16, 4);
    *out_stride = 4;
    return is_table(rsdt, "RSDT") ? rsdt : 0;
}

uint64_t acpi_table(uint64_t rsdp, const char *signature)
{
    unsigned stride = 0;
    uint64_t root = root_table(rsdp, &stride);
    uint64_t end = root == 0 ? 0 : root + length_of(root);
    for (uint64_t at = root + HEADER_SIZE; at + stride <= end; at += stride) {
        uint64_t table = read(at, stride);
        if (is_table(table, signature)) {
            return table;
        }
    }
    return 0;
}

struct acpi_timer acpi_timer(uint64_t rsdp)
{
    uint64_t fadt = acpi_table(rsdp, "FACP");
    if (fadt == 0 || length_of(fadt) < FADT_FLAGS + 4) {
        return (struct acpi_timer){0, 0};
    }
    uint64_t port = read(fadt + FADT_TIMER_BLOCK, 4);
    bool wide = (read(fadt + FADT_FLAGS, 4) & FADT_TIMER_32_BIT) != 0;
    return (struct acpi_timer){
        .port = port <= UINT16_MAX ? (uint16_t)port : 0,
        .mask = wide ? UINT32_MAX : 0xFFFFFF,
    };
}

/* The rate for a code in SPCR; 0: keep the firmware's rate. */
static uint32_t baud_of(uint64_t code)
{
    switch (code) {
    case 3:
        return 9600;
    case 4:
        return 19200;
    case 6:
        return 57600;
    case 7:
        return 115200;
    default:
        return 0;
    }
}

static bool is_16550(uint64_t interface)
{
    return interface == 0x00 || interface == 0x01 || interface == 0x12;
}

bool acpi_serial(uint64_t rsdp, struct BootInfoSerial *out_serial)
{
    uint64_t spcr = acpi_table(rsdp, "SPCR");
    if (spcr == 0 || length_of(spcr) < SPCR_SIZE || !is_16550(read(spcr + SPCR_INTERFACE, 1))) {
        return false;
    }
    uint64_t space = read(spcr + SPCR_ADDRESS, 1);
    uint64_t width = read(spcr + SPCR_ADDRESS + 1, 1); /* bits of a register */
    uint64_t base = read(spcr + SPCR_ADDRESS + 4, 8);
    bool in_memory = space == SPACE_MEMORY;
    if (base == 0 || space > SPACE_PORT || (!in_memory && base > UINT16_MAX - 7)) {
        return false;
    }
    *out_serial = (struct BootInfoSerial){
        .base = base,
        .kind = in_memory ? BOOTINFO_SERIAL_16550_MEMORY : BOOTINFO_SERIAL_16550_PORT,
        .baud = baud_of(read(spcr + SPCR_BAUD, 1)),
        .register_stride = in_memory && width >= 16 ? (uint32_t)(width / 8) : 1,
    };
    return true;
}
