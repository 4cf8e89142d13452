/* loader/efi/console.c on a host: the console is left as it was, keys are read, waits end. */
#include "efi/firmware.h"
#include "suite.h"

#include <string.h>

EFI_HANDLE firmware_image;
EFI_SYSTEM_TABLE *firmware_table;
EFI_LOADED_IMAGE *firmware_loaded_image;

/* What the console shows, and where. */
static struct {
    UINTN attribute, column, row, clears;
    BOOLEAN cursor;
    char text[32];
    UINTN text_attribute;
} shown;

/* The keyboard and the timer: events are their addresses. */
static struct {
    EFI_INPUT_KEY key;
    bool has_key;       /* once */
    bool silent;        /* the key's event is never signalled */
    bool broken;        /* ReadKeyStroke fails */
    UINT64 timer_ticks; /* 0: not set */
    bool timer_works;
    bool has_timer;
    uint64_t stalled_us, sleeps, looks;
} input;

static EFI_STATUS EFIAPI set_attribute(SIMPLE_TEXT_OUTPUT_INTERFACE *console, UINTN attribute)
{
    (void)console;
    shown.attribute = attribute;
    return EFI_SUCCESS;
}

static EFI_STATUS EFIAPI clear_screen(SIMPLE_TEXT_OUTPUT_INTERFACE *console)
{
    (void)console;
    shown.clears++;
    shown.column = shown.row = 0;
    return EFI_SUCCESS;
}

static EFI_STATUS EFIAPI enable_cursor(SIMPLE_TEXT_OUTPUT_INTERFACE *console, BOOLEAN visible)
{
    (void)console;
    shown.cursor = visible;
    return EFI_SUCCESS;
}

static EFI_STATUS EFIAPI set_position(SIMPLE_TEXT_OUTPUT_INTERFACE *console, UINTN column,
                                      UINTN row)
{
    (void)console;
    shown.column = column;
    shown.row = row;
    return EFI_SUCCESS;
}

static EFI_STATUS EFIAPI query_mode(SIMPLE_TEXT_OUTPUT_INTERFACE *console, UINTN mode,
                                    UINTN *columns, UINTN *rows)
{
    (void)console;
    if (mode != 2) {
        return EFI_UNSUPPORTED;
    }
    *columns = 100;
    *rows = 31;
    return EFI_SUCCESS;
}

static EFI_STATUS EFIAPI output_string(SIMPLE_TEXT_OUTPUT_INTERFACE *console, CHAR16 *text)
{
    (void)console;
    for (size_t i = 0; i + 1 < sizeof(shown.text) && (i == 0 || text[i - 1] != 0); i++) {
        shown.text[i] = (char)text[i];
    }
    shown.text_attribute = shown.attribute;
    return EFI_SUCCESS;
}

static EFI_STATUS EFIAPI read_key(SIMPLE_INPUT_INTERFACE *keyboard, EFI_INPUT_KEY *key)
{
    (void)keyboard;
    input.looks++;
    if (input.broken || !input.has_key) {
        return input.broken ? EFI_DEVICE_ERROR : EFI_NOT_READY;
    }
    *key = input.key;
    input.has_key = false;
    return EFI_SUCCESS;
}

static EFI_STATUS EFIAPI create_event(UINT32 type, EFI_TPL level, EFI_EVENT_NOTIFY notify,
                                      VOID *context, EFI_EVENT *event)
{
    (void)level;
    (void)notify;
    (void)context;
    ck_assert_uint_eq(type, EVT_TIMER);
    ck_assert(!input.has_timer);
    input.has_timer = true;
    *event = &input.timer_ticks;
    return EFI_SUCCESS;
}

static EFI_STATUS EFIAPI create_no_event(UINT32 type, EFI_TPL level, EFI_EVENT_NOTIFY notify,
                                         VOID *context, EFI_EVENT *event)
{
    (void)type;
    (void)level;
    (void)notify;
    (void)context;
    *event = &input; /* not to be used */
    return EFI_OUT_OF_RESOURCES;
}

static EFI_STATUS EFIAPI set_timer(EFI_EVENT event, EFI_TIMER_DELAY type, UINT64 ticks)
{
    ck_assert_ptr_eq(event, &input.timer_ticks);
    ck_assert_int_eq(type, TimerRelative);
    input.timer_ticks = ticks;
    return EFI_SUCCESS;
}

