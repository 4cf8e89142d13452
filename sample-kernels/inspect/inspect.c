/* The judge: checks every promise of docs/abi.md from inside, takes all the memory it may take,
 * checks once more, and prints TAP. QEMU's exit status is 33 where all is well, else 35. */
#include "console.h"
#include "finish.h"
#include "tap.h"

_Noreturn void inspect_main(const struct machine *machine);

/* Where a broken BootInfo leaves no other choice. */
static const struct BootInfoSerial com1 = {
    .base = 0x3F8, .kind = BOOTINFO_SERIAL_16550_PORT, .register_stride = 1};

static void judge(const struct evidence *evidence, const char *when, const struct promise *promises)
{
    for (; promises->text != NULL; promises++) {
        struct finding finding = promises->check(evidence);
        tap_report(when, promises->text, &finding);
    }
}

/* All that lies in memory. */
static void judge_memory(const struct evidence *evidence, const char *when)
{
    judge(evidence, when, info_promises);
    judge(evidence, when, fact_promises);
    judge(evidence, when, time_promises);
    judge(evidence, when, map_promises);
    judge(evidence, when, segment_promises);
    judge(evidence, when, paging_promises);
    judge(evidence, when, firmware_promises);
    judge(evidence, when, image_promises);
}

/* Without it no other check makes sense, so a wrong one ends the session. */
static void judge_bootinfo(const struct evidence *evidence)
{
    uint64_t address = (uintptr_t)evidence->info;
    bool there =
        address != 0 && address % 8 == 0 && is_mapped(evidence, address, sizeof(*evidence->info));
    bool valid = there && bootinfo_valid(evidence->info);
    console_use(valid ? &evidence->info->serial : &com1);
    print("\n"); /* a firmware that was slow to send may have left half a line */
    struct finding finding = valid ? as_promised() : broken(address, false, true);
    tap_report("", "RDI points at a valid BootInfo", &finding);
    if (!valid) {
        finish(tap_end());
    }
}

void inspect_main(const struct machine *machine)
{
    struct evidence evidence = {
        .info = (const struct BootInfo *)(uintptr_t)machine->general[GENERAL_RDI],
        .machine = machine,
    };
    tap_begin();
    judge_bootinfo(&evidence);
    struct clocks clocks = clocks_read(evidence.info);
    evidence.clocks = &clocks;
    judge(&evidence, "", machine_promises);
    judge_memory(&evidence, "");
    judge(&evidence, "", reuse_promises);
    judge_memory(&evidence, "after reuse: ");
    finish(tap_end());
}
