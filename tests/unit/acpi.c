/* ACPI tables, made byte by byte at their true addresses. */
#include "core/base/acpi.h"

#include <check.h>
#include <string.h>
#include <sys/mman.h>

#include "suite.h"

static bool everything(uint64_t address, uint64_t size)
{
    (void)address;
    (void)size;
    return true;
}

static const struct acpi_view view = {everything, UINT64_MAX};

static struct acpi_tables find(uint64_t at)
{
    struct acpi_tables tables;
    acpi_find(at, &view, &tables);
    return tables;
}

static uint8_t rsdp[36];
static uint8_t xsdt[36 + 3 * 8];
static uint8_t fadt[244];
static uint8_t spcr[80];

static uint64_t address_of(const void *pointer)
{
    return (uint64_t)(uintptr_t)pointer;
}

static void put(uint8_t *at, uint64_t value, size_t size)
{
    memcpy(at, &value, size);
}

static void seal(uint8_t *bytes, size_t size, size_t checksum)
{
    uint8_t sum = 0;
    bytes[checksum] = 0;
    for (size_t i = 0; i < size; i++) {
        sum = (uint8_t)(sum + bytes[i]);
    }
    bytes[checksum] = (uint8_t)(0 - sum);
}

static void begin_table(uint8_t *table, const char *signature, uint32_t size)
{
    memset(table, 0, size);
    memcpy(table, signature, 4);
    put(table + 4, size, 4);
}

static void seal_table(uint8_t *table)
{
    uint32_t size;
    memcpy(&size, table + 4, sizeof(size));
    seal(table, size, 9);
}

static void seal_rsdp(void)
{
    seal(rsdp, 20, 8);
    seal(rsdp, 36, 32);
}

static void setup(void)
{
    begin_table(fadt, "FACP", sizeof(fadt));
    put(fadt + 76, 0x608, 4);
    seal_table(fadt);
    begin_table(spcr, "SPCR", sizeof(spcr));
    spcr[40] = 1;
    spcr[41] = 8;
    put(spcr + 44, 0x2F8, 8);
    spcr[58] = 7;
    seal_table(spcr);
    begin_table(xsdt, "XSDT", sizeof(xsdt));
    put(xsdt + 36, 0, 8);
    put(xsdt + 44, address_of(spcr), 8);
    put(xsdt + 52, address_of(fadt), 8);
    seal_table(xsdt);
    memset(rsdp, 0, sizeof(rsdp));
    memcpy(rsdp, "RSD PTR ", 8);
    rsdp[15] = 2;
    put(rsdp + 20, sizeof(rsdp), 4);
    put(rsdp + 24, address_of(xsdt), 8);
    seal_rsdp();
}

START_TEST(table_is_found_behind_others_and_empty_entries)
{
    ck_assert_uint_eq(find(address_of(rsdp)).fadt, address_of(fadt));
}
END_TEST

START_TEST(no_rsdp_means_no_table)
{
    ck_assert_uint_eq(find(0).fadt, 0);
}
END_TEST

START_TEST(damaged_rsdp_is_not_followed)
{
    rsdp[0] ^= 1;
    ck_assert_uint_eq(find(address_of(rsdp)).fadt, 0);
    rsdp[0] ^= 1;
    rsdp[10]++;
    ck_assert_uint_eq(find(address_of(rsdp)).fadt, 0);
}
END_TEST

/* Some firmware seals the first 20 bytes only: then it is an RSDP of ACPI 1.0. */
START_TEST(rsdp_whose_second_sum_is_wrong_leads_to_no_xsdt)
{
    rsdp[33]++;
    ck_assert_uint_eq(find(address_of(rsdp)).fadt, 0);
}
END_TEST

START_TEST(table_too_short_for_a_header_is_passed_over)
{
    put(fadt + 4, 35, 4);
    seal_table(fadt);
    ck_assert_uint_eq(find(address_of(rsdp)).fadt, 0);
    put(xsdt + 4, 35, 4);
    seal_table(xsdt);
    ck_assert_uint_eq(find(address_of(rsdp)).spcr, 0);
}
END_TEST

START_TEST(root_table_ends_with_its_last_whole_entry)
{
    put(xsdt + 4, sizeof(xsdt) - 1, 4);
    seal_table(xsdt);
    ck_assert_uint_eq(find(address_of(rsdp)).fadt, 0);
    ck_assert_uint_eq(find(address_of(rsdp)).spcr, address_of(spcr));
}
END_TEST

