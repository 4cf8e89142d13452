/* The crash page: a state and a memory in, sentences out. Addresses are those of real arrays. */
#include "arch/x86_64/crash.h"
#include "core/base/writer.h"

#include <check.h>
#include <string.h>

#include "suite.h"

#define PAGE 4096

static _Alignas(PAGE) uint8_t guard_and_stack[5 * PAGE];
static _Alignas(PAGE) uint8_t kernel[2 * PAGE];
static char page[8192];
static struct writer output;
static struct BootInfoRegion regions[3];
static struct crash_world world;
static struct crash_state state;
static uint32_t pic_lines;

static void collect(void *context, struct text line)
{
    (void)context;
    write_text(&output, line);
    write_char(&output, '\n');
}

static uint64_t address_of(const void *pointer)
{
    return (uint64_t)(uintptr_t)pointer;
}

static void setup(void)
{
    memset(guard_and_stack, 0, sizeof(guard_and_stack));
    memset(kernel, 0x90, sizeof(kernel));
    uint64_t stack = address_of(guard_and_stack) + PAGE;
    regions[0] = (struct BootInfoRegion){.base = address_of(guard_and_stack),
                                         .size = sizeof(guard_and_stack),
                                         .type = BOOTINFO_MEMORY_STACK};
    regions[1] = (struct BootInfoRegion){
        .base = address_of(kernel), .size = sizeof(kernel), .type = BOOTINFO_MEMORY_KERNEL};
    regions[2] =
        (struct BootInfoRegion){.base = 0xFEC00000, .size = PAGE, .type = BOOTINFO_MEMORY_MMIO};
    world = (struct crash_world){
        .kernel = {address_of(kernel), sizeof(kernel)},
        .kernel_virtual = address_of(kernel),
        .stack = {stack, 4 * PAGE},
        .regions = regions,
        .region_count = 3,
    };
    state = (struct crash_state){
        .vector = 6, .rip = address_of(kernel) + 0x123, .rsp = stack + 4 * PAGE - 8};
    output = writer_on(page, sizeof(page));
    pic_lines = 0;
}

static void report(void)
{
    struct crash crash;
    crash_describe(&state, pic_lines, &crash);
    crash_page(&world, &crash, collect, NULL);
}

#define EXPECT(text) ck_assert_msg(strstr(page, text) != NULL, "no '%s' in:\n%s", text, page)
#define REFUSE(text) ck_assert_msg(strstr(page, text) == NULL, "'%s' in:\n%s", text, page)

START_TEST(exception_is_named_with_its_place_in_the_kernel)
{
    report();
    EXPECT("FAULT: invalid opcode (#UD, vector 6)\n");
    EXPECT("at      kernel+0x123\n");
    REFUSE("error code");
}
END_TEST

START_TEST(a_kernel_without_a_header_that_dies_at_once_may_be_for_another_loader)
{
    static const char words[] = "for another loader? docs/adapters.md\n";
    for (uint64_t i = 0; i < 64; i++) {
        output.used = 0;
        world.suspect = state.rip - i;
        report();
        EXPECT(words);
    }
    output.used = 0;
    world.suspect = state.rip - 64;
    report();
    REFUSE(words);
    output.used = 0;
    world.suspect = state.rip + 1;
    report();
    REFUSE(words);
    output.used = 0;
    world.suspect = 0; /* it has a header, and has called address 0 */
    state.rip = 0;
    report();
    REFUSE(words);
}
END_TEST

START_TEST(vector_without_a_name_is_an_unexpected_interrupt)
{
    state.vector = 0x40;
    report();
    EXPECT("FAULT: unexpected interrupt (vector 64)\n");
}
END_TEST

static void page_fault(uint64_t error, uint64_t address)
{
    state.vector = 14;
    state.error = error;
    state.cr2 = address;
    report();
}

START_TEST(write_through_null_is_called_that)
{
    page_fault(2, 0x10);
    EXPECT("(#PF, vector 14), error code 0x2\n");
    EXPECT("cause   write to 0x10, not mapped\n");
    EXPECT("address page 0: a NULL pointer was used\n");
}
END_TEST

START_TEST(execution_and_protection_are_told_apart_from_reads)
{
    page_fault(0x11, 0x5000);
    EXPECT("cause   execution of 0x5000, not allowed by the page tables\n");
}
END_TEST

