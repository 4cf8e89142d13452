/* Boots Linux: the bzImage and the initrd are this kernel's modules, its command line is Linux's.
 * All that it knows comes from BootInfo. docs/linux.md. */
#include "bzimage.h"
#include "console.h"
#include "e820.h"
#include "enter.h"
#include "finish.h"
#include "memory.h"
#include "parameters.h"
#include "room.h"

BOOTINFO_KERNEL_HEADER(kernel_main, 0x10000);

#define ENTRY_64         0x200 /* from the target: "64-bit Boot Protocol" */
#define E820_MAX         1024  /* entries */
#define FOUR_GIB         UINT64_C(0x100000000)
#define PAGE_SIZE        UINT64_C(4096)
#define COMMAND_LINE_MAX UINT64_C(4096) /* as loader.cfg has it */
#define INITRD_STEP      UINT64_C(4) /* an initrd begins at a multiple of this in a chain of them */

static _Alignas(4096) uint8_t parameters_page[PARAMETERS_SIZE];
static char command_line[COMMAND_LINE_MAX + 1];
static uint8_t e820_entries[E820_MAX * E820_ENTRY_SIZE];
static _Alignas(8) uint8_t extension[SETUP_DATA_HEADER + sizeof(e820_entries)];
static _Alignas(8) uint8_t seed[SEED_SIZE];

/* Linux wants its code segment at 0x10 and its data segment at 0x18; at 8 the loader's fault
 * handlers go on to find theirs. */
static _Alignas(8) const uint64_t gdt[] = {0, 0x00AF9B000000FFFF, 0x00AF9B000000FFFF,
                                           0x00CF93000000FFFF};

struct __attribute__((packed)) table_register {
    uint16_t limit;
    uint64_t base;
};

static _Noreturn void give_up(struct BootInfoSpan name, const char *text, uint64_t found)
{
    refuse("linux", name, refused(text, found));
}

static const struct BootInfoSpan nobody;

/* The role that a module's arguments give it; without arguments the first module is the kernel. */
static bool is_kernel(const struct BootInfoModule *module, uint32_t i)
{
    const char *role = bootinfo_text(module->arguments);
    bool kernel = module->arguments.size == 6 && memcmp(role, "kernel", 6) == 0;
    bool initrd = module->arguments.size == 6 && memcmp(role, "initrd", 6) == 0;
    if (!kernel && !initrd && module->arguments.size != 0) {
        give_up(module->name, "its argument is neither 'kernel' nor 'initrd'; module", i);
    }
    return kernel || (!initrd && i == 0);
}

static const struct BootInfoModule *find_kernel(const struct BootInfo *info)
{
    const struct BootInfoModule *found = NULL;
    for (uint32_t i = 0; i < info->modules.count; i++) {
        const struct BootInfoModule *module = bootinfo_module(info, i);
        if (!is_kernel(module, i)) {
            continue;
        }
        if (found != NULL) {
            give_up(module->name, "there is a kernel already; module", i);
        }
        found = module;
    }
    if (found == NULL) {
        give_up(nobody, "loader.cfg names no 'module = /path/of/vmlinuz kernel'; modules:",
                info->modules.count);
    }
    return found;
}

/* Where the kernel goes, and unpacks itself. */
static struct BootInfoSpan find_target(const struct BootInfo *info, const struct bzimage *image)
{
    struct room room = {
        .size = image->memory_size,
        .alignment = image->alignment,
        .first = image->preferred,
        .last = image->relocatable ? UINT64_MAX : image->preferred + (image->memory_size - 1),
    };
    if (image->relocatable && !image->above_4g) {
        room.last = FOUR_GIB - 1;
    }
    uint64_t place = room_find(info, &room);
    if (place == 0 || (!image->relocatable && place != image->preferred)) {
        give_up(nobody, "no usable memory for the kernel; bytes it needs:", image->memory_size);
    }
    return (struct BootInfoSpan){place, image->memory_size};
}