START_TEST(damaged_root_table_is_not_followed)
{
    xsdt[20]++;
    ck_assert_uint_eq(find(address_of(rsdp)).fadt, 0);
}
END_TEST

/* Of exact size, so that the sanitizer sees a byte too many being read. */
START_TEST(all_bytes_count_in_a_sum_and_no_others)
{
    for (size_t size = 0; size <= 40; size++) {
        uint8_t *bytes = malloc(size + 1);
        memset(bytes + 1, 0xFF, size);
        ck_assert_int_eq(acpi_sums_to_zero(address_of(bytes + 1), size), size == 0);
        for (size_t i = 0; i < size; i++) {
            bytes[1 + i] = (uint8_t)(size - 1); /* what the others lack */
            ck_assert(acpi_sums_to_zero(address_of(bytes + 1), size));
            bytes[1 + i] = 0xFF;
        }
        free(bytes);
    }
}
END_TEST

START_TEST(damaged_table_is_passed_over)
{
    fadt[100]++;
    ck_assert_uint_eq(find(address_of(rsdp)).fadt, 0);
}
END_TEST

START_TEST(table_that_claims_to_be_huge_is_passed_over)
{
    put(fadt + 4, 0x10000000, 4);
    ck_assert_uint_eq(find(address_of(rsdp)).fadt, 0);
}
END_TEST

/* Its addresses have 32 bits: memory of this program's that low has to be asked for. */
START_TEST(acpi_1_has_an_rsdt)
{
    uint8_t *low =
        mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
    ck_assert(low != MAP_FAILED);
    uint8_t *rsdt = low;
    uint8_t *table = low + 1024;
    memcpy(table, fadt, sizeof(fadt));
    begin_table(rsdt, "RSDT", 36 + 2 * 4);
    put(rsdt + 40, address_of(table), 4);
    seal_table(rsdt);
    rsdp[15] = 0;
    put(rsdp + 16, address_of(rsdt), 4);
    seal_rsdp();
    ck_assert_uint_eq(find(address_of(rsdp)).fadt, address_of(table));
    munmap(low, 4096);
}
END_TEST

START_TEST(timer_has_24_bits_unless_the_flag_says_32)
{
    struct acpi_timer timer = acpi_timer(find(address_of(rsdp)).fadt);
    ck_assert_uint_eq(timer.port, 0x608);
    ck_assert_uint_eq(timer.mask, 0xFFFFFF);
    put(fadt + 112, 0x100, 4);
    seal_table(fadt);
    ck_assert_uint_eq(acpi_timer(find(address_of(rsdp)).fadt).mask, UINT32_MAX);
    put(fadt + 112, 0xFFFFFEFF, 4); /* all other flags */
    seal_table(fadt);
    ck_assert_uint_eq(acpi_timer(find(address_of(rsdp)).fadt).mask, 0xFFFFFF);
}
END_TEST

START_TEST(timer_has_a_port_of_16_bits)
{
    static const struct {
        uint64_t field;
        uint16_t port;
    } cases[] = {{0xFFFF, 0xFFFF}, {0x10000, 0}, {0x1000608, 0}};
    put(fadt + 80, 0x11, 1); /* the next field */
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        put(fadt + 76, cases[i].field, 4);
        seal_table(fadt);
        ck_assert_uint_eq(acpi_timer(find(address_of(rsdp)).fadt).port, cases[i].port);
    }
}
END_TEST

START_TEST(timer_without_a_port_is_none)
{
    put(fadt + 76, 0, 4);
    seal_table(fadt);
    ck_assert_uint_eq(acpi_timer(find(address_of(rsdp)).fadt).port, 0);
}
END_TEST

START_TEST(timer_of_a_table_without_flags_is_none)
{
    put(fadt + 4, 115, 4);
    seal_table(fadt);
    ck_assert_uint_eq(acpi_timer(find(address_of(rsdp)).fadt).port, 0);
    put(fadt + 4, 116, 4);
    seal_table(fadt);
    ck_assert_uint_eq(acpi_timer(find(address_of(rsdp)).fadt).port, 0x608);
    ck_assert_uint_eq(acpi_timer(0).port, 0);
}
END_TEST

