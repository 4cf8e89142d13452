/* Which entry boots: the one that the user wants, else the default; and when one cannot be loaded,
 * the next. */
#include "boot/boot.h"

#include <string.h>
#include <zlib.h>

#define SECOND_MS     1000
#define LEAVE_SECONDS 10

static uint64_t bit(uint32_t entry)
{
    return UINT64_C(1) << entry;
}

/* Runs of blanks and line ends become one blank. */
static void write_note(struct writer *note, struct text message)
{
    bool blank = true;
    for (size_t i = 0; i < message.size; i++) {
        char c = message.bytes[i];
        bool is_blank = c == ' ' || c == '\n';
        if (is_blank && !blank) {
            write_char(note, ' ');
        } else if (!is_blank) {
            write_char(note, c);
        }
        blank = is_blank;
    }
}

static uint32_t sum_of(bool marked, struct text row)
{
    return (uint32_t)crc32(marked, (const Bytef *)row.bytes, (uInt)row.size);
}

static void draw(struct boot *boot)
{
    const struct menu *menu = &boot->menu;
    for (uint32_t row = 0; row < menu->rows; row++) {
        char text[MENU_ROW_SIZE];
        struct writer writer = writer_on(text, sizeof(text));
        bool marked = menu_row(menu, row, &writer);
        uint32_t sum = sum_of(marked, writer_text(&writer));
        if (sum != boot->shown[row]) {
            plat_screen_row(row, writer_text(&writer), marked);
        }
        boot->shown[row] = sum;
    }
    if (menu->editing) {
        uint32_t column;
        uint32_t row;
        menu_cursor(menu, &column, &row);
        plat_screen_cursor(column, row);
    }
}

static void expect_blank(struct boot *boot)
{
    char text[MENU_COLUMNS_MOST];
    memset(text, ' ', sizeof(text));
    uint32_t sum = sum_of(false, (struct text){text, boot->menu.columns - 1});
    for (uint32_t row = 0; row < MENU_ROWS_MOST; row++) {
        boot->shown[row] = sum;
    }
}

/* An edited command line is for this time only. */
static void take_choice(struct boot *boot)
{
    struct menu *menu = &boot->menu;
    struct choice *choice = &boot->choice;
    choice->entry = choice->first = menu->selected;
    choice->by_hand = menu->when_time_is_up == MENU_STAY;
    choice->tried = choice->skipped = 0;
    choice->last_resort = false;
    choice->edited = boot->config->entries[menu->selected];
    if (menu->editing) {
        choice->edited.cmdline = (struct text){menu->line, menu->size};
    }
    boot->entry = &choice->edited;
}

/* False: nothing is to be booted. The firmware's watchdog would reset whoever thinks for five
 * minutes (UEFI 2.10 section 3.1.2). */
static bool ask(struct boot *boot, uint32_t seconds, enum menu_action when_time_is_up)
{
    struct menu *menu = &boot->menu;
    enum menu_action action = MENU_STAY;
    uint32_t columns;
    uint32_t rows;
    plat_watchdog(0);
    plat_screen_open(&columns, &rows);
    menu->config = boot->config;
    menu->selected = boot->choice.entry;
    menu->seconds = seconds;
    menu->when_time_is_up = when_time_is_up;
    menu_open(menu, columns, rows);
    expect_blank(boot);
    while (action == MENU_STAY) {
        draw(boot);
        uint32_t key = plat_key(SECOND_MS);
        action = key == KEY_NONE ? menu_second(menu) : menu_key(menu, key);
    }
    plat_screen_close();
    boot->asked = true;
    boot->tsc_rate = (struct clock_rate){0}; /* the timer may have wrapped around meanwhile */
    take_choice(boot);
    return action == MENU_BOOT;
}

bool choice_is_forced(const struct boot *boot)
{
    return boot->choice.by_hand || boot->choice.last_resort;
}

static bool calls_menu(uint32_t key)
{
    return key == ' ' || key == KEY_ESCAPE || (key >= KEY_UP && key <= KEY_LEFT);
}

/* False: the user does not want to boot. */
static bool ask_first(struct boot *boot)
{
    uint32_t timeout = boot->config->timeout;
    if (boot->options.entry.size > 0) {
        return true;
    }
    if (timeout == 0) {
        bool called = boot->config->entry_count > 1 && calls_menu(plat_key(0));
        return !called || ask(boot, 0, MENU_STAY);
    }
    return ask(boot, timeout, timeout == CONFIG_TIMEOUT_NEVER ? MENU_STAY : MENU_BOOT);
}

