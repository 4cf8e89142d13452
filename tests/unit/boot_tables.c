#include "boot_tables.h"

#include "suite.h"

enum { RIGHT_WRITE = 1, RIGHT_EXECUTE = 2 };

/* Where the tables say that a virtual address is. */
struct place {
    bool mapped;
    uint64_t physical;
    int rights;
};

static struct place translate(uint64_t address, const struct placed_ranges *placed)
{
    bool five_levels = (fake.cpu.flags & BOOTINFO_FLAG_LA57) != 0;
    uint64_t table = fake.hand_off.page_tables;
    const struct range *tables = &placed->items[3];
    int rights = RIGHT_WRITE | RIGHT_EXECUTE;
    for (int shift = five_levels ? 48 : 39; shift >= 12; shift -= 9) {
        ck_assert_msg(table >= tables->base && table - tables->base < tables->size,
                      "a page table lies at 0x%lx", table);
        uint64_t entry = ((const uint64_t *)table)[address >> shift & 511];
        if ((entry & 1) == 0) {
            break;
        }
        rights &= ((entry & 2) != 0 ? RIGHT_WRITE : 0) | (entry >> 63 == 0 ? RIGHT_EXECUTE : 0);
        uint64_t target = entry & UINT64_C(0x000FFFFFFFFFF000);
        uint64_t offset_mask = (UINT64_C(1) << shift) - 1;
        if (shift == 12 || (shift <= 30 && (entry & 0x80) != 0)) {
            return (struct place){true, (target & ~offset_mask) + (address & offset_mask), rights};
        }
        table = target;
    }
    return (struct place){false, 0, 0};
}

static void leads_to(uint64_t address, uint64_t physical, int rights,
                     const struct placed_ranges *placed)
{
    struct place place = translate(address, placed);
    if ((fake.cpu.flags & BOOTINFO_FLAG_NX) == 0) {
        rights |= RIGHT_EXECUTE;
    }
    ck_assert_msg(place.mapped, "0x%lx is not mapped", address);
    ck_assert_msg(place.physical == physical, "0x%lx is mapped to 0x%lx", address, place.physical);
    ck_assert_msg(place.rights == rights, "0x%lx has the rights %d, expected %d", address,
                  place.rights, rights);
}

void check_mapped(uint64_t address, const struct placed_ranges *placed)
{
    leads_to(address, address, RIGHT_WRITE | RIGHT_EXECUTE, placed);
}

static bool is_kernel(uint64_t address, const struct placed_ranges *placed)
{
    const struct range *kernel = &placed->items[0];
    return address >= kernel->base && address - kernel->base < kernel->size;
}

/* Whether address is shown by the direct map, too; in a window check_segment looks at the
 * kernel. */
static bool is_in_map(uint64_t address, const struct expectation *expected,
                      const struct placed_ranges *placed)
{
    return expected->direct_map != 0 &&
           !(expected->window &&
             (address >= 0 - expected->direct_map || is_kernel(address, placed)));
}

/* At its own address and in the direct map. */
static void is_mapped(uint64_t address, int rights, const struct expectation *expected,
                      const struct placed_ranges *placed)
{
    leads_to(address, address, rights, placed);
    if (is_in_map(address, expected, placed)) {
        leads_to(expected->direct_map + address, address, rights & RIGHT_WRITE, placed);
    }
}

static void is_not_mapped(uint64_t address, const struct expectation *expected,
                          const struct placed_ranges *placed)
{
    ck_assert_msg(!translate(address, placed).mapped, "0x%lx is mapped", address);
    ck_assert(!is_in_map(address, expected, placed) ||
              !translate(expected->direct_map + address, placed).mapped);
}

/* What BootInfo says of the direct map's end is where it ends. */
static void check_map_size(const struct BootInfo *info, const struct expectation *expected,
                           const struct placed_ranges *placed)
{
    uint64_t end = info->direct_map + info->direct_map_size;
    ck_assert_int_eq(info->direct_map_size != 0, expected->direct_map != 0);
    ck_assert(!expected->window || end == 0);
    if (expected->direct_map != 0) {
        ck_assert(translate(end - 1, placed).mapped);
        ck_assert(end == 0 || !translate(end, placed).mapped);
    }
}

static bool loader_in_the_way(const struct expectation *expected)
{
    const struct BootInfoSpan image = fake.machine.loader_image;
    return image.address < expected->address + elf_span(expected->elf) &&
           expected->address < image.address + image.size;
}

