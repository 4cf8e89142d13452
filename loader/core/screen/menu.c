#include "core/screen/menu.h"

#include "core/base/packed.h"
#include "core/base/path.h"
#include "core/base/version.h"
#include "core/screen/menu_texts.h"

#include <string.h>

/* Rows: title, blank, the entries, blank, and from the bottom up: */
enum {
    FROM_BOTTOM_COUNTDOWN = 1,
    FROM_BOTTOM_HELP = 2,
    FROM_BOTTOM_REASON = 6, /* three rows */
    FROM_BOTTOM_LINE = 7,
    FROM_BOTTOM_KERNEL = 8,
    ROW_LIST = 2,
    ROWS_NOT_LIST = 11,
    LABEL_WIDTH = 10, /* columns in front of kernel and command line */
};

static uint32_t clamp(uint32_t value, uint32_t low, uint32_t high)
{
    return value < low ? low : value > high ? high : value;
}

static uint32_t list_rows(const struct menu *menu)
{
    return menu->rows - ROWS_NOT_LIST;
}

static void select(struct menu *menu, uint32_t entry)
{
    uint32_t shown = list_rows(menu);
    menu->selected = entry;
    if (entry < menu->top) {
        menu->top = entry;
    } else if (entry - menu->top >= shown) {
        menu->top = entry - shown + 1;
    }
}

void menu_open(struct menu *menu, uint32_t columns, uint32_t rows)
{
    menu->columns = clamp(columns, MENU_COLUMNS_LEAST, MENU_COLUMNS_MOST);
    menu->rows = clamp(menu->config->entry_count + ROWS_NOT_LIST, MENU_ROWS_LEAST,
                       clamp(rows, MENU_ROWS_LEAST, MENU_ROWS_MOST));
    menu->top = 0;
    menu->editing = false;
    menu->typed = 0;
    select(menu, menu->selected);
}

static void move(struct menu *menu, uint32_t key)
{
    uint32_t last = menu->config->entry_count - 1;
    uint32_t page = list_rows(menu);
    uint32_t at = menu->selected;
    switch (key) {
    case KEY_UP:
        select(menu, at == 0 ? last : at - 1);
        break;
    case KEY_DOWN:
        select(menu, at == last ? 0 : at + 1);
        break;
    case KEY_PAGE_UP:
        select(menu, at < page ? 0 : at - page);
        break;
    case KEY_PAGE_DOWN:
        select(menu, last - at < page ? last : at + page);
        break;
    case KEY_HOME:
        select(menu, 0);
        break;
    case KEY_END:
        select(menu, last);
        break;
    default:
        break;
    }
}

/* "12" selects entry 12 if there are as many, else entry 1 and then entry 2. */
static void type_digit(struct menu *menu, uint32_t digit)
{
    uint32_t count = menu->config->entry_count;
    uint32_t number = 10 * menu->typed + digit;
    menu->typed = number <= count ? number : digit;
    if (menu->typed >= 1 && menu->typed <= count) {
        select(menu, menu->typed - 1);
    }
}

static void begin_editing(struct menu *menu)
{
    struct text line = menu->config->entries[menu->selected].cmdline;
    memcpy(menu->line, line.bytes, line.size);
    menu->size = menu->cursor = (uint32_t)line.size;
    menu->editing = true;
}

static enum menu_action list_key(struct menu *menu, uint32_t key)
{
    if (key >= '0' && key <= '9') {
        type_digit(menu, key - '0');
        return MENU_STAY;
    }
    menu->typed = 0;
    if (key == KEY_ENTER) {
        return MENU_BOOT;
    }
    if (key == KEY_ESCAPE) {
        return MENU_LEAVE;
    }
    if ((key == 'e' || key == 'E') && !menu->locked) {
        begin_editing(menu);
    }
    move(menu, key);
    return MENU_STAY;
}

static struct text after_cursor(const struct menu *menu)
{
    return text_after((struct text){menu->line, menu->size}, menu->cursor);
}

static void go_left(struct menu *menu)
{
    while (menu->cursor > 0 && byte_continues_character(menu->line[--menu->cursor])) {
    }
}

