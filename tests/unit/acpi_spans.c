/* Where the ACPI tables lie: how far each address is followed, and what is listed to be mapped.
 * The tables are in memory below 4 GiB, which an RSDT can name. */
#include "core/base/acpi.h"

#include <check.h>
#include <string.h>
#include <sys/mman.h>

#include "suite.h"

#define COUNT_OF(array) (uint32_t)(sizeof(array) / sizeof((array)[0]))

/* Offsets in the memory. No two are near each other, and no byte of an address is 0. */
#define MEMORY_SIZE 0x4000000
#define RSDP        0x010114
#define ROOT        0x410114
#define FADT        0x810114
#define FACS        0xC10114
#define DSDT        0x1010114
#define SPCR        0x1410114
#define MADT        0x1810114
#define HPET        0x1C10114
#define NEW_FACS    0x2010114
#define NEW_DSDT    0x2410114
#define NEAR        0x200000

static uint64_t memory;
static uint64_t mapped_below;

static bool is_in_memory(uint64_t address, uint64_t size)
{
    return address >= memory && size <= MEMORY_SIZE && address - memory <= MEMORY_SIZE - size;
}

static void setup(void)
{
    void *got = mmap(NULL, MEMORY_SIZE, PROT_READ | PROT_WRITE,
                     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_32BIT, -1, 0);
    ck_assert(got != MAP_FAILED);
    memory = (uint64_t)got;
    mapped_below = 0;
}

static void put(uint64_t offset, uint64_t value, size_t size)
{
    memcpy((void *)(memory + offset), &value, size);
}

static void seal(uint64_t offset, uint64_t size, uint64_t checksum)
{
    const uint8_t *bytes = (const uint8_t *)(memory + offset);
    uint8_t sum = 0;
    put(offset + checksum, 0, 1);
    for (uint64_t i = 0; i < size; i++) {
        sum = (uint8_t)(sum + bytes[i]);
    }
    put(offset + checksum, (uint8_t)(0 - sum), 1);
}

/* Its revision and the name of its maker are there, as in any table. */
static void write_table(uint64_t offset, const char *signature, uint32_t size)
{
    memcpy((void *)(memory + offset), signature, 4);
    put(offset + 4, size, 4);
    put(offset + 8, 6, 1);
    memset((void *)(memory + offset + 10), 'M', 26);
    seal(offset, size, 9);
}

/* The tables at these offsets; an offset of 0 is an empty entry. */
static void write_root(const char *signature, uint32_t entry, const uint64_t *tables,
                       uint32_t count)
{
    write_table(ROOT, signature, 36 + entry * count);
    for (uint32_t i = 0; i < count; i++) {
        put(ROOT + 36 + entry * i, tables[i] == 0 ? 0 : memory + tables[i], entry);
    }
    seal(ROOT, 36 + entry * count, 9);
}

static void write_rsdp(uint64_t offset, uint8_t revision, uint64_t rsdt, uint64_t xsdt)
{
    memcpy((void *)(memory + offset), "RSD PTR ", 8);
    put(offset + 15, revision, 1);
    put(offset + 16, rsdt, 4);
    put(offset + 20, 36, 4);
    put(offset + 24, xsdt, 8);
    put(offset + 33, 0x112233, 3); /* reserved */
    seal(offset, 20, 8);
    seal(offset, 36, 32);
}

static struct acpi_tables find_from(uint64_t rsdp)
{
    struct acpi_tables tables;
    const struct acpi_view view = {is_in_memory, mapped_below};
    acpi_find(memory + rsdp, &view, &tables);
    return tables;
}

/* What an RSDP and an XSDT with these tables lead to. */
static struct acpi_tables find(const uint64_t *tables, uint32_t count)
{
    write_root("XSDT", 8, tables, count);
    write_rsdp(RSDP, 2, 0, memory + ROOT);
    return find_from(RSDP);
}

static void expect_span(const struct acpi_tables *tables, uint32_t i, uint64_t offset,
                        uint64_t size)
{
    ck_assert_uint_lt(i, tables->span_count);
    ck_assert_uint_eq(tables->spans[i].address - memory, offset);
    ck_assert_uint_eq(tables->spans[i].size, size);
}

