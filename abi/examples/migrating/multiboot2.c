/* One file for two loaders: Baton enters at kernel_main, in 64-bit mode; a loader of Multiboot2 at
 * start_32, by the entry address tag of its header. The ELF file's own entry is kernel_main. */
#include "bootinfo.h"
#include "kernel.h"

/* BootInfo: all there is to do. */
BOOTINFO_KERNEL_HEADER(kernel_main, 0x4000);

void kernel_main(const struct BootInfo *info, uint64_t magic)
{
    struct facts facts = {"BootInfo", "nobody", 0};
    if (magic == BOOTINFO_MAGIC && bootinfo_valid(info)) {
        facts.loader = bootinfo_text(info->loader_name);
        for (uint32_t i = 0; i < info->memory_map.count; i++) {
            const struct BootInfoRegion *region = bootinfo_region(info, i);
            facts.usable += region->type == BOOTINFO_MEMORY_USABLE ? region->size : 0;
        }
    }
    kernel(&facts);
}

/* Multiboot2: a list of tags. */
__attribute__((used)) static void from_multiboot2(const uint32_t *tags, uint32_t magic)
{
    struct facts facts = {"Multiboot2", "nobody", 0};
    for (const uint32_t *tag = tags + 2; magic == 0x36D76289 && tag[0] != 0;
         tag += (tag[1] + 7) / 8 * 2) {
        if (tag[0] == 2) {
            facts.loader = (const char *)(tag + 2);
        }
        for (uint32_t at = 4; tag[0] == 6 && at < tag[1] / 4; at += tag[2] / 4) {
            const uint32_t *range = tag + at; /* base, length, type */
            facts.usable += range[4] == 1 ? (uint64_t)range[3] << 32 | range[2] : 0;
        }
    }
    kernel(&facts);
}

/* The way into 64-bit mode, which Baton has gone already: page tables of the first GiB, PAE,
 * EFER.LME, paging, a 64-bit code segment. */
_Alignas(4096) uint64_t pages_2[512], pages_3[512], pages_4[512];
_Alignas(16) uint8_t stack[16384];

__asm__(".section .text.multiboot2, \"ax\"\n"
        "        .balign 8\n"
        "header: .long 0xE85250D6, 0, header_end - header, -(0xE85250D6 + header_end - header)\n"
        "        .long 3, 12, start_32\n" /* the entry address */
        "        .balign 8\n"
        "        .long 0, 8\n" /* the end */
        "header_end: .code32\n"
        "start_32: movl $(stack + 16384), %esp\n"
        "        movl %ebx, %edi\n" /* the arguments of from_multiboot2 */
        "        movl %eax, %esi\n"
        "        movl $(pages_2 + 3), pages_3\n"
        "        movl $(pages_3 + 3), pages_4\n"
        "        movl $0x83, %eax\n" /* large, writable, present */
        "        xorl %ecx, %ecx\n"
        "1:      movl %eax, pages_2(, %ecx, 8)\n"
        "        addl $0x200000, %eax\n"
        "        incl %ecx\n"
        "        cmpl $512, %ecx\n"
        "        jb 1b\n"
        "        movl $pages_4, %eax\n"
        "        movl %eax, %cr3\n"
        "        movl $0x620, %eax\n" /* PAE; SSE, which the compiler may use */
        "        movl %eax, %cr4\n"
        "        movl $0xC0000080, %ecx\n"
        "        rdmsr\n"
        "        orl $0x100, %eax\n"
        "        wrmsr\n"
        "        movl $0x80000033, %eax\n"
        "        movl %eax, %cr0\n"
        "        lgdt table\n"
        "        ljmp $8, $start_64\n"
        "        .code64\n"
        "start_64: call from_multiboot2\n"
        "gdt:    .quad 0, 0x00AF9B000000FFFF\n"
        "table:  .short 15\n"
        "        .long gdt\n"
        ".text\n");
