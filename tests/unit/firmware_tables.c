/* ACPI, SMBIOS, the serial port, runtime memory: all that BootInfo names is mapped, and nothing
 * that cannot be is followed. */
#include "boot_check.h"
#include "kernels.h"
#include "suite.h"

#include <string.h>

#define NOWHERE       UINT64_C(0x7FFFFFFF0000)
#define NON_CANONICAL UINT64_C(0xDEADBEEFDEADBEE0)
#define FADT          (FAKE_HIGH + 0x1000)
#define DSDT          (FAKE_HIGH + 0x2000)
#define FACS          (FAKE_HIGH + 0x3000)
#define SPCR          (FAKE_HIGH + 0x4000)
#define HPET          (FAKE_HIGH + 0x5000)
#define SMBIOS        (FAKE_HIGH + 0x6000)
#define SMBIOS_TABLE  UINT64_C(0x980000000)
#define MADT          (FAKE_HIGH + 0x8000)
#define MAILBOX       UINT64_C(0xB00000000)
#define UART          UINT64_C(0x800000000)
#define RUNTIME_MMIO  UINT64_C(0xA00000000)

static struct text kernel;

static void setup(void)
{
    kernel = kernel_raw(40000);
    (void)given(CONFIG_PLAIN, kernel);
}

static void put(uint64_t address, uint64_t value, size_t size)
{
    memcpy((void *)address, &value, size);
}

static void write_fadt(uint64_t facs, uint64_t dsdt)
{
    fake_write_table(FADT, "FACP", 244);
    put(FADT + 132, facs, 8);
    put(FADT + 140, dsdt, 8);
    fake_seal(FADT, 244, 9);
}

static void write_spcr(uint64_t base)
{
    fake_write_table(SPCR, "SPCR", 80);
    put(SPCR + 41, 32, 1);
    put(SPCR + 43, base % 4 == 0 ? 3 : 0, 1);
    put(SPCR + 44, base, 8);
    fake_seal(SPCR, 80, 9);
}

/* All of it in reserved memory above 4 GiB, which is not mapped for its type. */
static void write_all(void)
{
    const uint64_t tables[] = {FADT, SPCR, HPET};
    fake.cpu.address_limit = UINT64_C(1) << 46;
    fake.readable_ram = true;
    write_fadt(FACS, DSDT);
    fake_write_table(FACS, "FACS", 64);
    fake_write_table(DSDT, "DSDT", 100);
    fake_write_table(HPET, "HPET", 56);
    write_spcr(UART);
    fake_write_acpi(FAKE_HIGH, tables, 3);
    fake_write_smbios(SMBIOS, SMBIOS_TABLE, 0x1000);
    fake_add_descriptor(EFI_RESERVED, FAKE_HIGH, FAKE_HIGH_SIZE / PAGE_SIZE, FAKE_WRITE_BACK);
}

START_TEST(all_that_bootinfo_names_is_mapped_wherever_it_lies)
{
    static const uint64_t mapped[] = {
        FAKE_HIGH, FADT,         FADT + 243,           DSDT + 99, FACS,      SPCR, HPET,
        SMBIOS,    SMBIOS_TABLE, SMBIOS_TABLE + 0xFFF, UART,      UART + 31, 0};
    struct expectation expected = expect_raw(kernel);
    expected.mapped = mapped;
    write_all();
    boots(&expected);
    ck_assert_uint_eq(the_boot.session.serial.info.base, UART);
    ck_assert_uint_eq(the_boot.session.serial.info.register_stride, 4);
    ck_assert_uint_eq(fake.hand_off.serial->width, 4);
    ck_assert(!fake.hand_off.serial->given_up);
}
END_TEST

