/* The boot services, runtime services and system tables, while the loader runs. */
#include "chaos.h"

#include <string.h>

EFI_BOOT_SERVICES firmware;
EFI_RUNTIME_SERVICES firmware_runtime;

static EFI_SYSTEM_TABLE firmware_table;
static EFI_BOOT_SERVICES patched_services;
static EFI_RUNTIME_SERVICES patched_runtime;
static EFI_SYSTEM_TABLE patched_table;

static EFI_GUID screen_guid = EFI_GRAPHICS_OUTPUT_PROTOCOL_GUID;
static EFI_GUID image_guid = LOADED_IMAGE_PROTOCOL;

static bool is_hidden(const EFI_GUID *guid)
{
    return (run.plan->flags & CHAOS_NO_SCREEN) != 0 && same_guid(guid, &screen_guid);
}

/* The loader's own image without what the plan takes away, and with load options as USB sticks have
 * them: an odd number of bytes, no terminator. */
static void *image_of_plan(const EFI_LOADED_IMAGE *image)
{
    static EFI_LOADED_IMAGE shown;
    static char options[] = {'F', 'J', '\0'};
    shown = *image;
    shown.LoadOptions = options;
    shown.LoadOptionsSize = sizeof(options);
    odd_image(&shown);
    if ((run.plan->flags & CHAOS_NO_DEVICE) != 0) {
        shown.DeviceHandle = NULL;
    }
    if ((run.plan->flags & CHAOS_NO_PATH) != 0) {
        shown.FilePath = NULL;
    }
    return &shown;
}

/* The active EDID is empty; after the blocks of the other there is something more. */
static void *edid_of_plan(const EFI_GUID *guid)
{
    static EFI_GUID active_guid = EFI_EDID_ACTIVE_PROTOCOL_GUID;
    static EFI_GUID discovered_guid = EFI_EDID_DISCOVERED_PROTOCOL_GUID;
    static UINT8 bytes[300];
    static EFI_EDID_ACTIVE_PROTOCOL active;
    static EFI_EDID_DISCOVERED_PROTOCOL discovered = {sizeof(bytes), bytes};
    if ((run.plan->flags & CHAOS_EDID) == 0) {
        return NULL;
    }
    memset(bytes, 0x5A, sizeof(bytes));
    memset(bytes, 0xFF, 8);
    bytes[0] = bytes[7] = 0;
    discovered.Edid = run.plan->odd == CHAOS_ODD_EDID ? (UINT8 *)run.plan->odd_value : bytes;
    if (same_guid(guid, &active_guid)) {
        return &active;
    }
    return same_guid(guid, &discovered_guid) ? &discovered : NULL;
}

static EFI_STATUS EFIAPI handle_protocol(EFI_HANDLE handle, EFI_GUID *guid, VOID **interface)
{
    EFI_STATUS status = gate(CHAOS_HANDLE_PROTOCOL, CALLER);
    bool ours = from_loader(CALLER);
    if (EFI_ERROR(status)) {
        return status;
    }
    if (ours && is_hidden(guid)) {
        return EFI_UNSUPPORTED;
    }
    if (ours && edid_of_plan(guid) != NULL) {
        *interface = edid_of_plan(guid);
        return EFI_SUCCESS;
    }
    status = firmware.HandleProtocol(handle, guid, interface);
    if (ours && !EFI_ERROR(status) && same_guid(guid, &image_guid)) {
        *interface = image_of_plan(*interface);
    }
    return status;
}

static EFI_STATUS EFIAPI open_protocol(EFI_HANDLE handle, EFI_GUID *guid, VOID **interface,
                                       EFI_HANDLE agent, EFI_HANDLE controller, UINT32 attributes)
{
    EFI_STATUS status = gate(CHAOS_OPEN_PROTOCOL, CALLER);
    if (EFI_ERROR(status)) {
        return status;
    }
    return firmware.OpenProtocol(handle, guid, interface, agent, controller, attributes);
}

static EFI_STATUS EFIAPI locate_handle(EFI_LOCATE_SEARCH_TYPE how, EFI_GUID *guid, VOID *key,
                                       UINTN *size, EFI_HANDLE *handles)
{
    EFI_STATUS status = gate(CHAOS_LOCATE_HANDLE, CALLER);
    if (EFI_ERROR(status)) {
        return status;
    }
    if (from_loader(CALLER) && is_hidden(guid)) {
        return EFI_NOT_FOUND;
    }
    return firmware.LocateHandle(how, guid, key, size, handles);
}

static EFI_STATUS EFIAPI locate_protocol(EFI_GUID *guid, VOID *registration, VOID **interface)
{
    EFI_STATUS status = gate(CHAOS_LOCATE_PROTOCOL, CALLER);
    if (EFI_ERROR(status)) {
        return status;
    }
    if (from_loader(CALLER) &&
        (attribute_protocol(guid, interface) || tpm_protocol(guid, interface))) {
        return EFI_SUCCESS;
    }
    return firmware.LocateProtocol(guid, registration, interface);
}

static EFI_STATUS EFIAPI allocate_pool(EFI_MEMORY_TYPE type, UINTN size, VOID **buffer)
{
    EFI_STATUS status = gate(CHAOS_ALLOCATE_POOL, CALLER);
    return EFI_ERROR(status) ? status : firmware.AllocatePool(type, size, buffer);
}