START_TEST(damaged_page_table_entry_is_called_that)
{
    page_fault(9, 0x5000);
    EXPECT("page table entry is damaged\n");
}
END_TEST

START_TEST(guard_page_means_stack_overflow)
{
    page_fault(2, address_of(guard_and_stack) + PAGE - 8);
    EXPECT("address the guard page: the stack overflowed\n");
}
END_TEST

/* What a kernel of the higher half has in its registers are virtual addresses. */
START_TEST(virtual_addresses_of_the_kernel_are_places_in_it)
{
    const uint64_t virtual_address = UINT64_C(0xFFFFFFFF80000000);
    world.kernel_virtual = virtual_address;
    state.rip = virtual_address + 0x123;
    state.rbp = virtual_address + 0x800;
    ((uint64_t *)(void *)kernel)[0x100] = 0;
    ((uint64_t *)(void *)kernel)[0x101] = virtual_address + 0x456;
    page_fault(3, virtual_address + 0x777);
    EXPECT("address kernel+0x777\n");
    EXPECT("at      kernel+0x123\n");
    EXPECT("code    90 90 90 90 90 90 90 90 <90> 90");
    EXPECT("  #0 kernel+0x123\n  #1 kernel+0x456\n  ends: this is where");
    page_fault(2, virtual_address + sizeof(kernel));
    EXPECT("address nothing: neither the kernel nor a direct map is there\n");
}
END_TEST

START_TEST(addresses_of_the_direct_map_are_those_of_what_is_there)
{
    const uint64_t direct_map = UINT64_C(0xFFFF800000000000);
    world.direct_map = direct_map;
    state.rsp += direct_map;
    page_fault(2, direct_map + address_of(guard_and_stack) + PAGE - 8);
    EXPECT("address the guard page: the stack overflowed\n");
    REFUSE("outside of the stack");
    page_fault(2, direct_map + 8);
    EXPECT("address page 0: a NULL pointer was used\n");
    page_fault(2, direct_map + address_of(kernel));
    EXPECT("address kernel+0x0\n");
}
END_TEST

START_TEST(address_beyond_the_map_is_no_ram)
{
    page_fault(0, 0x7777777000);
    EXPECT("address not RAM: the memory map has nothing there\n");
}
END_TEST

START_TEST(address_in_a_region_has_its_type)
{
    page_fault(0, 0xFEC00010);
    EXPECT("address memory of type MMIO\n");
}
END_TEST

START_TEST(address_in_a_module_has_its_name)
{
    static const struct crash_module modules[] = {
        {{0x600000, 0x1000}, "/boot/first"},
        {{0x700000, 0x1001}, "/boot/initrd.img"},
    };
    world.modules = modules;
    world.module_count = 2;
    page_fault(0x11, 0x701000);
    EXPECT("address module /boot/initrd.img+0x1000\n");
    page_fault(0x11, 0x701001);
    EXPECT("address not RAM: ");
}
END_TEST

START_TEST(non_canonical_registers_are_named_for_a_general_protection_fault)
{
    state.vector = 13;
    state.rbx = UINT64_C(0x8000000000000000);
    state.r9 = UINT64_C(0x0001000000000000);
    report();
    EXPECT("cause   non-canonical address in rbx, r9\n");
}
END_TEST

START_TEST(five_levels_of_page_tables_make_57_bits_canonical)
{
    state.vector = 13;
    state.cr4 = 0x1000;
    state.rbx = UINT64_C(0x0001000000000000);
    state.rsi = UINT64_C(0xFF00000000000000);
    state.r9 = UINT64_C(0x0100000000000000);
    state.r10 = UINT64_C(0xFEFFFFFFFFFFFFFF);
    report();
    EXPECT("cause   non-canonical address in r9, r10\n");
}
END_TEST

START_TEST(selector_of_a_general_protection_fault_is_shown)
{
    state.vector = 13;
    state.error = 0x28;
    report();
    EXPECT("cause   selector 0x28\n");
}
END_TEST

START_TEST(wild_jump_is_outside_of_the_kernel_and_its_code_is_not_read)
{
    state.rip = 0x7777777000;
    report();
    EXPECT("at      0x7777777000, outside of the kernel: not RAM");
    EXPECT("<\?\?>");
}
END_TEST

START_TEST(code_bytes_mark_the_current_one)
{
    kernel[0x123] = 0x0F;
    report();
    EXPECT("90 90 <0f> 90 90");
}
END_TEST

