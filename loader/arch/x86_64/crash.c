/* What an exception of this CPU means, in words. */
#include "arch/x86_64/crash.h"

#include "arch/x86_64/cpu.h"
#include "arch/x86_64/crash_texts.h"
#include "arch/x86_64/walk.h"
#include "core/base/packed.h"

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

enum exception_text { EXCEPTION_TEXTS(PACKED_CODE) };

static void say(struct writer *writer, enum exception_text text)
{
    write_packed(writer, packed_exception_texts, text);
}

static bool has_error_code(uint64_t vector)
{
    return vector < EXCEPTIONS && (CRASH_ERROR_CODES >> vector & 1) != 0;
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
    if (state->vector < EXCEPTIONS) {
        write_packed(title, packed_exceptions, 2 * (uint32_t)state->vector);
    }
    if (title->used > 0) {
        say(title, OPEN);
        write_packed(title, packed_exceptions, 2 * (uint32_t)state->vector + 1);
        say(title, VECTOR);
    } else {
        say(title, UNEXPECTED);
    }
    write_decimal(title, state->vector);
    write_char(title, ')');
    if (has_error_code(state->vector)) {
        say(title, ERROR_CODE);
        write_hex(title, state->error);
    }
}

/* Intel SDM 3A section 4.7. */
static void write_page_fault(const struct crash_state *state, struct writer *cause)
{
    const uint64_t error = state->error;
    say(cause, (error & PF_FETCH) != 0 ? EXECUTION : (error & PF_WRITE) != 0 ? WRITE : READ);
    write_hex(cause, state->cr2);
    say(cause, (error & PF_RESERVED) != 0  ? DAMAGED
               : (error & PF_PRESENT) != 0 ? NOT_ALLOWED
                                           : NOT_MAPPED);
}

/* #GP does not report an address: a register that holds no valid one is the likely cause. */
static void write_protection(const struct crash_state *state, const struct crash *crash,
                             struct writer *cause)
{
    if (state->error != 0) {
        say(cause, SELECTOR);
        write_hex(cause, state->error);
        return;
    }
    for (size_t i = 0; i < GENERAL_COUNT; i++) {
        if (!is_canonical(crash->registers[i].value, state->cr4)) {
            say(cause, cause->used == 0 ? NON_CANONICAL : NEXT_ONE);
            write_string(cause, crash->registers[i].name);
        }
    }
    if (cause->used == 0) {
        say(cause, PRIVILEGED);
    }
}

/* A PIC's vectors begin at a multiple of 8: the low bits are its line. */
static void write_interrupt(uint64_t vector, uint32_t pic_lines, struct writer *cause)
{
    uint32_t line = vector & 7;
    bool first = (pic_lines >> line & 1) != 0;
    bool second = (pic_lines >> (line + 8) & 1) != 0;
    if (!first && !second) {
        say(cause, NOT_PIC);
        return;
    }
    line += first ? 0 : 8;
    write_packed(cause, packed_pic_lines, line);
    if (cause->used == 0) {
        say(cause, A_DEVICE);
    }
    say(cause, IRQ);
    write_decimal(cause, line);
    say(cause, NO_IDT);
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
