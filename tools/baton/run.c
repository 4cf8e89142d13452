/* baton run: makes a disk of a kernel and the loader, boots it in QEMU, shows the serial port,
 * and says how it ended. */
#include "command.h"
#include "debugger.h"
#include "job.h"
#include "keyboard.h"
#include "report.h"
#include "run_options.h"
#include "run_secure.h"
#include "vm/files.h"
#include "vm/guard.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static volatile sig_atomic_t interrupted;
static volatile sig_atomic_t gdb_process; /* 0: there is none */

static void on_interrupt(int signal)
{
    (void)signal;
    if (gdb_process == 0) {
        interrupted = 1;
    }
}

static void on_child(int signal)
{
    (void)signal;
    if (gdb_process > 0 && waitpid((pid_t)gdb_process, NULL, WNOHANG) == (pid_t)gdb_process) {
        interrupted = 1;
    }
}

static void catch_signals(void)
{
    struct sigaction action = {.sa_handler = on_interrupt};
    struct sigaction child = {.sa_handler = on_child, .sa_flags = SA_RESTART};
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGPIPE, &action, NULL);
    sigaction(SIGCHLD, &child, NULL);
}

/* False: the message says why gdb cannot be used. */
static bool begin_debugging(struct job *job, struct machine *machine, struct debugger *debugger)
{
    uint64_t loader_address = 0;
    if (!debugger_choose(job->options.gdb_at, &job->message, debugger)) {
        return false;
    }
    report_note("baton run: looking where the firmware puts the loader ...");
    debugger_find_loader(machine, &job->project, job->folder, &loader_address);
    if (!debugger_write_script(debugger, &job->project.symbols, loader_address, &job->message)) {
        return false;
    }
    machine->gdb = debugger->where;
    machine->silence_s = 0;
    machine->notice_halt = false;
    if (isatty(STDIN_FILENO)) {
        gdb_process = (sig_atomic_t)debugger_start(debugger);
    } else {
        report_note("baton run: the machine waits for: gdb -x %s", debugger->script);
    }
    return true;
}

/* QEMU may end before gdb does. */
static void end_debugging(void)
{
    while (gdb_process > 0 && interrupted == 0) {
        pause();
    }
}

/* gdb has the keyboard itself. */
static struct machine_input take_keyboard(struct job *job, struct machine *machine)
{
    struct machine_input input = {.descriptor = STDIN_FILENO, .terminal = keyboard_is_there()};
    if (job->options.gdb) {
        return input;
    }
    if (!input.terminal) {
        /* The firmware takes keys until its exit is done, after the loader's last line. */
        input.ready = &job->kernel_spoke;
        input.probable = &job->loader_left;
        return input;
    }
    machine->raw_now = &job->loader_left;
    if (!job->options.timeout_given) {
        machine->silence_s = 0;
    }
    report_note("baton run: what you type goes to the kernel; Ctrl-A x ends the machine, "
                "Ctrl-A c is QEMU's monitor");
    keyboard_enter();
    return input;
}

static int boot_machine(struct job *job, struct machine *machine)
{
    struct debugger debugger = {0};
    struct machine_run run;
    struct machine_input input = take_keyboard(job, machine);
    machine->input = job->options.gdb ? NULL : &input;
    if (job->options.gdb && !begin_debugging(job, machine, &debugger)) {
        debugger_free(&debugger);
        return JOB_CANNOT;
    }
    machine_boot(machine, &run);
    keyboard_leave();
    job_debug_rest(job);
    int status = job_end(job, &run);
    end_debugging();
    machine_run_free(&run);
    debugger_free(&debugger);
    return status;
}

static int boot_with(struct job *job, struct machine machine)
{
    machine.interrupted = &interrupted;
    machine.examine = true;
    machine.notice_halt = true;
    machine.begun = &job->loader_began;
    machine.last_words = &job->page_began;
    machine.output = job_output;
    machine.debug_output = job_debug_output;
    machine.context = job;
    return boot_machine(job, &machine);
}

static int boot_plainly(struct job *job)
{
    struct machine machine = job->options.machine;
    struct ovmf ovmf = {0};
    const char *type = machine.machine_type == NULL ? "q35" : machine.machine_type;
    AUTO_STRING disk = string_format("%s/disk", job->folder);
    if (!project_make_disk(&job->project, NULL, disk, &job->message) ||
        !ovmf_find(type, job->options.firmware, &job->message, &ovmf)) {
        return JOB_CANNOT;
    }
    machine.ovmf = &ovmf;
    machine.disk = disk;
    int status = boot_with(job, machine);
    ovmf_free(&ovmf);
    return status;
}

static int boot_securely(struct job *job)
{
    struct run_secure secure = {.swtpm = -1};
    int status = JOB_CANNOT;
    if (run_secure_begin(job, &interrupted, &secure)) {
        status = boot_with(job, secure.machine);
    } else if (interrupted != 0) {
        status = JOB_INTERRUPTED;
    }
    run_secure_end(&secure);
    return status;
}

static int boot(struct job *job)
{
    struct project_request request = {
        .kernels = &job->options.kernel,
        .kernel_count = 1,
        .config = job->options.config,
        .every_entry = job->options.secure, /* what is sealed is there */
    };
    switch (project_find(&request, &job->message, &job->project)) {
    case PROJECT_MISSING:
        return JOB_CANNOT;
    case PROJECT_REFUSED:
        return JOB_LOADER;
    default:
        break;
    }
    report_message(&job->message);
    message_free(&job->message);
    return job->options.secure ? boot_securely(job) : boot_plainly(job);
}

static int run_job(struct job *job)
{
    if (!folder_make_temporary(&job->message, &job->folder)) {
        return JOB_CANNOT;
    }
    guard_folder(job->folder);
    job->page.symbols = job->debug_page.symbols = &job->project.symbols;
    int status = boot(job);
    folder_remove(job->folder);
    return status;
}

int run_main(const struct command *command, int argc, char **argv)
{
    static struct job job;
    int status = run_options_parse(command, argc, argv, &job.options);
    if (status == RUN_OPTIONS_GOOD) {
        catch_signals();
        status = run_job(&job);
    }
    report_message(&job.message);
    job_free(&job);
    return status;
}
