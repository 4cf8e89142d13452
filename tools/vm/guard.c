#include "guard.h"

#include "files.h"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

enum { TRIES = 50, WAIT_US = 100000 };

/* The end of the pipe is there once nobody has its other side: programs that this one has started
 * do not get it. They may write their last files while the folder is removed. */
static void wait_and_remove(int pipe_end, const char *path)
{
    char byte;
    while (read(pipe_end, &byte, 1) > 0) {
    }
    for (int i = 0; i < TRIES && folder_exists(path); i++) {
        folder_remove(path);
        usleep(folder_exists(path) ? WAIT_US : 0);
    }
}

void guard_folder(const char *path)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) {
        return;
    }
    if (fork() == 0) {
        setsid(); /* Ctrl-C is for the others, and so is the end of the terminal */
        close(ends[1]);
        int nothing = open("/dev/null", O_RDWR);
        dup2(nothing, STDIN_FILENO);
        dup2(nothing, STDOUT_FILENO); /* who reads this program's output waits for its end */
        dup2(nothing, STDERR_FILENO);
        wait_and_remove(ends[0], path);
        _exit(0);
    }
    close(ends[0]);
}
