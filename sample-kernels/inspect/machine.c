/* Registers and devices: docs/abi.md, "Machine state at entry". */
#include "judge.h"
#include "port.h"

#define CR0_PROMISED 0x80010033       /* PG WP NE ET MP PE */
#define CR4_PROMISED 0x620            /* OSXMMEXCPT OSFXSR PAE */
#define CR4_KEPT     UINT64_C(0x1040) /* LA57 MCE */
#define CR4_LA57     0x1000
#define EFER_LME_LMA 0x500
#define EFER_NXE     0x800

#define X87_CONTROL 0x37F
#define X87_EMPTY   0xFFFF /* all eight registers */
#define MXCSR       0x1F80
#define DR7         0x400
#define RFLAGS      2

#define PIC_1_MASK 0x21
#define PIC_2_MASK 0xA1

#define SYSTEM_TABLE_BOOT_SERVICES 96 /* offset, UEFI 2.10 section 4.3 */

void kernel_main(void);

static struct finding entry(const struct evidence *evidence)
{
    return expect(evidence->machine->rip, (uintptr_t)kernel_main);
}

static struct finding rsi(const struct evidence *evidence)
{
    return expect(evidence->machine->general[GENERAL_RSI], BOOTINFO_MAGIC);
}

static struct finding rsp(const struct evidence *evidence)
{
    const struct BootInfoSpan *stack = &evidence->info->stack;
    return expect(evidence->machine->general[GENERAL_RSP], stack->address + stack->size - 8);
}

static struct finding rsp_alignment(const struct evidence *evidence)
{
    return expect(evidence->machine->general[GENERAL_RSP] % 16, 8);
}

static struct finding general_registers(const struct evidence *evidence)
{
    const uint32_t others = 1U << GENERAL_RSI | 1U << GENERAL_RDI | 1U << GENERAL_RSP;
    for (uint32_t i = 0; i < COUNT(evidence->machine->general); i++) {
        uint64_t value = evidence->machine->general[i];
        if ((others >> i & 1) == 0 && value != 0) {
            return broken(i, value, 0);
        }
    }
    return as_promised();
}

static struct finding rflags(const struct evidence *evidence)
{
    return expect(evidence->machine->rflags, RFLAGS);
}

static struct finding cr0(const struct evidence *evidence)
{
    return expect(evidence->machine->cr0, CR0_PROMISED);
}

static struct finding cr4(const struct evidence *evidence)
{
    return expect(evidence->machine->cr4 & ~CR4_KEPT, CR4_PROMISED);
}

static struct finding la57_flag(const struct evidence *evidence)
{
    bool on = (evidence->machine->cr4 & CR4_LA57) != 0;
    return expect(has_flag(evidence->info, BOOTINFO_FLAG_LA57), on);
}

static struct finding efer(const struct evidence *evidence)
{
    return expect(evidence->machine->efer & EFER_LME_LMA, EFER_LME_LMA);
}

static bool cpu_has_nx(void)
{
    uint32_t eax = 0x80000001;
    uint32_t edx;
    __asm__ volatile("cpuid" : "+a"(eax), "=d"(edx) : : "rbx", "rcx");
    return (edx >> 20 & 1) != 0;
}

static struct finding nx(const struct evidence *evidence)
{
    return expect((evidence->machine->efer & EFER_NXE) != 0, cpu_has_nx());
}

static struct finding nx_flag(const struct evidence *evidence)
{
    bool on = (evidence->machine->efer & EFER_NXE) != 0;
    return expect(has_flag(evidence->info, BOOTINFO_FLAG_NX), on);
}

static struct finding dr7(const struct evidence *evidence)
{
    return expect(evidence->machine->dr7, DR7);
}

static struct finding x87(const struct evidence *evidence)
{
    const struct machine *machine = evidence->machine;
    if ((machine->x87_control & 0xFFFF) != X87_CONTROL) {
        return broken(NOWHERE, machine->x87_control & 0xFFFF, X87_CONTROL);
    }
    if ((machine->x87_status & 0xFFFF) != 0) {
        return broken(NOWHERE, machine->x87_status & 0xFFFF, 0);
    }
    return expect(machine->x87_tags & 0xFFFF, X87_EMPTY);
}

static struct finding mxcsr(const struct evidence *evidence)
{
    return expect(evidence->machine->mxcsr, MXCSR);
}

static struct finding sse(const struct evidence *evidence)
{
    _Alignas(16) const uint64_t source[2] = {UINT64_C(0x0123456789ABCDEF), ~UINT64_C(0)};
    _Alignas(16) uint64_t target[2] = {0, 0};
    if (evidence->machine->mxcsr == 0) {
        return broken(NOWHERE, 0, MXCSR);
    }
    __asm__ volatile("movaps %1, %%xmm0\n\tmovaps %%xmm0, %0" : "=m"(target) : "m"(source));
    return expect_true(target[0] == source[0] && target[1] == source[1]);
}

static struct finding pic(const struct evidence *evidence)
{
    (void)evidence;
    return expect((uint64_t)port_read(PIC_1_MASK) << 8 | port_read(PIC_2_MASK), 0xFFFF);
}

/* Nobody has used the boot stack: entry.S moved to another one. */
static struct finding stack_contents(const struct evidence *evidence)
{
    const struct BootInfoSpan *stack = &evidence->info->stack;
    const uint64_t *words = (const uint64_t *)(uintptr_t)stack->address;
    for (uint64_t i = 0; i < stack->size / sizeof(*words); i++) {
        if (words[i] != 0) {
            return broken((uintptr_t)&words[i], words[i], 0);
        }
    }
    return as_promised();
}

/* ExitBootServices clears the pointer (UEFI 2.10 section 7.4.6). */
static struct finding boot_services(const struct evidence *evidence)
{
    uint64_t table = evidence->info->efi_system_table;
    if (table == 0) {
        return broken(NOWHERE, table, 1);
    }
    return expect(*(const uint64_t *)(uintptr_t)(table + SYSTEM_TABLE_BOOT_SERVICES), 0);
}

const struct promise machine_promises[] = {
    {"the kernel runs at the address it is linked for", entry},
    {"RSI is BOOTINFO_MAGIC", rsi},
    {"RSP points at the topmost 8 bytes of the stack", rsp},
    {"RSP mod 16 is 8", rsp_alignment},
    {"the stack is all zero, below RSP too", stack_contents},
    {"RBP and all other general registers are 0", general_registers},
    {"RFLAGS is 2", rflags},
    {"CR0 is PE MP ET NE WP PG", cr0},
    {"CR4 is PAE OSFXSR OSXMMEXCPT, and LA57 and MCE as they were", cr4},
    {"BOOTINFO_FLAG_LA57 agrees with CR4", la57_flag},
    {"EFER has LME and LMA", efer},
    {"EFER has NXE where the CPU has NX", nx},
    {"BOOTINFO_FLAG_NX agrees with EFER", nx_flag},
    {"DR7 is 0x400", dr7},
    {"the x87 is as FNINIT leaves it", x87},
    {"MXCSR is 0x1F80", mxcsr},
    {"SSE works", sse},
    {"both PICs are masked", pic},
    {"boot services are over", boot_services},
    {NULL, NULL},
};
