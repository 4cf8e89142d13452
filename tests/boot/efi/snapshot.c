#include "judge.h"

/* What the FAT driver's caches may grow by in one case. */
enum { CACHE_PAGES = 32 };

static uint8_t map[64 * 1024];
static EFI_HANDLE handles[4096];

static void count_pages(uint64_t *pages)
{
    UINTN size = sizeof(map);
    UINTN key;
    UINTN stride;
    UINT32 version;
    EFI_STATUS status = table->BootServices->GetMemoryMap(
        &size, (EFI_MEMORY_DESCRIPTOR *)(void *)map, &key, &stride, &version);
    if (EFI_ERROR(status)) {
        report("cannot take the memory map\n");
        leave(false);
    }
    for (UINTN at = 0; at < size; at += stride) {
        const EFI_MEMORY_DESCRIPTOR *descriptor = (const void *)(map + at);
        if (descriptor->Type < MEMORY_TYPES) {
            pages[descriptor->Type] += descriptor->NumberOfPages;
        }
    }
}

static uint64_t count_handles(void)
{
    UINTN size = sizeof(handles);
    EFI_STATUS status = table->BootServices->LocateHandle(AllHandles, NULL, NULL, &size, handles);
    return EFI_ERROR(status) ? 0 : size / sizeof(handles[0]);
}

static uint64_t count_users(EFI_HANDLE volume)
{
    EFI_OPEN_PROTOCOL_INFORMATION_ENTRY *entries = NULL;
    UINTN count = 0;
    EFI_STATUS status =
        table->BootServices->OpenProtocolInformation(volume, &file_system_guid, &entries, &count);
    uint64_t users = 0;
    for (UINTN i = 0; i < count && !EFI_ERROR(status); i++) {
        /* HandleProtocol cannot be undone, and the firmware's own LoadImage calls it. */
        if (entries[i].Attributes != EFI_OPEN_PROTOCOL_BY_HANDLE_PROTOCOL) {
            users += entries[i].OpenCount;
        }
    }
    if (!EFI_ERROR(status) && entries != NULL) {
        table->BootServices->FreePool(entries);
    }
    return users;
}

void snapshot_take(EFI_HANDLE volume, struct snapshot *out_snapshot)
{
    EFI_TPL old = table->BootServices->RaiseTPL(TPL_HIGH_LEVEL);
    table->BootServices->RestoreTPL(old);
    *out_snapshot = (struct snapshot){
        .handles = count_handles(),
        .volume_users = count_users(volume),
        .open_files = hooks_open_files(),
        .console_mode = (uint64_t)table->ConOut->Mode->Mode,
        .console_attribute = (uint64_t)table->ConOut->Mode->Attribute,
        .task_priority = old,
    };
    count_pages(out_snapshot->pages);
}

static bool same(const char *what, uint64_t before, uint64_t after)
{
    if (before == after) {
        return true;
    }
    report("changed: ");
    report(what);
    report_char(' ');
    report_decimal(before);
    report(" -> ");
    report_decimal(after);
    report_char('\n');
    return false;
}

/* The firmware's drivers keep caches, and free memory is what the others leave. */
static bool same_about(const char *what, uint64_t before, uint64_t after)
{
    uint64_t difference = before < after ? after - before : before - after;
    return difference <= CACHE_PAGES || same(what, before, after);
}

bool snapshot_compare(const struct snapshot *before, const struct snapshot *after)
{
    static const char *const types[MEMORY_TYPES] = {
        "reserved pages",  "loader code pages",  "loader data pages",  "boot code pages",
        "boot data pages", "runtime code pages", "runtime data pages", "free pages",
        "unusable pages",  "ACPI reclaim pages", "ACPI NVS pages",     "MMIO pages",
        "MMIO port pages", "PAL pages",          "persistent pages",   "unaccepted pages",
    };
    bool equal = same("handles", before->handles, after->handles);
    equal = same("users of the volume", before->volume_users, after->volume_users) && equal;
    equal = same("open files", before->open_files, after->open_files) && equal;
    equal = same("console mode", before->console_mode, after->console_mode) && equal;
    equal = same("console attribute", before->console_attribute, after->console_attribute) && equal;
    equal = same("task priority", before->task_priority, after->task_priority) && equal;
    for (int i = 0; i < MEMORY_TYPES; i++) {
        bool caches = i == EfiBootServicesData || i == EfiConventionalMemory;
        bool (*compare)(const char *, uint64_t, uint64_t) = caches ? same_about : same;
        equal = compare(types[i], before->pages[i], after->pages[i]) && equal;
    }
    return equal;
}
