/* A TCG plugin for QEMU: counts what the machine does, the same every time.
 * - Marks: a NOP that stands for a phase (marks.h). At each the counts so far are written.
 * - Instructions by 4 KiB page, without those that repeat (rep movs and the like): they are counted
 *   by their starts and by the bytes they move.
 * - The disk takes no time: after each write to a device's doorbell the CPU waits, in real time,
 *   until all other threads of QEMU sleep. The completion is there at the next instruction.
 * - "restless": after how many of these writes QEMU never came to rest. Such a run repeats nothing.
 * Argument: out=FILE. Every line is "WORD number ...". */
#include "instruction.h"
#include "qemu_plugin.h"
#include "quiet.h"

#include "../marks.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

QEMU_PLUGIN_EXPORT int qemu_plugin_version = QEMU_PLUGIN_VERSION;
QEMU_PLUGIN_EXPORT int qemu_plugin_install(qemu_plugin_id_t id, const qemu_info_t *info, int argc,
                                           char **argv);

enum { PAGE_SHIFT = 12, WIDTHS = 4 };
#define PAGE_COUNT (UINT64_C(1) << 20) /* below 4 GiB; one more for all that lies above */

static uint64_t *page_instructions;
static uint64_t *page_at_start;
static uint64_t rep_runs[WIDTHS];   /* of the instruction with operands of 1, 2, 4, 8 bytes */
static uint64_t rep_starts[WIDTHS]; /* its first runs, by the same widths */
static uint64_t doorbells;
static uint64_t restless; /* doorbells after which QEMU did not come to rest */
static uint64_t calls[MARK_CALLS_MOST];
static FILE *out;

static uint64_t instruction_count(void)
{
    uint64_t sum = 0;
    for (uint64_t page = 0; page <= PAGE_COUNT; page++) {
        sum += page_instructions[page];
    }
    return sum;
}

/* QEMU runs a repeated instruction once for each unit, and once more to see that it is done. */
static uint64_t rep_bytes(void)
{
    uint64_t bytes = 0;
    for (unsigned width = 0; width < WIDTHS; width++) {
        bytes += (rep_runs[width] - rep_starts[width]) << width;
    }
    return bytes;
}

static uint64_t rep_start_count(void)
{
    return rep_starts[0] + rep_starts[1] + rep_starts[2] + rep_starts[3];
}

static void write_details(void)
{
    fprintf(out, "restless %" PRIu64 "\n", restless);
    for (unsigned call = 0; call < MARK_CALLS_MOST; call++) {
        if (calls[call] != 0) {
            fprintf(out, "call %u %" PRIu64 "\n", call, calls[call]);
        }
    }
    for (uint64_t page = 0; page <= PAGE_COUNT; page++) {
        if (page_instructions[page] != page_at_start[page]) {
            fprintf(out, "page %" PRIu64 " %" PRIu64 "\n", page,
                    page_instructions[page] - page_at_start[page]);
        }
    }
}

static void on_mark(unsigned vcpu, void *userdata)
{
    uintptr_t mark = (uintptr_t)userdata;
    (void)vcpu;
    if (mark >= MARK_CALLS && mark < MARK_CALLS + MARK_CALLS_MOST) {
        calls[mark - MARK_CALLS]++;
        return;
    }
    fprintf(out, "mark %u %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64 "\n", (unsigned)mark,
            instruction_count(), rep_start_count(), rep_bytes(), doorbells);
    if (mark == MARK_START) {
        memcpy(page_at_start, page_instructions, (PAGE_COUNT + 1) * sizeof(*page_at_start));
        memset(calls, 0, sizeof(calls));
        restless = 0;
    }
    if (mark == MARK_KERNEL) {
        write_details();
    }
    fflush(out);
}

/* PCI devices have their registers below 4 GiB, under the APICs and the flash, or far above. */
static bool may_be_device(uint64_t address)
{
    return (address >= UINT64_C(0x80000000) && address < UINT64_C(0xFE000000)) ||
           (address > UINT64_C(0xFFFFFFFF) && address >> 46 == 0);
}

static void on_store(unsigned vcpu, qemu_plugin_meminfo_t info, uint64_t vaddr, void *userdata)
{
    (void)vcpu;
    (void)userdata;
    if (!may_be_device(vaddr)) {
        return;
    }
    const struct qemu_plugin_hwaddr *address = qemu_plugin_get_hwaddr(info, vaddr);
    if (address != NULL && qemu_plugin_hwaddr_is_io(address)) {
        doorbells++;
        restless += wait_until_quiet() ? 0 : 1;
    }
}

/* position: in its block. All runs of a repeated instruction but the first are blocks that begin
 * with it; a first one that begins a block, as after a jump to it, is not seen as a start. */
static void count_instruction(struct qemu_plugin_insn *insn, size_t position, uint64_t *plain)
{
    struct instruction instruction =
        instruction_of(qemu_plugin_insn_data(insn), qemu_plugin_insn_size(insn));
    if (instruction.is_mark) {
        qemu_plugin_register_vcpu_insn_exec_cb(insn, on_mark, QEMU_PLUGIN_CB_NO_REGS,
                                               (void *)(uintptr_t)instruction.mark);
    }
    if (instruction.stores) {
        qemu_plugin_register_vcpu_mem_cb(insn, on_store, QEMU_PLUGIN_CB_NO_REGS, QEMU_PLUGIN_MEM_W,
                                         NULL);
    }
    if (!instruction.repeats) {
        (*plain)++;
        return;
    }
    unsigned width = instruction.width;
    qemu_plugin_register_vcpu_insn_exec_inline(insn, QEMU_PLUGIN_INLINE_ADD_U64, &rep_runs[width],
                                               1);
    if (position > 0) {
        qemu_plugin_register_vcpu_insn_exec_inline(insn, QEMU_PLUGIN_INLINE_ADD_U64,
                                                   &rep_starts[width], 1);
    }
}

static void on_translation(qemu_plugin_id_t id, struct qemu_plugin_tb *tb)
{
    uint64_t page = qemu_plugin_tb_vaddr(tb) >> PAGE_SHIFT;
    uint64_t plain = 0;
    (void)id;
    for (size_t i = 0; i < qemu_plugin_tb_n_insns(tb); i++) {
        count_instruction(qemu_plugin_tb_get_insn(tb, i), i, &plain);
    }
    if (plain > 0) {
        qemu_plugin_register_vcpu_tb_exec_inline(
            tb, QEMU_PLUGIN_INLINE_ADD_U64,
            &page_instructions[page < PAGE_COUNT ? page : PAGE_COUNT], plain);
    }
}

int qemu_plugin_install(qemu_plugin_id_t id, const qemu_info_t *info, int argc, char **argv)
{
    (void)info;
    if (argc == 1 && strncmp(argv[0], "out=", 4) == 0) {
        out = fopen(argv[0] + 4, "w");
    }
    page_instructions = calloc(PAGE_COUNT + 1, sizeof(*page_instructions));
    page_at_start = calloc(PAGE_COUNT + 1, sizeof(*page_at_start));
    if (out == NULL || page_instructions == NULL || page_at_start == NULL) {
        fprintf(stderr, "the plugin needs out=FILE and memory\n");
        return -1;
    }
    qemu_plugin_register_vcpu_tb_trans_cb(id, on_translation);
    return 0;
}