static uint64_t *stack_word(unsigned from_top)
{
    return (uint64_t *)(guard_and_stack + sizeof(guard_and_stack)) - from_top;
}

START_TEST(backtrace_follows_frame_pointers_to_the_entry)
{
    *stack_word(2) = 0;
    *stack_word(1) = 0;
    *stack_word(6) = address_of(stack_word(2));
    *stack_word(5) = address_of(kernel) + 0x456;
    state.rbp = address_of(stack_word(6));
    report();
    EXPECT("  #0 kernel+0x123\n  #1 kernel+0x456\n  ends: this is where the kernel was entered");
}
END_TEST

START_TEST(backtrace_without_frame_pointers_says_so)
{
    state.rbp = 0x1234567;
    report();
    EXPECT("  ends: no frame pointer in 0x1234567 (build with -fno-omit-frame-pointer)");
}
END_TEST

START_TEST(backtrace_that_turns_back_ends)
{
    *stack_word(6) = address_of(stack_word(6));
    *stack_word(5) = address_of(kernel);
    state.rbp = address_of(stack_word(6));
    report();
    EXPECT("  ends: no frame pointer in");
}
END_TEST

START_TEST(backtrace_ends_at_a_return_address_outside_of_the_kernel)
{
    *stack_word(6) = address_of(stack_word(2));
    *stack_word(5) = address_of(kernel) + sizeof(kernel);
    state.rbp = address_of(stack_word(6));
    report();
    EXPECT("  #0 kernel+0x123\n  ends: no frame pointer in");
}
END_TEST

START_TEST(wild_jump_names_who_called)
{
    *stack_word(1) = address_of(kernel) + 0x77;
    state.rip = 0x7777777000;
    report();
    EXPECT("  #0 0x7777777000\n  #1 kernel+0x77\n  ends: this is where");
}
END_TEST

START_TEST(wild_jump_with_no_caller_on_the_stack_names_none)
{
    *stack_word(1) = address_of(kernel) + sizeof(kernel);
    state.rip = 0x7777777000;
    report();
    EXPECT("  #0 0x7777777000\n  ends: ");
}
END_TEST

START_TEST(wild_jump_with_a_wild_stack_reads_none_of_it)
{
    state.rip = 0x7777777000;
    state.rsp = address_of(guard_and_stack) + 8;
    report();
    EXPECT("  #0 0x7777777000\n  ends: ");
}
END_TEST

START_TEST(word_on_the_stack_is_no_caller_of_code_in_the_kernel)
{
    *stack_word(1) = address_of(kernel) + 0x77;
    report();
    EXPECT("  #0 kernel+0x123\n  ends: ");
}
END_TEST

START_TEST(backtrace_ends_after_sixteen_frames)
{
    for (unsigned i = 60; i > 2; i -= 2) {
        *stack_word(i) = address_of(stack_word(i - 2));
        *stack_word(i - 1) = address_of(kernel) + i;
    }
    state.rbp = address_of(stack_word(60));
    report();
    EXPECT("  #15 ");
    REFUSE("  #16 ");
    EXPECT("  ends: there are more");
}
END_TEST

START_TEST(stack_words_are_shown_with_their_place)
{
    *stack_word(1) = address_of(kernel) + 8;
    report();
    EXPECT("  kernel+0x8\n");
}
END_TEST

START_TEST(stack_pointer_elsewhere_is_said_and_not_read)
{
    state.rsp = 0x10;
    report();
    EXPECT("stack at 0x10, outside of the stack that the loader gave\n");
}
END_TEST

/* Reading device registers may have effects, and what is not mapped would be another fault. */
START_TEST(stack_pointer_in_no_memory_is_not_read)
{
    static const uint32_t types[] = {BOOTINFO_MEMORY_RESERVED, BOOTINFO_MEMORY_MMIO,
                                     BOOTINFO_MEMORY_MMIO_PORT, BOOTINFO_MEMORY_UNUSABLE,
                                     BOOTINFO_MEMORY_UNACCEPTED};
    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
        setup();
        regions[2].type = types[i];
        state.rsp = regions[2].base + 8;
        state.rbp = regions[2].base + 16;
        report();
        EXPECT("stack at 0xfec00008, outside of the stack that the loader gave\n");
        EXPECT("  ends: no frame pointer in 0xfec00010");
    }
}
END_TEST

