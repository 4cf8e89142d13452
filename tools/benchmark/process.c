#include "process.h"

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

enum { PAUSE_MS = 5, READY_PAUSE_MS = 200, MS_PER_S = 1000, EXIT_NOT_STARTED = 127 };

static void pause_ms(unsigned ms)
{
    struct timespec time = {0, (long)ms * 1000000};
    nanosleep(&time, NULL);
}

static void fail_exec(const char *what)
{
    perror(what);
    _exit(EXIT_NOT_STARTED);
}

static void exec_it(const struct process *process, int input, pid_t parent)
{
    int output = open(process->output, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (output < 0) {
        fail_exec(process->output);
    }
    process_end_with(parent);
    dup2(input, STDIN_FILENO);
    dup2(output, STDOUT_FILENO);
    dup2(output, STDERR_FILENO);
    execvp(process->argv[0], process->argv);
    fail_exec(process->argv[0]);
}

/* Waits for its end, up to the limit. */
static int await(const struct process *process, pid_t child, int keys)
{
    uint64_t waited_ms = 0;
    bool sent = process->is_ready == NULL;
    int status = -1;
    while (waitpid(child, &status, WNOHANG) == 0) {
        if (waited_ms > (uint64_t)process->timeout_s * MS_PER_S) {
            kill(child, SIGKILL);
            waitpid(child, &status, 0);
            return -1;
        }
        if (!sent && process->is_ready(process->context)) {
            sent = true;
            if (send(keys, process->input, strlen(process->input), MSG_NOSIGNAL) < 0) {
                continue; /* it has ended: the next look gives its status */
            }
        }
        unsigned pause = sent ? PAUSE_MS : READY_PAUSE_MS;
        pause_ms(pause);
        waited_ms += pause;
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

void process_end_with(pid_t parent)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) { /* it ended before the line above */
        _exit(EXIT_NOT_STARTED);
    }
}

int process_run(const struct process *process)
{
    int ends[2];
    pid_t self = getpid();
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) {
        perror("socketpair");
        return -1;
    }
    pid_t child = fork();
    if (child == 0) {
        exec_it(process, ends[1], self);
    }
    if (child < 0) {
        perror("fork");
    }
    close(ends[1]);
    int status = child < 0 ? -1 : await(process, child, ends[0]);
    close(ends[0]);
    return status;
}