static EFI_STATUS EFIAPI check_event(EFI_EVENT event)
{
    if (event == &input.timer_ticks) {
        return input.timer_works && input.stalled_us * 10 >= input.timer_ticks ? EFI_SUCCESS
                                                                               : EFI_NOT_READY;
    }
    ck_assert_ptr_eq(event, &input.key);
    return input.has_key && !input.silent ? EFI_SUCCESS : EFI_NOT_READY;
}

static EFI_STATUS EFIAPI wait_for_event(UINTN count, EFI_EVENT *events, UINTN *index)
{
    ck_assert_ptr_eq(events[0], &input.timer_ticks);
    input.sleeps++;
    *index = count == 2 && input.has_key ? 1 : 0;
    return EFI_SUCCESS;
}

static EFI_STATUS EFIAPI close_event(EFI_EVENT event)
{
    ck_assert_ptr_eq(event, &input.timer_ticks);
    ck_assert(input.has_timer);
    input.has_timer = false;
    return EFI_SUCCESS;
}

static EFI_STATUS EFIAPI stall(UINTN microseconds)
{
    input.stalled_us += microseconds;
    return EFI_SUCCESS;
}

static EFI_BOOT_SERVICES services = {.CreateEvent = create_event,
                                     .SetTimer = set_timer,
                                     .CheckEvent = check_event,
                                     .WaitForEvent = wait_for_event,
                                     .CloseEvent = close_event,
                                     .Stall = stall};
static SIMPLE_TEXT_OUTPUT_MODE mode;
static SIMPLE_TEXT_OUTPUT_INTERFACE console = {.OutputString = output_string,
                                               .QueryMode = query_mode,
                                               .SetAttribute = set_attribute,
                                               .ClearScreen = clear_screen,
                                               .SetCursorPosition = set_position,
                                               .EnableCursor = enable_cursor};
static SIMPLE_INPUT_INTERFACE keyboard = {.ReadKeyStroke = read_key};
static EFI_SYSTEM_TABLE table = {.BootServices = &services};

static void setup(void)
{
    memset(&shown, 0, sizeof(shown));
    memset(&input, 0, sizeof(input));
    input.timer_works = true;
    services.CreateEvent = create_event;
    keyboard.WaitForKey = &input.key;
    mode = (SIMPLE_TEXT_OUTPUT_MODE){.MaxMode = 3, .Mode = 2, .Attribute = 0x1E};
    console.Mode = &mode;
    table.ConIn = &keyboard;
    table.ConOut = &console;
    firmware_table = &table;
}

/* i: whether the cursor was visible before. */
START_TEST(colours_and_cursor_are_as_before)
{
    uint32_t columns = 0;
    uint32_t rows = 0;
    mode.CursorVisible = _i != 0;
    plat_console_open(&columns, &rows);
    ck_assert_uint_eq(columns, 100);
    ck_assert_uint_eq(rows, 31);
    ck_assert_uint_eq(shown.clears, 1);
    ck_assert_uint_eq(shown.attribute, 0x07);
    ck_assert(!shown.cursor);
    plat_console_cursor(5, 6);
    ck_assert(shown.cursor && shown.column == 5 && shown.row == 6);
    plat_console_row(3, TEXT("a row"), true);
    ck_assert(!shown.cursor && shown.column == 0 && shown.row == 3);
    ck_assert_str_eq(shown.text, "a row");
    ck_assert_uint_eq(shown.text_attribute, 0x70);
    plat_console_row(4, TEXT("another"), false);
    ck_assert_uint_eq(shown.text_attribute, 0x07);
    mode.Attribute = 7; /* as the firmware keeps it up to date */
    plat_console_close();
    ck_assert_uint_eq(shown.attribute, 0x1E);
    ck_assert_uint_eq(shown.clears, 2);
    ck_assert_int_eq(shown.cursor, _i != 0);
    ck_assert(!input.has_timer);
}
END_TEST

/* i: a console without a mode, no console. */
START_TEST(a_console_without_a_mode_and_none_are_no_obstacle)
{
    uint32_t columns = 0;
    uint32_t rows = 0;
    console.Mode = NULL;
    table.ConOut = _i == 0 ? &console : NULL;
    plat_console_open(&columns, &rows);
    plat_console_row(3, TEXT("a row"), true);
    plat_console_cursor(1, 1);
    plat_console_close();
    ck_assert_uint_eq(columns, 80);
    ck_assert_uint_eq(rows, 25);
    ck_assert_uint_eq(shown.attribute, _i == 0 ? 0x07 : 0);
    ck_assert_int_eq(shown.cursor, _i == 0);
    ck_assert_uint_eq(shown.clears, _i == 0 ? 2 : 0);
}
END_TEST