/* Where nobody has pressed a key, the firmware goes on by itself. */
static bool ask_again(struct boot *boot)
{
    const struct choice *choice = &boot->choice;
    bool forever = choice->by_hand || boot->config->timeout == CONFIG_TIMEOUT_NEVER;
    if (boot->config->entry_count == 1 && !boot->asked) {
        return false;
    }
    return ask(boot, LEAVE_SECONDS, forever ? MENU_STAY : MENU_LEAVE);
}

static void log_entry(struct boot *boot)
{
    char buffer[96];
    struct writer line = writer_on(buffer, sizeof(buffer));
    log_path(&line, boot->entry->name);
    log_stage(&boot->log, "entry", &line);
}

static void take(struct boot *boot, uint32_t entry)
{
    boot->choice.entry = entry;
    boot->entry = &boot->config->entries[entry];
}

static bool was_tried(const struct choice *choice, uint32_t entry)
{
    return (choice->tried & bit(entry)) != 0;
}

/* The fallback; where the tries are used up and there is none, the next entry of the file. */
static bool find_next(const struct boot *boot, bool skipped, uint32_t *out_entry)
{
    const struct choice *choice = &boot->choice;
    const struct config *config = boot->config;
    const struct entry *fallback = config_fallback(config, &config->entries[choice->entry]);
    uint32_t next = fallback == NULL ? choice->entry : (uint32_t)(fallback - config->entries);
    for (uint32_t i = 0; fallback == NULL && skipped && i < config->entry_count; i++) {
        next = was_tried(choice, next) ? (next + 1) % config->entry_count : next;
    }
    *out_entry = next;
    return !was_tried(choice, next);
}

/* A machine whose power failed too often at the wrong moment must still boot: all that was skipped
 * gets its tries anew. */
static bool take_last_resort(struct boot *boot)
{
    struct choice *choice = &boot->choice;
    if (choice->skipped == 0 || choice->last_resort) {
        return false;
    }
    uint32_t first = choice->first;
    for (uint32_t i = boot->config->entry_count; i-- > 0;) {
        if ((choice->skipped & bit(i)) != 0) {
            tries_refill(&boot->config->entries[i]);
            first = (choice->skipped & bit(choice->first)) != 0 ? choice->first : i;
        }
    }
    choice->last_resort = true;
    choice->tried = 0;
    take(boot, first);
    return true;
}

static bool take_next(struct boot *boot, enum status status)
{
    struct choice *choice = &boot->choice;
    bool skipped = status == STATUS_TRIES_SPENT || status == STATUS_TRIES_NOT_COUNTED;
    uint32_t next;
    if (choice->by_hand) {
        return false;
    }
    choice->skipped |= skipped ? bit(choice->entry) : 0;
    if (find_next(boot, skipped, &next)) {
        take(boot, next);
        return true;
    }
    return take_last_resort(boot);
}

/* What went on before took time, and the exit may have got as far as closing the volume. */
static enum status start(struct boot *boot)
{
    if (boot->asked || boot->choice.tried != 0 || boot->choice.last_resort) {
        plat_watchdog(WATCHDOG_SECONDS);
        boot->watchdog_set = true;
        log_entry(boot);
        TRY(config_open_volume(boot));
    }
    return boot_entry(boot);
}

static enum status try_entry(struct boot *boot)
{
    struct choice *choice = &boot->choice;
    struct writer note = writer_on(boot->menu.notes[choice->entry], MENU_NOTE_SIZE);
    enum status status = start(boot);
    choice->tried |= bit(choice->entry);
    write_note(&note, boot_say(boot, &boot->failure));
    boot_forget(boot);
    return status;
}

enum status choice_run(struct boot *boot)
{
    struct choice *choice = &boot->choice;
    enum status status = STATUS_OK;
    choice->entry = choice->first = (uint32_t)(boot->entry - boot->config->entries);
    choice->kept_allocations = boot->ledger.count;
    choice->kept_stamps = boot->timeline_count;
    bool go_on = ask_first(boot);
    while (go_on) {
        status = try_entry(boot);
        go_on = take_next(boot, status) || ask_again(boot);
    }
    return choice->by_hand ? STATUS_OK : status;
}
