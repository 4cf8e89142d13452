/* A kernel in the higher half: looks into its own page tables, through the direct map that its
 * header asks for, whether text is read-only and data not executable, wherever they are mapped. */
#include "console.h"
#include "finish.h"

#define DIRECT_MAP UINT64_C(0xFFFF800000000000)

/* Intel SDM 3A section 4.5 */
#define ENTRY_PRESENT UINT64_C(1)
#define ENTRY_WRITE   UINT64_C(2)
#define ENTRY_LARGE   UINT64_C(0x80)
#define ENTRY_NX      (UINT64_C(1) << 63)
#define FRAME         UINT64_C(0x000FFFFFFFFFF000)

BOOTINFO_KERNEL_HEADER_1_1(kernel_main, 0x4000, DIRECT_MAP);

static const uint64_t constant = 0x0123456789ABCDEF;
/* volatile: the compiler must not reason about what it finds. */
static volatile uint64_t variable = 0x5555AAAA5555AAAA;
static volatile uint64_t zeros[3000];

static uint64_t read_cr3(void)
{
    uint64_t value;
    __asm__ volatile("mov %%cr3, %0" : "=r"(value));
    return value;
}

struct place {
    uint64_t physical;
    int mapped, writable, executable;
};

/* The way that the CPU goes, with rights that hold only if all levels grant them. */
static struct place look_up(const struct BootInfo *info, uint64_t address)
{
    uint64_t table = read_cr3() & FRAME;
    struct place place = {0, 0, 1, 1};
    for (int shift = (info->flags & BOOTINFO_FLAG_LA57) != 0 ? 48 : 39; shift >= 12; shift -= 9) {
        const uint64_t *entries = (const uint64_t *)(info->direct_map + table);
        uint64_t entry = entries[address >> shift & 511];
        if ((entry & ENTRY_PRESENT) == 0) {
            break;
        }
        place.writable = place.writable && (entry & ENTRY_WRITE) != 0;
        place.executable = place.executable && (entry & ENTRY_NX) == 0;
        table = entry & FRAME;
        if (shift == 12 || (shift < 39 && (entry & ENTRY_LARGE) != 0)) {
            uint64_t mask = (UINT64_C(1) << shift) - 1;
            place.physical = (table & ~mask) + (address & mask);
            place.mapped = 1;
            break;
        }
    }
    return place;
}

static void expect(const struct BootInfo *info, uint64_t address, uint64_t physical, int writable,
                   int executable)
{
    struct place place = look_up(info, address);
    executable = executable || (info->flags & BOOTINFO_FLAG_NX) == 0;
    if (place.mapped && place.physical == physical && place.writable == writable &&
        place.executable == executable) {
        return;
    }
    print("wrong: ");
    print_hex(address, 0);
    print(place.mapped ? " is mapped to " : " is not mapped; expected ");
    print_hex(place.mapped ? place.physical : physical, 0);
    print(place.writable ? ", writable" : ", read-only");
    print(place.executable ? ", executable\n" : ", not executable\n");
    finish(0);
}

/* A part of the kernel: where it runs, in the identity map and in the direct map. */
static void check_part(const struct BootInfo *info, const char *name, uint64_t address,
                       int writable, int executable)
{
    uint64_t physical = address - info->kernel_virtual + info->kernel.address;
    expect(info, address, physical, writable, executable);
    expect(info, physical, physical, writable, executable);
    expect(info, info->direct_map + physical, physical, writable, 0);
    print(name);
    print(writable ? ": writable, " : ": read-only, ");
    print(executable ? "executable\n" : "not executable\n");
}

static int data_is_sound(void)
{
    if (*(const volatile uint64_t *)&constant != 0x0123456789ABCDEF ||
        variable != 0x5555AAAA5555AAAA) {
        return 0;
    }
    variable = constant;
    for (uint64_t i = 0; i < sizeof(zeros) / sizeof(zeros[0]); i++) {
        if (zeros[i] != 0) {
            return 0;
        }
        zeros[i] = i;
    }
    return variable == constant;
}

void kernel_main(const struct BootInfo *info, uint64_t magic)
{
    if (magic != BOOTINFO_MAGIC || !bootinfo_valid(info) || !BOOTINFO_HAS(info, direct_map)) {
        finish(0);
    }
    console_use(&info->serial);
    print("running at ");
    print_hex(info->kernel_virtual, 0);
    print(", physical ");
    print_hex(info->kernel.address, 0);
    print(", direct map at ");
    print_hex(info->direct_map, 0);
    print("\n");
    if (info->kernel_virtual != (uintptr_t)bootinfo_kernel_start ||
        info->direct_map != DIRECT_MAP || !data_is_sound()) {
        print("wrong: addresses or data\n");
        finish(0);
    }
    check_part(info, "text", (uintptr_t)kernel_main, 0, 1);
    check_part(info, "rodata", (uintptr_t)&constant, 0, 0);
    check_part(info, "data", (uintptr_t)&variable, 1, 0);
    check_part(info, "bss", (uintptr_t)&zeros[2999], 1, 0);
    expect(info, info->direct_map + (uintptr_t)info, (uintptr_t)info, 1, 0);
    print("all as the ELF file says\n");
    finish(1);
}
