#include "keyboard.h"

#include <stdlib.h>
#include <termios.h>
#include <unistd.h>

static struct termios before;
static bool changed;

bool keyboard_is_there(void)
{
    /* In the background a read would stop the program. */
    return isatty(STDIN_FILENO) && isatty(STDOUT_FILENO) && tcgetpgrp(STDIN_FILENO) == getpgrp();
}

void keyboard_leave(void)
{
    if (changed) {
        tcsetattr(STDIN_FILENO, TCSADRAIN, &before);
        changed = false;
    }
}

void keyboard_enter(void)
{
    static bool registered;
    if (tcgetattr(STDIN_FILENO, &before) != 0) {
        return;
    }
    struct termios raw = before;
    cfmakeraw(&raw);
    raw.c_oflag = before.c_oflag; /* our own lines end in LF alone */
    changed = tcsetattr(STDIN_FILENO, TCSADRAIN, &raw) == 0;
    if (!registered) {
        registered = atexit(keyboard_leave) == 0;
    }
}
