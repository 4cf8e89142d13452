/* What the firmware says that cannot be: addresses, sizes, paths, load options. */
#include "chaos.h"

#include <string.h>

enum { SCREENS_MAX = 8, PATH_SIZE = 4096, OPTIONS_MAX = 256, HEADER = 36, RSDP_SIZE = 36 };

static uint8_t rsdp[RSDP_SIZE];
static uint8_t xsdt[HEADER + 8];

struct kept_screen {
    EFI_GRAPHICS_OUTPUT_PROTOCOL_MODE *mode;
    EFI_PHYSICAL_ADDRESS base;
    UINTN size;
};

static struct kept_screen screens[SCREENS_MAX];
static UINTN screen_count;
static VOID *kept_table;
static EFI_CONFIGURATION_TABLE *odd_table;
static SIMPLE_TEXT_OUTPUT_MODE *kept_mode;

static void seal(uint8_t *bytes, size_t size, size_t checksum)
{
    uint8_t sum = 0;
    bytes[checksum] = 0;
    for (size_t i = 0; i < size; i++) {
        sum = (uint8_t)(sum + bytes[i]);
    }
    bytes[checksum] = (uint8_t)(0 - sum);
}

/* An RSDP and an XSDT with one entry. */
static uint64_t forge_acpi(uint64_t entry)
{
    uint64_t address = (uint64_t)xsdt;
    memset(xsdt, 0, sizeof(xsdt));
    memcpy(xsdt, "XSDT", 4);
    xsdt[4] = sizeof(xsdt);
    memcpy(xsdt + HEADER, &entry, sizeof(entry));
    seal(xsdt, sizeof(xsdt), 9);
    memset(rsdp, 0, sizeof(rsdp));
    memcpy(rsdp, "RSD PTR ", 8);
    rsdp[15] = 2;
    rsdp[20] = sizeof(rsdp);
    memcpy(rsdp + 24, &address, sizeof(address));
    seal(rsdp, 20, 8);
    seal(rsdp, sizeof(rsdp), 32);
    return (uint64_t)rsdp;
}

static void replace_table(EFI_GUID guid, uint64_t address)
{
    for (UINTN i = 0; i < table->NumberOfTableEntries; i++) {
        EFI_CONFIGURATION_TABLE *entry = &table->ConfigurationTable[i];
        if (same_guid(&entry->VendorGuid, &guid)) {
            odd_table = entry;
            kept_table = entry->VendorTable;
            entry->VendorTable = (VOID *)address;
        }
    }
}

/* Those of SMBIOS 3 or 2: the first the loader looks for. */
static void replace_smbios(void)
{
    replace_table((EFI_GUID)SMBIOS3_TABLE_GUID, run.plan->odd_value);
    if (odd_table == NULL) {
        replace_table((EFI_GUID)SMBIOS_TABLE_GUID, run.plan->odd_value);
    }
}

static void change_screens(void)
{
    static EFI_GUID guid = EFI_GRAPHICS_OUTPUT_PROTOCOL_GUID;
    EFI_HANDLE handles[SCREENS_MAX];
    UINTN size = sizeof(handles);
    screen_count = 0;
    if (EFI_ERROR(firmware.LocateHandle(ByProtocol, &guid, NULL, &size, handles))) {
        return;
    }
    for (UINTN i = 0; i < size / sizeof(handles[0]); i++) {
        EFI_GRAPHICS_OUTPUT_PROTOCOL *output = protocol_of(handles[i], guid);
        EFI_GRAPHICS_OUTPUT_PROTOCOL_MODE *mode = output->Mode;
        screens[screen_count++] =
            (struct kept_screen){mode, mode->FrameBufferBase, mode->FrameBufferSize};
        if (run.plan->odd == CHAOS_ODD_SCREEN) {
            mode->FrameBufferBase = run.plan->odd_value;
        } else {
            mode->FrameBufferSize = run.plan->odd_value;
        }
    }
}

void odd_patch(void)
{
    odd_table = NULL;
    kept_mode = chaos_console.Mode;
    screen_count = 0;
    switch (run.plan->odd) {
    case CHAOS_ODD_RSDP:
        replace_table((EFI_GUID)ACPI_20_TABLE_GUID, run.plan->odd_value);
        break;
    case CHAOS_ODD_ACPI:
        replace_table((EFI_GUID)ACPI_20_TABLE_GUID, forge_acpi(run.plan->odd_value));
        break;
    case CHAOS_ODD_SMBIOS:
        replace_smbios();
        break;
    case CHAOS_ODD_SCREEN:
    case CHAOS_ODD_SCREEN_SIZE:
        change_screens();
        break;
    case CHAOS_ODD_CONSOLE:
        chaos_console.Mode = NULL;
        break;
    default:
        break;
    }
}

