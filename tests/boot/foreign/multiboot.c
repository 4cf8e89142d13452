/* A kernel of Multiboot 1 or 2, or of PVH, that tells what it was given. Position-independent. */
#include "say.h"

#define MAGIC_1   0x2BADB002
#define MAGIC_2   0x36D76289
#define MAGIC_PVH 0x336EC578
#define RSDP      UINT64_C(0x2052545020445352) /* "RSD PTR " */

void kernel(uint32_t magic, uint32_t address);

static int has_acpi;

static void tell_module(uint32_t start, uint32_t end, const char *text)
{
    say("module");
    say_hex(end - start);
    say(" bytes, crc");
    say_hex(crc_of(start, end - start));
    say((start & 4095) == 0 ? ", " : ", unaligned, ");
    say(text);
    say("\n");
}

/* Ranges are in order, and RAM can be written to where it is not the kernel's own. */
static void tell_map(uint32_t at, uint32_t count, uint32_t stride)
{
    uint64_t last = 0;
    uint64_t ram = 0;
    for (uint32_t i = 0; i < count; i++, at += stride) {
        uint64_t base = get(at, 8);
        uint64_t size = get(at + 8, 8);
        uint32_t type = (uint32_t)get(at + 16, 4);
        expect("ranges are in order", base >= last && size > 0);
        expect("a type of e820", type >= 1 && type <= 5);
        last = base + size;
        ram += type == 1 ? size : 0;
    }
    say("ranges end at");
    say_hex(last);
    say(", RAM");
    say_hex(ram);
    say("\n");
}

static void tell_screen(uint32_t at)
{
    uint64_t address = get(at, 8);
    uint32_t pitch = (uint32_t)get(at + 8, 4);
    say("screen");
    say_hex(get(at + 12, 4));
    say_hex(get(at + 16, 4));
    say_hex(get(at + 20, 1));
    say("\n");
    expect("direct colours", get(at + 21, 1) == 1);
    expect("a screen that is reached", address < UINT32_MAX);
    for (uint32_t i = 0; i < 100; i++) { /* a diagonal */
        *(volatile uint32_t *)((uintptr_t)address + i * pitch + i * 4) = 0xFFFFFF;
    }
}

/* As on a PC of old: the RSDP by the EBDA's segment at 0x40E. */
static void tell_low(void)
{
    uint32_t base_memory;
    uint32_t segment;
    __asm__ volatile("movzwl 0x413, %0" : "=r"(base_memory));
    __asm__ volatile("movzwl 0x40E, %0" : "=r"(segment));
    say("base memory");
    say_hex(base_memory);
    say(", RSDP in the EBDA: ");
    say(get((segment << 4) + 16, 8) == RSDP ? "yes\n" : "no\n");
}

static void tell_tag(uint32_t tag)
{
    uint32_t size = (uint32_t)get(tag + 4, 4);
    switch (get(tag, 4)) {
    case 1:
        say("command line '");
        say((const char *)tag + 8);
        say("'\n");
        break;
    case 2:
        say("loader ");
        say((const char *)tag + 8);
        say("\n");
        break;
    case 3:
        tell_module((uint32_t)get(tag + 8, 4), (uint32_t)get(tag + 12, 4), (const char *)tag + 16);
        break;
    case 4:
        say("memory");
        say_hex(get(tag + 8, 4));
        say_hex(get(tag + 12, 4));
        say("\n");
        break;
    case 6:
        expect("entries of 24 bytes", get(tag + 8, 4) == 24 && get(tag + 12, 4) == 0);
        tell_map(tag + 16, (size - 16) / 24, 24);
        break;
    case 8:
        tell_screen(tag + 8);
        break;
    case 9:
        say("sections");
        say_hex(get(tag + 8, 4));
        say("\n");
        break;
    case 13:
        expect("SMBIOS", get(tag + 16, 3) == 0x4D535F); /* "_SM" */
        break;
    case 14:
    case 15:
        expect("an RSDP", get(tag + 8, 8) == RSDP);
        has_acpi = 1;
        break;
    case 21:
        say("moved to");
        say_hex(get(tag + 8, 4));
        say("\n");
        break;
    default:
        break;
    }
}

