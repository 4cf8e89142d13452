#include "launch.h"
#include "arguments.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    DESCRIPTORS_FREE = 10, /* above all those that QEMU is to find something at */
    PIPE_SIZE = 1024 * 1024
};

static void exec_qemu(char *const *argv, const int theirs[CHANNELS], bool debugged)
{
    int copies[CHANNELS];
    /* A machine must not go on running when its test is killed. */
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (debugged) {
        setpgid(0, 0); /* Ctrl-C is for gdb */
    }
    for (int i = 0; i < CHANNELS; i++) {
        copies[i] = fcntl(theirs[i], F_DUPFD_CLOEXEC, DESCRIPTORS_FREE);
    }
    dup2(copies[CHANNEL_KEYS], STDIN_FILENO);
    dup2(copies[CHANNEL_SERIAL], STDOUT_FILENO);
    dup2(copies[CHANNEL_ERRORS], STDERR_FILENO);
    dup2(copies[CHANNEL_CONTROL], CONTROL_DESCRIPTOR);
    dup2(copies[CHANNEL_EXIT], EXIT_DESCRIPTOR);
    execvp(argv[0], argv);
    fprintf(stderr, "%s: %s; install it: apt-get install qemu-system-x86\n", argv[0],
            strerror(errno));
}

static void close_all(const int ends[CHANNELS], int count)
{
    for (int i = 0; i < count; i++) {
        close(ends[i]);
    }
}

/* Serial output goes through a pipe. A socket keeps some 280 single bytes only, and a UART that
 * cannot send makes the firmware drop its text: on a busy machine lines were missing. */
static bool make_pair(enum channel channel, int out_pair[2])
{
    if (channel != CHANNEL_SERIAL) {
        return socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, out_pair) == 0;
    }
    if (pipe2(out_pair, O_CLOEXEC) != 0) {
        return false;
    }
    (void)fcntl(out_pair[0], F_SETPIPE_SZ, PIPE_SIZE);
    return true;
}

static bool make_channels(int ours[CHANNELS], int theirs[CHANNELS], struct message *message)
{
    for (int i = 0; i < CHANNELS; i++) {
        int pair[2];
        if (!make_pair((enum channel)i, pair)) {
            message_add(message, "no channel: %s", strerror(errno));
            close_all(ours, i);
            close_all(theirs, i);
            return false;
        }
        ours[i] = pair[0];
        theirs[i] = pair[1];
    }
    return true;
}

bool launch_qemu(const struct machine *machine, const struct machine_files *files,
                 struct message *message, struct launch *out_launch)
{
    struct launch launch;
    struct arguments arguments;
    int theirs[CHANNELS];
    if (!make_channels(launch.channels, theirs, message)) {
        return false;
    }
    arguments_for(machine, files, &arguments);
    launch.qemu = fork();
    if (launch.qemu == 0) {
        exec_qemu(arguments.argv, theirs, machine->gdb != NULL);
        _exit(127);
    }
    arguments_free(&arguments);
    close_all(theirs, CHANNELS);
    if (launch.qemu < 0) {
        message_add(message, "no process: %s", strerror(errno));
        close_all(launch.channels, CHANNELS);
        return false;
    }
    *out_launch = launch;
    return true;
}