void odd_restore(void)
{
    if (odd_table != NULL) {
        odd_table->VendorTable = kept_table;
    }
    chaos_console.Mode = kept_mode;
    for (UINTN i = 0; i < screen_count; i++) {
        screens[i].mode->FrameBufferBase = screens[i].base;
        screens[i].mode->FrameBufferSize = screens[i].size;
    }
}

/* Copies text to units up to '|' or its end; how many characters. */
static size_t put_units(CHAR16 *units, const char *text)
{
    size_t count = 0;
    while (text[count] != '\0' && text[count] != '|') {
        units[count] = (CHAR16)(unsigned char)text[count];
        count++;
    }
    units[count] = 0;
    return count;
}

static uint8_t path[PATH_SIZE];

static size_t put_node(size_t at, uint8_t type, uint8_t subtype, size_t size)
{
    path[at] = type;
    path[at + 1] = subtype;
    path[at + 2] = (uint8_t)size;
    path[at + 3] = (uint8_t)(size >> 8);
    return at + size;
}

/* Empty folders, which are the same one, as many as it takes. */
static size_t put_dots(CHAR16 *units, uint64_t most)
{
    size_t count = 0;
    while (count < most) {
        units[count++] = '\\';
        units[count++] = '.';
    }
    return count;
}

static size_t put_names(void)
{
    const char *text = run.plan->odd_text;
    size_t at = 0;
    do {
        CHAR16 *units = (CHAR16 *)(void *)(path + at + 4);
        size_t count = put_dots(units, run.plan->odd_value);
        size_t size = put_units(units + count, text);
        at = put_node(at, MEDIA_DEVICE_PATH, MEDIA_FILEPATH_DP, 4 + (count + size + 1) * 2);
        text += size + (text[size] == '|');
    } while (*text != '\0');
    return at;
}

/* Without an end there is one node after the other. */
static EFI_DEVICE_PATH *odd_path(void)
{
    size_t at = put_names();
    while (run.plan->odd == CHAOS_ODD_PATH_END && at + 4 <= sizeof(path)) {
        at = put_node(at, HARDWARE_DEVICE_PATH, HW_PCI_DP, 4);
    }
    if (run.plan->odd == CHAOS_ODD_PATH) {
        put_node(at, END_DEVICE_PATH_TYPE, END_ENTIRE_DEVICE_PATH_SUBTYPE, 4);
    }
    return (EFI_DEVICE_PATH *)(void *)path;
}

static void odd_options(EFI_LOADED_IMAGE *image)
{
    static CHAR16 units[OPTIONS_MAX + 1];
    if (run.plan->odd == CHAOS_ODD_OPTIONS) {
        image->LoadOptions = (VOID *)run.plan->odd_text;
        image->LoadOptionsSize = (UINT32)strlen(run.plan->odd_text);
    } else {
        units[0] = 0xFEFF;
        size_t count = put_units(units + 1, run.plan->odd_text) + 2;
        image->LoadOptions = units;
        image->LoadOptionsSize = (UINT32)(count * sizeof(units[0]));
    }
}

void odd_image(EFI_LOADED_IMAGE *image)
{
    switch (run.plan->odd) {
    case CHAOS_ODD_PATH:
    case CHAOS_ODD_PATH_END:
        image->FilePath = odd_path();
        break;
    case CHAOS_ODD_OPTIONS:
    case CHAOS_ODD_OPTIONS_MARKED:
        odd_options(image);
        break;
    default:
        break;
    }
}

static bool is_named(const CHAR16 *name, const char *wanted)
{
    size_t i = 0;
    while (wanted[i] != '\0' && name[i] == (CHAR16)wanted[i]) {
        i++;
    }
    return wanted[i] == '\0' && name[i] == 0;
}

/* UEFI 2.10 section 3.3. */
bool odd_variable(const CHAR16 *name, UINTN *size, uint8_t *data, EFI_STATUS *out_status)
{
    const struct chaos_case *plan = run.plan;
    bool secure_boot = is_named(name, "SecureBoot");
    bool on = (plan->flags & CHAOS_SECURE_BOOT) != 0;
    bool setup = (plan->flags & CHAOS_SETUP_MODE) != 0;
    UINTN wanted = 1;
    uint8_t value = secure_boot ? on : setup;
    if (!secure_boot && !is_named(name, "SetupMode")) {
        return false;
    }
    if (secure_boot && plan->odd == CHAOS_ODD_SECURE_BOOT) {
        wanted = plan->odd_value / 256;
        value = (uint8_t)plan->odd_value;
    } else if (!on && !setup) {
        return false;
    }
    *out_status = *size < wanted ? EFI_BUFFER_TOO_SMALL : EFI_SUCCESS;
    if (*size >= wanted && wanted > 0) {
        data[0] = value;
    }
    *size = wanted;
    return true;
}
