/* Standard input as the guest's keyboard. */
#ifndef BATON_TOOL_KEYBOARD_H
#define BATON_TOOL_KEYBOARD_H

#include <stdbool.h>

/* Whether somebody can type: standard input and output are the terminal that this program has. */
bool keyboard_is_there(void);
/* Every key at once, none of them obeyed by the terminal; given back by keyboard_leave, and
 * when the program exits. */
void keyboard_enter(void);
void keyboard_leave(void);

#endif
