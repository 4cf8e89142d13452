/* Boots kernels of Multiboot 1 and 2, and of PVH: the first module is the kernel, the others are
 * its modules, the command line is its own. docs/adapters.md. */
#include "bytes.h"
#include "console.h"
#include "enter.h"
#include "finish.h"
#include "inform.h"
#include "memory.h"
#include "room.h"

#include <stdbool.h>

BOOTINFO_KERNEL_HEADER(kernel_main, 0x10000);

#define PAGE      UINT64_C(4096)
#define ONE_MIB   UINT64_C(0x100000)
#define LAST_4GIB UINT64_C(0xFFFFFFFF)
#define MAGIC_1   0x2BADB002 /* in EAX */
#define MAGIC_2   0x36D76289

/* Where the kernel may come to lie: anything but what the last steps need, which is in LOADER
 * memory. */
#define TARGET_TYPES (ROOM_IN_ALL_FREE & ~ROOM_IN(BOOTINFO_MEMORY_LOADER))

static struct multiboot kernel;
static struct range ranges[RANGES_MAX];
static struct module modules[MODULES_MAX];
static uint32_t module_count;
static struct BootInfoSpan taken[MODULES_MAX + 8];
static uint32_t taken_count;
static const struct BootInfo *info;
static struct BootInfoSpan kernel_name;

static _Noreturn void give_up(const char *text, uint64_t found)
{
    refuse("multiboot", kernel_name, refused(text, found));
}

static void take(uint64_t address, uint64_t size)
{
    taken[taken_count++] = (struct BootInfoSpan){address, size};
}

/* USABLE memory that nothing else uses, from first on, below 4 GiB unless anywhere. */
static uint8_t *find(uint64_t size, uint64_t first, int anywhere)
{
    const struct room room = {.size = size != 0 ? size : 1,
                              .alignment = PAGE,
                              .first = first,
                              .last = anywhere ? UINT64_MAX : LAST_4GIB,
                              .taken = taken,
                              .taken_count = taken_count};
    uint64_t place = room_find(info, &room);
    if (place == 0) {
        give_up("not enough usable memory; bytes needed in one piece:", size);
    }
    take(place, room.size);
    return (uint8_t *)(uintptr_t)place;
}

/* The lowest or highest place that the header allows; 0: there is none. */
static uint64_t find_target(uint64_t size)
{
    uint64_t step = kernel.target_alignment > PAGE ? kernel.target_alignment : PAGE;
    uint64_t lowest = kernel.target_min > PAGE ? kernel.target_min : PAGE;
    lowest = (lowest + (step - 1)) / step * step;
    uint64_t obstacle;
    if (size - 1 > kernel.target_max) {
        return 0;
    }
    uint64_t highest = (kernel.target_max - (size - 1)) / step * step;
    for (uint64_t i = 0; lowest <= highest && i <= (highest - lowest) / step; i++) {
        uint64_t at = kernel.target_highest ? highest - i * step : lowest + i * step;
        if (room_is_free(info, TARGET_TYPES, at, at + (size - 1), &obstacle)) {
            return at;
        }
    }
    return 0;
}

static void place_kernel(void)
{
    uint64_t obstacle = 0;
    uint64_t size = kernel.last - kernel.first + 1;
    bool fits = room_is_free(info, TARGET_TYPES, kernel.first, kernel.last, &obstacle) != 0;
    if (!fits && !kernel.relocatable) {
        give_up("it cannot be moved, and there is no free memory at", obstacle);
    }
    uint64_t target = fits ? kernel.first : find_target(size);
    if (target == 0) {
        give_up("no free memory where it may be moved to; bytes needed:", size);
    }
    for (uint32_t i = 0; i < kernel.part_count; i++) {
        kernel.parts[i].target += target - kernel.first;
    }
    kernel.entry += target - kernel.first;
    kernel.first = target;
    kernel.last = target + (size - 1);
    take(target / PAGE * PAGE, size + target % PAGE);
}

/* The file, or a copy of it where the kernel will lie over it. */
static uint64_t safe_file(struct BootInfoSpan file)
{
    if (file.address > kernel.last || kernel.first > file.address + (file.size - 1)) {
        return file.address;
    }
    uint8_t *copy = find(file.size, ONE_MIB, 1);
    memcpy(copy, bytes_of(file), file.size);
    return (uintptr_t)copy;
}

/* Right after the kernel: some kernels map only the megabytes around themselves. */
static void place_modules(void)
{
    for (uint32_t i = 1; i < info->modules.count; i++) {
        const struct BootInfoModule *module = bootinfo_module(info, i);
        if (module_count == MODULES_MAX) {
            give_up("too many modules; at most", MODULES_MAX);
        }
        uint8_t *to = find(module->data.size, kernel.last + 1, 0);
        memcpy(to, bytes_of(module->data), module->data.size);
        modules[module_count++] = (struct module){
            .address = (uintptr_t)to,
            .size = module->data.size,
            .text = module->arguments.size != 0 ? module->arguments : module->name,
        };
    }
}

