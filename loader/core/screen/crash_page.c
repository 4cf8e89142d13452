#include "core/screen/crash_page.h"

#include <string.h>

#include "core/base/names.h"
#include "core/base/packed.h"
#include "core/base/status.h"
#include "core/memory/map.h"
#include "core/screen/crash_texts.h"

#define FRAMES_MAX  16
#define STACK_WORDS 16
#define CODE_BEFORE 8
#define CODE_BYTES  16
#define A_LINE      3  /* registers */
#define FIRST_CODE  64 /* bytes: a kernel of another loader hardly gets further */
#define NOWHERE     UINT64_MAX

enum crash_text { CRASH_TEXTS(PACKED_CODE) };

/* What every part of the page needs. */
struct page {
    const struct crash_world *world;
    const struct crash *crash;
    crash_emit *emit;
    void *context;
    char buffer[CRASH_LINE_MAX];
    struct writer line;
};

static void say(struct writer *writer, enum crash_text text)
{
    write_packed(writer, packed_crash_texts, text);
}

static void begin_empty(struct page *page)
{
    page->line = writer_on(page->buffer, sizeof(page->buffer));
}

static void begin(struct page *page, enum crash_text text)
{
    begin_empty(page);
    say(&page->line, text);
}

static void end(struct page *page)
{
    page->emit(page->context, writer_text(&page->line));
}

static bool within(uint64_t address, const struct BootInfoSpan *span)
{
    return address >= span->address && address - span->address < span->size;
}

static bool in_guard_page(const struct crash_world *world, uint64_t physical)
{
    return world->stack.address - physical - 1 < PAGE_SIZE;
}

static const struct BootInfoRegion *region_of(const struct crash_world *world, uint64_t address)
{
    for (uint64_t i = 0; i < world->region_count; i++) {
        const struct BootInfoRegion *region = &world->regions[i];
        if (address >= region->base && address - region->base < region->size) {
            return region;
        }
    }
    return NULL;
}

/* Where the kernel's tables, or else the loader's, lead from a virtual address; all that the
 * loader's map is in their identity map. NOWHERE: they do not. */
static uint64_t physical_of(const struct crash_world *world, uint64_t address)
{
    uint64_t physical = NOWHERE;
    if (world->translate != NULL) {
        return world->translate(world, address, &physical) ? physical : NOWHERE;
    }
    if (address - world->kernel_virtual < world->kernel.size) {
        return address - world->kernel_virtual + world->kernel.address;
    }
    return address >= world->direct_map ? address - world->direct_map : address;
}

static bool in_kernel(const struct crash_world *world, uint64_t address)
{
    return within(physical_of(world, address), &world->kernel);
}

static bool in_stack(const struct crash_world *world, uint64_t address)
{
    return within(physical_of(world, address), &world->stack);
}

bool crash_memory_is_readable(const void *world, uint64_t physical, uint64_t size)
{
    const struct BootInfoRegion *region = region_of(world, physical);
    if (region == NULL || physical < PAGE_SIZE || in_guard_page(world, physical) ||
        region->size - (physical - region->base) < size) {
        return false;
    }
    return memory_region_is_mapped(region);
}

/* Whether the byte at address can be looked at without another fault, and the word where one begins
 * there: address is a multiple of 8 then, so that the word lies in one page. */
static bool is_readable(const struct crash_world *world, uint64_t address)
{
    return crash_memory_is_readable(world, physical_of(world, address), 1);
}

static uint64_t read_word(const struct crash_world *world, uint64_t address)
{
    uint64_t word;
    memcpy(&word, (const void *)physical_of(world, address), sizeof(word));
    return word;
}

static void write_fixed_hex(struct writer *writer, uint64_t value, int digits)
{
    for (int i = digits - 1; i >= 0; i--) {
        write_char(writer, digit_of(value >> (4 * i) & 15));
    }
}

static void write_word(struct writer *writer, uint64_t value)
{
    write_char(writer, '0');
    write_char(writer, 'x');
    write_fixed_hex(writer, value, 16);
}

/* "kernel+0x1234" where address lies in the kernel. */
static bool write_place(struct writer *writer, const struct crash_world *world, uint64_t address)
{
    address = physical_of(world, address);
    if (!within(address, &world->kernel)) {
        return false;
    }
    say(writer, IN_KERNEL);
    write_hex(writer, address - world->kernel.address);
    return true;
}

/* "module initrd.img+0x10" where a physical address lies in one. */
static bool write_module(struct writer *writer, const struct crash_world *world, uint64_t address)
{
    for (uint32_t i = 0; i < world->module_count; i++) {
        const struct crash_module *module = &world->modules[i];
        if (within(address, &module->data)) {
            say(writer, IN_MODULE);
            write_string(writer, module->name);
            write_char(writer, '+');
            write_hex(writer, address - module->data.address);
            return true;
        }
    }
    return false;
}

static void write_meaning(struct writer *writer, const struct crash_world *world, uint64_t address)
{
    uint64_t physical = physical_of(world, address);
    const struct BootInfoRegion *region = region_of(world, physical);
    bool own_tables = world->translate != NULL;
    if (own_tables ? address < PAGE_SIZE && physical == NOWHERE : physical < PAGE_SIZE) {
        say(writer, PAGE_0);
    } else if (physical == NOWHERE) {
        say(writer, LEADS_NOWHERE);
    } else if (!own_tables && in_guard_page(world, physical)) {
        say(writer, GUARD_PAGE);
    } else if (within(physical, &world->stack)) {
        say(writer, THE_STACK);
    } else if (write_place(writer, world, address) || write_module(writer, world, physical)) {
        return;
    } else if (region != NULL) {
        say(writer, MEMORY_TYPE);
        write_memory_type(writer, region->type);
    } else if (address >> 63 != 0) {
        say(writer, HIGH_NOTHING);
    } else {
        say(writer, NOT_RAM);
    }
}