START_TEST(serial_port_of_spcr)
{
    struct serial_port serial;
    ck_assert(acpi_serial(find(address_of(rsdp)).spcr, &serial));
    ck_assert_uint_eq(serial.info.kind, BOOTINFO_SERIAL_16550_PORT);
    ck_assert_uint_eq(serial.info.base, 0x2F8);
    ck_assert_uint_eq(serial.info.baud, 115200);
    ck_assert_uint_eq(serial.info.register_stride, 1);
}
END_TEST

/* What lies after each field, and is not looked at, is there; the base needs all its bytes. */
START_TEST(serial_port_is_described_by_its_fields_alone)
{
    struct serial_port serial;
    const uint64_t base = UINT64_C(0x81000000FE030104);
    memset(spcr + 37, 0x55, 3); /* reserved */
    spcr[40] = 0;
    spcr[41] = 32;
    spcr[42] = 0x55; /* the offset of the bits */
    spcr[43] = 3;
    put(spcr + 44, base, 8);
    spcr[58] = 3;
    memset(spcr + 59, 0x55, 21); /* parity and so on */
    seal_table(spcr);
    ck_assert(acpi_serial(find(address_of(rsdp)).spcr, &serial));
    ck_assert_uint_eq(serial.info.base, base);
    ck_assert_uint_eq(serial.info.register_stride, 4);
    ck_assert_uint_eq(serial.width, 4);
    ck_assert_uint_eq(serial.info.baud, 9600);
}
END_TEST

START_TEST(serial_port_in_memory_has_its_stride)
{
    struct serial_port serial;
    spcr[40] = 0;
    spcr[41] = 32;
    spcr[58] = 0;
    put(spcr + 44, 0xFE030000, 8);
    seal_table(spcr);
    ck_assert(acpi_serial(find(address_of(rsdp)).spcr, &serial));
    ck_assert_uint_eq(serial.info.kind, BOOTINFO_SERIAL_16550_MEMORY);
    ck_assert_uint_eq(serial.info.base, 0xFE030000);
    ck_assert_uint_eq(serial.info.register_stride, 4);
    ck_assert_uint_eq(serial.info.baud, 0);
}
END_TEST

struct access_case {
    uint8_t bits; /* of a register */
    uint8_t code; /* of the access */
    uint32_t width, stride;
};

START_TEST(serial_registers_are_accessed_as_spcr_says)
{
    static const struct access_case cases[] = {
        {8, 0, 1, 1},  {8, 1, 1, 1},  {32, 1, 1, 4}, {32, 3, 4, 4}, {8, 3, 4, 4},  {16, 2, 2, 2},
        {16, 0, 1, 2}, {64, 3, 4, 8}, {0, 0, 1, 1},  {64, 4, 1, 8}, {32, 9, 1, 4},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct serial_port serial;
        spcr[40] = 0;
        spcr[41] = cases[i].bits;
        spcr[43] = cases[i].code;
        put(spcr + 44, 0xFE030000, 8);
        seal_table(spcr);
        ck_assert(acpi_serial(find(address_of(rsdp)).spcr, &serial));
        ck_assert_msg(serial.width == cases[i].width, "case %zu: width %u", i, serial.width);
        ck_assert_msg(serial.info.register_stride == cases[i].stride, "case %zu: stride %u", i,
                      serial.info.register_stride);
    }
}
END_TEST

START_TEST(serial_registers_that_cannot_be_accessed_so_are_left_alone)
{
    struct serial_port serial;
    spcr[40] = 0;
    spcr[41] = 72;
    put(spcr + 44, 0xFE030000, 8);
    seal_table(spcr);
    ck_assert(!acpi_serial(find(address_of(rsdp)).spcr, &serial));
    spcr[41] = 32;
    spcr[43] = 3;
    put(spcr + 44, 0xFE030002, 8);
    seal_table(spcr);
    ck_assert(!acpi_serial(find(address_of(rsdp)).spcr, &serial));
}
END_TEST

/* The codes of SPCR 1.08; 0: as the firmware left it. */
START_TEST(serial_port_has_its_speed)
{
    static const uint32_t speeds[] = {0, 0, 0, 9600, 19200, 0, 57600, 115200, 0};
    for (uint8_t code = 0; code < sizeof(speeds) / sizeof(speeds[0]); code++) {
        struct serial_port serial;
        spcr[58] = code;
        seal_table(spcr);
        ck_assert(acpi_serial(find(address_of(rsdp)).spcr, &serial));
        ck_assert_uint_eq(serial.info.baud, speeds[code]);
    }
}
END_TEST

