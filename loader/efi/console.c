/* The console as the menu uses it: EFI_SIMPLE_TEXT_INPUT_PROTOCOL and
 * EFI_SIMPLE_TEXT_OUTPUT_PROTOCOL (UEFI 2.10 sections 12.3 and 12.4). */
#include "core/base/path.h"
#include "efi/firmware.h"

#define STEP_MS     20
#define TRIES       10
#define TICKS_OF_MS 10000 /* of 100 ns */

#define PLAIN  EFI_TEXT_ATTR(EFI_LIGHTGRAY, EFI_BLACK)
#define MARKED EFI_TEXT_ATTR(EFI_BLACK, EFI_LIGHTGRAY)

static EFI_EVENT timer; /* while the menu is open; NULL: there is none that works */
static SIMPLE_TEXT_OUTPUT_MODE mode_before;

static void stall(void)
{
    firmware_table->BootServices->Stall((UINTN)STEP_MS * 1000);
}

static bool is_signalled(EFI_EVENT event)
{
    return firmware_table->BootServices->CheckEvent(event) == EFI_SUCCESS;
}

static uint32_t take_key(void)
{
    SIMPLE_INPUT_INTERFACE *input = firmware_table->ConIn;
    EFI_INPUT_KEY key;
    if (EFI_ERROR(input->ReadKeyStroke(input, &key))) {
        return KEY_NONE;
    }
    return key.ScanCode == 0 && key.UnicodeChar != 0 ? key.UnicodeChar : KEY_OTHER + key.ScanCode;
}

/* Some firmware freezes in ReadKeyStroke when no key is there: its event is checked first. */
static uint32_t look_for_key(void)
{
    SIMPLE_INPUT_INTERFACE *input = firmware_table->ConIn;
    if (input == NULL || (input->WaitForKey != NULL && !is_signalled(input->WaitForKey))) {
        return KEY_NONE;
    }
    return take_key();
}

static bool set_timer(uint32_t milliseconds)
{
    UINT64 ticks = (UINT64)milliseconds * TICKS_OF_MS;
    return timer != NULL &&
           !EFI_ERROR(firmware_table->BootServices->SetTimer(timer, TimerRelative, ticks));
}

static void close_timer(void)
{
    if (timer != NULL) {
        firmware_table->BootServices->CloseEvent(timer);
        timer = NULL;
    }
}

/* A timer is used only after it was seen to work: otherwise a wait for it might never end. */
static void open_timer(void)
{
    bool works = false;
    if (EFI_ERROR(firmware_table->BootServices->CreateEvent(EVT_TIMER, 0, NULL, NULL, &timer))) {
        timer = NULL;
    }
    bool set = set_timer(1);
    for (int i = 0; i < TRIES && set && !works; i++) {
        stall();
        works = is_signalled(timer);
    }
    if (!works) {
        close_timer();
    }
}

enum sleep { TIME_IS_UP, KEY_IS_THERE, CANNOT_SLEEP };

/* Waits for the timer or a key, while the CPU sleeps. */
static enum sleep sleep(void)
{
    const SIMPLE_INPUT_INTERFACE *input = firmware_table->ConIn;
    EFI_EVENT events[] = {timer, input == NULL ? NULL : input->WaitForKey};
    UINTN index = 0;
    if ((input != NULL && input->WaitForKey == NULL) ||
        EFI_ERROR(
            firmware_table->BootServices->WaitForEvent(input == NULL ? 1 : 2, events, &index))) {
        return CANNOT_SLEEP;
    }
    return index == 0 ? TIME_IS_UP : KEY_IS_THERE;
}

/* A keyboard may signal a key for ever and never give one: the steps are counted, too, so that the
 * wait ends. */
uint32_t plat_key(uint32_t milliseconds)
{
    uint32_t key = look_for_key();
    bool sleeps = key == KEY_NONE && milliseconds > 0 && set_timer(milliseconds);
    for (uint32_t waited = 0; key == KEY_NONE && waited < milliseconds; waited += STEP_MS) {
        enum sleep slept = sleeps ? sleep() : CANNOT_SLEEP;
        if (slept == TIME_IS_UP) {
            return KEY_NONE;
        }
        key = slept == KEY_IS_THERE ? take_key() : look_for_key();
        if (key == KEY_NONE) {
            stall();
        }
    }
    return key;
}

void plat_console_open(uint32_t *out_columns, uint32_t *out_rows)
{
    SIMPLE_TEXT_OUTPUT_INTERFACE *console = firmware_table->ConOut;
    UINTN columns = 80;
    UINTN rows = 25;
    open_timer();
    if (console != NULL) {
        mode_before = (SIMPLE_TEXT_OUTPUT_MODE){.Attribute = PLAIN, .CursorVisible = TRUE};
        if (console->Mode != NULL) {
            mode_before = *console->Mode;
        }
        console->QueryMode(console, (UINTN)mode_before.Mode, &columns, &rows);
        console->EnableCursor(console, FALSE);
        console->SetAttribute(console, PLAIN);
        console->ClearScreen(console);
    }
    *out_columns = (uint32_t)columns;
    *out_rows = (uint32_t)rows;
}

void plat_console_row(uint32_t row, struct text text, bool marked)
{
    static uint16_t units[MENU_ROW_SIZE];
    SIMPLE_TEXT_OUTPUT_INTERFACE *console = firmware_table->ConOut;
    if (console == NULL) {
        return;
    }
    path_to_ucs2(text.bytes, units);
    console->EnableCursor(console, FALSE);
    console->SetCursorPosition(console, 0, row);
    console->SetAttribute(console, marked ? MARKED : PLAIN);
    console->OutputString(console, (CHAR16 *)units);
}

void plat_console_cursor(uint32_t column, uint32_t row)
{
    SIMPLE_TEXT_OUTPUT_INTERFACE *console = firmware_table->ConOut;
    if (console != NULL) {
        console->SetCursorPosition(console, column, row);
        console->EnableCursor(console, TRUE);
    }
}

void plat_console_close(void)
{
    SIMPLE_TEXT_OUTPUT_INTERFACE *console = firmware_table->ConOut;
    close_timer();
    if (console != NULL) {
        console->SetAttribute(console, (UINTN)mode_before.Attribute);
        console->ClearScreen(console);
        console->EnableCursor(console, mode_before.CursorVisible);
    }
}
