/* A CPU and interrupt controllers as no firmware has to leave them, and any may. */
#include "chaos.h"

#include <string.h>

enum {
    PIC_1_MASK = 0x21,
    PIC_2_MASK = 0xA1,
    X87_OF_OTHERS = 0x27F,    /* 53 bits of precision */
    MXCSR_OF_OTHERS = 0x9FC0, /* flushes to zero, denormals are zero */
    CR4_PGE = 0x80,
    EFLAGS_AC = 0x40000,
    DR7_WATCHES_DR0 = 0x402,
    EFER_NXE = 0x800,
    KERNEL = 0x100000,
    GDT_ENTRIES = 64
};

#define MSR_EFER    0xC0000080
#define MSR_FS_BASE 0xC0000100
#define MSR_GS_BASE 0xC0000101

struct descriptor_table {
    uint16_t limit;
    uint64_t base;
} __attribute__((packed));

static void write_msr(uint32_t number, uint64_t value)
{
    __asm__ volatile("wrmsr" : : "c"(number), "a"((uint32_t)value), "d"((uint32_t)(value >> 32)));
}

static uint64_t read_msr(uint32_t number)
{
    uint32_t low;
    uint32_t high;
    __asm__ volatile("rdmsr" : "=a"(low), "=d"(high) : "c"(number));
    return (uint64_t)high << 32 | low;
}

/* A GDT that is the firmware's with an LDT after it (Intel SDM 3A sections 3.4.5 and 7.2.3), and
 * that LDT. */
static void load_ldt(void)
{
    static uint64_t gdt[GDT_ENTRIES];
    static uint64_t ldt[1];
    struct descriptor_table table;
    __asm__ volatile("sgdt %0" : "=m"(table));
    uint64_t size = table.limit + UINT64_C(1);
    uint64_t base = (uint64_t)ldt;
    if (size + 16 > sizeof(gdt)) {
        broken("the firmware's GDT is longer than chaos.efi has room for");
        return;
    }
    memcpy(gdt, (const void *)table.base, size);
    gdt[size / 8] = (sizeof(ldt) - 1) | (base & 0xFFFFFF) << 16 | UINT64_C(0x82) << 40 |
                    (base >> 24 & 0xFF) << 56;
    gdt[size / 8 + 1] = base >> 32;
    table.limit = (uint16_t)(size + 15);
    table.base = (uint64_t)gdt;
    __asm__ volatile("lgdt %0" : : "m"(table));
    __asm__ volatile("lldt %w0" : : "r"((uint32_t)size));
}

void cpu_spoil(void)
{
    uint16_t x87 = X87_OF_OTHERS;
    uint32_t mxcsr = MXCSR_OF_OTHERS;
    uint64_t cr4;
    load_ldt();
    __asm__ volatile("outb %b0, %1\n\toutb %b0, %2" : : "a"(0), "i"(PIC_1_MASK), "i"(PIC_2_MASK));
    __asm__ volatile("fldcw %0\n\tfld1\n\tfldpi\n\tldmxcsr %1" : : "m"(x87), "m"(mxcsr));
    __asm__ volatile("movq %0, %%dr0\n\tmovq %1, %%dr7"
                     :
                     : "r"((uint64_t)KERNEL), "r"((uint64_t)DR7_WATCHES_DR0));
    __asm__ volatile("movq %%cr4, %0" : "=r"(cr4));
    __asm__ volatile("movq %0, %%cr4" : : "r"(cr4 | CR4_PGE));
    write_msr(MSR_EFER, read_msr(MSR_EFER) & ~(uint64_t)EFER_NXE);
    write_msr(MSR_FS_BASE, UINT64_C(0xFFFF12345678));
    write_msr(MSR_GS_BASE, 0x1234);
    __asm__ volatile("pushfq\n\torq %0, (%%rsp)\n\tpopfq" : : "i"(EFLAGS_AC) : "cc", "memory");
}
