/* What an exception of the CPU means, and where a kernel's own page tables lead. */
#include "arch/x86_64/crash.h"

#include <string.h>

#include "suite.h"

#define PAGE          4096
#define NOT_CANONICAL UINT64_C(0x8181818181818181)

static struct crash_state state;
static struct crash crash;

static void setup(void)
{
    memset(&state, 0, sizeof(state));
}

/* Into memory that is not zero: every field is set. */
static void describe(uint64_t vector, uint64_t error)
{
    memset(&crash, 0xA5, sizeof(crash));
    state.vector = vector;
    state.error = error;
    crash_describe(&state, 0, &crash);
}

START_TEST(exceptions_without_a_name_have_no_cause)
{
    static const uint64_t vectors[] = {9, 15, 22, 27, 28, 31};
    for (size_t i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
        char title[64];
        snprintf(title, sizeof(title), "unexpected interrupt (vector %lu)", vectors[i]);
        describe(vectors[i], 0);
        ck_assert_str_eq(crash.title, title);
        ck_assert_str_eq(crash.cause, "");
    }
}
END_TEST

START_TEST(a_page_fault_is_what_was_tried_and_why_it_failed)
{
    static const struct {
        uint64_t error;
        const char *cause;
    } rows[] = {
        {0x00, "read from 0x5000, not mapped"},
        {0x01, "read from 0x5000, not allowed by the page tables"},
        {0x02, "write to 0x5000, not mapped"},
        {0x03, "write to 0x5000, not allowed by the page tables"},
        {0x04, "read from 0x5000, not mapped"},
        {0x09, "read from 0x5000, page table entry is damaged"},
        {0x0B, "write to 0x5000, page table entry is damaged"},
        {0x10, "execution of 0x5000, not mapped"},
        {0x11, "execution of 0x5000, not allowed by the page tables"},
        {0x19, "execution of 0x5000, page table entry is damaged"},
    };
    state.cr2 = 0x5000;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        describe(14, rows[i].error);
        ck_assert_str_eq(crash.cause, rows[i].cause);
        ck_assert(crash.has_address);
        ck_assert_int_eq(crash.is_fetch, rows[i].error >= 0x10);
    }
}
END_TEST

START_TEST(a_protection_fault_names_all_general_registers_that_hold_no_address)
{
    memset(&state, 0x81, sizeof(state));
    state.cr4 = 0;
    describe(13, 0);
    ck_assert_str_eq(crash.cause, "non-canonical address in rax, rbx, rcx, rdx, rsi, rdi, rbp, "
                                  "rsp, r8, r9, r10, r11, r12, r13, r14, r15");
    setup();
    state.rflags = state.cr2 = NOT_CANONICAL;
    describe(13, 0);
    ck_assert_str_eq(crash.cause, "a privileged, misaligned or malformed operation");
}
END_TEST

START_TEST(the_upper_bits_of_an_address_are_copies_of_bit_47_or_with_five_levels_56)
{
    static const struct {
        uint64_t cr4;
        uint64_t last_low;
        uint64_t first_high;
    } rows[] = {{0, UINT64_C(0x00007FFFFFFFFFFF), UINT64_C(0xFFFF800000000000)},
                {0x1000, UINT64_C(0x00FFFFFFFFFFFFFF), UINT64_C(0xFF00000000000000)}};
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        setup();
        state.cr4 = rows[i].cr4;
        state.rax = rows[i].last_low;
        state.rbx = rows[i].last_low + 1;
        state.rcx = rows[i].first_high;
        state.rdx = rows[i].first_high - 1;
        describe(13, 0);
        ck_assert_str_eq(crash.cause, "non-canonical address in rbx, rdx");
    }
}
END_TEST

