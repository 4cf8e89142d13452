/* The list of CPUs, from tables made byte by byte. */
#include "core/base/madt.h"

#include <check.h>
#include <string.h>

#include "suite.h"

#define ROOM 5000

static uint8_t *table; /* as long as it says, so that a sanitizer sees what lies after */
static uint32_t size;
static struct BootInfoCpu cpus[ROOM];

static void put(void *at, uint64_t value, size_t bytes)
{
    memcpy(at, &value, bytes);
}

static void begin(void)
{
    free(table);
    size = 44;
    table = calloc(1, size);
    memcpy(table, "APIC", 4);
    put(table + 4, size, 4);
    table[8] = 5; /* its revision */
}

/* A structure of that many bytes; its type and length are set. */
static uint8_t *add(uint8_t type, uint8_t length)
{
    table = realloc(table, size + length);
    uint8_t *at = table + size;
    memset(at, 0, length);
    at[0] = type;
    at[1] = length;
    size += length;
    put(table + 4, size, 4);
    return at;
}

static void add_apic(uint8_t acpi_id, uint8_t id, uint32_t flags)
{
    uint8_t *at = add(0, 8);
    at[2] = acpi_id;
    at[3] = id;
    put(at + 4, flags, 4);
}

static void add_x2apic(uint32_t acpi_id, uint32_t id, uint32_t flags)
{
    uint8_t *at = add(9, 16);
    put(at + 4, id, 4);
    put(at + 8, flags, 4);
    put(at + 12, acpi_id, 4);
}

static uint32_t list(uint64_t boot_cpu)
{
    uint64_t address = (uintptr_t)table;
    uint32_t most = madt_cpu_count(address);
    ck_assert_uint_le(most, ROOM);
    memset(cpus, 0xA5, sizeof(cpus));
    uint32_t count = madt_cpus(address, boot_cpu, cpus, most);
    ck_assert_uint_le(count, most);
    return count;
}

static void expect_cpu(uint32_t i, uint64_t id, uint32_t acpi_id, uint32_t flags, uint64_t wake_up)
{
    const struct BootInfoCpu expected = {id, acpi_id, flags, wake_up, 0};
    ck_assert_uint_eq(cpus[i].id, id);
    ck_assert_uint_eq(cpus[i].flags, flags);
    ck_assert_mem_eq(&cpus[i], &expected, sizeof(expected));
}

START_TEST(no_table_means_no_list)
{
    ck_assert_uint_eq(madt_cpu_count(0), 0);
    ck_assert_uint_eq(madt_cpus(0, 0, cpus, 0), 0);
    begin();
    ck_assert_uint_eq(list(0), 0);
}
END_TEST

START_TEST(the_boot_cpu_comes_first_and_the_others_in_their_order)
{
    begin();
    add_apic(10, 0, 1);
    add(1, 12); /* an I/O APIC */
    add_apic(11, 2, 1);
    add_apic(12, 4, 1);
    add_x2apic(13, 300, 1);
    ck_assert_uint_eq(madt_cpu_count((uintptr_t)table), 4);
    ck_assert_uint_eq(list(4), 4);
    expect_cpu(0, 4, 12, BOOTINFO_CPU_ENABLED | BOOTINFO_CPU_BOOT, 0);
    expect_cpu(1, 0, 10, BOOTINFO_CPU_ENABLED, 0);
    expect_cpu(2, 2, 11, BOOTINFO_CPU_ENABLED, 0);
    expect_cpu(3, 300, 13, BOOTINFO_CPU_ENABLED, 0);
}
END_TEST

START_TEST(cpus_that_never_run_are_left_out)
{
    begin();
    add_apic(0, 0, 1);
    add_apic(1, 1, 0);
    add_apic(2, 2, 2);
    add_apic(3, 255, 1);
    add_x2apic(4, UINT32_MAX, 1);
    add_x2apic(0x8000005, 5, 3);
    ck_assert_uint_eq(madt_cpu_count((uintptr_t)table), 3);
    ck_assert_uint_eq(list(0), 3);
    expect_cpu(1, 2, 2, BOOTINFO_CPU_LATER, 0);
    expect_cpu(2, 5, 0x8000005, BOOTINFO_CPU_ENABLED, 0);
}
END_TEST

