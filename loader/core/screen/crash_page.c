#include "core/screen/crash_page.h"

#include <string.h>

#include "core/base/status.h"
#include "core/memory/map.h"

#define LINE_MAX    128
#define FRAMES_MAX  16
#define STACK_WORDS 16
#define CODE_BEFORE 8
#define CODE_BYTES  16
#define VECTOR_PF   14
#define VECTOR_GP   13
#define EXCEPTIONS  32

enum {
    PF_PRESENT = 1,
    PF_WRITE = 2,
    PF_RESERVED = 8,
    PF_FETCH = 16,
};

struct exception {
    const char *mnemonic;
    const char *name;
};

/* Intel SDM 3A table 6-1, AMD APM 2 table 8-1. */
static const struct exception exceptions[EXCEPTIONS] = {
    [0] = {"#DE", "divide error"},
    [1] = {"#DB", "debug exception"},
    [2] = {"NMI", "non-maskable interrupt"},
    [3] = {"#BP", "breakpoint"},
    [4] = {"#OF", "overflow"},
    [5] = {"#BR", "bound range exceeded"},
    [6] = {"#UD", "invalid opcode"},
    [7] = {"#NM", "device not available"},
    [8] = {"#DF", "double fault"},
    [10] = {"#TS", "invalid TSS"},
    [11] = {"#NP", "segment not present"},
    [12] = {"#SS", "stack-segment fault"},
    [VECTOR_GP] = {"#GP", "general protection fault"},
    [VECTOR_PF] = {"#PF", "page fault"},
    [16] = {"#MF", "x87 floating-point error"},
    [17] = {"#AC", "alignment check"},
    [18] = {"#MC", "machine check"},
    [19] = {"#XM", "SIMD floating-point exception"},
    [20] = {"#VE", "virtualization exception"},
    [21] = {"#CP", "control protection exception"},
    [29] = {"#VC", "VMM communication exception"},
    [30] = {"#SX", "security exception"},
};

bool fault_has_error_code(uint32_t vector)
{
    const uint32_t with_code = 1u << 8 | 1u << 10 | 1u << 11 | 1u << 12 | 1u << VECTOR_GP |
                               1u << VECTOR_PF | 1u << 17 | 1u << 21 | 1u << 29 | 1u << 30;
    return vector < EXCEPTIONS && (with_code >> vector & 1) != 0;
}

/* What every part of the page needs. */
struct page {
    const struct fault_world *world;
    const struct fault_state *state;
    fault_emit *emit;
    void *context;
    char buffer[LINE_MAX];
    struct writer line;
};

static void begin(struct page *page, const char *text)
{
    page->line = writer_on(page->buffer, sizeof(page->buffer));
    write_string(&page->line, text);
}

static void end(struct page *page)
{
    page->emit(page->context, writer_text(&page->line));
}

static bool within(uint64_t address, struct BootInfoSpan span)
{
    return address >= span.address && address - span.address < span.size;
}

static struct BootInfoSpan guard_page(const struct fault_world *world)
{
    return (struct BootInfoSpan){world->stack.address - PAGE_SIZE, PAGE_SIZE};
}

static const struct BootInfoRegion *region_of(const struct fault_world *world, uint64_t address)
{
    for (uint64_t i = 0; i < world->region_count; i++) {
        const struct BootInfoRegion *region = &world->regions[i];
        if (address >= region->base && address - region->base < region->size) {
            return region;
        }
    }
    return NULL;
}

/* Where the loader's tables lead from a virtual address; all that they map is in the identity map. */
static uint64_t physical_of(const struct fault_world *world, uint64_t address)
{
    struct BootInfoSpan running = {world->kernel_virtual, world->kernel.size};
    if (within(address, running)) {
        return address - world->kernel_virtual + world->kernel.address;
    }
    return world->direct_map != 0 && address >= world->direct_map ? address - world->direct_map
                                                                  : address;
}

/* Whether size bytes can be looked at without another fault. size is small. */
static bool is_readable(const struct fault_world *world, uint64_t address, uint64_t size)
{
    address = physical_of(world, address);
    const struct BootInfoRegion *region = region_of(world, address);
    if (region == NULL || address < PAGE_SIZE || within(address, guard_page(world)) ||
        region->size - (address - region->base) < size) {
        return false;
    }
    return memory_type_is_mapped(region->type);
}

static uint64_t read_word(const struct fault_world *world, uint64_t address)
{
    uint64_t word;
    memcpy(&word, (const void *)physical_of(world, address), sizeof(word));
    return word;
}

static void write_fixed_hex(struct writer *writer, uint64_t value, int digits)
{
    for (int i = digits - 1; i >= 0; i--) {
        write_char(writer, "0123456789abcdef"[value >> (4 * i) & 15]);
    }
}

static void write_word(struct writer *writer, uint64_t value)
{
    write_string(writer, "0x");
    write_fixed_hex(writer, value, 16);
}

/* "kernel+0x1234" where address lies in the kernel. */
static bool write_place(struct writer *writer, const struct fault_world *world, uint64_t address)
{
    address = physical_of(world, address);
    if (!within(address, world->kernel)) {
        return false;
    }
    write_string(writer, "kernel+");
    write_hex(writer, address - world->kernel.address);
    return true;
}