static bool is_listed(const struct acpi_tables *tables, uint64_t offset)
{
    for (uint32_t i = 0; i < tables->span_count; i++) {
        if (tables->spans[i].address == memory + offset) {
            return true;
        }
    }
    return false;
}

START_TEST(every_table_is_listed_with_its_size)
{
    static const uint64_t tables[] = {FADT, SPCR, 0, MADT, HPET};
    write_table(FADT, "FACP", 244);
    put(FADT + 132, memory + FACS, 8);
    put(FADT + 140, memory + DSDT, 8);
    seal(FADT, 244, 9);
    write_table(FACS, "FACS", 64);
    write_table(DSDT, "DSDT", 0x1234);
    write_table(SPCR, "SPCR", 80);
    write_table(MADT, "APIC", 60);
    write_table(HPET, "HPET", 56);
    struct acpi_tables found = find(tables, COUNT_OF(tables));
    expect_span(&found, 0, RSDP, 36);
    expect_span(&found, 1, ROOT, 36 + 5 * 8);
    expect_span(&found, 2, FADT, 244);
    expect_span(&found, 3, SPCR, 80);
    expect_span(&found, 4, MADT, 60);
    expect_span(&found, 5, HPET, 56);
    expect_span(&found, 6, FACS, 64);
    expect_span(&found, 7, DSDT, 0x1234);
    ck_assert_uint_eq(found.span_count, 8);
    ck_assert_uint_eq(found.omitted_count, 0);
    ck_assert_uint_eq(found.wrong, 0);
    ck_assert_uint_eq(found.fadt, memory + FADT);
    ck_assert_uint_eq(found.spcr, memory + SPCR);
    ck_assert_uint_eq(found.madt, memory + MADT);
}
END_TEST

/* Whatever lies where later revisions name the XSDT. */
START_TEST(an_rsdp_before_revision_2_leads_to_the_rsdt)
{
    static const uint64_t tables[] = {HPET, FADT};
    const uint64_t xsdt = SPCR;
    write_table(HPET, "HPET", 56);
    write_table(FADT, "FACP", 116);
    write_table(xsdt, "XSDT", 36);
    for (uint8_t revision = 0; revision <= 1; revision++) {
        write_root("RSDT", 4, tables, COUNT_OF(tables));
        write_rsdp(RSDP, revision, memory + ROOT, memory + xsdt);
        struct acpi_tables found = find_from(RSDP);
        expect_span(&found, 0, RSDP, 20);
        expect_span(&found, 1, ROOT, 36 + 2 * 4);
        expect_span(&found, 2, HPET, 56);
        ck_assert_uint_eq(found.fadt, memory + FADT);
        ck_assert_uint_eq(found.wrong, 0);
    }
}
END_TEST

START_TEST(an_rsdp_may_end_where_memory_does)
{
    write_table(ROOT, "XSDT", 36);
    write_rsdp(MEMORY_SIZE - 36, 2, 0, memory + ROOT);
    struct acpi_tables found = find_from(MEMORY_SIZE - 36);
    expect_span(&found, 0, MEMORY_SIZE - 36, 36);
    expect_span(&found, 1, ROOT, 36);
    ck_assert_uint_eq(found.wrong, 0);
}
END_TEST

/* The fields of 64 bits where the table has them and they are not 0, else those of 32. */
static const struct {
    uint32_t size; /* of the FADT */
    bool zero;     /* the fields of 64 bits are */
    uint64_t facs, dsdt;
} fadts[] = {
    {39, false, 0, 0},
    {40, false, FACS, 0},
    {43, false, FACS, 0},
    {44, false, FACS, DSDT},
    {139, false, FACS, DSDT},
    {140, false, NEW_FACS, DSDT},
    {147, false, NEW_FACS, DSDT},
    {148, false, NEW_FACS, NEW_DSDT},
    {244, true, FACS, DSDT},
};

