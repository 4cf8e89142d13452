/* The page tables, walked from CR3 (Intel SDM 3A section 4.5): docs/abi.md, "Machine state at
 * entry", the row "paging". */
#include "named.h"

#define PRESENT    UINT64_C(0x1)
#define WRITABLE   UINT64_C(0x2)
#define LARGE      UINT64_C(0x80)
#define NO_EXECUTE (UINT64_C(1) << 63)
#define FRAME      UINT64_C(0x000FFFFFFFFFF000)

#define ATTRIBUTE_RUNTIME (UINT64_C(1) << 63) /* UEFI 2.10 section 7.2.3 */

#define CR4_LA57        0x1000
#define ENTRIES         512
#define SHIFT_PAGE      12
#define SHIFT_LARGEST   30 /* of a page: 1 GiB */
#define SHIFT_TOP       39 /* of the top table with 4 levels */
#define SHIFT_TOP_LA57  48
#define LARGE_PAGE_SIZE (UINT64_C(2) << 20)
#define LOW_MEMORY_END  (UINT64_C(4) << 30)

struct mapping {
    bool present;
    uint64_t size; /* bytes of the page, or of the hole that a missing entry leaves */
};

static uint32_t top_shift(const struct evidence *evidence)
{
    return (evidence->machine->cr4 & CR4_LA57) != 0 ? SHIFT_TOP_LA57 : SHIFT_TOP;
}

static bool is_page(uint64_t entry, uint32_t shift)
{
    return shift == SHIFT_PAGE || (shift <= SHIFT_LARGEST && (entry & LARGE) != 0);
}

static struct mapping look_up(const struct evidence *evidence, uint64_t address)
{
    uint64_t table = evidence->machine->cr3 & FRAME;
    for (uint32_t shift = top_shift(evidence);; shift -= 9) {
        uint64_t entry = ((const uint64_t *)(uintptr_t)table)[address >> shift & (ENTRIES - 1)];
        bool present = (entry & PRESENT) != 0;
        if (!present || is_page(entry, shift)) {
            return (struct mapping){present, UINT64_C(1) << shift};
        }
        table = entry & FRAME;
    }
}

static uint64_t guard_page(const struct evidence *evidence)
{
    return evidence->info->stack.address - PAGE_SIZE;
}

/* The first address of [base, end) that is not mapped though it should be, or NOWHERE. */
static uint64_t first_hole(const struct evidence *evidence, uint64_t base, uint64_t end)
{
    while (base < end) {
        struct mapping mapping = look_up(evidence, base);
        uint64_t page = base & ~(PAGE_SIZE - 1);
        bool meant = page == 0 || page == guard_page(evidence);
        if (!mapping.present && !meant) {
            return base;
        }
        uint64_t step = mapping.present ? mapping.size : PAGE_SIZE;
        base = (base & ~(step - 1)) + step;
    }
    return NOWHERE;
}

bool is_mapped(const struct evidence *evidence, uint64_t base, uint64_t size)
{
    uint64_t page = base & ~(PAGE_SIZE - 1);
    uint64_t pages = (base - page + size + PAGE_SIZE - 1) / PAGE_SIZE;
    for (uint64_t i = 0; i < pages; i++) {
        if (!look_up(evidence, page + i * PAGE_SIZE).present) {
            return false;
        }
    }
    return true;
}

/* What a check makes of a present entry of a table that maps 1 << shift bytes from address on. */
typedef struct finding entry_check(const struct evidence *evidence, uint64_t entry, uint32_t shift,
                                   uint64_t address);

/* The first fault that check finds in table, and in those below it. */
static struct finding walk(const struct evidence *evidence, entry_check *check, uint64_t table,
                           uint32_t shift, uint64_t base)
{
    const uint64_t *entries = (const uint64_t *)(uintptr_t)table;
    for (uint64_t i = 0; i < ENTRIES; i++) {
        if ((entries[i] & PRESENT) == 0) {
            continue;
        }
        uint64_t address = base + (i << shift);
        struct finding finding = check(evidence, entries[i], shift, address);
        if (!finding.broken && !is_page(entries[i], shift)) {
            finding = walk(evidence, check, entries[i] & FRAME, shift - 9, address);
        }
        if (finding.broken) {
            return finding;
        }
    }
    return as_promised();
}

static struct finding walk_all(const struct evidence *evidence, entry_check *check)
{
    return walk(evidence, check, evidence->machine->cr3 & FRAME, top_shift(evidence), 0);
}

static struct finding check_place(const struct evidence *evidence, uint64_t entry, uint32_t shift,
                                  uint64_t address)
{
    (void)address;
    return is_page(entry, shift)
               ? as_promised()
               : lies_in_region(evidence->info, entry & FRAME, PAGE_SIZE, BOOTINFO_MEMORY_LOADER);
}

static struct finding table_places(const struct evidence *evidence)
{
    struct finding top = lies_in_region(evidence->info, evidence->machine->cr3 & FRAME, PAGE_SIZE,
                                        BOOTINFO_MEMORY_LOADER);
    return top.broken ? top : walk_all(evidence, check_place);
}

static struct finding check_identity(const struct evidence *evidence, uint64_t entry,
                                     uint32_t shift, uint64_t address)
{
    (void)evidence;
    uint64_t target = entry & FRAME & ~((UINT64_C(1) << shift) - 1);
    return is_page(entry, shift) && target != address ? broken(address, target, address)
                                                      : as_promised();
}

static struct finding identity(const struct evidence *evidence)
{
    return walk_all(evidence, check_identity);
}