/* Of all segments on the page of address, which is virtual or physical. */
static int rights_of_page(const struct elf_plan *plan, uint64_t address, bool is_virtual)
{
    int rights = 0;
    uint64_t page = address / PAGE_SIZE;
    for (uint32_t i = 0; i < plan->count; i++) {
        const struct elf_program *program = &plan->programs[i];
        uint64_t start = is_virtual ? program->vaddr : program->paddr;
        if (program->type == PT_LOAD && program->memsz > 0 && page >= start / PAGE_SIZE &&
            page <= (start + program->memsz - 1) / PAGE_SIZE) {
            rights |= ((program->flags & PF_W) != 0 ? RIGHT_WRITE : 0) |
                      ((program->flags & PF_X) != 0 ? RIGHT_EXECUTE : 0);
        }
    }
    return rights;
}

/* The first page of a segment, its middle, and its last page. */
static void check_segment(const struct expectation *expected, const struct elf_program *program,
                          const struct placed_ranges *placed)
{
    const struct elf_plan *plan = expected->elf;
    const uint64_t offsets[] = {0, program->memsz / 2, program->memsz - 1};
    uint64_t base = elf_base(plan);
    for (size_t i = 0; i < sizeof(offsets) / sizeof(offsets[0]); i++) {
        uint64_t at = program->paddr + offsets[i];
        uint64_t physical = at - base + expected->address;
        int rights = rights_of_page(plan, at, false);
        rights |= loader_in_the_way(expected) ? RIGHT_EXECUTE : 0;
        is_mapped(physical, rights, expected, placed);
        if (program->vaddr >> 63 != 0) {
            at = program->vaddr + offsets[i];
            leads_to(at, physical, rights_of_page(plan, at, true), placed);
        }
    }
}

static void check_segments(const struct expectation *expected, const struct placed_ranges *placed)
{
    for (uint32_t i = 0; i < expected->elf->count; i++) {
        const struct elf_program *program = &expected->elf->programs[i];
        if (program->type == PT_LOAD && program->memsz > 0) {
            check_segment(expected, program, placed);
        }
    }
}

/* Those that are listed are mapped. Those that are not, are not: above what is mapped anyway. */
static void check_screens(const struct BootInfo *info, const struct expectation *expected,
                          const struct placed_ranges *placed)
{
    for (uint32_t i = 0; i < info->framebuffers.count; i++) {
        const struct BootInfoFramebuffer *screen = bootinfo_framebuffer(info, i);
        is_mapped(screen->address, RIGHT_WRITE | RIGHT_EXECUTE, expected, placed);
        is_mapped(screen->address + screen->size - 1, RIGHT_WRITE | RIGHT_EXECUTE, expected,
                  placed);
    }
    for (uint32_t i = fake.machine.framebuffer_count; i < PLAT_FRAMEBUFFERS_MAX; i++) {
        if (fake.machine.framebuffers[i].address >= 64 * GIB) {
            is_not_mapped(fake.machine.framebuffers[i].address, expected, placed);
        }
    }
}

void check_tables(const struct BootInfo *info, const struct placed_ranges *placed,
                  const struct expectation *expected)
{
    const struct machine *machine = &fake.machine;
    const int all = RIGHT_WRITE | RIGHT_EXECUTE;
    is_not_mapped(0, expected, placed);
    is_not_mapped(info->stack.address - 1, expected, placed);
    for (int i = expected->elf == NULL ? 0 : 1; i < PLACED_COUNT; i++) {
        const struct range *range = &placed->items[i];
        is_mapped(i == 1 ? info->stack.address : range->base, all, expected, placed);
        is_mapped(range->base + range->size - 1, all, expected, placed);
    }
    const uint64_t others[] = {machine->loader_image.address,
                               machine->loader_image.address + machine->loader_image.size - 1,
                               PAGE_SIZE,
                               0xFEC00000,
                               UINT32_MAX,
                               4 * GIB,
                               5 * GIB - 1,
                               fake.hand_off.copy_source};
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        if (others[i] != 0) {
            is_mapped(others[i], all, expected, placed);
        }
    }
    check_screens(info, expected, placed);
    for (const uint64_t *at = expected->mapped; at != NULL && *at != 0; at++) {
        is_mapped(*at, all, expected, placed);
    }
    if (expected->elf != NULL) {
        check_segments(expected, placed);
    }
    check_map_size(info, expected, placed);
    if (expected->virtual_address != 0 && !expected->window) {
        ck_assert(!translate(expected->virtual_address - 1, placed).mapped);
        ck_assert(!translate(expected->virtual_address + placed->items[0].size, placed).mapped);
    }
}
