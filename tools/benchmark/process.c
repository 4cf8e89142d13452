#include "process.h"

#include "vm/message.h"

#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { PAUSE_MS = 5, READY_PAUSE_MS = 200, MS_PER_S = 1000 };

void words_take(struct words *words, char *word)
{
    char **longer = realloc(words->words, (words->count + 2) * sizeof(*longer));
    if (longer == NULL) {
        abort();
    }
    longer[words->count++] = word;
    longer[words->count] = NULL;
    words->words = longer;
}

void words_add(struct words *words, const char *word)
{
    words_take(words, string_copy(word));
}

void words_free(struct words *words)
{
    for (size_t i = 0; i < words->count; i++) {
        free(words->words[i]);
    }
    free(words->words);
    *words = (struct words){0};
}

static void pause_ms(unsigned ms)
{
    struct timespec time = {0, (long)ms * 1000000};
    nanosleep(&time, NULL);
}

static void exec_it(const struct process *process, int input)
{
    int output = open(process->output, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    /* Whoever kills us must not leave a machine behind. */
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    dup2(input, STDIN_FILENO);
    dup2(output, STDOUT_FILENO);
    dup2(output, STDERR_FILENO);
    execvp(process->argv[0], process->argv);
    perror(process->argv[0]);
    _exit(127);
}

/* Waits for its end, up to the limit. */
static int await(const struct process *process, pid_t child, int keys)
{
    uint64_t waited_ms = 0;
    bool told = process->is_ready == NULL;
    int status = -1;
    while (waitpid(child, &status, WNOHANG) == 0) {
        if (waited_ms > (uint64_t)process->timeout_s * MS_PER_S) {
            kill(child, SIGKILL);
            waitpid(child, &status, 0);
            return -1;
        }
        if (!told && process->is_ready(process->context)) {
            told = true;
            if (send(keys, process->input, strlen(process->input), MSG_NOSIGNAL) < 0) {
                continue; /* it has ended: the next look says how */
            }
        }
        unsigned pause = told ? PAUSE_MS : READY_PAUSE_MS;
        pause_ms(pause);
        waited_ms += pause;
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

int process_run(const struct process *process)
{
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) {
        return -1;
    }
    pid_t child = fork();
    if (child == 0) {
        exec_it(process, ends[1]);
    }
    close(ends[1]);
    int status = child < 0 ? -1 : await(process, child, ends[0]);
    close(ends[0]);
    return status;
}
