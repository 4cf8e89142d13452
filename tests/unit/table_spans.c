/* Which of the firmware's tables need page tables of their own, and what is said of the others. */
#include "boot/firmware_tables.h"
#include "fake_platform.h"
#include "suite.h"

#include <string.h>

#define BELOW UINT64_C(0x100000000) /* what ends here or lower is mapped in any case */

static struct firmware_tables tables;

static void begin(void)
{
    fake_reset();
    memset(&tables, 0, sizeof(tables));
}

/* The spans that are needed are these, up to one of no size. */
static void needs(const struct BootInfoSpan *wanted)
{
    struct BootInfoSpan spans[FIRMWARE_SPANS_MAX + 1];
    memset(spans, 0, sizeof(spans));
    uint32_t count = firmware_tables_spans(&tables, spans);
    for (uint32_t i = 0; i < count; i++) {
        ck_assert_uint_eq(spans[i].address, wanted[i].address);
        ck_assert_uint_eq(spans[i].size, wanted[i].size);
    }
    ck_assert_uint_eq(wanted[count].size, 0);
}

START_TEST(all_of_acpi_is_needed)
{
    static const struct BootInfoSpan wanted[] = {{BELOW, 36}, {2 * BELOW, 64}, {0, 0}};
    tables.acpi.spans[0] = wanted[0];
    tables.acpi.spans[1] = wanted[1];
    tables.acpi.spans[2] = (struct BootInfoSpan){3 * BELOW, 1}; /* not one of them */
    tables.acpi.span_count = 2;
    needs(wanted);
}
END_TEST

START_TEST(smbios_is_needed_where_it_ends_above_4_gib)
{
    static const struct BootInfoSpan wanted[] = {{BELOW - 24, 25}, {0, 0}};
    for (int i = 0; i < 2; i++) {
        begin();
        tables.smbios[i] = wanted[0];
        tables.smbios[1 - i] = (struct BootInfoSpan){BELOW - 24, 24};
        needs(wanted);
    }
}
END_TEST

START_TEST(the_mailbox_is_needed_where_its_page_ends_above_4_gib)
{
    static const struct BootInfoSpan wanted[] = {{BELOW, PAGE_SIZE}, {0, 0}};
    tables.mailbox = BELOW - PAGE_SIZE;
    needs(wanted + 1);
    tables.mailbox = BELOW;
    needs(wanted);
}
END_TEST

START_TEST(tables_that_are_left_out_are_counted_in_the_log)
{
    static struct log log;
    log_open(&log);
    firmware_tables_log(&log, &tables);
    ck_assert_uint_eq(fake.said_size, 0);
    tables.acpi.omitted_count = 4;
    firmware_tables_log(&log, &tables);
    ck_assert_str_eq(fake.said, "machine    ACPI tables that are not mapped for the kernel: 0x4, "
                                "they lie too far apart\n");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("table_spans");
    TCase *spans = tcase_create("spans");
    tcase_add_checked_fixture(spans, begin, NULL);
    tcase_add_test(spans, all_of_acpi_is_needed);
    tcase_add_test(spans, smbios_is_needed_where_it_ends_above_4_gib);
    tcase_add_test(spans, the_mailbox_is_needed_where_its_page_ends_above_4_gib);
    tcase_add_test(spans, tables_that_are_left_out_are_counted_in_the_log);
    suite_add_tcase(suite, spans);
    return suite_main(suite, "unit-table_spans");
}