static bool is_canonical(uint64_t address)
{
    const uint64_t upper = address >> 47;
    return upper == 0 || upper == 0x1FFFF;
}

/* "module initrd.img+0x10" where address lies in one. */
static bool write_module(struct writer *writer, const struct fault_world *world, uint64_t address)
{
    for (uint32_t i = 0; i < world->module_count; i++) {
        const struct fault_module *module = &world->modules[i];
        if (within(address, module->data)) {
            write_string(writer, "module ");
            write_string(writer, module->name);
            write_string(writer, "+");
            write_hex(writer, address - module->data.address);
            return true;
        }
    }
    return false;
}

static void write_meaning(struct writer *writer, const struct fault_world *world, uint64_t address)
{
    address = physical_of(world, address);
    const struct BootInfoRegion *region = region_of(world, address);
    if (address < PAGE_SIZE) {
        write_string(writer, "page 0: a NULL pointer was used");
    } else if (within(address, guard_page(world))) {
        write_string(writer, "the guard page: the stack overflowed");
    } else if (within(address, world->stack)) {
        write_string(writer, "the stack");
    } else if (write_place(writer, world, address) || write_module(writer, world, address)) {
        return;
    } else if (region != NULL) {
        write_string(writer, "memory of type ");
        write_string(writer, memory_type_name(region->type));
    } else {
        write_string(writer, "not RAM: the memory map has nothing there");
    }
}

static void report_title(struct page *page)
{
    const struct fault_state *state = page->state;
    begin(page, "FAULT: ");
    if (state->vector < EXCEPTIONS && exceptions[state->vector].name != NULL) {
        write_string(&page->line, exceptions[state->vector].name);
        write_string(&page->line, " (");
        write_string(&page->line, exceptions[state->vector].mnemonic);
        write_string(&page->line, ", vector ");
    } else {
        write_string(&page->line, "unexpected interrupt (vector ");
    }
    write_decimal(&page->line, state->vector);
    write_string(&page->line, ")");
    if (fault_has_error_code((uint32_t)state->vector)) {
        write_string(&page->line, ", error code ");
        write_hex(&page->line, state->error);
    }
    end(page);
}

/* Intel SDM 3A section 4.7. */
static void report_page_fault(struct page *page)
{
    const uint64_t error = page->state->error;
    const char *access = (error & PF_FETCH) != 0   ? "execution of "
                         : (error & PF_WRITE) != 0 ? "write to "
                                                   : "read from ";
    begin(page, "cause   ");
    write_string(&page->line, access);
    write_hex(&page->line, page->state->cr2);
    write_string(&page->line, (error & PF_RESERVED) != 0  ? ", page table entry is damaged"
                              : (error & PF_PRESENT) != 0 ? ", not allowed by the page tables"
                                                          : ", not mapped");
    end(page);
    begin(page, "address ");
    write_meaning(&page->line, page->world, page->state->cr2);
    end(page);
}

struct named_register {
    const char *name;
    size_t offset;
};

#define REGISTER(name)                            \
    {                                             \
#name, offsetof(struct fault_state, name) \
    }
static const struct named_register registers[] = {
    REGISTER(rax), REGISTER(rbx), REGISTER(rcx), REGISTER(rdx), REGISTER(rsi),    REGISTER(rdi),
    REGISTER(rbp), REGISTER(rsp), REGISTER(r8),  REGISTER(r9),  REGISTER(r10),    REGISTER(r11),
    REGISTER(r12), REGISTER(r13), REGISTER(r14), REGISTER(r15), REGISTER(rflags), REGISTER(cs),
    REGISTER(ss),  REGISTER(cr0), REGISTER(cr2), REGISTER(cr3), REGISTER(cr4),    REGISTER(efer),
};
#define REGISTER_COUNT (sizeof(registers) / sizeof(registers[0]))
#define GENERAL_COUNT  16
#define A_LINE         3

static uint64_t value_of(const struct page *page, size_t i)
{
    uint64_t value;
    memcpy(&value, (const uint8_t *)page->state + registers[i].offset, sizeof(value));
    return value;
}

/* #GP does not say what address it was: a register that cannot be one is the likely culprit. */
static void report_protection(struct page *page)
{
    begin(page, "cause   ");
    if (page->state->error != 0) {
        write_string(&page->line, "selector ");
        write_hex(&page->line, page->state->error);
        end(page);
        return;
    }
    size_t start = page->line.used;
    for (size_t i = 0; i < GENERAL_COUNT; i++) {
        if (!is_canonical(value_of(page, i))) {
            write_string(&page->line,
                         page->line.used == start ? "non-canonical address in " : ", ");
            write_string(&page->line, registers[i].name);
        }
    }
    if (page->line.used == start) {
        write_string(&page->line, "a privileged, misaligned or malformed operation");
    }
    end(page);
}

