#include "boot/entry.h"

#include "boot/tries.h"
#include "platform/console.h"
#include "platform/machine.h"

#include <string.h>
#include <zlib.h>

#define SECOND_MS        1000
#define LEAVE_SECONDS    10
#define HELD_KEY_MS      100
#define HELD_KEY_STEP_MS 20

_Static_assert(CONFIG_ENTRIES_MAX <= 64, "a set of entries is 64 bits");

static uint64_t bit(uint32_t entry)
{
    return UINT64_C(1) << entry;
}

/* Writes message as one line: runs of blanks and line ends become one blank. */
static void write_reason(struct writer *reason, struct text message)
{
    bool blank = true;
    for (size_t i = 0; i < message.size; i++) {
        char c = message.bytes[i];
        bool is_blank = c == ' ' || c == '\n';
        if (is_blank && !blank) {
            write_char(reason, ' ');
        } else if (!is_blank) {
            write_char(reason, c);
        }
        blank = is_blank;
    }
}

static uint32_t sum_of(bool marked, struct text row)
{
    return (uint32_t)crc32(marked, (const Bytef *)row.bytes, (uInt)row.size);
}

/* Draws the rows that have changed. */
static void draw(struct entry_choice *choice)
{
    const struct menu *menu = &choice->menu;
    for (uint32_t row = 0; row < menu->rows; row++) {
        char text[MENU_ROW_SIZE];
        struct writer writer = writer_on(text, sizeof(text));
        bool marked = menu_row(menu, row, &writer);
        uint32_t sum = sum_of(marked, writer_text(&writer));
        if (sum != choice->row_sums[row]) {
            plat_console_row(row, writer_text(&writer), marked);
        }
        choice->row_sums[row] = sum;
    }
    if (menu->editing) {
        uint32_t column;
        uint32_t row;
        menu_cursor(menu, &column, &row);
        plat_console_cursor(column, row);
    }
}

static void expect_blank(struct entry_choice *choice)
{
    char text[MENU_COLUMNS_MOST];
    memset(text, ' ', sizeof(text));
    uint32_t sum = sum_of(false, (struct text){text, choice->menu.columns - 1});
    for (uint32_t row = 0; row < MENU_ROWS_MOST; row++) {
        choice->row_sums[row] = sum;
    }
}

/* An edited command line is for this boot only. Any key stops the countdown (MENU_STAY): a menu
 * whose countdown has ended by itself was not chosen from by hand, and entry is as it was. After a
 * choice by hand no other entry is looked for: what was tried before does not matter. */
static const struct entry *take_choice(struct entry_choice *choice)
{
    struct menu *menu = &choice->menu;
    choice->entry = menu->selected;
    choice->by_hand = menu->when_time_is_up == MENU_STAY;
    choice->edited = choice->config->entries[menu->selected];
    if (menu->editing) {
        choice->edited.cmdline = (struct text){menu->line, menu->size};
    }
    return &choice->edited;
}

/* Shows the menu until the user has chosen an entry, or the time is up. NULL: nothing is to be
 * booted. The watchdog is off meanwhile: it would reset the machine of a user who thinks for five
 * minutes (UEFI 2.10 section 3.1.2). */
static const struct entry *ask(struct entry_choice *choice, struct session *session,
                               uint32_t seconds, enum menu_action when_time_is_up)
{
    struct menu *menu = &choice->menu;
    enum menu_action action = MENU_STAY;
    uint32_t columns;
    uint32_t rows;
    plat_watchdog(0);
    plat_console_open(&columns, &rows);
    menu->config = choice->config;
    menu->selected = choice->entry;
    menu->seconds = seconds;
    menu->when_time_is_up = when_time_is_up;
    menu_open(menu, columns, rows);
    expect_blank(choice);
    while (action == MENU_STAY) {
        draw(choice);
        uint32_t key = plat_key(SECOND_MS);
        action = key == KEY_NONE ? menu_second(menu) : menu_key(menu, key);
    }
    plat_console_close();
    choice->menu_shown = true;
    session->log.on_screen = true;
    const struct entry *chosen = take_choice(choice);
    return action == MENU_BOOT ? chosen : NULL;
}

bool entry_is_forced(const struct entry_choice *choice)
{
    return choice->by_hand || choice->last_resort;
}

static bool calls_menu(uint32_t key)
{
    return key == ' ' || key == KEY_ESCAPE || (key >= KEY_UP && key <= KEY_LEFT);
}

/* A key that is held repeats about eleven times a second, and firmware looks for it every 20 ms: it
 * may be on its way. */
static bool is_menu_called(void)
{
    bool called = calls_menu(plat_key(0));
    for (uint32_t waited = 0; !called && waited < HELD_KEY_MS; waited += HELD_KEY_STEP_MS) {
        called = calls_menu(plat_key(HELD_KEY_STEP_MS));
    }
    return called;
}