static void report_title(struct page *page)
{
    begin(page, FAULT);
    write_string(&page->line, page->crash->title);
    end(page);
    if (page->crash->cause[0] != '\0') {
        begin(page, CAUSE);
        write_string(&page->line, page->crash->cause);
        end(page);
    }
    if (page->crash->has_address) {
        begin(page, ADDRESS);
        write_meaning(&page->line, page->world, page->crash->address);
        end(page);
    }
}

static void report_place(struct page *page)
{
    begin(page, AT);
    if (!write_place(&page->line, page->world, page->crash->program_counter)) {
        write_hex(&page->line, page->crash->program_counter);
        say(&page->line, OUTSIDE);
        write_meaning(&page->line, page->world, page->crash->program_counter);
    }
    end(page);
    if (page->world->suspect != 0 &&
        page->crash->program_counter - page->world->suspect < FIRST_CODE) {
        begin(page, NO_HEADER);
        end(page);
    }
}

static void report_registers(struct page *page)
{
    const uint32_t count = page->crash->register_count;
    for (uint32_t i = 0; i < count; i++) {
        const struct crash_register *one = &page->crash->registers[i];
        if (i % A_LINE == 0) {
            begin_empty(page);
        }
        write_string(&page->line, one->name);
        for (size_t pad = strlen(one->name); pad < 7; pad++) {
            write_char(&page->line, ' ');
        }
        write_word(&page->line, one->value);
        if (i % A_LINE == A_LINE - 1 || i + 1 == count) {
            end(page);
        } else {
            say(&page->line, GAP);
        }
    }
}

static void report_code(struct page *page)
{
    uint64_t start = page->crash->program_counter - CODE_BEFORE;
    begin(page, CODE);
    for (uint64_t at = start; at < start + CODE_BYTES; at++) {
        bool current = at == page->crash->program_counter;
        write_char(&page->line, ' ');
        if (current) {
            write_char(&page->line, '<');
        }
        if (is_readable(page->world, at)) {
            write_fixed_hex(&page->line, *(const uint8_t *)physical_of(page->world, at), 2);
        } else {
            write_char(&page->line, '?');
            write_char(&page->line, '?');
        }
        if (current) {
            write_char(&page->line, '>');
        }
    }
    end(page);
}

static void report_frame(struct page *page, uint32_t number, uint64_t address)
{
    begin(page, FRAME);
    write_decimal(&page->line, number);
    write_char(&page->line, ' ');
    if (!write_place(&page->line, page->world, address)) {
        write_hex(&page->line, address);
    }
    end(page);
}

/* A call to an address where no code is (or where it may not run, as in data) leaves where it came
 * from, and nothing else yet. */
static bool came_from(const struct page *page, uint64_t *out_address)
{
    const struct crash_world *world = page->world;
    const uint64_t top = page->crash->stack_pointer;
    uint64_t address = page->crash->return_address;
    if (!page->crash->is_fetch && in_kernel(world, page->crash->program_counter)) {
        return false;
    }
    if (address == 0 && top % 8 == 0 && is_readable(world, top)) {
        address = read_word(world, top);
    }
    *out_address = address;
    return in_kernel(world, address);
}

/* A frame pointer points at its caller's frame pointer; the return address lies above that. Returns
 * the frame pointer that leads no further; 0: the first frame of all was reached. */
static uint64_t report_callers(struct page *page, uint32_t *number)
{
    const struct crash_world *world = page->world;
    uint64_t frame = page->crash->frame_pointer;
    while (frame != 0 && frame % 8 == 0 && is_readable(world, frame) &&
           is_readable(world, frame + 8) && *number < FRAMES_MAX) {
        uint64_t next = read_word(world, frame);
        uint64_t address = read_word(world, frame + 8);
        if (address == 0) {
            return 0;
        }
        if ((next != 0 && next <= frame) || !in_kernel(world, address)) {
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
    begin(page, BACKTRACE);
    end(page);
    report_frame(page, number++, page->crash->program_counter);
    if (came_from(page, &caller)) {
        report_frame(page, number++, caller);
    }
    uint64_t frame = report_callers(page, &number);
    begin(page, ENDS);
    if (frame == 0) {
        say(&page->line, ENTERED);
    } else if (number == FRAMES_MAX) {
        say(&page->line, MORE);
    } else {
        say(&page->line, NO_FRAME);
        write_hex(&page->line, frame);
        say(&page->line, BUILD_WITH);
    }
    end(page);
}

static void report_stack(struct page *page)
{
    const struct crash_world *world = page->world;
    uint64_t at = page->crash->stack_pointer & ~UINT64_C(7);
    begin(page, STACK_AT);
    write_hex(&page->line, page->crash->stack_pointer);
    if (!in_stack(world, page->crash->stack_pointer)) {
        say(&page->line, NOT_THE_STACK);
    }
    end(page);
    bool inside = in_stack(world, at);
    for (uint32_t i = 0; i < STACK_WORDS && is_readable(world, at); i++, at += 8) {
        if (inside && !in_stack(world, at)) {
            break;
        }
        uint64_t word = read_word(world, at);
        begin(page, GAP);
        write_word(&page->line, at);
        say(&page->line, GAP);
        write_word(&page->line, word);
        say(&page->line, GAP);
        write_place(&page->line, world, word);
        end(page);
    }
}

void crash_page(const struct crash_world *world, const struct crash *crash, crash_emit *emit,
                void *context)
{
    struct page page = {.world = world, .crash = crash, .emit = emit, .context = context};
    report_title(&page);
    report_place(&page);
    report_registers(&page);
    report_code(&page);
    report_backtrace(&page);
    report_stack(&page);
}
