/* Boots kernels of the Limine protocol, base revisions 0 to 3: the first module is the kernel, the
 * others are its modules, the command line is its own. docs/adapters.md. */
#include "limine.h"

#include "bytes.h"
#include "console.h"
#include "enter.h"
#include "finish.h"
#include "memory.h"

#include <stdbool.h>

BOOTINFO_KERNEL_HEADER(kernel_main, 0x10000);

#define PAGE        UINT64_C(4096)
#define ONE_MIB     UINT64_C(0x100000)
#define LAST_4GIB   UINT64_C(0xFFFFFFFF)
#define GDT_ENTRIES 7
#define PER_THING   512 /* bytes of answers for a module, a region, a framebuffer, a CPU; at most */
#define GDTR_AT     (LOW_PAGES * PAGE - 16) /* in the low pages */
#define JUMP_AT     (LOW_PAGES * PAGE - 128)

struct __attribute__((packed)) gdt_register {
    uint16_t limit;
    uint64_t base;
};

static struct limine limine;
static struct BootInfoSpan taken[4];
static uint32_t taken_count;

static _Noreturn void give_up(const char *text, uint64_t found)
{
    const struct BootInfoModule *kernel = bootinfo_module(limine.info, 0);
    refuse("limine", kernel != NULL ? kernel->name : (struct BootInfoSpan){0, 0},
           refused(text, found));
}

void *arena_add(struct limine *all, uint64_t size)
{
    struct arena *arena = &all->arena;
    uint64_t at = arena->next;
    uint64_t rounded = (size + 15) & ~UINT64_C(15);
    if (rounded > arena->end - at) {
        give_up("the answers take more memory than reckoned; bytes:", size);
    }
    arena->next = at + rounded;
    return (void *)(uintptr_t)at;
}

/* Zeroed memory that nothing else uses; the highest, since kernels like low memory for DMA. */
static uint64_t find(uint64_t size, uint64_t alignment, uint64_t first, uint64_t last)
{
    const struct room room = {.size = size,
                              .alignment = alignment,
                              .first = first,
                              .last = last,
                              .highest = first >= ONE_MIB,
                              .taken = taken,
                              .taken_count = taken_count};
    uint64_t place = room_find(limine.info, &room);
    if (place == 0) {
        give_up("not enough usable memory; bytes needed in one piece:", size);
    }
    taken[taken_count++] = (struct BootInfoSpan){place, size};
    memset((void *)(uintptr_t)place, 0, size);
    return place;
}

static void accept(struct refusal refusal)
{
    if (refusal.text != NULL) {
        give_up(refusal.text, refusal.found);
    }
}

/* Bytes for all answers, all stacks and the page tables. */
static uint64_t arena_size(void)
{
    const struct BootInfo *info = limine.info;
    uint64_t cpus = BOOTINFO_HAS(info, cpus) && limine.wishes.wants_cpus ? info->cpus.count : 0;
    cpus = cpus < CPUS_MAX ? cpus : CPUS_MAX;
    uint64_t things = 64 + info->memory_map.count + info->modules.count;
    things += info->framebuffers.count + cpus + limine.wishes.requests;
    uint64_t size = things * PER_THING + tables_size(&limine) + PAGE;
    size += (cpus + 1) * limine.wishes.stack_size + info->efi_memory_map.size;
    size += 2 * info->info.size; /* texts and EDIDs are in there, some are copied twice */
    return (size + PAGE - 1) & ~(PAGE - 1);
}

static void load_kernel(void)
{
    struct limine_image *image = &limine.image;
    accept(limine_read(limine.file, image));
    image->bytes = (uint8_t *)(uintptr_t)find(image->size, PAGING_LARGE, ONE_MIB, LAST_4GIB);
    accept(limine_load(image));
    limine.wishes = limine_scan(image);
}

static void make_tables(void)
{
    uint64_t size = tables_size(&limine);
    limine.arena.next = (limine.arena.next + PAGE - 1) & ~(PAGE - 1);
    tables_make(&limine, arena_add(&limine, size), size);
    if (paging_failed(&limine.paging)) {
        give_up("the page tables take more memory than reckoned; bytes:", size);
    }
}

