/* What tools/run starts once everything is built: makes an image of a kernel and the loader, boots
 * it, shows the serial port, and says how it ended. tools/run --help describes the options. */
#include "debugger.h"
#include "kernel.h"
#include "options.h"
#include "page.h"
#include "vm/files.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum exit_status {
    EXIT_PASSED = 0,
    EXIT_FAILED = 1,
    EXIT_CANNOT = 2,
    EXIT_FAULT = 3,
    EXIT_RESET = 4,
    EXIT_TIME_OUT = 5,
    EXIT_CRASH = 6,
    EXIT_LOADER = 7,
    EXIT_OTHER = 8,
    EXIT_INTERRUPTED = 130,
};

/* Either tells that the loader gave up: its last line, or the firmware's first one after it. */
static const char *const last_words[] = {"Press a key to return to the firmware",
                                         "BdsDxe: failed to start"};

/* The last words are looked for in so much of the serial output's end. */
enum { WINDOW = 4096 };

static volatile sig_atomic_t interrupted;
static volatile sig_atomic_t gdb_process; /* 0: there is none */

struct job {
    struct options options;
    struct kernel kernel;
    char *folder;
    struct message message;
    struct bytes serial;     /* all that came */
    struct bytes debug_line; /* the debug console's last line, as far as it came */
    struct page page;        /* on the serial port */
    struct page debug_page;  /* on the debug console, where the serial port did not have it */
    bool page_began;
};

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

/* True: the loader has given up, and that line is complete. */
static bool loader_gave_up(const struct bytes *serial)
{
    const char *end = bytes_text(serial) + (serial->size > WINDOW ? serial->size - WINDOW : 0);
    for (size_t i = 0; i < sizeof(last_words) / sizeof(last_words[0]); i++) {
        const char *mark = strstr(end, last_words[i]);
        if (mark != NULL && strchr(mark, '\n') != NULL) {
            return true;
        }
    }
    return false;
}

/* Who debugs wants to look around after a fault. */
static bool is_over(struct job *job)
{
    bool began = job->page.seen || job->debug_page.seen;
    job->page_began = began && !job->options.gdb;
    return (job->page.ended && !job->options.gdb) || loader_gave_up(&job->serial);
}

static bool show(void *context, const char *text, size_t size)
{
    struct job *job = context;
    bytes_add(&job->serial, text, size);
    page_show(&job->page, text, size);
    return !is_over(job);
}

/* Kernels like to say everything twice: only what did not come over the serial port is shown. */
static void show_debug_line(struct job *job)
{
    if (strstr(bytes_text(&job->serial), bytes_text(&job->debug_line)) == NULL) {
        page_show(&job->debug_page, bytes_text(&job->debug_line), job->debug_line.size);
        page_show(&job->debug_page, "\n", 1);
    }
    bytes_free(&job->debug_line);
}

static void show_debug(void *context, const char *text, size_t size)
{
    struct job *job = context;
    for (size_t i = 0; i < size; i++) {
        if (text[i] == '\n') {
            show_debug_line(job);
        } else if (text[i] != '\r') {
            bytes_add(&job->debug_line, text + i, 1);
        }
    }
    is_over(job);
}

static int exit_status(enum machine_outcome outcome)
{
    switch (outcome) {
    case MACHINE_PASSED:
        return EXIT_PASSED;
    case MACHINE_FAILED:
        return EXIT_FAILED;
    case MACHINE_RESET:
        return EXIT_RESET;
    case MACHINE_TIMED_OUT:
    case MACHINE_SILENT:
        return EXIT_TIME_OUT;
    case MACHINE_CRASHED:
        return EXIT_CRASH;
    case MACHINE_STOPPED:
        return EXIT_LOADER;
    case MACHINE_INTERRUPTED:
        return EXIT_INTERRUPTED;
    case MACHINE_EXITED:
        return EXIT_OTHER;
    default:
        return EXIT_CANNOT;
    }
}

/* A kernel that got over its fault and ended the machine itself has the last word. */
static bool ended_by_fault(const struct job *job, enum machine_outcome outcome)
{
    bool seen = job->page.seen || job->debug_page.seen;
    return seen &&
           (outcome == MACHINE_STOPPED || outcome == MACHINE_SILENT || outcome == MACHINE_RESET);
}

/* The instruction pointer of the CPU that was in the kernel, else of the first one. */
static uint64_t last_instruction(const struct job *job, const char *registers, uint64_t *out_offset)
{
    uint64_t first = 0;
    for (const char *at = strstr(registers, "IP="); at != NULL; at = strstr(at + 1, "IP=")) {
        uint64_t address = strtoull(at + strlen("IP="), NULL, 16);
        if (symbols_offset(&job->kernel.symbols, address, out_offset)) {
            return address;
        }
        first = first == 0 ? address : first;
    }
    *out_offset = UINT64_MAX;
    return first;
}

