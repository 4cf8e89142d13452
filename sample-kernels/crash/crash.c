/* Dies the death its command line names, to show what the loader's fault handlers say. */
#include "console.h"
#include "finish.h"

#include "port.h"

BOOTINFO_KERNEL_HEADER(kernel_main, 0x4000);

typedef void death(const struct BootInfo *info);

static void null(const struct BootInfo *info)
{
    (void)info;
    volatile uint32_t *nowhere = (volatile uint32_t *)(uintptr_t)0;
    __asm__ volatile("" : "+r"(nowhere));
    *nowhere = 1;
}

static void jump(const struct BootInfo *info)
{
    (void)info;
    void (*wild)(void) = (void (*)(void))(uintptr_t)0x7777777000;
    __asm__ volatile("" : "+r"(wild));
    wild();
}

static uint64_t recurse(volatile uint64_t *above)
{
    volatile uint64_t frame[64];
    frame[0] = *above;
    return *above == 0 ? 0 : recurse(frame) + frame[0];
}

static void overflow(const struct BootInfo *info)
{
    volatile uint64_t top = info->magic;
    recurse(&top);
}

static void divide(const struct BootInfo *info)
{
    volatile uint32_t zero = (uint32_t)(info->magic - info->magic);
    volatile uint32_t result = 1000 / zero; /* of 1 / zero compilers make a comparison */
    (void)result;
}

static void opcode(const struct BootInfo *info)
{
    (void)info;
    __asm__ volatile("ud2");
}

static void canonical(const struct BootInfo *info)
{
    (void)info;
    volatile uint64_t *strange = (volatile uint64_t *)(uintptr_t)0x8000000000000000;
    __asm__ volatile("" : "+r"(strange));
    *strange = 1;
}

static void hole(const struct BootInfo *info)
{
    (void)info;
    volatile uint64_t *nothing = (volatile uint64_t *)(uintptr_t)0x7777777000;
    __asm__ volatile("" : "+r"(nothing));
    *nothing = 1;
}

/* Channel 0 of the timer fires at once; the first controller sends it as vector 32. */
static void interrupt(const struct BootInfo *info)
{
    (void)info;
    port_write(0x20, 0x11);
    port_write(0x21, 0x20);
    port_write(0x21, 0x04);
    port_write(0x21, 0x01);
    port_write(0x43, 0x34);
    port_write(0x40, 0xFF);
    port_write(0x40, 0x01);
    port_write(0x21, 0xFE);
    __asm__ volatile("sti");
    for (;;) {
        __asm__ volatile("hlt");
    }
}

/* INT raises vector 8 as it stands, without the error code a real double fault has: so it is
 * made: a stack that is not there, and a selector that is not there while reporting it. */
static void twice(const struct BootInfo *info)
{
    (void)info;
    struct {
        uint16_t limit;
        uint64_t base;
    } __attribute__((packed)) table;
    __asm__ volatile("sidt %0" : "=m"(table));
    uint64_t *gate = (uint64_t *)(uintptr_t)table.base + 2 * 6;
    gate[0] &= ~(UINT64_C(1) << 47); /* invalid opcode: not present, and #NP likewise */
    gate[2 * 5] &= ~(UINT64_C(1) << 47);
    __asm__ volatile("ud2");
}

static void simd(const struct BootInfo *info)
{
    (void)info;
    static char bytes[32] __attribute__((aligned(16)));
    __asm__ volatile("movaps %%xmm0, (%0)" : : "r"(bytes + 1) : "memory");
}

static void breakpoint(const struct BootInfo *info)
{
    (void)info;
    __asm__ volatile("int3");
}

/* The same without a word to the controllers but this: line 0 is not masked. */
static void timer(const struct BootInfo *info)
{
    (void)info;
    port_write(0x43, 0x34);
    port_write(0x40, 0xFF);
    port_write(0x40, 0x01);
    port_write(0x21, 0xFE);
    __asm__ volatile("sti");
    for (;;) {
        __asm__ volatile("hlt");
    }
}

#define PAGE_BITS   UINT64_C(0x000FFFFFFFFFF000)
#define ENTRIES     512
#define LARGE_PAGES (4 * ENTRIES) /* 2 MiB each: 4 GiB */

static uint64_t tables[2 + LARGE_PAGES / ENTRIES][ENTRIES] __attribute__((aligned(4096)));

/* Page tables of the kernel's own: the low 4 GiB, and nothing else. */
static void switch_tables(void)
{
    tables[0][0] = (uintptr_t)tables[1] | 3;
    for (uint64_t i = 0; i < LARGE_PAGES; i++) {
        tables[1][i / ENTRIES] = (uintptr_t)tables[2 + i / ENTRIES] | 3;
        tables[2 + i / ENTRIES][i % ENTRIES] =
            i << 21 | 0x183; /* present, writable, large, global */
    }
    uint64_t cr4;
    __asm__ volatile("mov %%cr4, %0" : "=r"(cr4));
    __asm__ volatile("mov %0, %%cr3" : : "r"((uint64_t)(uintptr_t)tables) : "memory");
    __asm__ volatile("mov %0, %%cr4" : : "r"((cr4 | 0x80) & ~UINT64_C(0x600))); /* PGE, no SSE */
}

/* As untidy as can be: other page tables, no SSE, the direction flag set, an odd stack pointer. */
static void untidy(const struct BootInfo *info)
{
    (void)info;
    switch_tables();
    __asm__ volatile("std; sub $3, %%rsp; movl $1, (%0)"
                     :
                     : "r"(UINT64_C(0x7777777000))
                     : "memory");
}

