/* Selectors and descriptor tables: docs/abi.md, "Machine state at entry". */
#include "judge.h"

#define CODE_SELECTOR 8
#define DATA_SELECTOR 16

/* In a descriptor's upper half (Intel SDM 3A section 3.4.5) */
#define PRESENT      (UINT64_C(1) << 47)
#define DPL          (UINT64_C(3) << 45)
#define CODE_OR_DATA (UINT64_C(1) << 44)
#define EXECUTABLE   (UINT64_C(1) << 43)
#define WRITABLE     (UINT64_C(1) << 41)
#define LONG_MODE    (UINT64_C(1) << 53)
#define DEFAULT_32   (UINT64_C(1) << 54)
#define TYPE         (UINT64_C(0x1F) << 40)
#define BUSY_TSS     (UINT64_C(0x0B) << 40)

#define TSS_SIZE 104 /* bytes, at least */

#define VECTORS_OF_CPU 32
#define IDT_ENTRY_SIZE 16

static uint64_t descriptor(const struct evidence *evidence, uint16_t selector)
{
    const struct machine *machine = evidence->machine;
    if (selector + UINT64_C(7) > machine->gdt_limit) {
        return 0;
    }
    return *(const uint64_t *)(uintptr_t)(machine->gdt_base + (selector & ~7U));
}

static struct finding code_selector(const struct evidence *evidence)
{
    return expect(evidence->machine->cs, CODE_SELECTOR);
}

static struct finding data_selectors(const struct evidence *evidence)
{
    const struct machine *machine = evidence->machine;
    const uint16_t selectors[] = {machine->ds, machine->es, machine->ss, machine->fs, machine->gs};
    for (uint32_t i = 0; i < COUNT(selectors); i++) {
        if (selectors[i] != DATA_SELECTOR) {
            return broken(i, selectors[i], DATA_SELECTOR);
        }
    }
    return as_promised();
}

static struct finding segment_bases(const struct evidence *evidence)
{
    return expect(evidence->machine->fs_base | evidence->machine->gs_base, 0);
}

static struct finding gdt(const struct evidence *evidence)
{
    const struct machine *machine = evidence->machine;
    return lies_in_region(evidence->info, machine->gdt_base, machine->gdt_limit + UINT64_C(1),
                          BOOTINFO_MEMORY_LOADER);
}

static struct finding code_descriptor(const struct evidence *evidence)
{
    const uint64_t set = PRESENT | CODE_OR_DATA | EXECUTABLE | LONG_MODE;
    return expect(descriptor(evidence, CODE_SELECTOR) & (set | DPL | DEFAULT_32), set);
}

static struct finding data_descriptor(const struct evidence *evidence)
{
    const uint64_t set = PRESENT | CODE_OR_DATA | WRITABLE;
    return expect(descriptor(evidence, DATA_SELECTOR) & (set | DPL | EXECUTABLE), set);
}

static struct finding ldtr(const struct evidence *evidence)
{
    return expect(evidence->machine->ldtr, 0);
}

static struct finding task_type(const struct evidence *evidence)
{
    uint64_t found = descriptor(evidence, evidence->machine->tr) & (PRESENT | TYPE);
    return expect(found, PRESENT | BUSY_TSS);
}

/* A system descriptor takes two entries (Intel SDM 3A section 8.2.3). */
static struct finding task_place(const struct evidence *evidence)
{
    uint16_t selector = evidence->machine->tr;
    uint64_t low = descriptor(evidence, selector);
    uint64_t high = descriptor(evidence, (uint16_t)(selector + 8));
    uint64_t base = (low >> 16 & 0xFFFFFF) | (low >> 56) << 24 | high << 32;
    uint64_t size = ((low & 0xFFFF) | (low >> 48 & 0xF) << 16) + 1;
    if (selector == 0 || size < TSS_SIZE) {
        return broken(selector, size, TSS_SIZE);
    }
    return lies_in_region(evidence->info, base, size, BOOTINFO_MEMORY_LOADER);
}

static struct finding idt(const struct evidence *evidence)
{
    const struct machine *machine = evidence->machine;
    if (!has_flag(evidence->info, BOOTINFO_FLAG_FAULT_HANDLERS)) {
        return expect(machine->idt_limit, 0);
    }
    if (machine->idt_limit + 1U < VECTORS_OF_CPU * IDT_ENTRY_SIZE) {
        return broken(NOWHERE, machine->idt_limit, VECTORS_OF_CPU * IDT_ENTRY_SIZE - 1);
    }
    return lies_in_region(evidence->info, machine->idt_base, machine->idt_limit + UINT64_C(1),
                          BOOTINFO_MEMORY_LOADER);
}

const struct promise segment_promises[] = {
    {"CS is 8", code_selector},
    {"DS ES SS FS GS are 16", data_selectors},
    {"FS and GS have base 0", segment_bases},
    {"the GDT lies in a LOADER region", gdt},
    {"descriptor 8 is 64-bit code of ring 0", code_descriptor},
    {"descriptor 16 is writable data of ring 0", data_descriptor},
    {"LDTR is 0", ldtr},
    {"TR is a busy 64-bit TSS", task_type},
    {"the TSS lies in a LOADER region", task_place},
    {"the IDT lies in a LOADER region with BOOTINFO_FLAG_FAULT_HANDLERS, else it is empty", idt},
    {NULL, NULL},
};
