#include "arch/x86_64/fault.h"

#include "arch/x86_64/cpu.h"
#include "arch/x86_64/crash.h"
#include "arch/x86_64/crash_texts.h"
#include "arch/x86_64/hand_off.h"

#include "core/base/packed.h"
#include "uart.h"

#include <string.h>

#define DEBUG_CONSOLE    0xE9 /* QEMU and Bochs: reads as its own number */
#define DOUBLE_FAULT     8
#define GATE_INTERRUPT   UINT64_C(0x8E0000000000) /* present, DPL 0, 64-bit interrupt gate */
#define GATE_STACK_1     UINT64_C(0x100000000)    /* the TSS's first interrupt stack */
#define TSC_FALLBACK     UINT64_C(2000000000)     /* Hz, if the rate is not known */
#define OPCODE_CALL      UINT64_C(0x15FF)         /* by RIP and a 32-bit distance */
#define CALL_SIZE        6
#define PIC_1            0x20
#define PIC_2            0xA0
#define PIC_READ_SERVICE 0x0B
#define EFER_NXE         0x800
#define CR3_ADDRESS      UINT64_C(0x000FFFFFFFFFF000)
#define KEYBOARD_COMMAND 0x64
#define KEYBOARD_RESET   0xFE
#define RESET_CONTROL    0xCF9
#define RESET_HARD       0x0E

_Static_assert(sizeof(struct fault_pages) % PAGE_SIZE == 0, "whole pages");
_Static_assert(offsetof(struct fault_pages, stubs) % PAGE_SIZE == 0,
               "write_vectors, and fault.S: a vector is in the low bits of its stub's address");

/* fault.S */
extern const uint8_t fault_common[];
_Noreturn void fault_enter(const struct crash_state *state);
extern uint64_t fault_page_tables;
extern uint32_t fault_efer; /* bits that the page tables need */
extern const uint8_t fault_data_end[];

/* Where the page goes. NONE: nothing is being written. */
enum output { OUTPUT_SERIAL, OUTPUT_DEBUG, OUTPUT_SCREEN, OUTPUT_NONE };

/* How far a report has come: a fault in it leads back to fault_enter. */
struct progress {
    volatile uint32_t depth;  /* faults so far */
    volatile uint32_t output; /* the one that is being written to */
    volatile bool bad[OUTPUT_NONE];
    volatile uint32_t lines[OUTPUT_NONE]; /* that each has */
    volatile uint32_t line;               /* that is being written */
};

/* All that the handlers keep; fault.S has room for it. */
extern struct kept {
    struct BootInfoRegion regions[CRASH_REGIONS_MAX];
    struct crash_module modules[CRASH_MODULES_MAX];
    struct crash_world world;
    struct uart uart;
    struct font glyphs;
    struct terminal terminal;
    bool has_terminal;
    uint64_t tsc_frequency;
    struct on_fault action;
    struct crash_state first; /* what the page is about */
    uint32_t pic_lines;       /* in service then: of both legacy PICs */
    struct progress progress;
} kept;

_Static_assert(sizeof(kept) <= FAULT_KEPT_SIZE && sizeof(kept) > FAULT_KEPT_SIZE - 16, "fault.h");

struct BootInfoSpan arch_resident(void)
{
    uint64_t start = (uint64_t)fault_common;
    return (struct BootInfoSpan){start, (uint64_t)fault_data_end - start};
}

/* A stub is: call *common(%rip); the return address tells the vector. A gate is as in Intel SDM 3A
 * section 6.14.1. From one to the next only the stub's address changes, by 8, and with it the
 * distance to common. Neither carries: the stubs begin a page. */