static void report_place(struct page *page)
{
    begin(page, "at      ");
    if (!write_place(&page->line, page->world, page->state->rip)) {
        write_hex(&page->line, page->state->rip);
        write_string(&page->line, ", outside of the kernel: ");
        write_meaning(&page->line, page->world, page->state->rip);
    }
    end(page);
}

static void report_registers(struct page *page)
{
    for (size_t i = 0; i < REGISTER_COUNT; i++) {
        if (i % A_LINE == 0) {
            begin(page, "");
        }
        write_string(&page->line, registers[i].name);
        for (size_t pad = strlen(registers[i].name); pad < 7; pad++) {
            write_char(&page->line, ' ');
        }
        write_word(&page->line, value_of(page, i));
        if (i % A_LINE == A_LINE - 1 || i + 1 == REGISTER_COUNT) {
            end(page);
        } else {
            write_string(&page->line, "  ");
        }
    }
}

static void report_code(struct page *page)
{
    uint64_t start = page->state->rip - CODE_BEFORE;
    begin(page, "code   ");
    for (uint64_t at = start; at < start + CODE_BYTES; at++) {
        bool current = at == page->state->rip;
        write_string(&page->line, current ? " <" : " ");
        if (is_readable(page->world, at, 1)) {
            write_fixed_hex(&page->line, *(const uint8_t *)physical_of(page->world, at), 2);
        } else {
            write_string(&page->line, "??");
        }
        write_string(&page->line, current ? ">" : "");
    }
    end(page);
}

static void report_frame(struct page *page, uint32_t number, uint64_t address)
{
    begin(page, "  #");
    write_decimal(&page->line, number);
    write_string(&page->line, " ");
    if (!write_place(&page->line, page->world, address)) {
        write_hex(&page->line, address);
    }
    end(page);
}

/* A call to an address where no code is has pushed where it came from, and nothing else yet. */
static bool came_from(const struct page *page, uint64_t *out_address)
{
    const struct fault_world *world = page->world;
    const uint64_t top = page->state->rsp;
    if (within(physical_of(world, page->state->rip), world->kernel) || top % 8 != 0 ||
        !is_readable(world, top, 8)) {
        return false;
    }
    *out_address = read_word(world, top);
    return within(physical_of(world, *out_address), world->kernel);
}

/* A frame pointer points at the caller's, and the return address lies above it. Returns the frame
 * pointer that leads no further; 0: it was the first one of all. */
static uint64_t report_callers(struct page *page, uint32_t *number)
{
    const struct fault_world *world = page->world;
    uint64_t frame = page->state->rbp;
    while (frame != 0 && frame % 8 == 0 && is_readable(world, frame, 16) && *number < FRAMES_MAX) {
        uint64_t next = read_word(world, frame);
        uint64_t address = read_word(world, frame + 8);
        if (address == 0) {
            return 0;
        }
        if ((next != 0 && next <= frame) || !within(physical_of(world, address), world->kernel)) {
            break;
        }
        report_frame(page, (*number)++, address);
        frame = next;
    }
    return frame;
}

static void report_backtrace(struct page *page)
{
    uint64_t caller = 0;
    uint32_t number = 0;
    begin(page, "backtrace, by frame pointers");
    end(page);
    report_frame(page, number++, page->state->rip);
    if (came_from(page, &caller)) {
        report_frame(page, number++, caller);
    }
    uint64_t frame = report_callers(page, &number);
    begin(page, "  ends: ");
    if (frame == 0) {
        write_string(&page->line, "this is where the kernel was entered");
    } else if (number == FRAMES_MAX) {
        write_string(&page->line, "there are more");
    } else {
        write_string(&page->line, "no frame pointer in ");
        write_hex(&page->line, frame);
        write_string(&page->line, " (build with -fno-omit-frame-pointer)");
    }
    end(page);
}

static void report_stack(struct page *page)
{
    const struct fault_world *world = page->world;
    uint64_t at = page->state->rsp & ~UINT64_C(7);
    begin(page, "stack at ");
    write_hex(&page->line, page->state->rsp);
    write_string(&page->line, within(physical_of(world, page->state->rsp), world->stack)
                                  ? ""
                                  : ", outside of the stack that the loader gave");
    end(page);
    bool inside = within(physical_of(world, at), world->stack);
    for (uint32_t i = 0; i < STACK_WORDS && is_readable(world, at, 8); i++, at += 8) {
        if (inside && !within(physical_of(world, at), world->stack)) {
            break;
        }
        uint64_t word = read_word(world, at);
        begin(page, "  ");
        write_word(&page->line, at);
        write_string(&page->line, "  ");
        write_word(&page->line, word);
        write_string(&page->line, "  ");
        write_place(&page->line, world, word);
        end(page);
    }
}

void fault_report(const struct fault_world *world, const struct fault_state *state,
                  fault_emit *emit, void *context)
{
    struct page page = {.world = world, .state = state, .emit = emit, .context = context};
    report_title(&page);
    if (state->vector == VECTOR_PF) {
        report_page_fault(&page);
    } else if (state->vector == VECTOR_GP) {
        report_protection(&page);
    }
    report_place(&page);
    report_registers(&page);
    report_code(&page);
    report_backtrace(&page);
    report_stack(&page);
}