static void insert(struct menu *menu, uint32_t character)
{
    const uint16_t unit = (uint16_t)character;
    char bytes[4];
    path_from_ucs2(&unit, 1, bytes, sizeof(bytes));
    uint32_t count = (uint32_t)strlen(bytes);
    if (count > CONFIG_LINE_MAX - menu->size) {
        return;
    }
    memmove(menu->line + menu->cursor + count, menu->line + menu->cursor,
            menu->size - menu->cursor);
    memcpy(menu->line + menu->cursor, bytes, count);
    menu->cursor += count;
    menu->size += count;
}

/* The one after the cursor; there is one. */
static void delete_character(struct menu *menu)
{
    struct text rest = after_cursor(menu);
    size_t count = text_step(rest);
    memmove(menu->line + menu->cursor, rest.bytes + count, rest.size - count);
    menu->size -= (uint32_t)count;
}

static void backspace(struct menu *menu)
{
    if (menu->cursor > 0) {
        go_left(menu);
        delete_character(menu);
    }
}

enum { CONTROL_A = 1, CONTROL_E = 5 }; /* Home and End, which not every terminal can send */

static void edit(struct menu *menu, uint32_t key)
{
    bool at_end = menu->cursor == menu->size;
    if (key == KEY_LEFT) {
        go_left(menu);
    } else if (key == KEY_RIGHT && !at_end) {
        menu->cursor += (uint32_t)text_step(after_cursor(menu));
    } else if (key == KEY_HOME || key == CONTROL_A) {
        menu->cursor = 0;
    } else if (key == KEY_END || key == CONTROL_E) {
        menu->cursor = menu->size;
    } else if (key == KEY_BACKSPACE || (key == KEY_DELETE && at_end)) {
        /* Most terminals send DEL for Backspace, and the firmware takes it for Delete. */
        backspace(menu);
    } else if (key == KEY_DELETE) {
        delete_character(menu);
    } else if (key < KEY_OTHER && !character_is_control(key)) {
        insert(menu, key);
    }
}

enum menu_action menu_key(struct menu *menu, uint32_t key)
{
    menu->when_time_is_up = MENU_STAY;
    if (!menu->editing) {
        return list_key(menu, key);
    }
    if (key == KEY_ENTER) {
        return MENU_BOOT;
    }
    if (key == KEY_ESCAPE) {
        menu->editing = false;
    } else {
        edit(menu, key);
    }
    return MENU_STAY;
}

enum menu_action menu_second(struct menu *menu)
{
    if (menu->when_time_is_up == MENU_STAY || --menu->seconds > 0) {
        return MENU_STAY;
    }
    return menu->when_time_is_up;
}

/* Writes count characters of text after leaving out the first ones. */
static void write_part(struct writer *writer, struct text text, uint32_t first, uint32_t count)
{
    while (text.size > 0 && count > 0) {
        size_t size = text_step(text);
        if (first > 0) {
            first--;
        } else {
            write_quoted(writer, (struct text){text.bytes, size});
            count--;
        }
        text = text_after(text, size);
    }
}

enum menu_text { MENU_TEXTS(PACKED_CODE) };

static void say(struct writer *writer, enum menu_text text)
{
    write_packed(writer, packed_menu_texts, text);
}

static void write_cut(struct writer *writer, struct text text, uint32_t width)
{
    if (text_characters(text) <= width) {
        write_quoted(writer, text);
    } else {
        write_part(writer, text, 0, width - 3);
        write_string(writer, "...");
    }
}

static void write_entry(const struct menu *menu, uint32_t index, struct writer *writer)
{
    const struct entry *entry = &menu->config->entries[index];
    write_string(writer, index == menu->selected ? " > " : "   ");
    write_string(writer, index < 9 ? " " : "");
    write_decimal(writer, index + 1);
    write_string(writer, "  ");
    struct text name = entry->name.size > 0 ? entry->name : entry->kernel;
    write_cut(writer, name, menu->columns - 28);
    if (menu->reasons[index][0] != '\0') {
        say(writer, CANNOT_BOOT);
    } else if (index == menu->config->default_entry) {
        say(writer, DEFAULT);
    }
}

static void write_list_row(const struct menu *menu, uint32_t row, struct writer *writer)
{
    uint32_t index = menu->top + row - ROW_LIST;
    uint32_t end = menu->top + list_rows(menu);
    bool more_above = row == ROW_LIST - 1 && menu->top > 0;
    bool more_below = row == ROW_LIST + list_rows(menu) && end < menu->config->entry_count;
    if (more_above || more_below) {
        say(writer, MORE);
    } else if (row >= ROW_LIST && index < end) {
        write_entry(menu, index, writer);
    }
}