static void write_vectors(struct fault_pages *pages)
{
    const uint64_t first = (uint64_t)pages->stubs;
    const uint64_t distance = (uint64_t)&pages->common - (first + CALL_SIZE);
    uint64_t stub = OPCODE_CALL | distance << 16;
    uint64_t gate = (first & 0xFFFF) | (uint64_t)HAND_OFF_CODE_SELECTOR << 16 | GATE_STACK_1 |
                    GATE_INTERRUPT | (first & 0xFFFF0000) << 32;
    for (uint32_t vector = 0; vector < FAULT_VECTORS; vector++) {
        pages->stubs[vector] = stub;
        pages->idt[vector][0] = gate;
        pages->idt[vector][1] = first >> 32;
        stub -= sizeof(stub) << 16;
        gate += sizeof(stub);
    }
    pages->idt[DOUBLE_FAULT][0] += (uint64_t)(HAND_OFF_LAST_SELECTOR - HAND_OFF_CODE_SELECTOR)
                                   << 16;
}

static uint32_t remember_modules(const struct BootInfo *info)
{
    uint32_t count = 0;
    for (; count < CRASH_MODULES_MAX && count < info->modules.count; count++) {
        const struct BootInfoModule *from = bootinfo_module(info, count);
        struct crash_module *to = &kept.modules[count];
        uint64_t size = least(from->name.size, sizeof(to->name) - 1);
        to->data = from->data;
        memcpy(to->name, (const char *)from->name.address + from->name.size - size, size);
    }
    return count;
}

static void remember(const struct BootInfo *info)
{
    uint32_t count = info->memory_map.count;
    count = (uint32_t)least(count, CRASH_REGIONS_MAX);
    memcpy(kept.regions, (const void *)info->memory_map.address, count * sizeof(kept.regions[0]));
    kept.world = (struct crash_world){
        .kernel = info->kernel,
        .kernel_virtual = info->kernel_virtual,
        .direct_map = info->direct_map,
        .stack = info->stack,
        .regions = kept.regions,
        .region_count = count,
        .modules = kept.modules,
        .module_count = remember_modules(info),
    };
    kept.tsc_frequency = info->tsc_frequency != 0 ? info->tsc_frequency : TSC_FALLBACK;
    const struct BootInfoFramebuffer *first = bootinfo_framebuffer(info, 0);
    if (first != NULL) {
        kept.has_terminal = terminal_open(&kept.terminal, first, &kept.glyphs);
    }
}

/* A kernel with a GDT of its own most likely has its code at the same selector. Where it has not,
 * no exception can be delivered: that ends in a double fault, which tries another selector. */
void fault_install(struct fault_pages *pages, const struct hand_off *hand_off)
{
    pages->common = (uint64_t)fault_common;
    write_vectors(pages);
    kept.glyphs = *hand_off->font;
    kept.action = hand_off->on_fault;
    fault_page_tables = hand_off->page_tables;
    fault_efer = hand_off->no_execute ? EFER_NXE : 0;
    kept.uart.port = *hand_off->serial;
    remember((const struct BootInfo *)hand_off->info);
    kept.world.suspect = hand_off->has_header ? 0 : hand_off->entry;
}

enum handler_text { HANDLER_TEXTS(PACKED_CODE) };

static void say(struct writer *line, enum handler_text text)
{
    write_packed(line, packed_handler_texts, text);
}

static void put_debug(const char *bytes, size_t size)
{
    for (size_t i = 0; i < size && cpu_in8(DEBUG_CONSOLE) == DEBUG_CONSOLE; i++) {
        cpu_out8(DEBUG_CONSOLE, (uint8_t)bytes[i]);
    }
}

static void put_serial(const char *bytes, size_t size)
{
    for (size_t i = 0; i < size && kept.uart.port.info.kind != BOOTINFO_SERIAL_NONE; i++) {
        uart_put(&kept.uart, bytes[i]);
    }
}

