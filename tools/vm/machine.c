#include "machine.h"

#include "arguments.h"
#include "control.h"
#include "escapes.h"
#include "files.h"
#include "halt.h"
#include "input.h"
#include "launch.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* What edk2's exception handler begins its report with, and how long the report takes. */
static const char crash_mark[] = "!!!! X64 Exception";
static const char kvm_mark[] = "KVM internal error";
static const char triple_fault_mark[] = "Triple fault";
enum {
    CRASH_REPORT_MS = 1000,
    FIRMWARE_MS = 120000, /* for a machine that has not begun */
    HALT_SILENCE_MS = 900,
    HALT_LOOK_MS = 500,
    LAST_WORDS_MS = 2000,
    SCREEN_MS = 500, /* from what was said on the serial port to the same on the screen */
    POLL_MS = 200,
    STATUS_PASSED = 33,
    STATUS_FAILED = 35
};

/* A run while it lasts. */
struct session {
    const struct machine *machine;
    struct machine_run *run;
    struct launch launch;
    struct control control;
    int debugcon;      /* the file QEMU writes the debug console's output to */
    struct bytes said; /* by QEMU itself */
    struct escapes escapes;
    struct input input;
    struct halt halt;
    long long looked_ms; /* at the registers, for a CPU that has halted */
    size_t typed;        /* entries of machine->typing that are done */
    size_t typed_at;     /* how much had been heard then */
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
    if (send(session->launch.channels[CHANNEL_KEYS], keys, strlen(keys), MSG_NOSIGNAL) < 0) {
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
    if (!machine->raw && (machine->raw_now == NULL || !*machine->raw_now)) {
        size = escapes_strip(&session->escapes, data, size);
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

static void hear_errors(struct session *session, const char *data, size_t size)
{
    bytes_add(&session->said, data, size);
    if (seen_since(&session->said, 0, kvm_mark)) {
        end(session, MACHINE_ERROR);
    }
}

/* As isa-debug-exit has it. */
static void hear_exit(struct session *session, uint8_t value)
{
    int status = (value << 1 | 1) & 0xFF;
    if (!session->ended) {
        session->run->status = status;
        end(session, status == STATUS_PASSED   ? MACHINE_PASSED
                     : status == STATUS_FAILED ? MACHINE_FAILED
                                               : MACHINE_EXITED);
    }
}

/* False: nothing will come any more. */
static bool hear_control(struct session *session)
{
    bool open = control_hear(&session->control);
    if (session->control.shut_down) {
        end(session, MACHINE_RESET);
    }
    return open;
}

/* False: nothing will come any more. */
static bool receive(struct session *session, enum channel channel)
{
    char data[1024];
    if (channel == CHANNEL_CONTROL) {
        return hear_control(session);
    }
    ssize_t size = read(session->launch.channels[channel], data, sizeof(data));
    if (size <= 0) {
        return size < 0 && errno == EINTR;
    }
    if (channel == CHANNEL_SERIAL) {
        hear(session, data, (size_t)size);
    } else if (channel == CHANNEL_ERRORS) {
        hear_errors(session, data, (size_t)size);
    } else if (channel == CHANNEL_EXIT) {
        hear_exit(session, (uint8_t)data[0]);
    }
    return true;
}

static void hear_debugcon(struct session *session)
{
    const struct machine *machine = session->machine;
    char data[1024];
    ssize_t size;
    while ((size = read(session->debugcon, data, sizeof(data))) > 0) {
        bytes_add(&session->run->debugcon, data, (size_t)size);
        if (machine->debug_output != NULL) {
            machine->debug_output(machine->context, data, (size_t)size);
        }
    }
}

/* The registers are asked for where nothing is said: each time costs QEMU about a millisecond. */
static void look_for_halt(struct session *session, long long now)
{
    if (!session->machine->notice_halt || session->ended ||
        now - session->heard_ms < HALT_SILENCE_MS || now - session->looked_ms < HALT_LOOK_MS) {
        return;
    }
    session->looked_ms = now;
    session->run->halt = halt_look(&session->halt, &session->control, &session->run->registers);
    if (session->run->halt != HALT_NONE) {
        end(session, MACHINE_HALTED);
    }
}

static void look_for_silence(struct session *session, long long now)
{
    const struct machine *machine = session->machine;
    long long limit = 1000LL * machine->silence_s;
    if (machine->begun != NULL && !*machine->begun && limit < FIRMWARE_MS) {
        limit = FIRMWARE_MS;
    }
    if (machine->silence_s != 0 && now - session->heard_ms > limit) {
        end(session, MACHINE_SILENT);
    }
}

static void look_at_clock(struct session *session)
{
    const struct machine *machine = session->machine;
    long long now = now_ms();
    if (session->input.left) {
        end(session, MACHINE_LEFT);
    }
    if (machine->interrupted != NULL && *machine->interrupted != 0) {
        end(session, MACHINE_INTERRUPTED);
    }
    if (session->crashed_ms != 0 && now - session->crashed_ms > CRASH_REPORT_MS) {
        end(session, MACHINE_CRASHED);
    }
    if (machine->timeout_s != 0 && now - session->began_ms > 1000LL * machine->timeout_s) {
        end(session, MACHINE_TIMED_OUT);
    }
    if (machine->last_words != NULL && *machine->last_words &&
        now - session->heard_ms > LAST_WORDS_MS) {
        end(session, MACHINE_STOPPED);
    }
    look_for_silence(session, now);
    look_for_halt(session, now);
}

/* Until QEMU has closed its channels or the run is ended. */
static void watch(struct session *session)
{
    struct pollfd channels[CHANNELS + 1];
    int open = CHANNELS;
    for (int i = 0; i < CHANNELS; i++) {
        channels[i] = (struct pollfd){.fd = session->launch.channels[i], .events = POLLIN};
    }
    while (!session->ended && open > 0) {
        input_wait(&session->input, now_ms() - session->heard_ms);
        input_prepare(&session->input, &channels[CHANNELS], &channels[CHANNEL_KEYS]);
        int ready = poll(channels, CHANNELS + 1, POLL_MS);
        for (int i = 0; i < CHANNELS && ready > 0; i++) {
            if ((channels[i].revents & ~POLLOUT) != 0 && !receive(session, (enum channel)i)) {
                channels[i].fd = -1;
                open--;
            }
        }
        input_move(&session->input, &channels[CHANNELS], &channels[CHANNEL_KEYS]);
        if (ready == 0) {
            hear_debugcon(session);
        }
        look_at_clock(session);
    }
}

/* What was sent before the machine came to its end. */
static void hear_rest(struct session *session)
{
    struct pollfd serial = {.fd = session->launch.channels[CHANNEL_SERIAL], .events = POLLIN};
    while (poll(&serial, 1, 0) > 0 && receive(session, CHANNEL_SERIAL)) {
    }
}

static void take_screenshot(struct session *session)
{
    const struct timespec pause = {.tv_nsec = SCREEN_MS * 1000000L};
    nanosleep(&pause, NULL);
    control_screenshot(&session->control, session->machine->screenshot, &session->run->message);
}

static void examine_reset(struct session *session, const char *log)
{
    struct machine_run *run = session->run;
    struct bytes text = {0};
    struct message ignored = {0};
    if (file_read(log, &ignored, &text)) {
        run->triple_fault = strstr(bytes_text(&text), triple_fault_mark) != NULL;
    }
    control_registers(&session->control, &run->message, &run->registers);
    bytes_free(&text);
    message_free(&ignored);
}

/* The machine is there still, or stands still. */
static void look_back(struct session *session, const char *log)
{
    const struct machine *machine = session->machine;
    if (machine->examine && session->run->outcome == MACHINE_RESET) {
        examine_reset(session, log);
    }
    if (machine->screenshot != NULL && session->run->outcome != MACHINE_INTERRUPTED) {
        take_screenshot(session);
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

static void finish(struct session *session, const char *log)
{
    struct machine_run *run = session->run;
    int status = 0;
    hear_rest(session);
    if (session->ended) {
        look_back(session, log);
        kill(session->launch.qemu, SIGKILL);
    }
    bool waited = waitpid(session->launch.qemu, &status, 0) == session->launch.qemu;
    if (waited && WIFEXITED(status)) {
        run->status = WEXITSTATUS(status);
    }
    if (session->crashed_ms != 0) {
        end(session, MACHINE_CRASHED);
    }
    end(session, outcome_of(session, run->status));
    for (int i = 0; i < CHANNELS; i++) {
        if (i != CHANNEL_CONTROL) {
            close(session->launch.channels[i]);
        }
    }
    control_end(&session->control);
    if (session->said.size > 0) {
        message_add(&run->message, "%s", bytes_text(&session->said));
    }
    bytes_free(&session->said);
}

static bool boot_with(const struct machine_files *files, const struct machine *machine,
                      struct machine_run *run)
{
    bool kept = machine->vars != NULL && file_exists(machine->vars);
    if (!kept && !file_copy(machine->ovmf->vars, files->vars, &run->message)) {
        return false;
    }
    struct session session = {.machine = machine, .run = run};
    session.debugcon = open(files->debugcon, O_RDONLY | O_CREAT | O_CLOEXEC, 0600);
    if (session.debugcon < 0) {
        return message_add(&run->message, "%s: %s", files->debugcon, strerror(errno));
    }
    bool started = launch_qemu(machine, files, &run->message, &session.launch);
    if (started) {
        control_begin(&session.control, session.launch.channels[CHANNEL_CONTROL]);
        session.began_ms = session.heard_ms = now_ms();
        session.input = input_from(machine->input);
        watch(&session);
        finish(&session, files->log);
        hear_debugcon(&session);
    }
    halt_free(&session.halt);
    close(session.debugcon);
    return started;
}

static bool boot_in(const char *folder, const struct machine *machine, struct machine_run *run)
{
    struct machine_files files = {
        .vars =
            machine->vars != NULL ? string_copy(machine->vars) : string_format("%s/vars", folder),
        .debugcon = string_format("%s/debugcon", folder),
        .log = string_format("%s/log", folder),
    };
    bool started = boot_with(&files, machine, run);
    string_free(&files.vars);
    string_free(&files.debugcon);
    string_free(&files.log);
    return started;
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
    bytes_free(&run->registers);
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
        [MACHINE_HALTED] = "the machine has halted",
        [MACHINE_LEFT] = "ended from the keyboard",
        [MACHINE_ERROR] = "QEMU could not run the machine",
    };
    return words[outcome];
}
