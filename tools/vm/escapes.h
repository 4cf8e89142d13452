/* Serial output as text: the firmware's console writes escape sequences for a terminal. */
#ifndef BATON_VM_ESCAPES_H
#define BATON_VM_ESCAPES_H

#include <stddef.h>

/* Where in an escape sequence the bytes seen so far end. Starts as {0}. */
struct escapes {
    int state;
};

/* Takes escape sequences, carriage returns and NULs out of data, in place, over any number of
 * calls. Returns how many bytes are left. */
size_t escapes_strip(struct escapes *escapes, char *data, size_t size);

#endif
