#include "core/base/smbios.h"

#include "core/base/acpi.h"

#include <string.h>

#define HEAD_SIZE 8 /* anchor and length of either version */
#define SIZE_3    24
#define SIZE_2    31

static uint64_t read(uint64_t address, unsigned size)
{
    uint64_t value = 0;
    memcpy(&value, (const void *)address, size); /* little-endian */
    return value;
}

bool smbios_find(uint64_t address, bool (*readable)(uint64_t address, uint64_t size),
                 struct BootInfoSpan out_spans[2])
{
    if (address == 0 || address > UINT64_MAX - UINT8_MAX || !readable(address, HEAD_SIZE)) {
        return false;
    }
    bool third = memcmp((const void *)address, "_SM3_", 5) == 0;
    bool second = memcmp((const void *)address, "_SM_", 4) == 0;
    uint64_t size = read(address + (third ? 6 : 5), 1);
    if ((!third && !second) || size < (third ? SIZE_3 : SIZE_2 - 1) || !readable(address, size) ||
        !acpi_sums_to_zero(address, size)) {
        return false;
    }
    out_spans[0] = (struct BootInfoSpan){address, size};
    out_spans[1] = third ? (struct BootInfoSpan){read(address + 16, 8), read(address + 12, 4)}
                         : (struct BootInfoSpan){read(address + 24, 4), read(address + 22, 2)};
    return true;
}
