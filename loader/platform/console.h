/* Questions to the firmware: text to the user, and the keys that the user presses. */
#ifndef BATON_PLATFORM_CONSOLE_H
#define BATON_PLATFORM_CONSOLE_H

#include "core/base/serial.h"
#include "core/config/config.h"
#include "core/screen/menu.h"

/* Makes port the one that CONFIG_SERIAL_AUTO stands for. Otherwise that is COM1, if a UART answers
 * there. */
void plat_serial_found(const struct serial_port *port);
/* Chooses and initialises the serial port that plat_say writes to. Before it is called, plat_say
 * writes to the port that CONFIG_SERIAL_AUTO stands for. */
void plat_serial_open(enum config_serial serial, uint16_t port, struct serial_port *out_serial);
/* Whether the port was not ready in time once, when it was opened or later. */
bool plat_serial_given_up(void);

/* Shows UTF-8 text, lines ended by LF, on the console and the serial port. */
void plat_say(struct text text);
/* The same on the serial port only: a line on a graphics console costs more than a whole boot. */
void plat_note(struct text text);

/* Waits at most that long for a key; 0: only looks whether a key was pressed. Returns a
 * character or a KEY_* of core/screen/menu.h; KEY_NONE: no key came. A keyboard that is missing,
 * or that does not answer, makes it wait no longer. */
uint32_t plat_key(uint32_t milliseconds);

/* The console, for the menu: clears it and hides the cursor. */
void plat_console_open(uint32_t *out_columns, uint32_t *out_rows);
/* A row from its first column on. marked: it stands out. */
void plat_console_row(uint32_t row, struct text text, bool marked);
/* Shows the cursor there, until the next row is written. */
void plat_console_cursor(uint32_t column, uint32_t row);
/* Clears it, and restores colours and cursor. */
void plat_console_close(void);

/* Gives the user time to read the last message: waits for a key, but not for long. */
void plat_pause(void);

#endif