START_TEST(words_are_read_to_the_end_of_their_memory_and_no_further)
{
    state.rsp = address_of(kernel) + sizeof(kernel) - 4;
    report();
    EXPECT(", outside of the stack that the loader gave\n");
    setup();
    state.rbp = address_of(kernel) + sizeof(kernel) - 8;
    report();
    EXPECT("  ends: no frame pointer in");
    setup();
    state.rbp = address_of(guard_and_stack);
    report();
    EXPECT("  ends: no frame pointer in");
}
END_TEST

START_TEST(address_in_the_stack_or_the_kernel_is_called_that)
{
    page_fault(3, world.stack.address);
    EXPECT("address the stack\n");
    setup();
    page_fault(3, address_of(kernel) + 0x18);
    EXPECT("address kernel+0x18\n");
}
END_TEST

START_TEST(registers_are_all_there)
{
    static const char *const names[] = {"rax", "r15", "rflags", "cr0", "cr2", "cr3", "cr4", "efer"};
    state.r15 = UINT64_C(0x0123456789ABCDEF);
    report();
    EXPECT("r15    0x0123456789abcdef");
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        EXPECT(names[i]);
    }
}
END_TEST

START_TEST(error_codes_are_where_the_cpu_pushes_them)
{
    static const bool has[32] = {[8] = true,  [10] = true, [11] = true, [12] = true, [13] = true,
                                 [14] = true, [17] = true, [21] = true, [29] = true, [30] = true};
    for (uint32_t vector = 0; vector < 32; vector++) {
        ck_assert_int_eq((CRASH_ERROR_CODES >> vector & 1) != 0, has[vector]);
    }
}
END_TEST

/* A page of the kernel's, and its stack, at addresses that only its own tables know. */
#define OWN_CODE  UINT64_C(0xFFFFC00000000000)
#define OWN_STACK UINT64_C(0xFFFFC00000100000)

static bool translate(const struct crash_world *of, uint64_t address, uint64_t *out_physical)
{
    ck_assert_ptr_eq(of, &world);
    if (address - OWN_CODE < PAGE) {
        *out_physical = address_of(kernel) + (address - OWN_CODE);
    } else if (address - OWN_STACK < 5 * PAGE) {
        *out_physical = address_of(guard_and_stack) + (address - OWN_STACK);
    } else {
        return false;
    }
    return true;
}

START_TEST(with_page_tables_of_its_own_addresses_are_the_kernels)
{
    world.translate = translate;
    state.rip = OWN_CODE + 0x123;
    state.rsp = OWN_STACK + 5 * PAGE - 16;
    state.rbp = OWN_STACK + 5 * PAGE - 32;
    uint64_t *top = (uint64_t *)(void *)(guard_and_stack + 5 * PAGE - 32);
    top[1] = OWN_CODE + 0x456;
    page_fault(2, OWN_CODE + 0x777);
    EXPECT("address kernel+0x777\n");
    EXPECT("at      kernel+0x123\n");
    EXPECT("code    90 90 90 90 90 90 90 90 <90> 90");
    EXPECT("  #0 kernel+0x123\n  #1 kernel+0x456\n  ends: this is where");
    REFUSE("outside of the stack");
}
END_TEST

/* The loader's guard page is one of the kernel's own by now, or nothing; what is at a physical
 * address says nothing of a virtual one. */
START_TEST(with_page_tables_of_its_own_what_leads_nowhere_is_called_that)
{
    world.translate = translate;
    page_fault(2, address_of(guard_and_stack) + PAGE - 8);
    EXPECT("address nothing: the kernel's own page tables lead nowhere from there\n");
    output = writer_on(page, sizeof(page));
    page_fault(2, address_of(kernel));
    EXPECT("address nothing: the kernel's own page tables lead nowhere from there\n");
    EXPECT("code    ?? ??");
    output = writer_on(page, sizeof(page));
    page_fault(2, 8);
    EXPECT("address page 0: a NULL pointer was used\n");
    output = writer_on(page, sizeof(page));
    page_fault(2, OWN_STACK + 8);
    REFUSE("the guard page");
}
END_TEST

START_TEST(upper_half_without_a_direct_map_is_no_memory)
{
    page_fault(2, UINT64_C(0xFFFF900000000000));
    EXPECT("address nothing: neither the kernel nor a direct map is there\n");
}
END_TEST