/* Rights not to execute are in the loader's page tables: they are damaged without this bit. */
static void nxe(const struct BootInfo *info)
{
    (void)info;
    static volatile uint32_t data = 1;
    uint32_t low;
    uint32_t high;
    __asm__ volatile("rdmsr" : "=a"(low), "=d"(high) : "c"(0xC0000080));
    __asm__ volatile("wrmsr" : : "a"(low & ~UINT32_C(0x800)), "d"(high), "c"(0xC0000080));
    __asm__ volatile("mov %%cr3, %%rax; mov %%rax, %%cr3" : : : "rax", "memory");
    data++;
    __asm__ volatile("ud2");
}

/* A GDT of the kernel's own, with its code at this selector and data at 0x38. */
static void load_gdt(uint64_t code)
{
    static uint64_t gdt[8];
    struct {
        uint16_t limit;
        uint64_t base;
    } __attribute__((packed)) table = {sizeof(gdt) - 1, (uintptr_t)gdt};
    gdt[code / 8] = UINT64_C(0x00AF9B000000FFFF);
    gdt[7] = UINT64_C(0x00CF93000000FFFF);
    __asm__ volatile("lgdt %0; pushq %1; leaq 1f(%%rip), %%rax; pushq %%rax; lretq\n"
                     "1: movl $0x38, %%eax; movw %%ax, %%ds; movw %%ax, %%es; movw %%ax, %%ss"
                     :
                     : "m"(table), "r"(code)
                     : "rax", "memory");
}

static void gdt(const struct BootInfo *info)
{
    (void)info;
    load_gdt(0x08);
    __asm__ volatile("ud2");
}

/* As kernels of the Limine protocol have it. */
static void gdt28(const struct BootInfo *info)
{
    (void)info;
    load_gdt(0x28);
    __asm__ volatile("ud2");
}

/* Where nothing looks for it: the machine resets. */
static void gdt18(const struct BootInfo *info)
{
    (void)info;
    load_gdt(0x18);
    __asm__ volatile("ud2");
}

static uint64_t *table_of(uint64_t entry)
{
    return (uint64_t *)(uintptr_t)(entry & PAGE_BITS);
}

/* Takes the screen out of the loader's page tables: the report cannot be written there. */
static void screen(const struct BootInfo *info)
{
    uint64_t cr3;
    uint64_t at = bootinfo_framebuffer(info, 0)->address;
    __asm__ volatile("mov %%cr3, %0" : "=r"(cr3));
    uint64_t *large = table_of(table_of(table_of(cr3)[0])[at >> 30]);
    large[at >> 21 & (ENTRIES - 1)] = 0;
    __asm__ volatile("mov %0, %%cr3" : : "r"(cr3) : "memory");
    __asm__ volatile("ud2");
}

static uint32_t data_bytes[4] = {0x90909090, 0x90909090, 0x90909090, 0x90909090};

/* A call into data, which has no right to run. */
static void data(const struct BootInfo *info)
{
    (void)info;
    void (*wild)(void) = (void (*)(void))(uintptr_t)data_bytes;
    __asm__ volatile("" : "+r"(wild));
    wild();
}

/* Uses all memory that is free: what the loader has left there is gone. */
static void overwrite(const struct BootInfo *info)
{
    for (uint32_t i = 0; i < info->memory_map.count; i++) {
        const struct BootInfoRegion *region = bootinfo_region(info, i);
        if (region->type == BOOTINFO_MEMORY_USABLE) {
            uint64_t skipped = region->base == 0 ? 0x1000 : 0; /* page 0 is not mapped */
            uint64_t at = region->base + skipped;
            uint64_t size = region->size - skipped;
            __asm__ volatile("rep stosb" : "+D"(at), "+c"(size) : "a"(0xCC) : "memory");
        }
    }
    __asm__ volatile("ud2");
}

static void loop(const struct BootInfo *info)
{
    (void)info;
    for (;;) {
        __asm__ volatile("pause");
    }
}

static const struct {
    const char *name;
    death *die;
} deaths[] = {
    {"null", null},     {"jump", jump},     {"overflow", overflow},
    {"divide", divide}, {"opcode", opcode}, {"canonical", canonical},
    {"hole", hole},     {"twice", twice},   {"interrupt", interrupt},
    {"simd", simd},     {"loop", loop},     {"breakpoint", breakpoint},
    {"timer", timer},   {"untidy", untidy}, {"nxe", nxe},
    {"screen", screen}, {"data", data},     {"gdt", gdt},
    {"gdt28", gdt28},   {"gdt18", gdt18},   {"overwrite", overwrite},
};

static int same(const char *a, const char *b)
{
    while (*a != '\0' && *a == *b) {
        a++;
        b++;
    }
    return *a == *b;
}

void kernel_main(const struct BootInfo *info, uint64_t magic)
{
    if (magic != BOOTINFO_MAGIC || !bootinfo_valid(info)) {
        finish(0);
    }
    console_use(&info->serial);
    const char *name = bootinfo_text(info->command_line);
    for (uint32_t i = 0; i < sizeof(deaths) / sizeof(deaths[0]); i++) {
        if (same(name, deaths[i].name)) {
            print("crash: about to die: ");
            print(name);
            print("\n");
            deaths[i].die(info);
        }
    }
    print("crash: give one of these as 'cmdline =':\n");
    for (uint32_t i = 0; i < sizeof(deaths) / sizeof(deaths[0]); i++) {
        print("  ");
        print(deaths[i].name);
        print("\n");
    }
    finish(0);
}