START_TEST(a_key_is_a_character_or_a_scan_code)
{
    static const struct {
        EFI_INPUT_KEY key;
        uint32_t expected;
    } keys[] = {
        {{0, 'x'}, 'x'}, {{SCAN_UP, 0}, KEY_UP}, {{SCAN_ESC, 0}, KEY_ESCAPE}, {{0, 0}, KEY_OTHER}};
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        input.key = keys[i].key;
        input.has_key = true;
        keyboard.WaitForKey = i % 2 == 0 ? &input.key : NULL;
        ck_assert_uint_eq(plat_key(0), keys[i].expected);
        ck_assert_uint_eq(plat_key(0), KEY_NONE);
    }
    ck_assert_uint_eq(input.stalled_us, 0);
}
END_TEST

/* Some firmware freezes in ReadKeyStroke. */
START_TEST(a_key_that_is_not_signalled_is_not_asked_for)
{
    input.has_key = input.silent = true;
    ck_assert_uint_eq(plat_key(0), KEY_NONE);
    ck_assert_uint_eq(input.looks, 0);
    input.silent = false;
    input.broken = true;
    ck_assert_uint_eq(plat_key(0), KEY_NONE);
    table.ConIn = NULL;
    ck_assert_uint_eq(plat_key(0), KEY_NONE);
}
END_TEST

/* As is_menu_called waits, before the menu is open. */
START_TEST(a_wait_without_a_timer_takes_as_long_as_asked_for)
{
    ck_assert_uint_eq(plat_key(100), KEY_NONE);
    ck_assert_uint_eq(input.stalled_us, 100000);
    input.key.UnicodeChar = ' ';
    input.has_key = true;
    ck_assert_uint_eq(plat_key(100), ' ');
    ck_assert_uint_eq(input.stalled_us, 100000);
    table.ConIn = NULL;
    ck_assert_uint_eq(plat_key(40), KEY_NONE);
    ck_assert_uint_eq(input.stalled_us, 140000);
}
END_TEST

START_TEST(a_wait_with_a_timer_sleeps)
{
    uint32_t unused;
    plat_console_open(&unused, &unused);
    uint64_t stalled = input.stalled_us;
    ck_assert_uint_eq(plat_key(1000), KEY_NONE);
    ck_assert_uint_eq(input.timer_ticks, 10000000);
    ck_assert_uint_eq(input.sleeps, 1);
    input.key.UnicodeChar = 'k';
    input.has_key = input.silent = true; /* it comes while the CPU sleeps */
    ck_assert_uint_eq(plat_key(1000), 'k');
    ck_assert_uint_eq(input.sleeps, 2);
    input.has_key = input.broken = true; /* signalled for ever, and never given */
    ck_assert_uint_eq(plat_key(1000), KEY_NONE);
    ck_assert_uint_eq(input.stalled_us, stalled + 1000000);
    table.ConIn = NULL;
    ck_assert_uint_eq(plat_key(1000), KEY_NONE);
    ck_assert_uint_eq(input.stalled_us, stalled + 1000000);
    plat_console_close();
}
END_TEST

/* i: one that is never signalled, none. */
START_TEST(a_timer_that_does_not_work_is_not_waited_for)
{
    uint32_t unused;
    input.timer_works = false;
    services.CreateEvent = _i == 0 ? create_event : create_no_event;
    plat_console_open(&unused, &unused);
    ck_assert(!input.has_timer);
    uint64_t stalled = input.stalled_us;
    ck_assert_uint_eq(plat_key(1000), KEY_NONE);
    ck_assert_uint_eq(input.sleeps, 0);
    ck_assert_uint_eq(input.stalled_us, stalled + 1000000);
    plat_console_close();
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("efi_console");
    TCase *tests = tcase_create("console");
    tcase_add_checked_fixture(tests, setup, NULL);
    tcase_add_loop_test(tests, colours_and_cursor_are_as_before, 0, 2);
    tcase_add_loop_test(tests, a_console_without_a_mode_and_none_are_no_obstacle, 0, 2);
    tcase_add_test(tests, a_key_is_a_character_or_a_scan_code);
    tcase_add_test(tests, a_key_that_is_not_signalled_is_not_asked_for);
    tcase_add_test(tests, a_wait_without_a_timer_takes_as_long_as_asked_for);
    tcase_add_test(tests, a_wait_with_a_timer_sleeps);
    tcase_add_loop_test(tests, a_timer_that_does_not_work_is_not_waited_for, 0, 2);
    suite_add_tcase(suite, tests);
    return suite_main(suite, "unit-efi_console");
}
