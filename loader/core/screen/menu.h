/* The menu: a state, a key, and the rows to show. Pure; boot/entry.c asks the machine. */
#ifndef BATON_MENU_H
#define BATON_MENU_H

#include "core/config/config.h"

/* A key that is a character has its code: 0x08 is Backspace, 0x0D Enter. Any other is 0x10000 and
 * its scan code (UEFI 2.10 table 12.1). */
enum {
    KEY_NONE = 0,
    KEY_BACKSPACE = 0x08,
    KEY_ENTER = 0x0D,
    KEY_OTHER = 0x10000,
    KEY_UP,
    KEY_DOWN,
    KEY_RIGHT,
    KEY_LEFT,
    KEY_HOME,
    KEY_END,
    KEY_INSERT,
    KEY_DELETE,
    KEY_PAGE_UP,
    KEY_PAGE_DOWN,
    KEY_ESCAPE = 0x10017,
};

/* The size that every terminal at a serial port has. The firmware only reports the size of the
 * screen. */
#define MENU_ROWS_MOST     24
#define MENU_COLUMNS_MOST  80
#define MENU_ROWS_LEAST    12
#define MENU_COLUMNS_LEAST 40
#define MENU_ROW_SIZE      (4 * MENU_COLUMNS_MOST + 1) /* bytes of a row's text */
#define MENU_REASON_SIZE   240

enum menu_action {
    MENU_STAY,
    MENU_BOOT,  /* the selected entry; where editing is set, with line as its command line */
    MENU_LEAVE, /* back to the firmware */
};

struct menu {
    const struct config *config;
    uint32_t columns, rows;
    uint32_t selected;
    uint32_t top;                     /* the first entry shown */
    uint32_t typed;                   /* the number typed so far */
    uint32_t seconds;                 /* of the countdown that are left */
    enum menu_action when_time_is_up; /* MENU_STAY: there is no countdown */
    bool locked;                      /* command lines cannot be edited */
    bool editing;
    uint32_t cursor; /* bytes of line before it */
    uint32_t size;   /* bytes of line */
    char line[CONFIG_LINE_MAX + 1];
    char reasons[CONFIG_ENTRIES_MAX]
                [MENU_REASON_SIZE]; /* why an entry could not be booted, or "" */
};

/* For a screen of that size, of which the menu uses what it needs. The caller sets config,
 * selected, seconds, when_time_is_up and reasons. */
void menu_open(struct menu *menu, uint32_t columns, uint32_t rows);
enum menu_action menu_key(struct menu *menu, uint32_t key);
/* A second without a key has passed. */
enum menu_action menu_second(struct menu *menu);
/* Writes the text of row: always the same number of characters, one less than there are columns.
 * True: the row stands out. */
bool menu_row(const struct menu *menu, uint32_t row, struct writer *out_text);
/* Where the cursor is while editing. */
void menu_cursor(const struct menu *menu, uint32_t *out_column, uint32_t *out_row);

#endif