/* The table, and the page through which the other CPUs are woken up. */
START_TEST(the_mailbox_of_the_madt_is_mapped_wherever_it_lies)
{
    const uint64_t mapped[] = {MAILBOX, MAILBOX + PAGE_SIZE - 1, MADT, MADT + 59, 0};
    const uint64_t table = MADT;
    struct expectation expected = expect_raw(kernel);
    expected.mapped = mapped;
    write_all();
    fake_write_table(MADT, "APIC", 60);
    put(MADT + 44, 16, 1);
    put(MADT + 45, 16, 1);
    put(MADT + 52, MAILBOX, 8);
    fake_seal(MADT, 60, 9);
    fake_write_acpi(FAKE_HIGH, &table, 1);
    fake.machine.madt = MADT; /* expected */
    boots(&expected);
    ck_assert_uint_eq(the_boot.session.machine.madt, MADT);
    ck_assert_uint_eq(the_boot.session.tables.mailbox, MAILBOX);
}
END_TEST

/* Else the crash page waits for it once more. */
START_TEST(the_hand_off_knows_of_a_port_that_was_not_ready_in_time)
{
    fake.serial_never_ready = true;
    struct expectation expected = expect_raw(kernel);
    boots(&expected);
    ck_assert(fake.hand_off.serial->given_up);
}
END_TEST

/* Its registers read right when it was opened, and later no character left it. */
START_TEST(the_hand_off_knows_of_a_port_that_got_stuck_later)
{
    fake.serial_stuck = true;
    struct expectation expected = expect_raw(kernel);
    boots(&expected);
    ck_assert(fake.hand_off.serial->given_up);
}
END_TEST

START_TEST(runtime_memory_is_mapped_whatever_its_type)
{
    static const uint64_t mapped[] = {RUNTIME_MMIO, RUNTIME_MMIO + 0xFFFF, 0};
    static const uint32_t types[] = {EFI_MMIO, EFI_RESERVED, EFI_UNUSABLE};
    struct expectation expected = expect_raw(kernel);
    expected.mapped = mapped;
    fake_add_descriptor(types[_i], RUNTIME_MMIO, 16, EFI_MEMORY_RUNTIME | 1);
    boots(&expected);
}
END_TEST

static bool everything(uint64_t address, uint64_t size)
{
    (void)address;
    (void)size;
    return true;
}

/* A machine in which each table is far from the next. */
START_TEST(tables_that_lie_too_far_apart_are_counted)
{
    uint64_t tables[ACPI_SPANS_MAX + 3];
    struct acpi_tables found;
    static uint8_t memory[ACPI_SPANS_MAX + 3][0x400000];
    const struct acpi_view view = {everything, 0};
    for (uint32_t i = 0; i < ACPI_SPANS_MAX + 3; i++) {
        tables[i] = (uint64_t)memory[i];
        fake_write_table(tables[i], "HPET", 56);
    }
    fake_write_acpi(FAKE_RSDP, tables, ACPI_SPANS_MAX + 3);
    acpi_find(FAKE_RSDP, &view, &found);
    ck_assert_uint_eq(found.span_count, ACPI_SPANS_MAX);
    ck_assert_uint_eq(found.omitted_count, 4); /* of 11 tables and the RSDP */
}
END_TEST

static void expect_log(const char *part)
{
    const char *log = bootinfo_text(((const struct BootInfo *)fake.hand_off.info)->log);
    ck_assert_msg(strstr(log, part) != NULL, "no '%s' in:\n%s", part, log);
    ck_assert_msg(strstr(fake.said, part) != NULL, "'%s' was not shown", part);
}

START_TEST(an_rsdp_that_cannot_be_is_none)
{
    static const struct {
        uint64_t rsdp;
        const char *line;
    } cases[] = {
        {NOWHERE, "the ACPI table at 0x7fffffff0000 is damaged or not in memory: left out\n"},
        {NON_CANONICAL, "the ACPI table at 0xdeadbeefdeadbee0 is damaged"},
        {UINT64_MAX - 8, "the ACPI table at 0xfffffffffffffff7 is damaged"},
        {FAKE_TABLES + FAKE_TABLES_SIZE - 10, "the ACPI table at 0x422fff6 is damaged"},
    };
    struct expectation expected = expect_raw(kernel);
    expected.no_acpi = true;
    fake.machine.acpi_rsdp = cases[_i].rsdp;
    boots(&expected);
    expect_log(cases[_i].line);
}
END_TEST