/* Selectors in the protocol's order: 16, 32 and 64 bits. Its register lies in the low pages. */
static void make_gdt(void)
{
    static const uint64_t descriptors[GDT_ENTRIES] = {
        0,
        UINT64_C(0x00009B000000FFFF),
        UINT64_C(0x000093000000FFFF),
        UINT64_C(0x00CF9B000000FFFF),
        UINT64_C(0x00CF93000000FFFF),
        UINT64_C(0x00AF9B000000FFFF),
        UINT64_C(0x00AF93000000FFFF),
    };
    uint64_t *gdt = arena_add(&limine, sizeof(descriptors));
    memcpy(gdt, descriptors, sizeof(descriptors));
    struct gdt_register *location = (struct gdt_register *)(uintptr_t)(limine.low + GDTR_AT);
    *location = (struct gdt_register){sizeof(descriptors) - 1, high(gdt)};
}

static void answer_all(void)
{
    struct limine_request *request;
    uint64_t at = 0;
    while ((request = limine_next(&limine.image, &at)) != NULL) {
        uint64_t response = answer(&limine, request);
        request->response = response != 0 ? response : request->response;
        if (response == 0) {
            print("limine: no answer to request ");
            print_hex(request->id[2], 16);
            print("\n");
        }
    }
    limine_confirm(&limine.image, limine.wishes.revision);
}

static void tell(uint64_t entry)
{
    print("limine: base revision ");
    print_decimal(limine.wishes.revision, 0);
    if (limine.wishes.asked != limine.wishes.revision) {
        print(" instead of ");
        print_decimal(limine.wishes.asked, 0);
    }
    print(", kernel at ");
    print_hex((uintptr_t)limine.image.bytes, 0);
    print(", which is ");
    print_hex(limine.image.virtual_address, 0);
    print(", entry ");
    print_hex(entry, 0);
    print(", requests: ");
    print_decimal(limine.wishes.requests, 0);
    print(", CPUs: ");
    print_decimal(limine.cpu_count, 0);
    print("\n");
}

static _Noreturn void enter(uint64_t entry)
{
    struct limine_jump *jump = (struct limine_jump *)(uintptr_t)(limine.low + JUMP_AT);
    uint8_t *stack = arena_add(&limine, limine.wishes.stack_size);
    static const struct gdt_register no_idt;
    *jump = (struct limine_jump){.cr3 = limine.paging.root,
                                 .gdt = limine.low + GDTR_AT,
                                 .stack = high(stack + limine.wishes.stack_size),
                                 .entry = entry};
    uint32_t low = (uint32_t)LIMINE_PAT;
    uint32_t upper = (uint32_t)(LIMINE_PAT >> 32);
    cpus_mask_io(limine.info);
    __asm__ volatile("wrmsr" : : "c"(PAGING_MSR_PAT), "a"(low), "d"(upper));
    __asm__ volatile("lidt %0" : : "m"(no_idt));
    ((void (*)(struct limine_jump *))(uintptr_t)(limine.low + 2 * PAGE))(jump);
    __builtin_unreachable();
}

void kernel_main(const struct BootInfo *info, uint64_t magic)
{
    if (magic != BOOTINFO_MAGIC || !bootinfo_valid(info)) {
        finish(0);
    }
    limine.info = info;
    limine.cpu_count = 1;
    console_use(&info->serial);
    if (info->modules.count == 0) {
        give_up("loader.cfg names no 'module = /path/of/kernel kernel'; modules:", 0);
    }
    limine.file = bootinfo_module(info, 0)->data;
    limine.low = find(LOW_PAGES * PAGE, PAGE, PAGE, ONE_MIB - 1);
    memcpy((void *)(uintptr_t)(limine.low + 2 * PAGE), limine_enter_code,
           (uintptr_t)limine_enter_code_end - (uintptr_t)limine_enter_code);
    load_kernel();
    uint64_t size = arena_size();
    limine.arena.first = find(size, PAGE, ONE_MIB, LAST_4GIB);
    limine.arena.next = limine.arena.first;
    limine.arena.end = limine.arena.first + size;
    make_tables();
    make_gdt();
    answer_all();
    uint64_t entry = limine.wishes.entry != 0 ? limine.wishes.entry : limine.image.entry;
    tell(entry);
    enter(entry);
}
