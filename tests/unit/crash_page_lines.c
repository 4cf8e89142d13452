/* The crash page line by line, as the core writes it on any CPU. Most tests have page tables of the
 * kernel's own, so that the addresses are known beforehand. */
#include "core/base/writer.h"
#include "core/screen/crash_page.h"

#include <check.h>
#include <string.h>

#include "suite.h"

#define PAGE 4096

/* What lies where in memory. */
enum {
    BEFORE = 0,
    GUARD = PAGE,
    STACK = 2 * PAGE,
    BEYOND = 4 * PAGE,
    KERNEL = 5 * PAGE,
    AFTER = 7 * PAGE,
};

/* Where the kernel's own tables have its code, and its stack with what lies beyond it. */
#define CODE UINT64_C(0xFFFFC00000000000)
#define TOP  UINT64_C(0xFFFFC00000102000)

static _Alignas(PAGE) uint8_t memory[AFTER];
static char page[8192];
static struct writer output;
static struct BootInfoRegion regions[4];
static struct crash_world world;
static struct crash crash;
static struct {
    uint64_t page;
    uint64_t offset; /* in memory */
} tables[8];

static uint64_t place(uint64_t offset)
{
    return (uint64_t)(uintptr_t)memory + offset;
}

static bool translate(const struct crash_world *of, uint64_t address, uint64_t *out_physical)
{
    ck_assert_ptr_eq(of, &world);
    for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++) {
        if (tables[i].page != 1 && address - tables[i].page < PAGE) {
            *out_physical = place(tables[i].offset) + address % PAGE;
            return true;
        }
    }
    return false;
}

static void map(size_t i, uint64_t virtual_page, uint64_t offset)
{
    tables[i].page = virtual_page;
    tables[i].offset = offset;
}

static void setup_tables(void)
{
    for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++) {
        map(i, 1, 0); /* not used */
    }
    map(0, CODE, KERNEL);
    map(1, CODE + PAGE, KERNEL + PAGE);
    map(2, TOP - 2 * PAGE, STACK);
    map(3, TOP - PAGE, STACK + PAGE);
    map(4, TOP, BEYOND);
}

static void setup(void)
{
    memset(memory, 0, sizeof(memory));
    for (uint64_t i = KERNEL; i < AFTER; i++) {
        memory[i] = (uint8_t)i;
    }
    setup_tables();
    regions[0] = (struct BootInfoRegion){
        .base = place(BEFORE), .size = PAGE, .type = BOOTINFO_MEMORY_USABLE};
    regions[1] = (struct BootInfoRegion){
        .base = place(GUARD), .size = 3 * PAGE, .type = BOOTINFO_MEMORY_STACK};
    regions[2] = (struct BootInfoRegion){
        .base = place(BEYOND), .size = PAGE, .type = BOOTINFO_MEMORY_USABLE};
    regions[3] = (struct BootInfoRegion){
        .base = place(KERNEL), .size = 2 * PAGE, .type = BOOTINFO_MEMORY_KERNEL};
    world = (struct crash_world){
        .kernel = {place(KERNEL), 2 * PAGE},
        .kernel_virtual = place(KERNEL),
        .stack = {place(STACK), 2 * PAGE},
        .regions = regions,
        .region_count = 4,
        .translate = translate,
    };
    crash = (struct crash){
        .title = "made up", .program_counter = CODE + 0x100, .stack_pointer = TOP - 16};
}

static void collect(void *context, struct text line)
{
    ck_assert_ptr_eq(context, &world);
    write_text(&output, line);
    write_char(&output, '\n');
}

static void report(void)
{
    output = writer_on(page, sizeof(page));
    crash_page(&world, &crash, collect, &world);
}

/* The page from the line on that begins with words is lines. */
static void ends_with(const char *words, const char *lines)
{
    const char *from = strstr(page, words);
    ck_assert_msg(from != NULL, "no '%s' in:\n%s", words, page);
    ck_assert_str_eq(from, lines);
}

#define EXPECT(text) ck_assert_msg(strstr(page, text) != NULL, "no '%s' in:\n%s", text, page)
#define REFUSE(text) ck_assert_msg(strstr(page, text) == NULL, "'%s' in:\n%s", text, page)

static void put(uint64_t offset, uint64_t word)
{
    memcpy(memory + offset, &word, sizeof(word));
}

