#include "terminal.h"

#include <stdbool.h>

enum state {
    PLAIN,
    ESCAPE,  /* behind ESC */
    CONTROL, /* behind ESC [ : up to a byte 0x40 to 0x7E (ECMA-48 section 5.4) */
};

/* True: c is text. */
static bool is_text(struct terminal *terminal, char c)
{
    switch ((enum state)terminal->state) {
    case ESCAPE:
        terminal->state = c == '[' ? CONTROL : PLAIN;
        return false;
    case CONTROL:
        terminal->state = c >= 0x40 && c <= 0x7E ? PLAIN : CONTROL;
        return false;
    default:
        terminal->state = c == 0x1B ? ESCAPE : PLAIN;
        return c != 0x1B && c != '\r' && c != '\0';
    }
}

size_t terminal_strip(struct terminal *terminal, char *data, size_t size)
{
    size_t left = 0;
    for (size_t i = 0; i < size; i++) {
        if (is_text(terminal, data[i])) {
            data[left++] = data[i];
        }
    }
    return left;
}
