#include "core/base/acpi.h"

#include "core/base/bytes.h"
#include "core/base/span.h"

#include <string.h>

#define RSDP_SIZE_1       20
#define RSDP_SIZE_2       36
#define HEADER_SIZE       36
#define TABLE_MAX         0x100000 /* bytes; longer is damaged */
#define FADT_FACS         36
#define FADT_DSDT         40
#define FADT_X_FACS       132
#define FADT_X_DSDT       140
#define FADT_TIMER_BLOCK  76
#define FADT_FLAGS        112
#define FADT_TIMER_32_BIT 0x100
#define SPCR_INTERFACE    36
#define SPCR_ADDRESS      40 /* a generic address structure, ACPI 6.5 section 5.2.3.2 */
#define SPCR_BAUD         58
#define SPCR_SIZE         80
#define SPACE_MEMORY      0
#define SPACE_PORT        1
#define STRIDE_MAX        8        /* bytes from one register to the next */
#define NEAR              0x200000 /* the page tables map so much at a time anyway */

static uint64_t read(uint64_t address, unsigned size)
{
    uint64_t value = 0;
    memcpy(&value, (const void *)address, size); /* little-endian */
    return value;
}

/* Eight bytes at a time, as four sums in 16 bits each. */
bool acpi_sums_to_zero(uint64_t address, uint64_t size)
{
    const uint64_t fours = UINT64_C(0x00FF00FF00FF00FF);
    const uint8_t *at = (const uint8_t *)address;
    uint64_t sum = 0;
    for (; size >= sizeof(uint64_t); size -= sizeof(uint64_t), at += sizeof(uint64_t)) {
        uint64_t word = long_at(at);
        sum = (sum + (word & fours) + (word >> 8 & fours)) & fours;
    }
    sum = sum * UINT64_C(0x0001000100010001) >> 48;
    for (; size > 0; size--) {
        sum += *at++;
    }
    return (sum & UINT8_MAX) == 0;
}

static uint64_t length_of(uint64_t table)
{
    return read(table + 4, 4);
}

/* The walk through all tables. */
struct walk {
    const struct acpi_view *view;
    struct acpi_tables *out;
};

/* Whether address can be followed. */
static bool is_readable(const struct walk *walk, uint64_t address, uint64_t size)
{
    return address != 0 && address <= UINT64_MAX - size && walk->view->readable(address, size);
}

static bool is_near(struct BootInfoSpan a, struct BootInfoSpan b)
{
    return a.address < b.address + b.size + NEAR && b.address < a.address + a.size + NEAR;
}

static void note_span(const struct walk *walk, uint64_t address, uint64_t size)
{
    struct acpi_tables *out = walk->out;
    struct BootInfoSpan span = {address, size};
    if (address + size <= walk->view->mapped_below) {
        return;
    }
    for (uint32_t i = 0; i < out->span_count; i++) {
        struct BootInfoSpan *other = &out->spans[i];
        if (is_near(span, *other)) {
            uint64_t end = most(address + size, other->address + other->size);
            other->address = least(address, other->address);
            other->size = end - other->address;
            return;
        }
    }
    if (out->span_count == ACPI_SPANS_MAX) {
        out->omitted_count++;
        return;
    }
    out->spans[out->span_count++] = span;
}

/* The length of what lies at address, 0: it is no table. */
static uint64_t table_length(const struct walk *walk, uint64_t address)
{
    uint64_t length = is_readable(walk, address, HEADER_SIZE) ? length_of(address) : 0;
    bool believed =
        length >= HEADER_SIZE && length <= TABLE_MAX && is_readable(walk, address, length);
    return believed ? length : 0;
}

/* The table at address with its sum checked, 0: none. What was named and cannot be is noted. */
static uint64_t sound_table(const struct walk *walk, uint64_t address, const char *signature)
{
    uint64_t length = table_length(walk, address);
    if (length != 0 && memcmp((const void *)address, signature, 4) == 0 &&
        acpi_sums_to_zero(address, length)) {
        note_span(walk, address, length);
        return address;
    }
    walk->out->wrong = address != 0 ? address : walk->out->wrong;
    return 0;
}

static bool is_named(uint64_t table, const char *signature)
{
    return memcmp((const void *)table, signature, 4) == 0;
}

/* What the FADT points at: the one of 64 bits, else the one of 32. */
static void visit_pointed(const struct walk *walk, uint64_t fadt, unsigned old, unsigned wide)
{
    uint64_t length = length_of(fadt);
    uint64_t address = length >= wide + 8 ? read(fadt + wide, 8) : 0;
    address = address == 0 && length >= old + 4 ? read(fadt + old, 4) : address;
    if (address == 0) {
        return;
    }
    uint64_t size = table_length(walk, address);
    if (size != 0) {
        note_span(walk, address, size);
    } else {
        walk->out->wrong = address;
    }
}