START_TEST(a_page_has_these_lines_in_this_order)
{
    static const char first[] =
        "FAULT: made up\n"
        "cause   nobody knows\n"
        "address kernel+0x18\n"
        "at      kernel+0x100\n"
        "rax    0x0000000000000001  r8     0x0123456789abcdef  rflags 0x0000000000000046\n"
        "cr2    0xfedcba9876543210\n"
        "code    f8 f9 fa fb fc fd fe ff <00> 01 02 03 04 05 06 07\n"
        "backtrace, by frame pointers\n"
        "  #0 kernel+0x100\n"
        "  #1 kernel+0x200\n"
        "  ends: this is where the kernel was entered\n"
        "stack at 0xffffc00000101f0b\n";
    char expected[4096];
    struct writer writer = writer_on(expected, sizeof(expected));
    strcpy(crash.cause, "nobody knows");
    crash.has_address = true;
    crash.address = CODE + 0x18;
    crash.registers[0] = (struct crash_register){"rax", 1};
    crash.registers[1] = (struct crash_register){"r8", UINT64_C(0x0123456789ABCDEF)};
    crash.registers[2] = (struct crash_register){"rflags", 0x46};
    crash.registers[3] = (struct crash_register){"cr2", UINT64_C(0xFEDCBA9876543210)};
    crash.register_count = 4;
    crash.stack_pointer = TOP - 0xF5;
    crash.frame_pointer = TOP - 0xE8;
    put(BEYOND - 0xE0, CODE + 0x200);
    write_string(&writer, first);
    for (unsigned i = 0; i < 16; i++) {
        char line[80];
        (void)snprintf(line, sizeof(line), "  0xffffc00000101f%02x  0x%s\n", 8 + 8 * i,
                       i == 3 ? "ffffc00000000200  kernel+0x200" : "0000000000000000  ");
        write_string(&writer, line);
    }
    report();
    ck_assert_str_eq(page, expected);
}
END_TEST

START_TEST(what_is_not_known_has_no_line)
{
    static const char words[] = "FAULT: made up\nat      kernel+0x100\ncode    ";
    memset(crash.cause, 'x', sizeof(crash.cause));
    crash.cause[0] = '\0';
    report();
    ck_assert_msg(strncmp(page, words, sizeof(words) - 1) == 0, "%s", page);
}
END_TEST

START_TEST(code_is_shown_to_the_last_byte_of_memory)
{
    crash.program_counter = CODE + 2 * PAGE - 1;
    report();
    EXPECT("code    f7 f8 f9 fa fb fc fd fe <ff> ?? ?? ?? ?? ?? ?? ??\n");
}
END_TEST

START_TEST(the_stack_is_shown_to_its_end)
{
    static const char words[] = "  0xffffc00000101ff0  0x0000000000000001  \n"
                                "  0xffffc00000101ff8  0x0000000000000002  \n";
    static const char *const starts[] = {"stack at 0xffffc00000101ff0\n",
                                         "stack at 0xffffc00000101ff1\n",
                                         "stack at 0xffffc00000101ff7\n"};
    put(BEYOND - 16, 1);
    put(BEYOND - 8, 2);
    for (size_t i = 0; i < sizeof(starts) / sizeof(starts[0]); i++) {
        char expected[256];
        crash.stack_pointer = TOP - 16 + (const uint64_t[]){0, 1, 7}[i];
        (void)snprintf(expected, sizeof(expected), "%s%s", starts[i], words);
        report();
        ends_with("stack at ", expected);
    }
}
END_TEST

START_TEST(a_stack_elsewhere_is_shown_to_the_end_of_its_memory)
{
    crash.stack_pointer = TOP + PAGE - 8;
    report();
    ends_with("stack at ", "stack at 0xffffc00000102ff8, outside of the stack that the loader "
                           "gave\n  0xffffc00000102ff8  0x0000000000000000  \n");
}
END_TEST

START_TEST(a_wild_jump_has_its_caller_and_the_callers_of_that)
{
    crash.program_counter = 0x7000000000;
    put(BEYOND - 16, CODE + 0x300);
    crash.frame_pointer = TOP - 0x40;
    put(BEYOND - 0x38, CODE + 0x400);
    report();
    EXPECT("  #0 0x7000000000\n  #1 kernel+0x300\n  #2 kernel+0x400\n  ends: this is where");
}
END_TEST

START_TEST(what_lies_across_two_words_is_no_caller)
{
    crash.program_counter = 0x7000000000;
    crash.stack_pointer = TOP - 12;
    put(BEYOND - 12, CODE + 0x300);
    report();
    EXPECT("  #0 0x7000000000\n  ends: ");
}
END_TEST

/* A frame's two words may lie in two pages, and these anywhere. */
START_TEST(a_frame_is_read_as_far_as_it_is_mapped)
{
    crash.frame_pointer = TOP - 8;
    put(BEYOND, CODE + 0x500);
    report();
    EXPECT("  #0 kernel+0x100\n  #1 kernel+0x500\n  ends: this is where");
    map(4, TOP, BEFORE);
    put(BEFORE, CODE + 0x600);
    report();
    EXPECT("  #0 kernel+0x100\n  #1 kernel+0x600\n  ends: this is where");
    map(4, 1, 0);
    report();
    EXPECT("  #0 kernel+0x100\n  ends: no frame pointer in 0xffffc00000101ff8 (build with");
}
END_TEST