START_TEST(a_cpu_listed_twice_comes_once)
{
    begin();
    for (uint32_t i = 0; i < 200; i++) {
        add_apic((uint8_t)i, (uint8_t)i, 1);
    }
    for (uint32_t i = 0; i < 300; i++) {
        add_x2apic(i, i, 1);
    }
    ck_assert_uint_eq(list(299), 300);
    expect_cpu(0, 299, 299, BOOTINFO_CPU_ENABLED | BOOTINFO_CPU_BOOT, 0);
    for (uint32_t i = 0; i < 299; i++) {
        expect_cpu(i + 1, i, i, BOOTINFO_CPU_ENABLED, 0);
    }
}
END_TEST

START_TEST(the_mailbox_is_for_all_but_the_boot_cpu)
{
    const uint64_t mailbox = UINT64_C(0x81000000FE001000);
    begin();
    add_apic(0, 0, 1);
    add_apic(1, 1, 1);
    put(add(16, 16) + 8, mailbox, 8);
    add_apic(2, 2, 1);
    ck_assert_uint_eq(list(1), 3);
    expect_cpu(0, 1, 1, BOOTINFO_CPU_ENABLED | BOOTINFO_CPU_BOOT, 0);
    expect_cpu(1, 0, 0, BOOTINFO_CPU_ENABLED, mailbox);
    expect_cpu(2, 2, 2, BOOTINFO_CPU_ENABLED, mailbox);
}
END_TEST

START_TEST(a_damaged_table_ends_where_it_is_damaged)
{
    for (uint32_t cut = 44; cut < 44 + 24; cut++) {
        begin();
        add_apic(0, 0, 1);
        add_x2apic(1, 1, 1);
        size = cut;
        table = realloc(table, size);
        put(table + 4, size, 4);
        ck_assert_uint_eq(list(0), cut < 52 ? 0 : 1);
    }
    for (uint8_t length = 0; length < 2; length++) {
        begin();
        add_apic(0, 0, 1);
        put(add(3, 8) + 1, length | 7 << 8, 2); /* the next one is said to begin after either */
        add_apic(1, 1, 1);
        ck_assert_uint_eq(list(0), 1);
    }
}
END_TEST

/* Whatever its bytes would be. */
START_TEST(a_structure_too_short_for_its_type_is_passed_over)
{
    static const uint8_t types[][2] = {{0, 8}, {9, 16}, {16, 16}}; /* and the least length */
    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
        for (uint8_t length = 2; length < types[i][1]; length++) {
            begin();
            memset(add(types[i][0], length) + 2, 0x11, length - 2U);
            add_apic(1, 1, 1);
            ck_assert_uint_eq(list(1), 1);
            expect_cpu(0, 1, 1, BOOTINFO_CPU_ENABLED | BOOTINFO_CPU_BOOT, 0);
            ck_assert_uint_eq(madt_mailbox((uintptr_t)table), 0);
        }
    }
}
END_TEST

START_TEST(a_list_without_end_ends)
{
    begin();
    for (uint32_t i = 0; i < ROOM; i++) {
        add_x2apic(i, i, 1);
    }
    ck_assert_uint_eq(madt_cpu_count((uintptr_t)table), MADT_CPUS_MAX);
    ck_assert_uint_eq(list(0), MADT_CPUS_MAX);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("madt");
    TCase *tcase = tcase_create("madt");
    tcase_add_test(tcase, no_table_means_no_list);
    tcase_add_test(tcase, the_boot_cpu_comes_first_and_the_others_in_their_order);
    tcase_add_test(tcase, cpus_that_never_run_are_left_out);
    tcase_add_test(tcase, a_cpu_listed_twice_comes_once);
    tcase_add_test(tcase, the_mailbox_is_for_all_but_the_boot_cpu);
    tcase_add_test(tcase, a_damaged_table_ends_where_it_is_damaged);
    tcase_add_test(tcase, a_structure_too_short_for_its_type_is_passed_over);
    tcase_add_test(tcase, a_list_without_end_ends);
    suite_add_tcase(suite, tcase);
    return suite_main(suite, "madt");
}