START_TEST(serial_ports_like_a_16550_are_taken)
{
    static const uint8_t interfaces[] = {0, 1, 0x12};
    for (size_t i = 0; i < sizeof(interfaces); i++) {
        struct serial_port serial;
        spcr[36] = interfaces[i];
        spcr[41] = 32; /* of ports, whose registers lie side by side, */
        spcr[43] = 3;  /* each of a byte */
        put(spcr + 44, UINT16_MAX - 7, 8);
        seal_table(spcr);
        ck_assert(acpi_serial(find(address_of(rsdp)).spcr, &serial));
        ck_assert_uint_eq(serial.info.base, 0xFFF8);
        ck_assert_uint_eq(serial.info.register_stride, 1);
        ck_assert_uint_eq(serial.width, 1);
    }
}
END_TEST

START_TEST(no_spcr_means_no_serial_port)
{
    struct serial_port serial = {.info = {.base = 0x55}};
    ck_assert(!acpi_serial(0, &serial));
    ck_assert_uint_eq(serial.info.base, 0x55);
}
END_TEST

static const struct {
    size_t offset;
    uint64_t value;
    size_t size;
} strange_ports[] = {
    {36, 3, 1},          /* an Arm PL011 */
    {40, 2, 1},          /* PCI configuration space */
    {44, 0, 8},          /* no address */
    {44, UINT16_MAX, 8}, /* its registers would wrap around */
    {44, 0xFFF9, 8},     /* the last one would */
    {4, 79, 4},          /* too short */
};

START_TEST(serial_port_of_another_kind_is_left_alone)
{
    struct serial_port serial = {.info = {.base = 0x55}};
    put(spcr + strange_ports[_i].offset, strange_ports[_i].value, strange_ports[_i].size);
    seal_table(spcr);
    ck_assert(!acpi_serial(find(address_of(rsdp)).spcr, &serial));
    ck_assert_uint_eq(serial.info.base, 0x55);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("acpi");
    TCase *tcase = tcase_create("acpi");
    tcase_add_checked_fixture(tcase, setup, NULL);
    tcase_add_test(tcase, table_is_found_behind_others_and_empty_entries);
    tcase_add_test(tcase, no_rsdp_means_no_table);
    tcase_add_test(tcase, damaged_rsdp_is_not_followed);
    tcase_add_test(tcase, rsdp_whose_second_sum_is_wrong_leads_to_no_xsdt);
    tcase_add_test(tcase, table_too_short_for_a_header_is_passed_over);
    tcase_add_test(tcase, root_table_ends_with_its_last_whole_entry);
    tcase_add_test(tcase, damaged_root_table_is_not_followed);
    tcase_add_test(tcase, all_bytes_count_in_a_sum_and_no_others);
    tcase_add_test(tcase, damaged_table_is_passed_over);
    tcase_add_test(tcase, table_that_claims_to_be_huge_is_passed_over);
    tcase_add_test(tcase, acpi_1_has_an_rsdt);
    tcase_add_test(tcase, timer_has_24_bits_unless_the_flag_says_32);
    tcase_add_test(tcase, timer_has_a_port_of_16_bits);
    tcase_add_test(tcase, timer_without_a_port_is_none);
    tcase_add_test(tcase, timer_of_a_table_without_flags_is_none);
    tcase_add_test(tcase, serial_port_of_spcr);
    tcase_add_test(tcase, serial_registers_are_accessed_as_spcr_says);
    tcase_add_test(tcase, serial_registers_that_cannot_be_accessed_so_are_left_alone);
    tcase_add_test(tcase, serial_port_has_its_speed);
    tcase_add_test(tcase, serial_ports_like_a_16550_are_taken);
    tcase_add_test(tcase, no_spcr_means_no_serial_port);
    tcase_add_test(tcase, serial_port_is_described_by_its_fields_alone);
    tcase_add_test(tcase, serial_port_in_memory_has_its_stride);
    tcase_add_loop_test(tcase, serial_port_of_another_kind_is_left_alone, 0,
                        sizeof(strange_ports) / sizeof(strange_ports[0]));
    suite_add_tcase(suite, tcase);
    return suite_main(suite, "unit-acpi");
}