START_TEST(jump_into_data_has_its_caller)
{
    uint64_t *top = (uint64_t *)(void *)(guard_and_stack + 5 * PAGE - 16);
    state.rip = address_of(kernel) + PAGE;
    state.rsp = address_of(top);
    top[0] = address_of(kernel) + 0x321;
    page_fault(0x11, state.rip);
    EXPECT("  #0 kernel+0x1000\n  #1 kernel+0x321\n");
    output = writer_on(page, sizeof(page));
    page_fault(1, address_of(kernel) + PAGE); /* a read: no call has led here */
    REFUSE("  #1 kernel+0x321\n");
}
END_TEST

START_TEST(interrupt_of_the_legacy_pic_is_named)
{
    static const struct {
        uint64_t vector;
        uint32_t lines;
        const char *cause;
    } cases[] = {
        {0x20, 1, "cause   the timer (IRQ 0 of the legacy PIC): interrupts are on"},
        {0x21, 2, "cause   the keyboard (IRQ 1 of the legacy PIC)"},
        {0x24, 0x10, "cause   serial port COM1 (IRQ 4 of the legacy PIC)"},
        {0x25, 0x20, "cause   a device (IRQ 5 of the legacy PIC)"},
        {0x28, 0x104, "cause   the real-time clock (IRQ 8 of the legacy PIC)"},
        {0x2C, 0x1004, "cause   the mouse (IRQ 12 of the legacy PIC)"},
        {0x70, 1, "cause   the timer (IRQ 0 of the legacy PIC)"},
        {0x20, 0, "cause   not from the legacy PIC: from an APIC, a device's message or INT\n"},
        {0x20, 2, "cause   not from the legacy PIC"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        state.vector = cases[i].vector;
        pic_lines = cases[i].lines;
        output = writer_on(page, sizeof(page));
        report();
        EXPECT("FAULT: unexpected interrupt (vector ");
        EXPECT(cases[i].cause);
    }
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        exception_is_named_with_its_place_in_the_kernel,
        a_kernel_without_a_header_that_dies_at_once_may_be_for_another_loader,
        vector_without_a_name_is_an_unexpected_interrupt,
        write_through_null_is_called_that,
        execution_and_protection_are_told_apart_from_reads,
        damaged_page_table_entry_is_called_that,
        guard_page_means_stack_overflow,
        with_page_tables_of_its_own_addresses_are_the_kernels,
        with_page_tables_of_its_own_what_leads_nowhere_is_called_that,
        upper_half_without_a_direct_map_is_no_memory,
        jump_into_data_has_its_caller,
        interrupt_of_the_legacy_pic_is_named,
        address_beyond_the_map_is_no_ram,
        virtual_addresses_of_the_kernel_are_places_in_it,
        addresses_of_the_direct_map_are_those_of_what_is_there,
        address_in_a_region_has_its_type,
        address_in_a_module_has_its_name,
        non_canonical_registers_are_named_for_a_general_protection_fault,
        five_levels_of_page_tables_make_57_bits_canonical,
        selector_of_a_general_protection_fault_is_shown,
        wild_jump_is_outside_of_the_kernel_and_its_code_is_not_read,
        code_bytes_mark_the_current_one,
        backtrace_follows_frame_pointers_to_the_entry,
        backtrace_without_frame_pointers_says_so,
        backtrace_that_turns_back_ends,
        backtrace_ends_at_a_return_address_outside_of_the_kernel,
        wild_jump_names_who_called,
        wild_jump_with_no_caller_on_the_stack_names_none,
        wild_jump_with_a_wild_stack_reads_none_of_it,
        word_on_the_stack_is_no_caller_of_code_in_the_kernel,
        backtrace_ends_after_sixteen_frames,
        stack_words_are_shown_with_their_place,
        stack_pointer_elsewhere_is_said_and_not_read,
        stack_pointer_in_no_memory_is_not_read,
        words_are_read_to_the_end_of_their_memory_and_no_further,
        address_in_the_stack_or_the_kernel_is_called_that,
        registers_are_all_there,
        error_codes_are_where_the_cpu_pushes_them,
    };
    Suite *suite = suite_create("crash_page");
    TCase *tcase = tcase_create("fault");
    tcase_add_checked_fixture(tcase, setup, NULL);
    for (size_t i = 0; i < sizeof(tests) / sizeof(tests[0]); i++) {
        tcase_add_test(tcase, tests[i]);
    }
    suite_add_tcase(suite, tcase);
    return suite_main(suite, "unit-crash_page");
}