START_TEST(a_fadt_of_any_length_leads_to_facs_and_dsdt)
{
    static const uint64_t table = FADT;
    static const uint64_t pointed[] = {FACS, DSDT, NEW_FACS, NEW_DSDT};
    for (uint32_t i = 0; i < COUNT_OF(pointed); i++) {
        write_table(pointed[i], "XXXX", 64);
    }
    write_table(FADT, "FACP", fadts[_i].size);
    put(FADT + 36, memory + FACS, 4);
    put(FADT + 40, memory + DSDT, 4);
    put(FADT + 44, 0x11, 1); /* the next field */
    put(FADT + 132, fadts[_i].zero ? 0 : memory + NEW_FACS, 8);
    put(FADT + 140, fadts[_i].zero ? 0 : memory + NEW_DSDT, 8);
    seal(FADT, fadts[_i].size, 9);
    struct acpi_tables found = find(&table, 1);
    ck_assert_uint_eq(found.fadt, memory + FADT);
    ck_assert_uint_eq(found.wrong, 0);
    for (uint32_t i = 0; i < COUNT_OF(pointed); i++) {
        bool expected = pointed[i] == fadts[_i].facs || pointed[i] == fadts[_i].dsdt;
        ck_assert_int_eq(is_listed(&found, pointed[i]), expected);
    }
}
END_TEST

/* Such as one that is not canonical. */
START_TEST(all_bytes_of_an_address_count)
{
    static const uint64_t table = FADT;
    const uint64_t high = UINT64_C(0x81) << 56;
    write_table(FACS, "FACS", 64);
    write_table(FADT, "FACP", 244);
    put(FADT + 132, high | (memory + FACS), 8);
    seal(FADT, 244, 9);
    struct acpi_tables found = find(&table, 1);
    ck_assert_uint_eq(found.wrong, high | (memory + FACS));
    ck_assert(!is_listed(&found, FACS));
    write_rsdp(RSDP, 2, 0, high | (memory + ROOT));
    found = find_from(RSDP);
    ck_assert_uint_eq(found.wrong, high | (memory + ROOT));
    ck_assert_uint_eq(found.fadt, 0);
}
END_TEST

/* Two tables, the lower or the upper one first, with that many bytes between them. */
static struct acpi_tables find_two(uint64_t gap, bool upper_first)
{
    const uint32_t size = 0x10000;
    const uint64_t lower = FADT;
    const uint64_t upper = lower + size + gap;
    const uint64_t tables[] = {upper_first ? upper : lower, upper_first ? lower : upper};
    mapped_below = memory + FADT;
    write_table(lower, "SSDT", size);
    write_table(upper, "SSDT", size);
    return find(tables, 2);
}

START_TEST(tables_less_than_2_mib_apart_are_one)
{
    for (int upper_first = 0; upper_first <= 1; upper_first++) {
        struct acpi_tables found = find_two(NEAR - 1, upper_first);
        expect_span(&found, 0, FADT, 0x10000 + NEAR - 1 + 0x10000);
        ck_assert_uint_eq(found.span_count, 1);
        found = find_two(NEAR, upper_first);
        expect_span(&found, upper_first, FADT, 0x10000);
        expect_span(&found, 1 - upper_first, FADT + 0x10000 + NEAR, 0x10000);
        ck_assert_uint_eq(found.span_count, 2);
    }
}
END_TEST

START_TEST(a_table_joins_the_one_it_lies_near_to)
{
    static const uint64_t tables[] = {FADT, SPCR, MADT, SPCR + 0x1000, SPCR + 0x10};
    mapped_below = memory + FADT;
    for (uint32_t i = 0; i < COUNT_OF(tables); i++) {
        write_table(tables[i], "SSDT", i == 1 ? 0x800 : 40);
    }
    struct acpi_tables found = find(tables, COUNT_OF(tables));
    ck_assert_uint_eq(found.span_count, 3);
    expect_span(&found, 0, FADT, 40);
    expect_span(&found, 1, SPCR, 0x1000 + 40);
    expect_span(&found, 2, MADT, 40);
}
END_TEST