START_TEST(a_table_that_cannot_be_is_left_out_and_the_next_one_found)
{
    static const uint64_t wrong[] = {NOWHERE, NON_CANONICAL, UINT64_MAX - 8,
                                     FAKE_TABLES + FAKE_TABLES_SIZE - 10};
    struct expectation expected = expect_raw(kernel);
    const uint64_t tables[] = {wrong[_i], FADT};
    write_fadt(0, 0);
    fake_write_acpi(FAKE_RSDP, tables, 2);
    boots(&expected);
    expect_log(" is damaged or not in memory: left out\n");
    ck_assert_uint_eq(the_boot.session.tables.acpi.fadt, FADT);
    setup();
    write_fadt(wrong[_i], wrong[_i]);
    fake_write_acpi(FAKE_RSDP, tables + 1, 1);
    boots(&expected);
    expect_log(" is damaged or not in memory: left out\n");
}
END_TEST

START_TEST(a_table_whose_end_cannot_be_read_is_left_out)
{
    const uint64_t at = FAKE_TABLES + FAKE_TABLES_SIZE - 100;
    struct expectation expected = expect_raw(kernel);
    fake_write_table(at, "FACP", 100);
    put(at + 4, 244, 4);
    fake_write_acpi(FAKE_RSDP, &at, 1);
    boots(&expected);
    expect_log("the ACPI table at 0x422ff9c is damaged or not in memory: left out\n");
}
END_TEST

START_TEST(an_smbios_entry_point_that_is_none_is_left_out)
{
    struct expectation expected = expect_raw(kernel);
    expected.no_smbios = true;
    switch (_i) {
    case 0:
        fake.machine.smbios = NOWHERE;
        break;
    case 1:
        fake.machine.smbios = NON_CANONICAL;
        break;
    case 2:
        put(FAKE_SMBIOS + 1, 'X', 1);
        break;
    case 3:
        put(FAKE_SMBIOS + 10, 1, 1);
        break;
    default:
        put(FAKE_SMBIOS + 6, 23, 1);
        fake_seal(FAKE_SMBIOS, 23, 5);
        break;
    }
    boots(&expected);
    expect_log("the SMBIOS entry point at 0x");
}
END_TEST

START_TEST(smbios_2_is_found_as_well)
{
    struct expectation expected = expect_raw(kernel);
    memset((void *)FAKE_SMBIOS, 0, 31);
    memcpy((void *)FAKE_SMBIOS, "_SM_", 4);
    put(FAKE_SMBIOS + 5, 31, 1);
    put(FAKE_SMBIOS + 22, 0x123, 2);
    put(FAKE_SMBIOS + 24, 0xFFFFFFF0, 4);
    fake_seal(FAKE_SMBIOS, 31, 4);
    boots(&expected);
    ck_assert_uint_eq(the_boot.session.tables.smbios[1].address, 0xFFFFFFF0);
    ck_assert_uint_eq(the_boot.session.tables.smbios[1].size, 0x123);
}
END_TEST

/* Where a device has registers there is no memory, and what cannot be reached is not written to. */
START_TEST(a_serial_port_that_would_be_memory_is_not_used)
{
    static const struct {
        uint64_t base;
        bool used;
    } cases[] = {
        {FAKE_HIGH + 0x7000, true},   /* reserved */
        {UINT64_C(0xFE000000), true}, /* not in the map at all */
        {FAKE_RAM_BASE + 0x3000000, false},
        {FAKE_TABLES + 0x8000, false}, /* ACPI tables */
        {FAKE_TABLES - 8, false},      /* a part of it */
        {UART, false},
        {NON_CANONICAL, false},
        {UINT64_MAX - 30, false},
    };
    struct expectation expected = expect_raw(kernel);
    write_all();
    fake.readable_ram = cases[_i].base != UART;
    write_spcr(cases[_i].base);
    fake_add_descriptor(EFI_ACPI_NVS, FAKE_TABLES, FAKE_TABLES_SIZE / PAGE_SIZE, FAKE_WRITE_BACK);
    boots(&expected);
    ck_assert_int_eq(the_boot.session.serial.info.base == cases[_i].base, cases[_i].used);
    if (!cases[_i].used) {
        expect_log("the serial port of ACPI's SPCR, at 0x");
        ck_assert_uint_eq(the_boot.session.serial.info.base, 0x3F8);
    }
}
END_TEST

