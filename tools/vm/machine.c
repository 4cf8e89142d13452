#include "machine.h"

#include "arguments.h"
#include "files.h"
#include "terminal.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* What edk2's exception handler begins its report with, and how long the report takes. */
static const char crash_mark[] = "!!!! X64 Exception";
static const char kvm_mark[] = "KVM internal error";
enum {
    CRASH_REPORT_MS = 1000,
    POLL_MS = 200,
    STATUS_PASSED = 33,
    STATUS_FAILED = 35,
    PIPE_SIZE = 1024 * 1024
};

/* A run while it lasts. */
struct session {
    const struct machine *machine;
    struct machine_run *run;
    pid_t qemu;
    int serial;        /* QEMU's standard output */
    int keys;          /* QEMU's standard input */
    int debugcon;      /* the file QEMU writes the debug console's output to */
    int errors;        /* QEMU's standard error */
    struct bytes said; /* there */
    struct terminal terminal;
    size_t typed;    /* entries of machine->typing that are done */
    size_t typed_at; /* how much had been heard then */
    long long began_ms;
    long long heard_ms;   /* when serial output last came */
    long long crashed_ms; /* when the firmware's crash report began; 0: it did not */
    bool ended;           /* run->outcome is known */
};

static long long now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (long long)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void end(struct session *session, enum machine_outcome outcome)
{
    if (!session->ended) {
        session->run->outcome = outcome;
        session->ended = true;
    }
}

/* QEMU's three streams: the serial port both ways, and its own messages. */
struct streams {
    int keys[2]; /* a socket: a write to it does not end this process where QEMU is gone */
    int serial[2];
    int errors[2];
};

enum { OURS = 0, QEMUS = 1, STREAMS = 3, NO_STREAM = -1 };

static void streams_close(struct streams *streams, int side)
{
    int *const all[STREAMS] = {streams->keys, streams->serial, streams->errors};
    for (int i = 0; i < STREAMS; i++) {
        if (all[i][side] != NO_STREAM) {
            close(all[i][side]);
        }
    }
}

/* Serial output goes through a pipe. A socket keeps some 280 single bytes only, and a UART that
 * cannot send makes the firmware drop its text: on a busy machine lines were missing. */
static bool streams_open(struct streams *streams)
{
    *streams =
        (struct streams){{NO_STREAM, NO_STREAM}, {NO_STREAM, NO_STREAM}, {NO_STREAM, NO_STREAM}};
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, streams->keys) == 0 &&
        pipe2(streams->serial, O_CLOEXEC) == 0 && pipe2(streams->errors, O_CLOEXEC) == 0) {
        (void)fcntl(streams->serial[OURS], F_SETPIPE_SZ, PIPE_SIZE);
        return true;
    }
    streams_close(streams, OURS);
    streams_close(streams, QEMUS);
    return false;
}

static void exec_qemu(char *const *argv, const struct streams *streams)
{
    /* Whoever kills a test must not leave its machine behind. */
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    dup2(streams->keys[QEMUS], STDIN_FILENO);
    dup2(streams->serial[QEMUS], STDOUT_FILENO);
    dup2(streams->errors[QEMUS], STDERR_FILENO);
    execvp(argv[0], argv);
    fprintf(stderr, "%s: %s; install it: apt-get install qemu-system-x86\n", argv[0],
            strerror(errno));
}

static bool start(struct session *session, char *const *argv)
{
    struct streams streams;
    if (!streams_open(&streams)) {
        return message_add(&session->run->message, "no pipe: %s", strerror(errno));
    }
    session->qemu = fork();
    if (session->qemu == 0) {
        exec_qemu(argv, &streams);
        _exit(127);
    }
    streams_close(&streams, QEMUS);
    if (session->qemu < 0) {
        streams_close(&streams, OURS);
        return message_add(&session->run->message, "no process: %s", strerror(errno));
    }
    session->keys = streams.keys[OURS];
    session->serial = streams.serial[OURS];
    session->errors = streams.errors[OURS];
    session->began_ms = session->heard_ms = now_ms();
    return true;
}

static bool seen_since(const struct bytes *bytes, size_t position, const char *mark)
{
    return bytes->size > position &&
           memmem(bytes->data + position, bytes->size - position, mark, strlen(mark)) != NULL;
}

static void type_keys(struct session *session)
{
    const struct machine_typing *typing = session->machine->typing;
    struct bytes *serial = &session->run->serial;
    if (typing == NULL || typing[session->typed].after == NULL ||
        !seen_since(serial, session->typed_at, typing[session->typed].after)) {
        return;
    }
    const char *keys = typing[session->typed].keys;
    if (send(session->keys, keys, strlen(keys), MSG_NOSIGNAL) < 0) {
        message_add(&session->run->message, "typing failed: %s", strerror(errno));
    }
    session->typed++;
    session->typed_at = serial->size;
}

static void hear(struct session *session, char *data, size_t size)
{
    const struct machine *machine = session->machine;
    struct bytes *serial = &session->run->serial;
    size_t seen = serial->size < sizeof(crash_mark) ? 0 : serial->size - sizeof(crash_mark);
    if (!machine->raw) {
        size = terminal_strip(&session->terminal, data, size);
    }
    session->heard_ms = now_ms();
    bytes_add(serial, data, size);
    if (session->crashed_ms == 0 && seen_since(serial, seen, crash_mark)) {
        session->crashed_ms = session->heard_ms;
    }
    if (machine->output != NULL && !machine->output(machine->context, data, size)) {
        end(session, MACHINE_STOPPED);
    }
    type_keys(session);
}