START_TEST(what_a_kernel_finds_mapped_is_not_listed)
{
    static const uint64_t table = HPET;
    write_table(HPET, "HPET", 56);
    mapped_below = memory + HPET + 56;
    ck_assert_uint_eq(find(&table, 1).span_count, 0);
    mapped_below--;
    struct acpi_tables found = find(&table, 1);
    ck_assert_uint_eq(found.span_count, 1);
    expect_span(&found, 0, HPET, 56);
}
END_TEST

static const struct {
    uint32_t size;
    bool believed;
} lengths[] = {
    {35, false}, {36, true}, {0x100000, true}, {0x100001, false}, {0x10000038, false},
};

/* Whatever can be read, and with the right sum. */
START_TEST(a_table_has_36_bytes_to_1_mib)
{
    static const uint64_t table = HPET;
    mapped_below = memory + HPET;
    write_table(HPET, "HPET", lengths[_i].size & 0xFFFFFF);
    put(HPET + 4, lengths[_i].size, 4);
    struct acpi_tables found = find(&table, 1);
    ck_assert_uint_eq(found.span_count, lengths[_i].believed);
    ck_assert_uint_eq(found.wrong, lengths[_i].believed ? 0 : memory + HPET);
    if (lengths[_i].believed) {
        expect_span(&found, 0, HPET, lengths[_i].size);
    }
}
END_TEST

START_TEST(all_bytes_of_a_name_count)
{
    static const uint64_t tables[] = {FADT, SPCR, MADT};
    write_table(FADT, "FACX", 244);
    write_table(SPCR, "SPCX", 80);
    write_table(MADT, "APIX", 60);
    struct acpi_tables found = find(tables, COUNT_OF(tables));
    ck_assert_uint_eq(found.fadt | found.spcr | found.madt | found.wrong, 0);
    ck_assert(is_listed(&found, FADT) && is_listed(&found, SPCR) && is_listed(&found, MADT));
    write_root("XSDX", 8, tables, COUNT_OF(tables));
    found = find_from(RSDP);
    ck_assert_uint_eq(found.wrong, memory + ROOT);
    ck_assert(!is_listed(&found, FADT));
    put(RSDP + 7, 'X', 1);
    seal(RSDP, 20, 8);
    found = find_from(RSDP);
    ck_assert_uint_eq(found.rsdp, 0);
    ck_assert_uint_eq(found.wrong, memory + RSDP);
}
END_TEST

START_TEST(what_is_damaged_is_named_whatever_comes_after_it)
{
    static const uint64_t tables[] = {FADT, 0, HPET};
    write_table(FADT, "FACP", 244);
    write_table(HPET, "HPET", 56);
    put(FADT + 200, 1, 1);
    ck_assert_uint_eq(find(tables, COUNT_OF(tables)).wrong, memory + FADT);
    put(FADT + 4, 20, 4);
    ck_assert_uint_eq(find(tables, COUNT_OF(tables)).wrong, memory + FADT);
    put(ROOT + 20, 1, 1);
    ck_assert_uint_eq(find_from(RSDP).wrong, memory + ROOT);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("acpi_spans");
    TCase *tcase = tcase_create("acpi_spans");
    tcase_add_checked_fixture(tcase, setup, NULL);
    tcase_add_test(tcase, every_table_is_listed_with_its_size);
    tcase_add_test(tcase, an_rsdp_before_revision_2_leads_to_the_rsdt);
    tcase_add_test(tcase, an_rsdp_may_end_where_memory_does);
    tcase_add_loop_test(tcase, a_fadt_of_any_length_leads_to_facs_and_dsdt, 0, COUNT_OF(fadts));
    tcase_add_test(tcase, all_bytes_of_an_address_count);
    tcase_add_test(tcase, tables_less_than_2_mib_apart_are_one);
    tcase_add_test(tcase, a_table_joins_the_one_it_lies_near_to);
    tcase_add_test(tcase, what_a_kernel_finds_mapped_is_not_listed);
    tcase_add_loop_test(tcase, a_table_has_36_bytes_to_1_mib, 0, COUNT_OF(lengths));
    tcase_add_test(tcase, all_bytes_of_a_name_count);
    tcase_add_test(tcase, what_is_damaged_is_named_whatever_comes_after_it);
    suite_add_tcase(suite, tcase);
    return suite_main(suite, "unit-acpi_spans");
}