/* Without a map nobody knows what is there. What failed is not taken for a failure of the boot. */
START_TEST(without_a_map_a_serial_port_in_memory_is_not_used)
{
    struct expectation expected = expect_raw(kernel);
    write_all();
    fake.failures[0] = (struct fake_failure){.call = 1, .status = FIRMWARE_DEVICE_ERROR};
    boots(&expected);
    ck_assert(fake.failures[0].met);
    expect_log("the serial port of ACPI's SPCR, at 0x");
    ck_assert_uint_eq(the_boot.session.serial.info.base, 0x3F8);
    ck_assert_int_eq(the_boot.session.failure.status, STATUS_OK);
}
END_TEST

/* The pages that it took are given back. */
START_TEST(a_look_at_the_map_for_a_serial_port_costs_no_page)
{
    uint32_t pages[2];
    for (int i = 0; i < 2; i++) {
        struct expectation expected = expect_raw(kernel);
        setup();
        write_all();
        write_spcr(i == 0 ? 0 : UART); /* 0: none */
        boots(&expected);
        pages[i] = the_boot.session.pages.count;
    }
    ck_assert_uint_eq(pages[0], pages[1]);
}
END_TEST

/* An interface that is none of a 16550: nothing of it is used. */
START_TEST(a_serial_port_of_another_kind_is_none)
{
    struct expectation expected = expect_raw(kernel);
    write_all();
    put(SPCR + 36, 3, 1); /* ARM PL011 */
    fake_seal(SPCR, 80, 9);
    boots(&expected);
    ck_assert_uint_eq(the_boot.session.serial.info.base, 0x3F8);
    ck_assert_ptr_null(strstr(fake.said, "SPCR"));
}
END_TEST

/* It needs no look at the map, and no map is taken for it. */
START_TEST(a_serial_port_in_port_space_is_used)
{
    struct expectation expected = expect_raw(kernel);
    write_all();
    write_spcr(0x2F8);
    put(SPCR + 40, 1, 1); /* the address is one of I/O ports */
    fake_seal(SPCR, 80, 9);
    boots(&expected);
    ck_assert_uint_eq(the_boot.session.serial.info.base, 0x2F8);
    ck_assert_int_eq(the_boot.session.serial.info.kind, BOOTINFO_SERIAL_16550_PORT);
}
END_TEST

START_TEST(a_framebuffer_beyond_the_cpu_is_left_out_and_the_next_one_shown)
{
    struct expectation expected = expect_raw(kernel);
    fake.machine.framebuffers[1] = fake.machine.framebuffers[0];
    fake.machine.framebuffers[2] = fake.machine.framebuffers[0];
    fake.machine.framebuffers[1].address = fake.cpu.address_limit - 0x300000 + (_i == 0);
    fake.machine.framebuffers[2].address = 0x90000000;
    fake.machine.framebuffer_count = 3;
    expected.screens_left_out = _i == 0;
    boots(&expected);
    const struct BootInfo *info = (const struct BootInfo *)fake.hand_off.info;
    ck_assert_uint_eq(bootinfo_framebuffer(info, _i == 0 ? 1 : 2)->address, 0x90000000);
    if (_i == 0) {
        expect_log("the framebuffer at 0xffffd00001 lies where the CPU cannot reach it");
    }
}
END_TEST

START_TEST(screens_that_there_is_no_room_for_are_counted)
{
    struct expectation expected = expect_raw(kernel);
    fake.machine.framebuffers_left_out = 3;
    boots(&expected);
    expect_log("\nscreen     3 more: left out\n");
}
END_TEST