/* UEFI 2.10 section 7.5.1: codes up to 0xFFFF are the firmware's. */
static EFI_STATUS EFIAPI set_watchdog_timer(UINTN seconds, UINT64 code, UINTN size, CHAR16 *data)
{
    EFI_STATUS status = gate(CHAOS_SET_WATCHDOG_TIMER, CALLER);
    if (!from_loader(CALLER)) {
        return EFI_ERROR(status) ? status : firmware.SetWatchdogTimer(seconds, code, size, data);
    }
    if (code <= 0xFFFF) {
        broken("a watchdog code that is the firmware's");
    }
    if (seconds != 0 && seconds < 60) {
        broken("a watchdog that is too quick");
    }
    run.watchdog_off = seconds == 0;
    run.watchdog_armed = seconds != 0;
    run.watchdog_set += seconds != 0 ? 1 : 0;
    return status;
}

/* Time passes quickly. */
static EFI_STATUS EFIAPI stall(UINTN microseconds)
{
    EFI_STATUS status = gate(CHAOS_STALL, CALLER);
    if (!from_loader(CALLER)) {
        return firmware.Stall(microseconds);
    }
    run.stalled_ms += microseconds / 1000;
    return status;
}

static EFI_STATUS EFIAPI get_variable(CHAR16 *name, EFI_GUID *guid, UINT32 *attributes, UINTN *size,
                                      VOID *data)
{
    EFI_STATUS status = gate(CHAOS_GET_VARIABLE, CALLER);
    if (!EFI_ERROR(status) && from_loader(CALLER) && odd_variable(name, size, data, &status)) {
        return status;
    }
    return EFI_ERROR(status) ? status
                             : firmware_runtime.GetVariable(name, guid, attributes, size, data);
}

static EFI_STATUS EFIAPI get_time(EFI_TIME *time, EFI_TIME_CAPABILITIES *capabilities)
{
    EFI_STATUS status = gate(CHAOS_GET_TIME, CALLER);
    if (EFI_ERROR(status)) {
        *time = (EFI_TIME){.Year = 1999, .Month = 12, .Day = 31}; /* nothing to rely on */
        return status;
    }
    return firmware_runtime.GetTime(time, capabilities);
}

static EFI_STATUS EFIAPI reset_system(EFI_RESET_TYPE type, EFI_STATUS status, UINTN size,
                                      CHAR16 *data)
{
    console_end_line();
    report("reset: stalled ms ");
    report_decimal(run.stalled_ms);
    report_char('\n');
    return firmware_runtime.ResetSystem(type, status, size, data);
}

static void sum(EFI_TABLE_HEADER *header)
{
    UINT32 crc = 0;
    header->CRC32 = 0;
    firmware.CalculateCrc32(header, header->HeaderSize, &crc);
    header->CRC32 = crc;
}

/* The entries keep their place under a name that nobody knows. */
static void toggle_tables(void)
{
    static EFI_GUID hidden[] = {ACPI_20_TABLE_GUID, ACPI_TABLE_GUID, SMBIOS3_TABLE_GUID,
                                SMBIOS_TABLE_GUID};
    for (UINTN i = 0; i < table->NumberOfTableEntries; i++) {
        EFI_GUID *guid = &table->ConfigurationTable[i].VendorGuid;
        EFI_GUID other = *guid;
        other.Data1 = ~other.Data1;
        for (size_t j = 0; j < sizeof(hidden) / sizeof(hidden[0]); j++) {
            if (same_guid(guid, &hidden[j]) || same_guid(&other, &hidden[j])) {
                *guid = other;
                break;
            }
        }
    }
}

static void patch_services(EFI_BOOT_SERVICES *services)
{
    services->HandleProtocol = handle_protocol;
    services->OpenProtocol = open_protocol;
    services->LocateHandle = locate_handle;
    services->LocateProtocol = locate_protocol;
    services->AllocatePool = allocate_pool;
    services->SetWatchdogTimer = set_watchdog_timer;
    services->Stall = stall;
    memory_patch(services);
    map_patch(services);
}

static void patch_table(void)
{
    uint32_t flags = run.plan->flags;
    tpm_patch();
    table->ConOut = (flags & CHAOS_NO_CONSOLE) != 0 ? NULL : &chaos_console;
    table->ConIn = (flags & CHAOS_NO_KEYBOARD) != 0 ? NULL : &chaos_keyboard;
    if ((flags & CHAOS_NO_CONSOLE) != 0) {
        table->ConsoleOutHandle = NULL;
    }
    if ((flags & CHAOS_NO_TABLES) != 0) {
        toggle_tables();
    }
    if ((flags & CHAOS_ODD_TABLE) != 0) {
        table->Hdr.Revision = 1 << 16 | 10;
    }
}

void tables_patch(void)
{
    firmware_table = *table;
    odd_patch();
    patch_services(table->BootServices);
    table->RuntimeServices->GetVariable = get_variable;
    table->RuntimeServices->GetTime = get_time;
    table->RuntimeServices->ResetSystem = reset_system;
    patch_table();
    if ((run.plan->flags & CHAOS_ODD_TABLE) == 0) {
        sum(&table->BootServices->Hdr);
        sum(&table->RuntimeServices->Hdr);
        sum(&table->Hdr);
    }
    patched_services = *table->BootServices;
    patched_runtime = *table->RuntimeServices;
    patched_table = *table;
}

void tables_restore(void)
{
    if (memcmp(&patched_services, table->BootServices, sizeof(patched_services)) != 0 ||
        memcmp(&patched_runtime, table->RuntimeServices, sizeof(patched_runtime)) != 0 ||
        memcmp(&patched_table, table, sizeof(patched_table)) != 0) {
        broken("the loader changed a table of the firmware's");
    }
    if ((run.plan->flags & CHAOS_NO_TABLES) != 0) {
        toggle_tables();
    }
    *table->BootServices = firmware;
    *table->RuntimeServices = firmware_runtime;
    *table = firmware_table;
    odd_restore();
}