static uint32_t line_width(const struct menu *menu)
{
    return menu->columns - LABEL_WIDTH - 2;
}

/* The cursor's column within the line as it is shown; first: the first character that is shown. */
static uint32_t scroll_line(const struct menu *menu, uint32_t *out_first)
{
    uint32_t before = (uint32_t)text_characters((struct text){menu->line, menu->cursor});
    uint32_t first = 0;
    while (before - first >= line_width(menu)) {
        first += line_width(menu) / 2;
    }
    *out_first = first;
    return before - first;
}

static void write_line(const struct menu *menu, struct writer *writer)
{
    uint32_t first = 0;
    say(writer, CMDLINE);
    if (menu->editing) {
        (void)scroll_line(menu, &first);
        write_part(writer, (struct text){menu->line, menu->size}, first, line_width(menu));
    } else {
        write_cut(writer, menu->config->entries[menu->selected].cmdline, line_width(menu));
    }
}

static void write_countdown(const struct menu *menu, struct writer *writer)
{
    if (menu->when_time_is_up == MENU_STAY) {
        return;
    }
    say(writer, menu->when_time_is_up == MENU_BOOT ? BOOTING : BACK);
    write_decimal(writer, menu->seconds);
    say(writer, STOPS);
}

/* Why the selected entry did not boot; else why its command line cannot be edited. */
static void write_reason(const struct menu *menu, uint32_t first, uint32_t width,
                         struct writer *writer)
{
    const char *reason = menu->reasons[menu->selected];
    char buffer[MENU_ROW_SIZE];
    struct writer locked = writer_on(buffer, sizeof(buffer));
    if (menu->locked) {
        say(&locked, LOCKED);
    }
    write_part(writer, reason[0] == '\0' ? writer_text(&locked) : text_of(reason), first, width);
}

static void write_help(const struct menu *menu, struct writer *writer)
{
    say(writer, menu->editing ? HELP_EDITING : HELP);
    if (!menu->editing && !menu->locked) {
        say(writer, HELP_EDIT);
    }
}

static void write_row(const struct menu *menu, uint32_t row, struct writer *writer)
{
    uint32_t width = menu->columns - 2;
    uint32_t from_bottom = menu->rows - row;
    switch (from_bottom) {
    case FROM_BOTTOM_KERNEL:
        say(writer, KERNEL);
        write_cut(writer, menu->config->entries[menu->selected].kernel, line_width(menu));
        break;
    case FROM_BOTTOM_LINE:
        write_line(menu, writer);
        break;
    case FROM_BOTTOM_REASON:
    case FROM_BOTTOM_REASON - 1:
    case FROM_BOTTOM_REASON - 2:
        write_char(writer, ' ');
        write_reason(menu, (FROM_BOTTOM_REASON - from_bottom) * width, width, writer);
        break;
    case FROM_BOTTOM_HELP:
        write_help(menu, writer);
        break;
    case FROM_BOTTOM_COUNTDOWN:
        write_countdown(menu, writer);
        break;
    default:
        write_list_row(menu, row, writer);
    }
}

bool menu_row(const struct menu *menu, uint32_t row, struct writer *out_text)
{
    char buffer[MENU_ROW_SIZE];
    struct writer whole = writer_on(buffer, sizeof(buffer));
    if (row == 0) {
        write_string(&whole, " " BATON_NAME);
    } else {
        write_row(menu, row, &whole);
    }
    write_part(out_text, writer_text(&whole), 0, menu->columns - 1);
    uint32_t width = (uint32_t)text_characters(writer_text(out_text));
    for (; width < menu->columns - 1; width++) {
        write_char(out_text, ' ');
    }
    bool selected = row == ROW_LIST + menu->selected - menu->top;
    bool edited = menu->rows - row == FROM_BOTTOM_LINE;
    return row == 0 || (menu->editing ? edited : selected);
}

void menu_cursor(const struct menu *menu, uint32_t *out_column, uint32_t *out_row)
{
    uint32_t first;
    *out_column = LABEL_WIDTH + scroll_line(menu, &first);
    *out_row = menu->rows - FROM_BOTTOM_LINE;
}
