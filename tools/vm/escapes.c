#include "escapes.h"

#include <stdbool.h>

enum state {
    PLAIN,
    ESCAPE,  /* after ESC */
    CONTROL, /* after ESC [ : up to a byte 0x40 to 0x7E (ECMA-48 section 5.4) */
};

/* True: c is text. */
static bool is_text(struct escapes *escapes, char c)
{
    switch ((enum state)escapes->state) {
    case ESCAPE:
        escapes->state = c == '[' ? CONTROL : PLAIN;
        return false;
    case CONTROL:
        escapes->state = c >= 0x40 && c <= 0x7E ? PLAIN : CONTROL;
        return false;
    default:
        escapes->state = c == 0x1B ? ESCAPE : PLAIN;
        return c != 0x1B && c != '\r' && c != '\0';
    }
}

size_t escapes_strip(struct escapes *escapes, char *data, size_t size)
{
    size_t left = 0;
    for (size_t i = 0; i < size; i++) {
        if (is_text(escapes, data[i])) {
            data[left++] = data[i];
        }
    }
    return left;
}
