#include "named.h"

#define UART_REGISTERS 8
#define RSDP_SIZE      36
#define HEADER_SIZE    36
#define RSDP_REVISION  15
#define RSDP_RSDT      16
#define RSDP_XSDT      24
#define FADT_POINTERS  2
#define SMBIOS_3_SIZE  24
#define SMBIOS_2_SIZE  31

/* One walk. */
struct walk {
    const struct evidence *evidence;
    named_visitor *visitor;
    void *context;
};

static uint64_t read(uint64_t address, uint32_t size)
{
    uint64_t value = 0;
    for (uint32_t i = size; i-- > 0;) {
        value = value << 8 | *(const uint8_t *)(uintptr_t)(address + i);
    }
    return value;
}

static bool give(const struct walk *walk, uint64_t base, uint64_t size)
{
    return walk->visitor(walk->evidence, base, size, walk->context);
}

/* Gives the table; what is not there is nothing. */
static bool give_table(const struct walk *walk, uint64_t address, uint64_t *out_length)
{
    *out_length = 0;
    if (address == 0) {
        return false;
    }
    if (give(walk, address, HEADER_SIZE)) {
        return true;
    }
    *out_length = read(address + 4, 4);
    return give(walk, address, *out_length);
}

/* FACS and DSDT (ACPI 6.5 section 5.2.9): the pointers of 64 bits before those of 32. */
static bool give_pointed(const struct walk *walk, uint64_t fadt, uint64_t length)
{
    static const uint32_t old[FADT_POINTERS] = {36, 40};
    static const uint32_t wide[FADT_POINTERS] = {132, 140};
    uint64_t unused;
    for (int i = 0; i < FADT_POINTERS; i++) {
        uint64_t address = length >= wide[i] + 8 ? read(fadt + wide[i], 8) : 0;
        if (give_table(walk, address != 0 ? address : read(fadt + old[i], 4), &unused)) {
            return true;
        }
    }
    return false;
}

static bool give_acpi(const struct walk *walk)
{
    uint64_t rsdp = walk->evidence->info->acpi_rsdp;
    uint64_t length;
    if (rsdp == 0) {
        return false;
    }
    if (give(walk, rsdp, RSDP_SIZE)) {
        return true;
    }
    uint64_t xsdt = read(rsdp + RSDP_REVISION, 1) >= 2 ? read(rsdp + RSDP_XSDT, 8) : 0;
    uint64_t root = xsdt != 0 ? xsdt : read(rsdp + RSDP_RSDT, 4);
    uint32_t stride = xsdt != 0 ? 8 : 4;
    if (give_table(walk, root, &length)) {
        return true;
    }
    for (uint64_t at = HEADER_SIZE; at + stride <= length; at += stride) {
        uint64_t table = read(root + at, stride);
        uint64_t size;
        if (give_table(walk, table, &size) ||
            (size != 0 && read(table, 4) == 0x50434146 && give_pointed(walk, table, size))) {
            return true;
        }
    }
    return false;
}

static bool give_smbios(const struct walk *walk)
{
    uint64_t entry = walk->evidence->info->smbios;
    if (entry == 0) {
        return false;
    }
    if (give(walk, entry, SMBIOS_3_SIZE)) {
        return true;
    }
    if (read(entry + 3, 1) == '3') {
        return give(walk, read(entry + 16, 8), read(entry + 12, 4));
    }
    return give(walk, entry, SMBIOS_2_SIZE) || give(walk, read(entry + 24, 4), read(entry + 22, 2));
}

bool named_visit(const struct evidence *evidence, named_visitor *visitor, void *context)
{
    const struct walk walk = {evidence, visitor, context};
    const struct BootInfo *info = evidence->info;
    if (info->serial.kind == BOOTINFO_SERIAL_16550_MEMORY &&
        give(&walk, info->serial.base, UART_REGISTERS * (uint64_t)info->serial.register_stride)) {
        return true;
    }
    for (uint32_t i = 0; i < info->framebuffers.count; i++) {
        const struct BootInfoFramebuffer *buffer = bootinfo_framebuffer(info, i);
        if (give(&walk, buffer->address, buffer->size)) {
            return true;
        }
    }
    return give_acpi(&walk) || give_smbios(&walk);
}
