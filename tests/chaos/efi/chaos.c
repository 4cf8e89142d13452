#include "chaos.h"

#include <string.h>

enum { CASES_MAX = 256, SWEEP_MAX = 500, SETTLED = 10 };

EFI_SYSTEM_TABLE *table;
EFI_GUID file_system_guid = SIMPLE_FILE_SYSTEM_PROTOCOL;

static EFI_HANDLE self;
static EFI_HANDLE volume;
static struct chaos_case cases[CASES_MAX];

/* Of the case at hand, and of all of them. */
struct totals {
    uint64_t cases;
    uint64_t bad_cases;
    uint64_t runs;
    uint64_t failed_calls;
};

static void read_plan(uint32_t *out_count)
{
    static CHAR16 name[] = CHAOS_PLAN;
    EFI_FILE_IO_INTERFACE *file_system = protocol_of(volume, file_system_guid);
    EFI_FILE_HANDLE root = NULL;
    EFI_FILE_HANDLE file = NULL;
    struct chaos_plan plan = {0};
    UINTN head = sizeof(plan);
    UINTN size = sizeof(cases);
    bool good = !EFI_ERROR(file_system->OpenVolume(file_system, &root)) &&
                !EFI_ERROR(root->Open(root, &file, name, EFI_FILE_MODE_READ, 0)) &&
                !EFI_ERROR(file->Read(file, &head, &plan)) &&
                !EFI_ERROR(file->Read(file, &size, cases));
    if (!good || plan.magic != CHAOS_MAGIC || plan.case_size != sizeof(cases[0]) ||
        plan.case_count > CASES_MAX || size != plan.case_count * sizeof(cases[0])) {
        report("no plan, or not one for this program\n");
        leave(false);
    }
    file->Close(file);
    root->Close(root);
    *out_count = plan.case_count;
}

static void report_fact(const char *text, uint64_t value)
{
    report(text);
    report_decimal(value);
}

static void report_run(EFI_STATUS status)
{
    uint64_t calls = 0;
    for (int i = 0; i < CHAOS_CALLS; i++) {
        calls += run.calls[i];
    }
    report_fact("run ", run.number);
    report(": status ");
    report_hex(status);
    report_fact(", calls ", calls);
    report_fact(", failed ", run.failed);
    report_fact(", stalled ms ", run.stalled_ms);
    report_fact(", watchdogs ", run.watchdog_set);
    report(run.reached_end ? ", reached the end\n" : ", gave up\n");
}

static void run_loader(const struct chaos_case *plan, uint64_t number)
{
    uint32_t folders = plan->folders == 0 ? 1 : plan->folders;
    uint32_t folder = plan->folder + (uint32_t)((number - 1) % folders);
    run = (struct run){.plan = plan, .number = number};
    EFI_STATUS status = start_loader(self, volume, folder);
    if (plan->times == 0) {
        report_run(status);
    }
    if (!EFI_ERROR(status)) {
        broken("the loader came back with success");
    }
    if (run.watchdog_armed) {
        broken("the watchdog is still armed");
    }
}

/* One start, in between two looks at the firmware. */
static bool try_once(const struct chaos_case *plan, uint64_t number)
{
    struct snapshot before;
    struct snapshot after;
    snapshot_take(volume, &before);
    run_loader(plan, number);
    snapshot_take(volume, &after);
    return snapshot_compare(&before, &after) && !run.broken;
}

static bool try_sweep(const struct chaos_case *plan, struct totals *totals)
{
    bool good = true;
    do {
        totals->runs++;
        good = try_once(plan, totals->runs) && good;
        totals->failed_calls += run.failed;
    } while (run.failed > 0 && totals->runs < SWEEP_MAX);
    return good && run.failed == 0;
}

static uint64_t seconds_now(void)
{
    EFI_TIME now;
    firmware_runtime.GetTime(&now, NULL);
    return ((now.Day * UINT64_C(24) + now.Hour) * 60 + now.Minute) * 60 + now.Second;
}

/* The first runs may still set things up for good. */
static bool try_often(const struct chaos_case *plan, struct totals *totals)
{
    struct snapshot before;
    struct snapshot after;
    bool good = true;
    uint64_t begin = seconds_now();
    for (uint64_t i = 1; i <= plan->times; i++) {
        run_loader(plan, i);
        good = good && !run.broken;
        if (i == SETTLED) {
            snapshot_take(volume, &before);
        }
    }
    snapshot_take(volume, &after);
    totals->runs = plan->times;
    report_fact("seconds: ", seconds_now() - begin);
    report_char('\n');
    return snapshot_compare(&before, &after) && good;
}

static void try_case(const struct chaos_case *plan, struct totals *all)
{
    struct totals totals = {0};
    bool good;
    report("case ");
    report(plan->name);
    report_char('\n');
    if ((plan->flags & CHAOS_SWEEP) != 0) {
        good = try_sweep(plan, &totals);
    } else if (plan->times > SETTLED) {
        good = try_often(plan, &totals);
    } else {
        good = try_once(plan, 1);
        totals = (struct totals){.runs = 1, .failed_calls = run.failed};
    }
    report(good ? "ok " : "not ok ");
    report(plan->name);
    report_fact(", runs ", totals.runs);
    report_fact(", failed calls ", totals.failed_calls);
    report_char('\n');
    all->cases++;
    all->bad_cases += good ? 0 : 1;
    all->runs += totals.runs;
    all->failed_calls += totals.failed_calls;
}

/* What sets the firmware up for good: the first start of anything. */
static void warm_up(void)
{
    static const struct chaos_case no_fault = {.name = "warming up", .times = 1};
    run_loader(&no_fault, 1);
}

EFI_STATUS EFIAPI efi_main(EFI_HANDLE image, EFI_SYSTEM_TABLE *system_table);

EFI_STATUS EFIAPI efi_main(EFI_HANDLE image, EFI_SYSTEM_TABLE *system_table)
{
    struct totals all = {0};
    uint32_t count = 0;
    self = image;
    table = system_table;
    firmware = *table->BootServices;
    firmware_runtime = *table->RuntimeServices;
    firmware_console = table->ConOut;
    firmware.SetWatchdogTimer(0, 0x10000, 0, NULL);
    const EFI_LOADED_IMAGE *loaded = protocol_of(self, (EFI_GUID)LOADED_IMAGE_PROTOCOL);
    volume = loaded->DeviceHandle;
    read_plan(&count);
    report((access_get((uint64_t)&count) & ACCESS_XP) != 0 ? "stack: not executable\n"
                                                           : "stack: executable\n");
    if ((cases[0].flags & CHAOS_TO_KERNEL) == 0) {
        warm_up();
    }
    for (uint32_t i = 0; i < count; i++) {
        try_case(&cases[i], &all);
    }
    report_fact("cases: ", all.cases);
    report_fact(", runs: ", all.runs);
    report_fact(", failed calls: ", all.failed_calls);
    report_char('\n');
    leave(all.bad_cases == 0 && all.cases > 0);
}