START_TEST(no_frame_lies_at_0_though_the_kernel_maps_it)
{
    map(5, 0, BEFORE);
    put(BEFORE + 8, CODE + 0x700);
    report();
    EXPECT("  #0 kernel+0x100\n  ends: this is where the kernel was entered\n");
}
END_TEST

static void address_is(uint64_t address, const char *meaning)
{
    char expected[128];
    crash.has_address = true;
    crash.address = address;
    (void)snprintf(expected, sizeof(expected), "\naddress %s\n", meaning);
    report();
    EXPECT(expected);
}

START_TEST(what_an_address_means_begins_and_ends_at_its_bytes)
{
    static const char guard[] = "the guard page: the stack overflowed";
    static const char nothing[] = "not RAM: the memory map has nothing there";
    world.translate = NULL;
    address_is(PAGE - 1, "page 0: a NULL pointer was used");
    address_is(PAGE, nothing);
    address_is(place(BEFORE) - 1, nothing);
    address_is(place(BEFORE), "memory of type usable");
    address_is(place(GUARD) - 1, "memory of type usable");
    address_is(place(GUARD), guard);
    address_is(place(STACK) - 1, guard);
    address_is(place(STACK), "the stack");
    address_is(place(BEYOND) - 1, "the stack");
    address_is(place(BEYOND), "memory of type usable");
    address_is(place(KERNEL), "kernel+0x0");
    address_is(place(AFTER) - 1, "kernel+0x1fff");
    address_is(place(AFTER), nothing);
    address_is(UINT64_MAX >> 1, nothing);
    address_is((UINT64_MAX >> 1) + 1, "nothing: neither the kernel nor a direct map is there");
    world.region_count = 2;
    address_is(place(BEYOND), nothing);
}
END_TEST

START_TEST(a_direct_map_begins_at_its_first_byte)
{
    static const struct crash_module first = {{0x600000, 0x1000}, "first"};
    const uint64_t direct_map = UINT64_C(0xFFFF800000000000);
    world.translate = NULL;
    world.direct_map = direct_map;
    world.modules = &first;
    world.module_count = 1;
    address_is(direct_map - 1, "nothing: neither the kernel nor a direct map is there");
    address_is(direct_map, "page 0: a NULL pointer was used");
    address_is(direct_map + 0x600005, "module first+0x5");
    address_is(0x600005, "module first+0x5");
}
END_TEST

START_TEST(page_0_of_the_kernels_own_tables_ends_at_4096)
{
    address_is(PAGE - 1, "page 0: a NULL pointer was used");
    address_is(PAGE, "nothing: the kernel's own page tables lead nowhere from there");
}
END_TEST

START_TEST(memory_can_be_read_but_for_page_0_and_the_guard_page)
{
    regions[0] = (struct BootInfoRegion){.size = 2 * PAGE, .type = BOOTINFO_MEMORY_USABLE};
    ck_assert(!crash_memory_is_readable(&world, PAGE - 8, 8));
    ck_assert(crash_memory_is_readable(&world, PAGE, 8));
    ck_assert(crash_memory_is_readable(&world, 2 * PAGE - 8, 8));
    ck_assert(!crash_memory_is_readable(&world, 2 * PAGE - 8, 9));
    ck_assert(!crash_memory_is_readable(&world, place(GUARD), 8));
    ck_assert(!crash_memory_is_readable(&world, place(STACK) - 8, 8));
    ck_assert(crash_memory_is_readable(&world, place(STACK), 8));
    ck_assert(crash_memory_is_readable(&world, place(AFTER) - 8, 8));
    ck_assert(!crash_memory_is_readable(&world, place(AFTER) - 8, 9));
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        a_page_has_these_lines_in_this_order,
        what_is_not_known_has_no_line,
        code_is_shown_to_the_last_byte_of_memory,
        the_stack_is_shown_to_its_end,
        a_stack_elsewhere_is_shown_to_the_end_of_its_memory,
        a_wild_jump_has_its_caller_and_the_callers_of_that,
        what_lies_across_two_words_is_no_caller,
        a_frame_is_read_as_far_as_it_is_mapped,
        no_frame_lies_at_0_though_the_kernel_maps_it,
        what_an_address_means_begins_and_ends_at_its_bytes,
        a_direct_map_begins_at_its_first_byte,
        page_0_of_the_kernels_own_tables_ends_at_4096,
        memory_can_be_read_but_for_page_0_and_the_guard_page,
    };
    Suite *suite = suite_create("crash_page_lines");
    TCase *tcase = tcase_create("lines");
    tcase_add_checked_fixture(tcase, setup, NULL);
    for (size_t i = 0; i < sizeof(tests) / sizeof(tests[0]); i++) {
        tcase_add_test(tcase, tests[i]);
    }
    suite_add_tcase(suite, tcase);
    return suite_main(suite, "unit-crash_page_lines");
}
