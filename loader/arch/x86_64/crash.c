/* What an exception of this CPU means, in words. */
#include "arch/x86_64/crash.h"

#include "arch/x86_64/cpu.h"
#include "arch/x86_64/walk.h"
#include "core/base/writer.h"

#include <string.h>

#define VECTOR_PF  14
#define VECTOR_GP  13
#define EXCEPTIONS 32

enum {
    PF_PRESENT = 1,
    PF_WRITE = 2,
    PF_RESERVED = 8,
    PF_FETCH = 16,
};

/* A name and a mnemonic for each (Intel SDM 3A table 6-1, AMD APM 2 table 8-1); empty: reserved.
 * Without pointers, which the image would have to relocate. "x87" is no number after a NUL.
 * NOLINTNEXTLINE(bugprone-string-literal-with-embedded-nul) */
static const char exceptions[] = "divide error\0#DE\0"
                                 "debug exception\0#DB\0"
                                 "non-maskable interrupt\0NMI\0"
                                 "breakpoint\0#BP\0"
                                 "overflow\0#OF\0"
                                 "bound range exceeded\0#BR\0"
                                 "invalid opcode\0#UD\0"
                                 "device not available\0#NM\0"
                                 "double fault\0#DF\0"
                                 "\0\0" /* 9 */
                                 "invalid TSS\0#TS\0"
                                 "segment not present\0#NP\0"
                                 "stack-segment fault\0#SS\0"
                                 "general protection fault\0#GP\0"
                                 "page fault\0#PF\0"
                                 "\0\0" /* 15 */
                                 "x87 floating-point error\0#MF\0"
                                 "alignment check\0#AC\0"
                                 "machine check\0#MC\0"
                                 "SIMD floating-point exception\0#XM\0"
                                 "virtualization exception\0#VE\0"
                                 "control protection exception\0#CP\0"
                                 "\0\0\0\0\0\0\0\0\0\0\0\0\0\0" /* 22 to 28 */
                                 "VMM communication exception\0#VC\0"
                                 "security exception\0#SX\0"
                                 "\0"; /* 31 */

bool crash_has_error_code(uint32_t vector)
{
    const uint32_t with_code = 1u << 8 | 1u << 10 | 1u << 11 | 1u << 12 | 1u << VECTOR_GP |
                               1u << VECTOR_PF | 1u << 17 | 1u << 21 | 1u << 29 | 1u << 30;
    return vector < EXCEPTIONS && (with_code >> vector & 1) != 0;
}

#define REGISTER(r)                                           \
    {                                                         \
        .name = #r, .offset = offsetof(struct crash_state, r) \
    }

_Static_assert(sizeof(struct crash_state) <= UINT8_MAX, "every offset fits");

static const struct {
    char name[sizeof("rflags")];
    uint8_t offset;
} registers[] = {
    REGISTER(rax), REGISTER(rbx), REGISTER(rcx), REGISTER(rdx), REGISTER(rsi),    REGISTER(rdi),
    REGISTER(rbp), REGISTER(rsp), REGISTER(r8),  REGISTER(r9),  REGISTER(r10),    REGISTER(r11),
    REGISTER(r12), REGISTER(r13), REGISTER(r14), REGISTER(r15), REGISTER(rflags), REGISTER(cs),
    REGISTER(ss),  REGISTER(cr0), REGISTER(cr2), REGISTER(cr3), REGISTER(cr4),    REGISTER(efer),
};
#define REGISTER_COUNT (sizeof(registers) / sizeof(registers[0]))
#define GENERAL_COUNT  16

_Static_assert(REGISTER_COUNT <= CRASH_REGISTERS_MAX, "crash_page.h");

static void list_registers(const struct crash_state *state, struct crash *crash)
{
    for (size_t i = 0; i < REGISTER_COUNT; i++) {
        struct crash_register *out = &crash->registers[i];
        out->name = registers[i].name;
        memcpy(&out->value, (const uint8_t *)state + registers[i].offset, sizeof(out->value));
    }
    crash->register_count = REGISTER_COUNT;
}

/* Whether address can be used with the page tables in use: 57 of its bits count with 5 levels, 48
 * with 4, and the rest are copies of the highest of these (Intel SDM 1 section 3.3.7.1). */
static bool is_canonical(uint64_t address, uint64_t cr4)
{
    int64_t upper = (int64_t)address >> ((cr4 & CR4_LA57) != 0 ? 56 : 47);
    return upper == 0 || upper == -1;
}

