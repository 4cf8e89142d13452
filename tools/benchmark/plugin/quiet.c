#include "quiet.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { THREADS_MOST = 256, PAUSE_US = 20, LOOKS_MOST = 400000, LOOKS_QUIET = 3 };

/* The state letter comes after the name, which is in brackets and may hold anything (proc(5)). */
static bool sleeps(int thread)
{
    char path[64];
    char text[512];
    snprintf(path, sizeof(path), "/proc/self/task/%d/stat", thread);
    FILE *file = fopen(path, "r");
    if (file == NULL) {
        return true; /* it has ended */
    }
    size_t size = fread(text, 1, sizeof(text) - 1, file);
    fclose(file);
    text[size] = '\0';
    const char *bracket = strrchr(text, ')');
    return bracket == NULL || bracket[1] == '\0' || bracket[2] == 'S';
}

static bool all_others_sleep(void)
{
    int threads[THREADS_MOST];
    int count = 0;
    int self = (int)syscall(SYS_gettid);
    DIR *folder = opendir("/proc/self/task");
    const struct dirent *entry;
    if (folder == NULL) {
        return false;
    }
    while ((entry = readdir(folder)) != NULL && count < THREADS_MOST) {
        int thread = (int)strtol(entry->d_name, NULL, 10);
        if (thread != 0 && thread != self) {
            threads[count++] = thread;
        }
    }
    closedir(folder);
    if (count == THREADS_MOST) {
        return false; /* there may be more */
    }
    /* The workers, which came last, wake the main loop. */
    while (count > 0) {
        if (!sleeps(threads[--count])) {
            return false;
        }
    }
    return true;
}

bool wait_until_quiet(void)
{
    int quiet = 0;
    for (int look = 0; look < LOOKS_MOST && quiet < LOOKS_QUIET; look++) {
        usleep(PAUSE_US);
        quiet = all_others_sleep() ? quiet + 1 : 0;
    }
    return quiet == LOOKS_QUIET;
}