static void say_triple_fault(const struct job *job, const struct machine_run *run)
{
    const char *registers = bytes_text(&run->registers);
    const char *vectors = strstr(registers, "\nFCW=");
    uint64_t offset;
    uint64_t address = last_instruction(job, registers, &offset);
    struct place place;
    printf("tools/run: the CPU reset itself (triple fault) at ");
    if (offset == UINT64_MAX) {
        printf("0x%llx, outside of the kernel\n", (unsigned long long)address);
    } else if (!symbols_find(&job->kernel.symbols, offset, &place)) {
        printf("kernel+0x%llx\n", (unsigned long long)offset);
    } else {
        AUTO_STRING source = place_source(&place);
        printf("kernel+0x%llx, %s\n", (unsigned long long)offset, place.words);
        printf("%s%s", source == NULL ? "" : source, source == NULL ? "" : "\n");
        place_free(&place);
    }
    int length = vectors == NULL ? (int)strlen(registers) : (int)(vectors - registers);
    printf("It met a fault there, and no handler for it that works. Its registers:\n%.*s\n", length,
           registers);
}

static void say_end(const struct job *job, const struct machine_run *run)
{
    bool new_line = run->serial.size > 0 && run->serial.data[run->serial.size - 1] != '\n';
    printf("%s%s", new_line ? "\n" : "", message_text(&run->message));
    if (ended_by_fault(job, run->outcome)) {
        puts("tools/run: the kernel met a fault");
    } else if (run->outcome == MACHINE_RESET && run->triple_fault) {
        say_triple_fault(job, run);
    } else if (run->outcome == MACHINE_STOPPED) {
        puts("tools/run: the loader could not boot the kernel");
    } else if (run->outcome == MACHINE_SILENT) {
        printf("tools/run: no serial output for %u seconds; --timeout waits longer\n",
               job->options.machine.silence_s);
    } else if (run->outcome == MACHINE_EXITED) {
        printf("tools/run: QEMU ended with status %d\n", run->status);
    } else {
        printf("tools/run: %s\n", machine_outcome_words(run->outcome));
    }
}

/* False: it was said why gdb cannot be used. */
static bool begin_debugging(struct job *job, struct machine *machine, const char *socket)
{
    AUTO_STRING script = string_format("%s/gdb.txt", job->folder);
    uint64_t loader_address = 0;
    puts("tools/run: looking where the firmware puts the loader ...");
    fflush(stdout);
    debugger_find_loader(machine, &job->kernel, job->folder, &loader_address);
    if (!debugger_write_script(script, socket, &job->kernel, loader_address, &job->message)) {
        return false;
    }
    machine->gdb_socket = socket;
    machine->silence_s = 0;
    if (isatty(STDIN_FILENO)) {
        gdb_process = (sig_atomic_t)debugger_start(script, socket);
    } else {
        printf("tools/run: the machine waits for: gdb -x %s\n", script);
        fflush(stdout);
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

static int boot_disk(struct job *job, const char *disk)
{
    struct machine machine = job->options.machine;
    struct ovmf ovmf = {0};
    AUTO_STRING socket = string_format("%s/gdb", job->folder);
    const char *type = machine.machine_type == NULL ? "q35" : machine.machine_type;
    if (!ovmf_find(type, OVMF_ANY, &job->message, &ovmf)) {
        return EXIT_CANNOT;
    }
    machine.ovmf = &ovmf;
    machine.disk = disk;
    machine.interrupted = &interrupted;
    machine.examine = true;
    machine.last_words = &job->page_began;
    machine.output = show;
    machine.debug_output = show_debug;
    machine.context = job;
    if (job->options.gdb && !begin_debugging(job, &machine, socket)) {
        ovmf_free(&ovmf);
        return EXIT_CANNOT;
    }
    struct machine_run run;
    machine_boot(&machine, &run);
    show_debug_line(job);
    say_end(job, &run);
    end_debugging();
    int status = ended_by_fault(job, run.outcome) ? EXIT_FAULT : exit_status(run.outcome);
    machine_run_free(&run);
    ovmf_free(&ovmf);
    return status;
}

static int boot(struct job *job)
{
    switch (kernel_find(&job->options, &job->message, &job->kernel)) {
    case KERNEL_MISSING:
        return EXIT_CANNOT;
    case KERNEL_REFUSED:
        return EXIT_LOADER;
    default:
        break;
    }
    AUTO_STRING disk = string_format("%s/disk", job->folder);
    bool made = kernel_make_disk(&job->kernel, &job->kernel.config_text, disk, &job->message);
    return made ? boot_disk(job, disk) : EXIT_CANNOT;
}

static int run(struct job *job)
{
    if (!folder_make_temporary(&job->message, &job->folder)) {
        return EXIT_CANNOT;
    }
    job->page.symbols = job->debug_page.symbols = &job->kernel.symbols;
    int status = boot(job);
    folder_remove(job->folder);
    return status;
}

int main(int argc, char **argv)
{
    static struct job job;
    struct sigaction action = {.sa_handler = on_interrupt};
    struct sigaction child = {.sa_handler = on_child, .sa_flags = SA_RESTART};
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGPIPE, &action, NULL);
    sigaction(SIGCHLD, &child, NULL);
    bool good = options_parse(argc, argv, &job.message, &job.options);
    int status = good ? run(&job) : EXIT_CANNOT;
    fputs(message_text(&job.message), stderr);
    message_free(&job.message);
    kernel_free(&job.kernel);
    bytes_free(&job.serial);
    bytes_free(&job.debug_line);
    page_free(&job.page);
    page_free(&job.debug_page);
    free(job.folder);
    return status;
}
