#include "judge.h"

static EFI_STATUS(EFIAPI *firmware_output)(SIMPLE_TEXT_OUTPUT_INTERFACE *, CHAR16 *);
static EFI_GET_VARIABLE firmware_get_variable;
static EFI_VOLUME_OPEN firmware_open_volume;
static EFI_FILE_OPEN firmware_open;
static EFI_FILE_CLOSE firmware_close;

static bool listening;
static bool line_begun;
static bool console_is_alone;
static bool writing;
static uint64_t open_files;

/* What the loader shows: reported line by line, in UTF-8. */
static void report_unit(CHAR16 unit)
{
    if (unit == '\r') {
        return;
    }
    if (!line_begun) {
        report("console: ");
        line_begun = true;
    }
    if (unit == '\n') {
        line_begun = false;
    }
    if (unit < 0x80) {
        report_char((char)unit);
    } else if (unit < 0x800) {
        report_char((char)(0xC0 | unit >> 6));
        report_char((char)(0x80 | (unit & 0x3F)));
    } else {
        report_char((char)(0xE0 | unit >> 12));
        report_char((char)(0x80 | (unit >> 6 & 0x3F)));
        report_char((char)(0x80 | (unit & 0x3F)));
    }
}

static EFI_STATUS EFIAPI output(SIMPLE_TEXT_OUTPUT_INTERFACE *console, CHAR16 *text)
{
    for (const CHAR16 *unit = text; listening && *unit != 0; unit++) {
        report_unit(*unit);
    }
    return listening && console_is_alone ? EFI_SUCCESS : firmware_output(console, text);
}

static bool is_conout(const CHAR16 *name)
{
    static const CHAR16 conout[] = {'C', 'o', 'n', 'O', 'u', 't', 0};
    size_t i = 0;
    while (name[i] == conout[i] && name[i] != 0) {
        i++;
    }
    return name[i] == conout[i];
}

static EFI_STATUS EFIAPI get_variable(CHAR16 *name, EFI_GUID *vendor, UINT32 *attributes,
                                      UINTN *size, VOID *data)
{
    if (listening && console_is_alone && is_conout(name)) {
        return EFI_NOT_FOUND;
    }
    return firmware_get_variable(name, vendor, attributes, size, data);
}

/* A user who presses Enter whenever asked. */
static EFI_STATUS EFIAPI input_reset(SIMPLE_INPUT_INTERFACE *input, BOOLEAN extended)
{
    (void)input;
    (void)extended;
    return EFI_SUCCESS;
}

static EFI_STATUS EFIAPI read_key(SIMPLE_INPUT_INTERFACE *input, EFI_INPUT_KEY *key)
{
    (void)input;
    *key = (EFI_INPUT_KEY){.UnicodeChar = '\r'};
    return EFI_SUCCESS;
}

static VOID EFIAPI key_is_there(EFI_EVENT event, VOID *context)
{
    (void)context;
    table->BootServices->SignalEvent(event);
}

static SIMPLE_INPUT_INTERFACE keyboard = {input_reset, read_key, NULL};

static EFI_STATUS EFIAPI file_open(EFI_FILE_HANDLE folder, EFI_FILE_HANDLE *file, CHAR16 *name,
                                   UINT64 mode, UINT64 attributes);
static EFI_STATUS EFIAPI file_close(EFI_FILE_HANDLE file);

static void watch_file(EFI_FILE_HANDLE file)
{
    firmware_open = file->Open;
    firmware_close = file->Close;
    file->Open = file_open;
    file->Close = file_close;
    open_files++;
}

static EFI_STATUS EFIAPI file_open(EFI_FILE_HANDLE folder, EFI_FILE_HANDLE *file, CHAR16 *name,
                                   UINT64 mode, UINT64 attributes)
{
    EFI_STATUS status = firmware_open(folder, file, name, mode, attributes);
    writing = writing || mode != EFI_FILE_MODE_READ;
    if (!EFI_ERROR(status)) {
        watch_file(*file);
    }
    return status;
}

static EFI_STATUS EFIAPI file_close(EFI_FILE_HANDLE file)
{
    open_files--;
    return firmware_close(file);
}

static EFI_STATUS EFIAPI open_volume(EFI_FILE_IO_INTERFACE *volume, EFI_FILE_HANDLE *root)
{
    EFI_STATUS status = firmware_open_volume(volume, root);
    if (!EFI_ERROR(status)) {
        watch_file(*root);
    }
    return status;
}

void hooks_install(EFI_FILE_IO_INTERFACE *volume)
{
    firmware_output = table->ConOut->OutputString;
    table->ConOut->OutputString = output;
    firmware_get_variable = table->RuntimeServices->GetVariable;
    table->RuntimeServices->GetVariable = get_variable;
    firmware_open_volume = volume->OpenVolume;
    volume->OpenVolume = open_volume;
    table->BootServices->CreateEvent(EVT_NOTIFY_WAIT, TPL_CALLBACK, key_is_there, NULL,
                                     &keyboard.WaitForKey);
    table->ConIn = &keyboard;
}

void hooks_begin(bool alone)
{
    console_is_alone = alone;
    listening = true;
    writing = false;
}

void hooks_end(void)
{
    listening = false;
    if (line_begun) {
        report_char('\n');
        line_begun = false;
    }
}

uint64_t hooks_open_files(void)
{
    return open_files;
}

bool hooks_saw_writing(void)
{
    return writing;
}