/* As the walk through the stack needs them. A call leaves no return address in a register. */
START_TEST(the_places_of_the_code_and_the_stack_are_the_registers)
{
    state.rip = 0x1234;
    state.rsp = 0x5678;
    state.rbp = 0x9ABC;
    describe(6, 0);
    ck_assert_uint_eq(crash.program_counter, 0x1234);
    ck_assert_uint_eq(crash.stack_pointer, 0x5678);
    ck_assert_uint_eq(crash.frame_pointer, 0x9ABC);
    ck_assert_uint_eq(crash.return_address, 0);
    ck_assert(!crash.has_address);
    ck_assert(!crash.is_fetch);
}
END_TEST

/* One page, in tables of the kernel's own: entry 1 of that of level 5, 2 of level 4, and so on. */
static _Alignas(PAGE) uint64_t tables[5][PAGE / 8];

#define FRAME       UINT64_C(0x12345000)
#define FOUR_LEVELS (UINT64_C(2) << 39 | UINT64_C(3) << 30 | 4 << 21 | 5 << 12 | 0x234)
#define FIVE_LEVELS (UINT64_C(1) << 48 | FOUR_LEVELS)

static struct BootInfoRegion memory;
static struct crash_world world;

static void build_tables(bool five_levels)
{
    for (int i = 0; i < 5; i++) {
        tables[i][5 - i] = (i == 0 ? FRAME : (uint64_t)(uintptr_t)tables[i - 1]) | 3;
    }
    memory = (struct BootInfoRegion){.base = (uint64_t)(uintptr_t)tables,
                                     .size = sizeof(tables),
                                     .type = BOOTINFO_MEMORY_USABLE};
    world = (struct crash_world){.page_tables = (uint64_t)(uintptr_t)tables[five_levels ? 4 : 3],
                                 .five_levels = five_levels,
                                 .regions = &memory,
                                 .region_count = 1};
}

START_TEST(an_address_leads_where_the_tables_of_the_kernel_say)
{
    uint64_t physical = 0;
    build_tables(false);
    ck_assert(crash_translate(&world, FOUR_LEVELS, &physical));
    ck_assert_uint_eq(physical, FRAME + 0x234);
    ck_assert(crash_translate(&world, FOUR_LEVELS | 0xFFF, &physical)); /* a page's last byte */
    ck_assert(!crash_translate(&world, FOUR_LEVELS + PAGE, &physical));
    ck_assert(!crash_translate(&world, FIVE_LEVELS, &physical));
    build_tables(true);
    ck_assert(crash_translate(&world, FIVE_LEVELS, &physical));
    ck_assert_uint_eq(physical, FRAME + 0x234);
    ck_assert(!crash_translate(&world, FOUR_LEVELS, &physical));
}
END_TEST

/* Another fault would be the end of the report. */
START_TEST(tables_in_no_memory_are_not_read)
{
    uint64_t physical = 0;
    build_tables(false);
    memory.type = BOOTINFO_MEMORY_MMIO;
    ck_assert(!crash_translate(&world, FOUR_LEVELS, &physical));
    build_tables(false);
    memory.base += PAGE;
    ck_assert(!crash_translate(&world, FOUR_LEVELS, &physical));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("crash_causes");
    TCase *tests = tcase_create("causes");
    tcase_add_checked_fixture(tests, setup, NULL);
    tcase_add_test(tests, exceptions_without_a_name_have_no_cause);
    tcase_add_test(tests, a_page_fault_is_what_was_tried_and_why_it_failed);
    tcase_add_test(tests, a_protection_fault_names_all_general_registers_that_hold_no_address);
    tcase_add_test(tests, the_upper_bits_of_an_address_are_copies_of_bit_47_or_with_five_levels_56);
    tcase_add_test(tests, the_places_of_the_code_and_the_stack_are_the_registers);
    tcase_add_test(tests, an_address_leads_where_the_tables_of_the_kernel_say);
    tcase_add_test(tests, tables_in_no_memory_are_not_read);
    suite_add_tcase(suite, tests);
    return suite_main(suite, "unit-crash_causes");
}