static struct finding check_rights(const struct evidence *evidence, uint64_t entry, uint32_t shift,
                                   uint64_t address)
{
    (void)evidence;
    (void)shift;
    uint64_t rights = entry & (WRITABLE | NO_EXECUTE);
    return rights == WRITABLE ? as_promised() : broken(address, rights, WRITABLE);
}

static struct finding rights(const struct evidence *evidence)
{
    return walk_all(evidence, check_rights);
}

static struct finding page_0(const struct evidence *evidence)
{
    return expect(look_up(evidence, 0).present, false);
}

static struct finding guard(const struct evidence *evidence)
{
    return expect(look_up(evidence, guard_page(evidence)).present, false);
}

static struct finding mapped(const struct evidence *evidence, uint64_t base, uint64_t end)
{
    uint64_t hole = first_hole(evidence, base, end);
    return hole == NOWHERE ? as_promised() : broken(hole, false, true);
}

static struct finding low_memory(const struct evidence *evidence)
{
    return mapped(evidence, 0, LOW_MEMORY_END);
}

static bool is_promised_type(uint32_t type)
{
    switch (type) {
    case BOOTINFO_MEMORY_RESERVED:
    case BOOTINFO_MEMORY_MMIO:
    case BOOTINFO_MEMORY_MMIO_PORT:
    case BOOTINFO_MEMORY_UNUSABLE:
    case BOOTINFO_MEMORY_UNACCEPTED:
        return false;
    default:
        return type < BOOTINFO_MEMORY_TYPE_COUNT;
    }
}

static bool is_promised_region(const struct BootInfoRegion *region)
{
    return is_promised_type(region->type) || (region->efi_attributes & ATTRIBUTE_RUNTIME) != 0;
}

static uint64_t round_down(uint64_t address)
{
    return address & ~(LARGE_PAGE_SIZE - 1);
}

static uint64_t round_up(uint64_t address)
{
    return round_down(address + LARGE_PAGE_SIZE - 1);
}

static struct finding regions(const struct evidence *evidence)
{
    for (uint32_t i = 0; i < evidence->info->memory_map.count; i++) {
        const struct BootInfoRegion *region = bootinfo_region(evidence->info, i);
        struct finding finding = as_promised();
        if (is_promised_type(region->type)) {
            uint64_t end = region->base + region->size;
            finding = mapped(evidence, round_down(region->base), round_up(end));
        }
        if (finding.broken) {
            return finding;
        }
    }
    return as_promised();
}

/* Of memory that the runtime services use, whatever its type (UEFI 2.10 section 8.4). */
static struct finding runtime(const struct evidence *evidence)
{
    for (uint32_t i = 0; i < evidence->info->memory_map.count; i++) {
        const struct BootInfoRegion *region = bootinfo_region(evidence->info, i);
        struct finding finding = as_promised();
        if ((region->efi_attributes & ATTRIBUTE_RUNTIME) != 0) {
            finding = mapped(evidence, region->base, region->base + region->size);
        }
        if (finding.broken) {
            return finding;
        }
    }
    return as_promised();
}

static bool is_hole(const struct evidence *evidence, uint64_t base, uint64_t size, void *context)
{
    bool hole = !is_mapped(evidence, base, size);
    *(uint64_t *)context = base;
    return hole;
}

static struct finding named(const struct evidence *evidence)
{
    uint64_t hole = 0;
    return named_visit(evidence, is_hole, &hole) ? broken(hole, false, true) : as_promised();
}

static bool touches(uint64_t chunk, uint64_t base, uint64_t size)
{
    return chunk < round_up(base + size) && chunk + LARGE_PAGE_SIZE > round_down(base);
}

static bool touches_chunk(const struct evidence *evidence, uint64_t base, uint64_t size,
                          void *context)
{
    (void)evidence;
    return touches(*(const uint64_t *)context, base, size);
}

/* Whether the 2 MiB at chunk hold anything that is to be mapped. */
static bool is_promised(const struct evidence *evidence, uint64_t chunk)
{
    const struct BootInfo *info = evidence->info;
    for (uint32_t i = 0; i < info->memory_map.count; i++) {
        const struct BootInfoRegion *region = bootinfo_region(info, i);
        if (is_promised_region(region) && touches(chunk, region->base, region->size)) {
            return true;
        }
    }
    return named_visit(evidence, touches_chunk, &chunk);
}

static struct finding check_need(const struct evidence *evidence, uint64_t entry, uint32_t shift,
                                 uint64_t address)
{
    uint64_t end = address + (UINT64_C(1) << shift);
    if (!is_page(entry, shift)) {
        return as_promised();
    }
    uint64_t chunk = round_down(address < LOW_MEMORY_END ? LOW_MEMORY_END : address);
    for (; chunk < end; chunk += LARGE_PAGE_SIZE) {
        if (!is_promised(evidence, chunk)) {
            return broken(chunk, true, false);
        }
    }
    return as_promised();
}

static struct finding nothing_else(const struct evidence *evidence)
{
    return walk_all(evidence, check_need);
}

const struct promise paging_promises[] = {
    {"all page tables lie in LOADER regions", table_places},
    {"every page is mapped to itself", identity},
    {"every page is writable and executable", rights},
    {"page 0 is not mapped", page_0},
    {"the stack's guard page is not mapped", guard},
    {"the low 4 GiB are mapped", low_memory},
    {"every region is mapped but RESERVED, MMIO, MMIO_PORT, UNUSABLE and UNACCEPTED", regions},
    {"every region with EFI_MEMORY_RUNTIME is mapped", runtime},
    {"serial port, framebuffers, ACPI tables and SMBIOS are mapped", named},
    {"nothing else is mapped above 4 GiB", nothing_else},
    {NULL, NULL},
};