/* The sums of tables that the loader does not use are the kernel's business. */
static void visit(const struct walk *walk, uint64_t address)
{
    struct acpi_tables *out = walk->out;
    uint64_t length = table_length(walk, address);
    if (length == 0) {
        out->wrong = address != 0 ? address : out->wrong;
    } else if (out->fadt == 0 && is_named(address, "FACP")) {
        out->fadt = sound_table(walk, address, "FACP");
    } else if (out->spcr == 0 && is_named(address, "SPCR")) {
        out->spcr = sound_table(walk, address, "SPCR");
    } else if (out->madt == 0 && is_named(address, "APIC")) {
        out->madt = sound_table(walk, address, "APIC");
    } else {
        note_span(walk, address, length);
    }
}

/* XSDT, or RSDT where the RSDP is of ACPI 1.0; out_stride is the size of its entries. */
static uint64_t root_table(const struct walk *walk, uint64_t rsdp, unsigned *out_stride)
{
    bool extended = read(rsdp + 15, 1) >= 2 && is_readable(walk, rsdp, RSDP_SIZE_2) &&
                    acpi_sums_to_zero(rsdp, RSDP_SIZE_2);
    uint64_t xsdt = extended ? read(rsdp + 24, 8) : 0;
    note_span(walk, rsdp, extended ? RSDP_SIZE_2 : RSDP_SIZE_1);
    xsdt = sound_table(walk, xsdt, "XSDT");
    *out_stride = xsdt != 0 ? 8 : 4;
    return xsdt != 0 ? xsdt : sound_table(walk, read(rsdp + 16, 4), "RSDT");
}

void acpi_find(uint64_t rsdp, const struct acpi_view *view, struct acpi_tables *out_tables)
{
    struct walk walk = {view, out_tables};
    unsigned stride = 0;
    *out_tables = (struct acpi_tables){.rsdp = rsdp};
    if (!is_readable(&walk, rsdp, RSDP_SIZE_1) || memcmp((const void *)rsdp, "RSD PTR ", 8) != 0 ||
        !acpi_sums_to_zero(rsdp, RSDP_SIZE_1)) {
        out_tables->rsdp = 0;
        out_tables->wrong = rsdp;
        return;
    }
    uint64_t root = root_table(&walk, rsdp, &stride);
    uint64_t end = root == 0 ? 0 : root + length_of(root);
    for (uint64_t at = root + HEADER_SIZE; at + stride <= end; at += stride) {
        visit(&walk, read(at, stride));
    }
    if (out_tables->fadt != 0) {
        visit_pointed(&walk, out_tables->fadt, FADT_FACS, FADT_X_FACS);
        visit_pointed(&walk, out_tables->fadt, FADT_DSDT, FADT_X_DSDT);
    }
}

struct acpi_timer acpi_timer(uint64_t fadt)
{
    if (fadt == 0 || length_of(fadt) < FADT_FLAGS + 4) {
        return (struct acpi_timer){0};
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

/* Bytes of an access: the codes of a generic address structure (ACPI 6.5 table 5.1); 0: unknown. A
 * register of 64 bits is none of a 16550. */
static uint32_t width_of(uint64_t code)
{
    return code == 2 ? 2 : code == 3 ? 4 : 1;
}

bool acpi_serial(uint64_t spcr, struct serial_port *out_serial)
{
    if (spcr == 0 || length_of(spcr) < SPCR_SIZE || !is_16550(read(spcr + SPCR_INTERFACE, 1))) {
        return false;
    }
    uint64_t space = read(spcr + SPCR_ADDRESS, 1);
    uint64_t bits = read(spcr + SPCR_ADDRESS + 1, 1); /* of a register */
    uint64_t base = read(spcr + SPCR_ADDRESS + 4, 8);
    bool in_memory = space == SPACE_MEMORY;
    uint32_t width = in_memory ? width_of(read(spcr + SPCR_ADDRESS + 3, 1)) : 1;
    uint32_t stride = in_memory ? (uint32_t)most(bits / 8, width) : 1;
    if (base == 0 || space > SPACE_PORT || (!in_memory && base > UINT16_MAX - 7) ||
        stride > STRIDE_MAX || base % width != 0) {
        return false;
    }
    *out_serial = (struct serial_port){
        .info = {.base = base,
                 .kind = in_memory ? BOOTINFO_SERIAL_16550_MEMORY : BOOTINFO_SERIAL_16550_PORT,
                 .baud = baud_of(read(spcr + SPCR_BAUD, 1)),
                 .register_stride = stride},
        .width = width,
    };
    return true;
}