static void write_to(enum output output, struct text line)
{
    static const char crlf[] = {'\r', '\n'};
    if (output == OUTPUT_SERIAL) {
        put_serial(line.bytes, line.size);
        put_serial(crlf, sizeof(crlf));
    } else if (output == OUTPUT_DEBUG) {
        put_debug(line.bytes, line.size);
        put_debug(crlf, sizeof(crlf));
    } else if (kept.has_terminal) {
        terminal_line(&kept.terminal, line);
    }
}

/* To each output that works and has not got it yet. */
static void emit(void *context, struct text line)
{
    struct progress *progress = &kept.progress;
    (void)context;
    for (uint32_t i = 0; i < OUTPUT_NONE; i++) {
        if (!progress->bad[i] && progress->lines[i] == progress->line) {
            progress->output = i;
            write_to((enum output)i, line);
            progress->output = OUTPUT_NONE;
            progress->lines[i] = progress->line + 1;
        }
    }
    progress->line++;
}

static _Noreturn void reset(void)
{
    static const struct {
        uint16_t limit;
        uint64_t base;
    } __attribute__((packed)) no_table = {0, 0};
    cpu_out8(RESET_CONTROL, RESET_HARD);
    cpu_out8(KEYBOARD_COMMAND, KEYBOARD_RESET);
    __asm__ volatile("lidt %0; int3" : : "m"(no_table));
    arch_halt();
}

static _Noreturn void act(void)
{
    char buffer[64];
    struct writer line = writer_on(buffer, sizeof(buffer));
    if (kept.action.kind == ON_FAULT_HALT) {
        say(&line, HALTED);
        emit(NULL, writer_text(&line));
        arch_halt();
    }
    say(&line, RESETTING);
    write_decimal(&line, kept.action.seconds);
    say(&line, REBOOT);
    emit(NULL, writer_text(&line));
    uint64_t start = cpu_timestamp();
    while (cpu_timestamp() - start < kept.action.seconds * kept.tsc_frequency) {
        __asm__ volatile("pause");
    }
    reset();
}

/* The lines that are in service (Intel 8259A, OCW3). */
static uint32_t pic_lines(void)
{
    cpu_out8(PIC_1, PIC_READ_SERVICE);
    cpu_out8(PIC_2, PIC_READ_SERVICE);
    return cpu_in8(PIC_1) | (uint32_t)cpu_in8(PIC_2) << 8;
}

static _Noreturn void report(void)
{
    struct crash crash;
    struct crash_world *world = &kept.world;
    bool own_tables = (kept.first.cr3 & CR3_ADDRESS) != fault_page_tables;
    world->page_tables = kept.first.cr3;
    world->five_levels = (kept.first.cr4 & CR4_LA57) != 0;
    world->translate = own_tables ? crash_translate : NULL;
    crash_describe(&kept.first, kept.pic_lines, &crash);
    kept.progress.line = 0;
    emit(NULL, (struct text){NULL, 0});
    crash_page(world, &crash, emit, NULL);
    act();
}

/* A fault in here has the same stack, from its top. It is that of an output, which is then left out
 * and the page written to the others; or that of memory which was looked at: then the whole page
 * comes again without any. */
void fault_enter(const struct crash_state *state)
{
    struct progress *progress = &kept.progress;
    char buffer[CRASH_LINE_MAX];
    struct writer line = writer_on(buffer, sizeof(buffer));
    progress->depth++;
    if (progress->depth == 1) {
        kept.first = *state;
        kept.pic_lines = pic_lines();
        progress->output = OUTPUT_NONE;
    } else if (progress->output != OUTPUT_NONE) {
        progress->bad[progress->output] = true;
        progress->output = OUTPUT_NONE;
    } else if (kept.world.region_count != 0) {
        kept.world.region_count = 0;
        progress->line = progress->lines[0] = progress->lines[1] = progress->lines[2] = 0;
        say(&line, AGAIN);
        emit(NULL, writer_text(&line));
        progress->lines[0] = progress->lines[1] = progress->lines[2] = 0;
    } else {
        arch_halt();
    }
    report();
}
