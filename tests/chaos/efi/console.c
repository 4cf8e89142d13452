/* The loader's console and keyboard. What it must not call is NULL. */
#include "chaos.h"

enum { KEYS_MAX = 20 }; /* in one start: more than any case needs */

SIMPLE_TEXT_OUTPUT_INTERFACE *firmware_console;

static bool line_begun;

static void show(CHAR16 unit)
{
    if (unit == '\r') {
        return;
    }
    if (!line_begun) {
        report("console: ");
    }
    line_begun = unit != '\n';
    report_char(unit < 0x80 ? (char)unit : '?');
}

void console_end_line(void)
{
    if (line_begun) {
        report_char('\n');
        line_begun = false;
    }
}

static EFI_STATUS EFIAPI output_string(SIMPLE_TEXT_OUTPUT_INTERFACE *console, CHAR16 *text)
{
    EFI_STATUS status = gate(CHAOS_OUTPUT_STRING, CALLER);
    (void)console;
    /* The firmware's own console, while it closes down. */
    if (run.exit_began) {
        firmware_console->OutputString(firmware_console, text);
    }
    for (const CHAR16 *unit = text; run.plan->times == 0 && *unit != 0; unit++) {
        show(*unit);
    }
    return status;
}

/* Enter is pressed whenever the loader asks. A menu that is always answered with Enter would boot a
 * failing entry for ever: after KEYS_MAX keys the case has failed, and Escape leaves the menu. */
static EFI_STATUS EFIAPI read_key_stroke(SIMPLE_INPUT_INTERFACE *keyboard, EFI_INPUT_KEY *key)
{
    EFI_STATUS status = gate(CHAOS_READ_KEY_STROKE, CALLER);
    (void)keyboard;
    if (EFI_ERROR(status)) {
        return status;
    }
    *key = (EFI_INPUT_KEY){.UnicodeChar = '\r'};
    if (run.calls[CHAOS_READ_KEY_STROKE] > KEYS_MAX) {
        broken("Enter was pressed again and again, and the loader did not return");
        *key = (EFI_INPUT_KEY){.ScanCode = SCAN_ESC};
    }
    return EFI_SUCCESS;
}

/* Used by the menu: its output is not reported. */
static EFI_STATUS EFIAPI query_mode(SIMPLE_TEXT_OUTPUT_INTERFACE *console, UINTN mode,
                                    UINTN *columns, UINTN *rows)
{
    (void)console;
    (void)mode;
    *columns = 80;
    *rows = 25;
    return EFI_SUCCESS;
}

static SIMPLE_TEXT_OUTPUT_MODE console_mode = {
    .MaxMode = 1, .Attribute = EFI_LIGHTGRAY, .CursorVisible = TRUE};

static SIMPLE_TEXT_OUTPUT_MODE mode_before;

void console_begin(void)
{
    mode_before = console_mode;
}

void console_check(void)
{
    if (console_mode.Attribute != mode_before.Attribute ||
        console_mode.CursorVisible != mode_before.CursorVisible) {
        broken("the console's colours or its cursor have changed");
    }
}

static EFI_STATUS EFIAPI set_attribute(SIMPLE_TEXT_OUTPUT_INTERFACE *console, UINTN attribute)
{
    console_mode.Attribute = (INT32)attribute;
    (void)console;
    return EFI_SUCCESS;
}

static EFI_STATUS EFIAPI clear_screen(SIMPLE_TEXT_OUTPUT_INTERFACE *console)
{
    (void)console;
    return EFI_SUCCESS;
}

static EFI_STATUS EFIAPI set_cursor_position(SIMPLE_TEXT_OUTPUT_INTERFACE *console, UINTN column,
                                             UINTN row)
{
    (void)console;
    (void)column;
    (void)row;
    console_end_line();
    return EFI_SUCCESS;
}

static EFI_STATUS EFIAPI enable_cursor(SIMPLE_TEXT_OUTPUT_INTERFACE *console, BOOLEAN visible)
{
    console_mode.CursorVisible = visible;
    (void)console;
    return EFI_SUCCESS;
}

SIMPLE_TEXT_OUTPUT_INTERFACE chaos_console = {
    .OutputString = output_string,
    .QueryMode = query_mode,
    .SetAttribute = set_attribute,
    .ClearScreen = clear_screen,
    .SetCursorPosition = set_cursor_position,
    .EnableCursor = enable_cursor,
    .Mode = &console_mode,
};
SIMPLE_INPUT_INTERFACE chaos_keyboard = {.ReadKeyStroke = read_key_stroke};