static uint64_t step_up(uint64_t size)
{
    return (size + INITRD_STEP - 1) & ~(INITRD_STEP - 1);
}

/* One after the other, as Linux wants several of them. */
static void copy_initrds(const struct BootInfo *info, const struct BootInfoModule *kernel,
                         uint8_t *to)
{
    for (uint32_t i = 0; i < info->modules.count; i++) {
        const struct BootInfoModule *module = bootinfo_module(info, i);
        if (module != kernel) {
            memcpy(to, bootinfo_text(module->data), module->data.size);
            memset(to + module->data.size, 0, step_up(module->data.size) - module->data.size);
            to += step_up(module->data.size);
        }
    }
}

/* The initrd as it lies there, or a copy where there are several or the kernel cannot reach it. */
static struct BootInfoSpan find_initrd(const struct BootInfo *info,
                                       const struct BootInfoModule *kernel,
                                       const struct bzimage *image, struct BootInfoSpan target)
{
    struct BootInfoSpan only = nobody;
    uint64_t size = 0;
    uint32_t count = 0;
    for (uint32_t i = 0; i < info->modules.count; i++) {
        const struct BootInfoModule *module = bootinfo_module(info, i);
        if (module != kernel && module->data.size > 0) {
            only = module->data;
            size += step_up(only.size);
            count++;
        }
    }
    if (count == 0 || (count == 1 && only.address + (only.size - 1) <= image->initrd_last)) {
        return only;
    }
    const struct room room = {
        .size = size,
        .alignment = PAGE_SIZE,
        .first = PAGE_SIZE,
        .last = image->initrd_last,
        .taken = &target,
        .taken_count = 1,
    };
    uint64_t place = room_find(info, &room);
    if (place == 0) {
        give_up(nobody, "no usable memory for a copy of the initrds; their bytes:", size);
    }
    copy_initrds(info, kernel, (uint8_t *)(uintptr_t)place);
    return (struct BootInfoSpan){place, size};
}

/* Below 4 GiB, where every kernel finds it. */
static struct BootInfoSpan copy_command_line(struct BootInfoSpan from, const struct bzimage *image)
{
    uint64_t limit = image->command_line_max;
    limit = limit < COMMAND_LINE_MAX ? limit : COMMAND_LINE_MAX;
    if (from.size > limit) {
        give_up(nobody, "the command line is too long; the limit in bytes:", limit);
    }
    memcpy(command_line, bootinfo_text(from), from.size);
    return (struct BootInfoSpan){(uintptr_t)command_line, from.size};
}

static void make_e820(const struct BootInfo *info, struct e820_table *table)
{
    uint64_t ram = 0;
    e820_fill(info, table);
    if (table->count > table->capacity) {
        give_up(nobody, "too many ranges of memory:", table->count);
    }
    for (uint32_t i = 0; i < table->count; i++) {
        const uint8_t *entry = table->entries + (uint64_t)i * E820_ENTRY_SIZE;
        uint32_t type = (uint32_t)field(entry, 16, 4);
        ram += type == E820_RAM ? field(entry, 8, 8) : 0;
        print("linux: e820 ");
        print_hex(field(entry, 0, 8), 16);
        print("-");
        print_hex(field(entry, 0, 8) + (field(entry, 8, 8) - 1), 16);
        print(" ");
        print(e820_name(type));
        print("\n");
    }
    print("linux: usable for Linux, in bytes: ");
    print_hex(ram, 0);
    print("\n");
}

/* Only Linux has it from here on, which wipes its copy itself. */
static void wipe_seed(const struct BootInfo *info)
{
    if (BOOTINFO_HAS(info, random_sources)) {
        memset((void *)(uintptr_t)info->random_seed, 0, sizeof(info->random_seed));
    }
}