/* False: nothing will come any more. */
static bool receive(struct session *session, int stream)
{
    char data[512];
    ssize_t size = read(stream, data, sizeof(data));
    if (size <= 0) {
        return size < 0 && errno == EINTR;
    }
    if (stream == session->serial) {
        hear(session, data, (size_t)size);
        return true;
    }
    bytes_add(&session->said, data, (size_t)size);
    if (seen_since(&session->said, 0, kvm_mark)) {
        end(session, MACHINE_ERROR);
    }
    return true;
}

static void hear_debugcon(struct session *session)
{
    const struct machine *machine = session->machine;
    char data[512];
    ssize_t size;
    while ((size = read(session->debugcon, data, sizeof(data))) > 0) {
        bytes_add(&session->run->debugcon, data, (size_t)size);
        if (machine->debug_output != NULL) {
            machine->debug_output(machine->context, data, (size_t)size);
        }
    }
}

static void look_at_clock(struct session *session)
{
    const struct machine *machine = session->machine;
    long long now = now_ms();
    if (machine->interrupted != NULL && *machine->interrupted != 0) {
        end(session, MACHINE_INTERRUPTED);
    }
    if (session->crashed_ms != 0 && now - session->crashed_ms > CRASH_REPORT_MS) {
        end(session, MACHINE_CRASHED);
    }
    if (machine->timeout_s != 0 && now - session->began_ms > 1000LL * machine->timeout_s) {
        end(session, MACHINE_TIMED_OUT);
    }
    if (machine->silence_s != 0 && now - session->heard_ms > 1000LL * machine->silence_s) {
        end(session, MACHINE_SILENT);
    }
}

/* Until QEMU has closed both streams or the run is ended. */
static void watch(struct session *session)
{
    struct pollfd streams[2] = {{.fd = session->serial, .events = POLLIN},
                                {.fd = session->errors, .events = POLLIN}};
    while (!session->ended && (streams[0].fd >= 0 || streams[1].fd >= 0)) {
        int ready = poll(streams, 2, POLL_MS);
        for (int i = 0; i < 2 && ready > 0; i++) {
            if (streams[i].revents != 0 && !receive(session, streams[i].fd)) {
                streams[i].fd = -1;
            }
        }
        if (ready == 0) {
            hear_debugcon(session);
        }
        look_at_clock(session);
    }
}

static enum machine_outcome outcome_of(const struct session *session, int status)
{
    switch (status) {
    case STATUS_PASSED:
        return MACHINE_PASSED;
    case STATUS_FAILED:
        return MACHINE_FAILED;
    case 0:
        return MACHINE_RESET;
    case 1:
    case 127:
        return session->said.size > 0 ? MACHINE_ERROR : MACHINE_EXITED;
    default:
        return MACHINE_EXITED;
    }
}

static void finish(struct session *session)
{
    int status = 0;
    if (session->ended) {
        kill(session->qemu, SIGKILL);
    }
    bool waited = waitpid(session->qemu, &status, 0) == session->qemu;
    session->run->status = waited && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    if (session->crashed_ms != 0) {
        end(session, MACHINE_CRASHED);
    }
    end(session, outcome_of(session, session->run->status));
    close(session->keys);
    close(session->serial);
    close(session->errors);
    if (session->said.size > 0) {
        message_add(&session->run->message, "%s", bytes_text(&session->said));
    }
    bytes_free(&session->said);
}

static void run_session(struct session *session, const char *vars, const char *debugcon)
{
    struct arguments arguments;
    arguments_for(session->machine, vars, debugcon, &arguments);
    bool started = start(session, arguments.argv);
    arguments_free(&arguments);
    if (started) {
        watch(session);
        finish(session);
        hear_debugcon(session);
    }
}

static bool boot_in(const char *folder, const struct machine *machine, struct machine_run *run)
{
    AUTO_STRING vars = string_format("%s/vars", folder);
    AUTO_STRING debugcon = string_format("%s/debugcon", folder);
    if (!file_copy(machine->ovmf->vars, vars, &run->message)) {
        return false;
    }
    struct session session = {.machine = machine, .run = run};
    session.debugcon = open(debugcon, O_RDONLY | O_CREAT | O_CLOEXEC, 0600);
    if (session.debugcon < 0) {
        return message_add(&run->message, "%s: %s", debugcon, strerror(errno));
    }
    run_session(&session, vars, debugcon);
    close(session.debugcon);
    return session.qemu > 0;
}

void machine_boot(const struct machine *machine, struct machine_run *out_run)
{
    struct machine_run run = {.outcome = MACHINE_ERROR, .status = -1};
    char *folder = NULL;
    if (folder_make_temporary(&run.message, &folder)) {
        if (!boot_in(folder, machine, &run)) {
            run.outcome = MACHINE_ERROR;
        }
        folder_remove(folder);
        free(folder);
    }
    *out_run = run;
}

void machine_run_free(struct machine_run *run)
{
    bytes_free(&run->serial);
    bytes_free(&run->debugcon);
    message_free(&run->message);
}

const char *machine_outcome_words(enum machine_outcome outcome)
{
    static const char *const words[] = {
        [MACHINE_PASSED] = "the kernel ended the machine with success",
        [MACHINE_FAILED] = "the kernel ended the machine with failure",
        [MACHINE_EXITED] = "QEMU ended with a status of its own",
        [MACHINE_RESET] = "the machine was reset or switched off",
        [MACHINE_TIMED_OUT] = "the time was up",
        [MACHINE_SILENT] = "no serial output came any more",
        [MACHINE_CRASHED] = "the firmware caught an exception",
        [MACHINE_STOPPED] = "enough was seen",
        [MACHINE_INTERRUPTED] = "interrupted",
        [MACHINE_ERROR] = "QEMU could not run the machine",
    };
    return words[outcome];
}
