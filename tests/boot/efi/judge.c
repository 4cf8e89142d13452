#include "judge.h"

EFI_SYSTEM_TABLE *table;
EFI_GUID file_system_guid = SIMPLE_FILE_SYSTEM_PROTOCOL;

/* False: there is no such case. */
static bool start_loader(EFI_HANDLE judge, EFI_HANDLE volume, uint64_t number, bool alone,
                         EFI_STATUS *out_status)
{
    EFI_HANDLE image = NULL;
    EFI_STATUS status = table->BootServices->LoadImage(FALSE, judge, path_of_loader(volume, number),
                                                       NULL, 0, &image);
    if (EFI_ERROR(status)) {
        return false;
    }
    hooks_begin(alone);
    *out_status = table->BootServices->StartImage(image, NULL, NULL);
    hooks_end();
    return true;
}

/* False: there is no such case. Every other case sees a console that is no serial port. */
static bool try_case(EFI_HANDLE judge, EFI_HANDLE volume, uint64_t number, bool *passed)
{
    struct snapshot before;
    struct snapshot after;
    EFI_STATUS status;
    snapshot_take(volume, &before);
    report_case("case ", number);
    serial_case("case ", number);
    if (!start_loader(judge, volume, number, number % 2 == 1, &status)) {
        return false;
    }
    snapshot_take(volume, &after);
    report("status: ");
    report_hex(status);
    report_char('\n');
    bool good = snapshot_compare(&before, &after);
    if (hooks_saw_writing()) {
        report("changed: a file was opened for writing\n");
        good = false;
    }
    report_case(good ? "ok " : "not ok ", number);
    *passed = *passed && good;
    return true;
}

/* A failed ExitBootServices would leave them dead. */
static bool timers_run(void)
{
    EFI_EVENT timer;
    EFI_STATUS status = table->BootServices->CreateEvent(EVT_TIMER, 0, NULL, NULL, &timer);
    if (EFI_ERROR(status) ||
        EFI_ERROR(table->BootServices->SetTimer(timer, TimerRelative, 100000))) {
        return false;
    }
    bool run = false;
    for (int i = 0; i < 1000 && !run; i++) {
        table->BootServices->Stall(1000);
        run = table->BootServices->CheckEvent(timer) == EFI_SUCCESS;
    }
    table->BootServices->CloseEvent(timer);
    return run;
}

EFI_STATUS EFIAPI efi_main(EFI_HANDLE judge, EFI_SYSTEM_TABLE *system_table);

EFI_STATUS EFIAPI efi_main(EFI_HANDLE judge, EFI_SYSTEM_TABLE *system_table)
{
    table = system_table;
    const EFI_LOADED_IMAGE *self = protocol_of(judge, (EFI_GUID)LOADED_IMAGE_PROTOCOL);
    EFI_HANDLE volume = self->DeviceHandle;
    hooks_install(protocol_of(volume, file_system_guid));

    /* The first run of anything makes the firmware set things up for good. */
    EFI_STATUS unused;
    bool passed = start_loader(judge, volume, 0, false, &unused);
    uint64_t count = 0;
    while (try_case(judge, volume, count, &passed)) {
        count++;
    }
    bool timers = timers_run();
    report(timers ? "timers run\n" : "timers are dead\n");
    report("cases: ");
    report_decimal(count);
    report_char('\n');
    leave(passed && timers && count > 0);
}