static void tell_2(uint32_t address)
{
    uint32_t end_at = address + (uint32_t)get(address, 4);
    uint32_t tag = address + 8;
    uint32_t seen = 0;
    expect("information at a multiple of 8", address % 8 == 0 && get(address + 4, 4) == 0);
    while (tag < end_at && get(tag, 4) != 0) {
        seen |= UINT32_C(1) << (get(tag, 4) & 31);
        tell_tag(tag);
        tag += ((uint32_t)get(tag + 4, 4) + 7) & ~UINT32_C(7);
    }
    expect("an end tag at the end", tag + 8 == end_at && get(tag + 4, 4) == 8);
    expect("tables of ACPI", has_acpi);
    say("tags");
    say_hex(seen);
    say("\n");
}

/* The entries of Multiboot 1 have their size in front. */
static void tell_1(uint32_t info)
{
    uint32_t modules = (uint32_t)get(info + 24, 4);
    uint32_t map = (uint32_t)get(info + 48, 4);
    say("command line '");
    say((const char *)(uintptr_t)get(info + 16, 4));
    say("'\nloader ");
    say((const char *)(uintptr_t)get(info + 64, 4));
    say("\nflags");
    say_hex(get(info, 4));
    say("\nmemory");
    say_hex(get(info + 4, 4));
    say_hex(get(info + 8, 4));
    say("\n");
    for (uint32_t i = 0; i < get(info + 20, 4); i++) {
        uint32_t at = modules + 16 * i;
        tell_module((uint32_t)get(at, 4), (uint32_t)get(at + 4, 4),
                    (const char *)(uintptr_t)get(at + 8, 4));
    }
    expect("entries of 20 bytes", get(map, 4) == 20);
    tell_map(map + 4, (uint32_t)get(info + 44, 4) / 24, 24);
    if ((get(info, 4) & 0x1000) != 0) {
        tell_screen(info + 88);
    }
}

static void tell_pvh(uint32_t info)
{
    uint32_t modules = (uint32_t)get(info + 16, 8);
    expect("start info", get(info, 4) == MAGIC_PVH && get(info + 4, 4) == 1);
    say("command line '");
    say((const char *)(uintptr_t)get(info + 24, 8));
    say("'\n");
    for (uint32_t i = 0; i < get(info + 12, 4); i++) {
        uint32_t at = modules + 32 * i;
        uint32_t start = (uint32_t)get(at, 8);
        tell_module(start, start + (uint32_t)get(at + 8, 8),
                    (const char *)(uintptr_t)get(at + 16, 8));
    }
    expect("an RSDP", get((uintptr_t)get(info + 32, 8), 8) == RSDP);
    tell_map((uint32_t)get(info + 40, 8), (uint32_t)get(info + 48, 4), 24);
}

void kernel(uint32_t magic, uint32_t address)
{
    uint32_t cr0;
    uint32_t cr4;
    uint32_t flags;
    __asm__ volatile("mov %%cr0, %0" : "=r"(cr0));
    __asm__ volatile("mov %%cr4, %0" : "=r"(cr4));
    __asm__ volatile("pushfl; popl %0" : "=r"(flags));
    expect("paging is off", (cr0 & 0x80000001) == 1 && cr4 == 0);
    expect("interrupts are off", (flags & 0x200) == 0);
    say("foreign kernel at");
    say_hex((uintptr_t)&kernel & ~UINT32_C(0xFFF));
    say(", information");
    say_hex(address);
    say("\n");
    if (PROTOCOL == 3) {
        tell_pvh(address);
    } else if (PROTOCOL == 2) {
        expect("the magic of Multiboot2", magic == MAGIC_2);
        tell_2(address);
        tell_low();
    } else {
        expect("the magic of Multiboot", magic == MAGIC_1);
        tell_1(address);
        tell_low();
    }
    say("foreign kernel is done\n");
    end(1);
}