static uint32_t inform(struct low_memory low)
{
    struct block block = {0};
    struct facts facts = {info, &kernel, modules, module_count, ranges, 0, &block};
    facts.range_count = ranges_fill(info, low, ranges);
    if (facts.range_count > RANGES_MAX) {
        give_up("too many ranges of memory; at most", RANGES_MAX);
    }
    block.size = inform_size(&facts);
    block.bytes = find(block.size, kernel.last + 1, 0);
    memset(block.bytes, 0, block.size);
    uint32_t address = kernel.protocol == MULTIBOOT_2   ? inform_2(&facts)
                       : kernel.protocol == MULTIBOOT_1 ? inform_1(&facts)
                                                        : inform_pvh(&facts);
    if (block.used > block.size) {
        give_up("the information is larger than reckoned; bytes:", block.size);
    }
    return address;
}

static void tell(uint32_t address)
{
    static const char *const names[] = {"", "Multiboot", "Multiboot2", "PVH"};
    print("multiboot: ");
    print(names[kernel.protocol]);
    print(", kernel at ");
    print_hex(kernel.first, 0);
    print("-");
    print_hex(kernel.last, 0);
    print(", entry ");
    print_hex(kernel.entry, 0);
    print(", information at ");
    print_hex(address, 0);
    print(", modules: ");
    print_decimal(module_count, 0);
    print("\n");
}

/* What the kernel will miss, and runs without. */
static void warn(void)
{
    const struct BootInfoFramebuffer *screen = bootinfo_framebuffer(info, 0);
    uint64_t value;
    if (kernel.wants_text) {
        print("multiboot: the kernel asks for VGA text, which machines with UEFI do not have: it "
              "will "
              "not be seen\n");
    }
    if (kernel.width != 0 && screen != NULL &&
        (screen->width != kernel.width || screen->height != kernel.height)) {
        print("multiboot: the kernel asks for ");
        print_decimal(kernel.width, 0);
        print("x");
        print_decimal(kernel.height, 0);
        print(" and gets ");
        print_decimal(screen->width, 0);
        print("x");
        print_decimal(screen->height, 0);
        print(": see 'framebuffer =' in docs/config.md\n");
    }
    if (kernel.wants_efi && elf_note(&kernel.elf, "Xen", 18, &value)) {
        print("multiboot: Xen calls the BIOS unless its command line has 'no-real-mode edd=off'\n");
    }
}

static void fill_page(struct enter *page, uint64_t file, struct low_memory low)
{
    uint32_t lower;
    uint32_t upper;
    ranges_sizes(ranges, ranges_fill(info, low, ranges), &lower, &upper);
    page->entry = (uint32_t)kernel.entry;
    page->eax = kernel.protocol == MULTIBOOT_2   ? MAGIC_2
                : kernel.protocol == MULTIBOOT_1 ? MAGIC_1
                                                 : 0;
    page->move_count = kernel.part_count;
    page->base_memory = low.page_0 ? (uint16_t)(lower < 639 ? lower : 639) : 0;
    page->ebda = low.ebda ? (uint16_t)(EBDA >> 4) : 0;
    for (uint32_t i = 0; i < kernel.part_count; i++) {
        const struct multiboot_part *part = &kernel.parts[i];
        page->moves[i] =
            (struct enter_move){part->target, file + part->offset, part->size, part->zeros};
    }
}

void kernel_main(const struct BootInfo *boot_info, uint64_t magic)
{
    if (magic != BOOTINFO_MAGIC || !bootinfo_valid(boot_info)) {
        finish(0);
    }
    info = boot_info;
    console_use(&info->serial);
    const struct BootInfoModule *module = bootinfo_module(info, 0);
    if (module == NULL) {
        give_up("loader.cfg names no 'module = /path/of/kernel kernel'; modules:", 0);
    }
    kernel_name = module->name;
    struct refusal refusal = multiboot_read(module->data, &kernel);
    if (refusal.text != NULL) {
        refuse("multiboot", kernel_name, refusal);
    }
    place_kernel();
    struct low_memory low = low_memory_of(info, kernel.first, kernel.last);
    if (low.ebda) {
        take(EBDA / PAGE * PAGE, PAGE);
    }
    uint64_t file = safe_file(module->data);
    place_modules();
    struct enter *page = (struct enter *)(uintptr_t)find(ENTER_SIZE, ONE_MIB, 0);
    memset(page, 0, ENTER_SIZE);
    page->ebx = inform(low);
    fill_page(page, file, low);
    if (low.ebda) {
        ebda_make(info);
    }
    warn();
    tell(page->ebx);
    enter_kernel(page);
}