/* The whole map, for those who want to compare. */
static void print_totals(const struct BootInfo *info)
{
    print("linux: bytes of each BOOTINFO_MEMORY type:");
    for (uint32_t type = 0; type < BOOTINFO_MEMORY_TYPE_COUNT; type++) {
        uint64_t total = 0;
        for (uint32_t i = 0; i < info->memory_map.count; i++) {
            const struct BootInfoRegion *region = bootinfo_region(info, i);
            total += region->type == type ? region->size : 0;
        }
        print(" ");
        print_hex(total, 0);
    }
    print("\n");
}

static void print_place(const char *what, struct BootInfoSpan span)
{
    print("linux: ");
    print(what);
    print_hex(span.address, 0);
    print(", ");
    print_decimal(span.size, 0);
    print(" bytes\n");
}

/* The 32-bit boot protocol: boot parameters in ESI, selectors 0x10 and 0x18, flat. */
static _Noreturn void enter_32(const struct BootInfo *info, const struct bzimage *image,
                               struct BootInfoSpan target)
{
    const struct room room = {
        .size = ENTER_SIZE,
        .alignment = PAGE_SIZE,
        .first = target.address + target.size,
        .last = FOUR_GIB - 1,
    };
    uint64_t place = room_find(info, &room);
    if (place == 0 || target.address + target.size > FOUR_GIB) {
        give_up(nobody,
                "no usable memory below 4 GiB for the way into 32-bit mode; bytes:", ENTER_SIZE);
    }
    struct enter *page = (struct enter *)(uintptr_t)place;
    memset(page, 0, sizeof(*page));
    page->entry = (uint32_t)target.address;
    page->esi = (uint32_t)(uintptr_t)parameters_page;
    page->move_count = 1;
    page->moves[0] =
        (struct enter_move){target.address, (uintptr_t)image->code, image->code_size, 0};
    enter_kernel(page);
}

/* The 64-bit boot protocol: boot parameters in RSI, interrupts off, the loader's identity map. */
static _Noreturn void enter(uint64_t entry)
{
    const struct table_register table = {sizeof(gdt) - 1, (uintptr_t)gdt};
    __asm__ volatile("cli\n\t"
                     "lgdt %0\n\t"
                     "mov %w1, %%ds\n\t"
                     "mov %w1, %%es\n\t"
                     "mov %w1, %%ss\n\t"
                     "push $0x10\n\t"
                     "push %2\n\t"
                     "lretq"
                     :
                     : "m"(table), "r"(0x18), "r"(entry), "S"(parameters_page)
                     : "memory");
    __builtin_unreachable();
}

void kernel_main(const struct BootInfo *info, uint64_t magic)
{
    if (magic != BOOTINFO_MAGIC || !bootinfo_valid(info)) {
        finish(0);
    }
    console_use(&info->serial);
    const struct BootInfoModule *kernel = find_kernel(info);
    struct bzimage image;
    struct refusal refusal = bzimage_read(kernel->data, &image);
    if (refusal.text != NULL) {
        give_up(kernel->name, refusal.text, refusal.found);
    }
    struct e820_table e820 = {.entries = e820_entries, .capacity = E820_MAX};
    struct parameters parameters = {.page = parameters_page,
                                    .extension = extension,
                                    .seed = seed,
                                    .e820 = &e820,
                                    .info = info,
                                    .image = &image};
    parameters.command_line = copy_command_line(info->command_line, &image);
    struct BootInfoSpan target = find_target(info, &image);
    parameters.initrd = find_initrd(info, kernel, &image, target);
    print_totals(info);
    make_e820(info, &e820);
    parameters_fill(&parameters);
    wipe_seed(info);
    print_place("kernel at ", target);
    print_place("initrd at ", parameters.initrd);
    if (!image.is_64) {
        enter_32(info, &image, target);
    }
    memcpy((void *)(uintptr_t)target.address, image.code, image.code_size);
    enter(target.address + ENTRY_64);
}
