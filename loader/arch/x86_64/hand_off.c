#include "arch/x86_64/hand_off.h"

#include <stddef.h>
#include <string.h>

#include "arch.h"
#include "arch/x86_64/fault.h"

#define ASSERT_OFFSET(member, offset) \
    _Static_assert(offsetof(struct hand_off_block, member) == (offset), #member)
ASSERT_OFFSET(copy_target, HAND_OFF_COPY_TARGET);
ASSERT_OFFSET(copy_source, HAND_OFF_COPY_SOURCE);
ASSERT_OFFSET(copy_words, HAND_OFF_COPY_WORDS);
ASSERT_OFFSET(zero_words, HAND_OFF_ZERO_WORDS);
ASSERT_OFFSET(entry, HAND_OFF_ENTRY);
ASSERT_OFFSET(stack, HAND_OFF_STACK);
ASSERT_OFFSET(info, HAND_OFF_INFO);
ASSERT_OFFSET(magic, HAND_OFF_MAGIC);
ASSERT_OFFSET(gdtr, HAND_OFF_GDTR);
ASSERT_OFFSET(idtr, HAND_OFF_IDTR);
ASSERT_OFFSET(mxcsr, HAND_OFF_MXCSR);
ASSERT_OFFSET(gdt, HAND_OFF_GDT);
ASSERT_OFFSET(tss, HAND_OFF_TSS);
_Static_assert(sizeof(struct task_state) == 104, "Intel SDM 3A section 8.7");
_Static_assert(sizeof(struct hand_off_block) <= HAND_OFF_SCRATCH - 64, "room for a few pushes");

#define GDT_CODE              UINT64_C(0x00AF9B000000FFFF) /* present, DPL 0, code, L, accessed */
#define GDT_DATA              UINT64_C(0x00CF93000000FFFF) /* present, DPL 0, writable, accessed */
#define GDT_TSS               UINT64_C(0x0000890000000000) /* present, available 64-bit TSS */
#define MXCSR_DEFAULT         0x1F80
#define TSS_INTERRUPT_STACK_1 9 /* the word at byte 36 */
#define WORDS_PER_PAGE        (PAGE_SIZE / 8)

/* hand_off.S */
extern const uint8_t hand_off_code[];
extern const uint8_t hand_off_code_end[];
_Noreturn void hand_off_switch(struct hand_off_block *block, uint64_t page_tables,
                               uint64_t no_execute);

static struct descriptor_table descriptor_table(uint64_t base, uint64_t size)
{
    struct descriptor_table table = {.limit = (uint16_t)(size - 1)};
    memcpy(table.base, &base, sizeof(base));
    return table;
}

/* A system descriptor takes two entries (Intel SDM 3A section 8.2.3). */
static void describe_tss(uint64_t *gdt, uint64_t base, uint64_t size)
{
    gdt[0] = GDT_TSS | (size - 1) | (base & 0xFFFFFF) << 16 | (base >> 24 & 0xFF) << 56;
    gdt[1] = base >> 32;
}

#define PAGES (1 + FAULT_PAGES) /* descriptor tables and code; the handlers' */

uint64_t arch_hand_off_pages(void)
{
    return PAGES;
}

/* The IDT and stack of the fault handlers, if there are to be any. */
static void install_fault_handlers(struct hand_off_block *block, const struct hand_off *hand_off)
{
    struct fault_pages *pages = (struct fault_pages *)((uint64_t)block + PAGE_SIZE);
    uint64_t stack = (uint64_t)(pages + 1);
    fault_install(pages, hand_off);
    block->idtr = descriptor_table((uint64_t)pages->idt, sizeof(pages->idt));
    memcpy(&block->tss.words[TSS_INTERRUPT_STACK_1], &stack, sizeof(stack));
}

void arch_hand_off(const struct hand_off *hand_off)
{
    struct hand_off_block *block = (struct hand_off_block *)hand_off->block;
    memset(block, 0, PAGES * PAGE_SIZE);
    *block = (struct hand_off_block){
        .copy_target = hand_off->copy_target,
        .copy_source = hand_off->copy_source,
        .copy_words = hand_off->copy_pages * WORDS_PER_PAGE,
        .zero_words = hand_off->zero_pages * WORDS_PER_PAGE,
        .entry = hand_off->entry,
        .stack = hand_off->stack_top - sizeof(uint64_t),
        .info = hand_off->info,
        .magic = BOOTINFO_MAGIC,
        .gdtr = descriptor_table((uint64_t)block->gdt, sizeof(block->gdt)),
        .mxcsr = MXCSR_DEFAULT,
        .gdt = {[HAND_OFF_CODE_SELECTOR / 8] = GDT_CODE,
                [HAND_OFF_DATA_SELECTOR / 8] = GDT_DATA,
                [HAND_OFF_LAST_SELECTOR / 8] = GDT_CODE},
        .tss = {.io_map_base = sizeof(struct task_state)},
    };
    describe_tss(&block->gdt[HAND_OFF_TSS_SELECTOR / 8], (uint64_t)&block->tss, sizeof(block->tss));
    if (hand_off->handle_faults) {
        install_fault_handlers(block, hand_off);
    }
    memcpy((uint8_t *)block + HAND_OFF_CODE, hand_off_code,
           (size_t)(hand_off_code_end - hand_off_code));
    hand_off_switch(block, hand_off->page_tables, hand_off->no_execute);
}
