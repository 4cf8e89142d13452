/* The fake's user: keys, a console to draw on, load options. */
#include "fake_platform.h"

#include <string.h>

#define FOR_EVER_MS UINT64_C(100000000)

struct text plat_options(void)
{
    return text_of(fake.options);
}

uint32_t plat_key(uint32_t milliseconds)
{
    (void)fake_enter(FAKE_KEY, milliseconds);
    uint32_t key = KEY_NONE;
    if (fake.keys != NULL && fake.keys[fake.key_count] != KEY_LAST) {
        key = fake.keys[fake.key_count++];
    }
    fake.waited_ms += key == KEY_NONE ? milliseconds : 0;
    fake.clock_ms += key == KEY_NONE ? milliseconds : 0;
    if (fake.watchdog != 0 && milliseconds > 100) {
        fake_violation("the watchdog is on while the user thinks");
    }
    if (fake.waited_ms > FOR_EVER_MS) {
        fake_violation("it waits for ever");
    }
    return key;
}

void plat_console_open(uint32_t *out_columns, uint32_t *out_rows)
{
    (void)fake_enter(FAKE_CONSOLE, 0);
    if (fake.screen_open) {
        fake_violation("the screen is open already");
    }
    fake.screen_open = true;
    memset(fake.screen, 0, sizeof(fake.screen));
    *out_columns = 80;
    *out_rows = 25;
}

void plat_console_row(uint32_t row, struct text text, bool marked)
{
    (void)fake_enter(FAKE_CONSOLE, row);
    (void)marked;
    if (!fake.screen_open || row >= MENU_ROWS_MOST || text.size >= MENU_ROW_SIZE ||
        text_characters(text) != 79) {
        fake_violation("row %u cannot be drawn", row);
    }
    memcpy(fake.screen[row], text.bytes, text.size);
    fake.screen[row][text.size] = '\0';
    fake.rows_drawn++;
}

void plat_console_cursor(uint32_t column, uint32_t row)
{
    (void)fake_enter(FAKE_CONSOLE, row);
    if (!fake.screen_open || row >= 25 || column >= 79) {
        fake_violation("the cursor leaves the screen");
    }
    fake.cursor_column = column;
    fake.cursor_row = row;
}

void plat_console_close(void)
{
    (void)fake_enter(FAKE_CONSOLE, 0);
    if (!fake.screen_open) {
        fake_violation("the screen is not open");
    }
    fake.screen_open = false;
}