const struct entry *entry_first(struct entry_choice *choice, struct session *session,
                                const struct entry *wanted, bool may_ask)
{
    const struct config *config = choice->config;
    uint32_t timeout = config->timeout;
    choice->entry = choice->first = (uint32_t)(wanted - config->entries);
    if (!may_ask) {
        return wanted;
    }
    if (timeout == 0) {
        return config->entry_count > 1 && is_menu_called() ? ask(choice, session, 0, MENU_STAY)
                                                           : wanted;
    }
    return ask(choice, session, timeout, timeout == CONFIG_TIMEOUT_NEVER ? MENU_STAY : MENU_BOOT);
}

/* Shows the menu after a failure. If no key has been pressed so far, it goes back to the firmware
 * after LEAVE_SECONDS. A single entry whose file has changed can still be booted by hand, without
 * Secure Boot. */
static const struct entry *ask_again(struct entry_choice *choice, struct session *session,
                                     enum status status)
{
    bool by_hand_helps = status == STATUS_PIN_MISMATCH && !choice->menu.locked;
    const struct config *config = choice->config;
    /* An entry is one of a config. NOLINTNEXTLINE(clang-analyzer-core.NullDereference) */
    bool forever = choice->by_hand || config->timeout == CONFIG_TIMEOUT_NEVER;
    if (config->entry_count == 1 && !choice->menu_shown && !by_hand_helps) {
        return NULL;
    }
    return ask(choice, session, LEAVE_SECONDS, forever ? MENU_STAY : MENU_LEAVE);
}

static const struct entry *take(struct entry_choice *choice, uint32_t entry)
{
    choice->entry = entry;
    return &choice->config->entries[entry];
}

static bool was_tried(const struct entry_choice *choice, uint32_t entry)
{
    return (choice->tried & bit(entry)) != 0;
}

/* The next entry of the file that was not tried, on from the start of the file after its end. The
 * current entry: all were tried. */
static uint32_t next_untried(const struct entry_choice *choice)
{
    uint32_t count = choice->config->entry_count;
    for (uint32_t i = 1; i < count; i++) {
        uint32_t entry = (choice->entry + i) % count;
        if (!was_tried(choice, entry)) {
            return entry;
        }
    }
    return choice->entry;
}

/* Finds what to boot instead: the fallback. An entry that was skipped because of its tries, and has
 * no fallback, is followed by the next entry of the file. False: nothing is left to try. */
static bool find_next(const struct entry_choice *choice, bool skipped, uint32_t *out_entry)
{
    const struct config *config = choice->config;
    const struct entry *fallback = config_fallback(config, &config->entries[choice->entry]);
    uint32_t next = choice->entry;
    if (fallback != NULL) {
        next = (uint32_t)(fallback - config->entries);
    } else if (skipped) {
        next = next_untried(choice);
    }
    *out_entry = next;
    return !was_tried(choice, next);
}

/* A machine whose power failed too often at the wrong moment must still boot: all entries that were
 * skipped get their tries back. Then the entry that the search began with boots; if that one was
 * not skipped, the first of the file that was. */
static const struct entry *take_last_resort(struct entry_choice *choice)
{
    if (choice->skipped == 0 || choice->last_resort) {
        return NULL;
    }
    uint32_t first = CONFIG_ENTRIES_MAX;
    for (uint32_t i = 0; i < choice->config->entry_count; i++) {
        if ((choice->skipped & bit(i)) != 0) {
            tries_refill(&choice->config->entries[i]);
            first = first == CONFIG_ENTRIES_MAX ? i : first;
        }
    }
    choice->last_resort = true;
    choice->tried = 0;
    return take(choice, (choice->skipped & bit(choice->first)) != 0 ? choice->first : first);
}

static const struct entry *take_next(struct entry_choice *choice, enum status status)
{
    bool skipped = status == STATUS_TRIES_SPENT || status == STATUS_TRIES_NOT_COUNTED;
    uint32_t next;
    if (choice->by_hand) {
        return NULL;
    }
    choice->skipped |= skipped ? bit(choice->entry) : 0;
    return find_next(choice, skipped, &next) ? take(choice, next) : take_last_resort(choice);
}

const struct entry *entry_next(struct entry_choice *choice, struct session *session,
                               enum status status, struct text message)
{
    struct writer reason = writer_on(choice->menu.reasons[choice->entry], MENU_REASON_SIZE);
    write_reason(&reason, message);
    choice->tried |= bit(choice->entry);
    const struct entry *next = take_next(choice, status);
    return next != NULL ? next : ask_again(choice, session, status);
}

void entry_begin(const struct entry_choice *choice, struct session *session,
                 const struct entry *entry)
{
    if (!choice->menu_shown && choice->tried == 0 && !choice->last_resort) {
        return;
    }
    volume_keep_alive(&session->volume);
    log_path(log_begin(&session->log, "entry"), entry->name);
    log_end(&session->log, LOG_NORMAL);
}