START_TEST(an_edid_that_cannot_be_read_is_left_out)
{
    struct expectation expected = expect_raw(kernel);
    fake.machine.framebuffers[0].edid = (struct BootInfoSpan){NOWHERE, 128};
    boots(&expected);
    const struct BootInfo *info = (const struct BootInfo *)fake.hand_off.info;
    ck_assert_uint_eq(bootinfo_framebuffer(info, 0)->edid.size, 0);
    expect_log("the EDID at 0x7fffffff0000 is damaged or not in memory: left out\n");
}
END_TEST

/* A hole reads as 0xff. */
START_TEST(an_edid_that_is_none_is_left_out)
{
    static uint8_t bytes[128];
    struct expectation expected = expect_raw(kernel);
    memset(bytes, _i == 0 ? 0xFF : 0, sizeof(bytes));
    bytes[7] = _i == 2;
    fake.machine.framebuffers[0].edid = (struct BootInfoSpan){(uint64_t)bytes, sizeof(bytes)};
    fake.readable_ram = true;
    boots(&expected);
    const struct BootInfo *info = (const struct BootInfo *)fake.hand_off.info;
    ck_assert_uint_eq(bootinfo_framebuffer(info, 0)->edid.size, 0);
    expect_log("is damaged or not in memory: left out\n");
}
END_TEST

START_TEST(without_any_table_nothing_is_logged)
{
    struct expectation expected = expect_raw(kernel);
    fake.machine.acpi_rsdp = 0;
    fake.machine.smbios = 0;
    boots(&expected);
    ck_assert_ptr_null(strstr(fake.said, "left out"));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("firmware_tables");
    TCase *mapped = tcase_create("mapped");
    tcase_add_checked_fixture(mapped, setup, NULL);
    tcase_add_test(mapped, all_that_bootinfo_names_is_mapped_wherever_it_lies);
    tcase_add_test(mapped, the_mailbox_of_the_madt_is_mapped_wherever_it_lies);
    tcase_add_test(mapped, the_hand_off_knows_of_a_port_that_was_not_ready_in_time);
    tcase_add_test(mapped, the_hand_off_knows_of_a_port_that_got_stuck_later);
    tcase_add_loop_test(mapped, runtime_memory_is_mapped_whatever_its_type, 0, 3);
    tcase_add_test(mapped, tables_that_lie_too_far_apart_are_counted);
    suite_add_tcase(suite, mapped);
    TCase *wrong = tcase_create("wrong");
    tcase_add_checked_fixture(wrong, setup, NULL);
    tcase_add_loop_test(wrong, an_rsdp_that_cannot_be_is_none, 0, 4);
    tcase_add_loop_test(wrong, a_table_that_cannot_be_is_left_out_and_the_next_one_found, 0, 4);
    tcase_add_test(wrong, a_table_whose_end_cannot_be_read_is_left_out);
    tcase_add_loop_test(wrong, an_smbios_entry_point_that_is_none_is_left_out, 0, 5);
    tcase_add_loop_test(wrong, a_serial_port_that_would_be_memory_is_not_used, 0, 8);
    tcase_add_loop_test(wrong, a_framebuffer_beyond_the_cpu_is_left_out_and_the_next_one_shown, 0,
                        2);
    tcase_add_test(wrong, a_serial_port_in_port_space_is_used);
    tcase_add_test(wrong, without_a_map_a_serial_port_in_memory_is_not_used);
    tcase_add_test(wrong, a_look_at_the_map_for_a_serial_port_costs_no_page);
    tcase_add_test(wrong, a_serial_port_of_another_kind_is_none);
    tcase_add_test(wrong, screens_that_there_is_no_room_for_are_counted);
    tcase_add_test(wrong, an_edid_that_cannot_be_read_is_left_out);
    tcase_add_loop_test(wrong, an_edid_that_is_none_is_left_out, 0, 3);
    tcase_add_test(wrong, smbios_2_is_found_as_well);
    tcase_add_test(wrong, without_any_table_nothing_is_logged);
    suite_add_tcase(suite, wrong);
    return suite_main(suite, "unit-firmware_tables");
}