static void write_title(const struct crash_state *state, struct writer *title)
{
    const char *name =
        state->vector < EXCEPTIONS ? string_at(exceptions, 2 * (uint32_t)state->vector) : "";
    if (name[0] != '\0') {
        write_string(title, name);
        write_string(title, " (");
        write_string(title, string_at(name, 1));
        write_string(title, ", vector ");
    } else {
        write_string(title, "unexpected interrupt (vector ");
    }
    write_decimal(title, state->vector);
    write_string(title, ")");
    if (crash_has_error_code((uint32_t)state->vector)) {
        write_string(title, ", error code ");
        write_hex(title, state->error);
    }
}

/* Intel SDM 3A section 4.7. */
static void write_page_fault(const struct crash_state *state, struct writer *cause)
{
    const uint64_t error = state->error;
    write_string(cause, (error & PF_FETCH) != 0   ? "execution of "
                        : (error & PF_WRITE) != 0 ? "write to "
                                                  : "read from ");
    write_hex(cause, state->cr2);
    write_string(cause, (error & PF_RESERVED) != 0  ? ", page table entry is damaged"
                        : (error & PF_PRESENT) != 0 ? ", not allowed by the page tables"
                                                    : ", not mapped");
}

/* #GP does not report an address: a register that holds no valid one is the likely cause. */
static void write_protection(const struct crash_state *state, const struct crash *crash,
                             struct writer *cause)
{
    if (state->error != 0) {
        write_string(cause, "selector ");
        write_hex(cause, state->error);
        return;
    }
    for (size_t i = 0; i < GENERAL_COUNT; i++) {
        if (!is_canonical(crash->registers[i].value, state->cr4)) {
            write_string(cause, cause->used == 0 ? "non-canonical address in " : ", ");
            write_string(cause, crash->registers[i].name);
        }
    }
    if (cause->used == 0) {
        write_string(cause, "a privileged, misaligned or malformed operation");
    }
}

static const char *line_name(uint32_t line)
{
    static const char *const names[16] = {
        [0] = "the timer",        [1] = "the keyboard",        [3] = "serial port COM2",
        [4] = "serial port COM1", [8] = "the real-time clock", [12] = "the mouse",
    };
    return names[line] != NULL ? names[line] : "a device";
}

/* A PIC's vectors begin at a multiple of 8: the low bits are its line. */
static void write_interrupt(uint64_t vector, uint32_t pic_lines, struct writer *cause)
{
    uint32_t line = vector & 7;
    bool first = (pic_lines >> line & 1) != 0;
    bool second = (pic_lines >> (line + 8) & 1) != 0;
    if (!first && !second) {
        write_string(cause, "not from the legacy PIC: from an APIC, a device's message or INT");
        return;
    }
    line += first ? 0 : 8;
    write_string(cause, line_name(line));
    write_string(cause, " (IRQ ");
    write_decimal(cause, line);
    write_string(cause, " of the legacy PIC): interrupts are on, and the kernel has no IDT");
}

bool crash_translate(const struct crash_world *world, uint64_t address, uint64_t *out_physical)
{
    const struct page_tables tables = {.top = world->page_tables,
                                       .five_levels = world->five_levels,
                                       .is_readable = crash_memory_is_readable,
                                       .context = world};
    return walk_to(&tables, address, out_physical) != 0;
}

void crash_describe(const struct crash_state *state, uint32_t pic_lines, struct crash *out_crash)
{
    struct writer title = writer_on(out_crash->title, sizeof(out_crash->title));
    struct writer cause = writer_on(out_crash->cause, sizeof(out_crash->cause));
    list_registers(state, out_crash);
    write_title(state, &title);
    if (state->vector == VECTOR_PF) {
        write_page_fault(state, &cause);
    } else if (state->vector == VECTOR_GP) {
        write_protection(state, out_crash, &cause);
    } else if (state->vector >= EXCEPTIONS) {
        write_interrupt(state->vector, pic_lines, &cause);
    }
    out_crash->has_address = state->vector == VECTOR_PF;
    out_crash->address = state->cr2;
    out_crash->is_fetch = state->vector == VECTOR_PF && (state->error & PF_FETCH) != 0;
    out_crash->program_counter = state->rip;
    out_crash->stack_pointer = state->rsp;
    out_crash->frame_pointer = state->rbp;
    out_crash->return_address = 0;
}
