/* What tools/run starts once everything is built: makes an image of a kernel and the loader, boots
 * it, shows the serial port, and says how it ended. tools/run --help describes the options. */
#include "../loader/core/config.h"
#include "../loader/core/path.h"
#include "vm/disk.h"
#include "vm/files.h"
#include "vm/machine.h"

#include <dirent.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum exit_status {
    EXIT_PASSED = 0,
    EXIT_FAILED = 1,
    EXIT_CANNOT = 2,
    EXIT_OTHER = 3,
    EXIT_RESET = 4,
    EXIT_TIME_OUT = 5,
    EXIT_CRASH = 6,
    EXIT_LOADER = 7,
    EXIT_INTERRUPTED = 130,
};

/* Either tells that the loader gave up: its last line, or the firmware's first one after it. */
static const char *const last_words[] = {"Press a key to return to the firmware",
                                         "BdsDxe: failed to start"};

/* The last words are looked for in so much of the serial output's end. */
enum { WINDOW = 4096 };

static volatile sig_atomic_t interrupted;

struct options {
    const char *kernel; /* the name of a sample, or a file */
    const char *config; /* NULL: the sample's own, or a generated one */
    struct machine machine;
};

struct job {
    struct options options;
    struct bytes config_text;
    struct config config;
    char *config_name; /* for messages */
    char *kernel_file;
    char *folder;
    struct message message;
    struct bytes serial;     /* all that came */
    struct bytes debug_line; /* the debug console's last line, as far as it came */
};

static void on_interrupt(int signal)
{
    (void)signal;
    interrupted = 1;
}

static bool parse_number(const char *text, unsigned *out_number)
{
    char *end;
    unsigned long number = strtoul(text, &end, 10);
    if (end == text || *end != '\0' || number > 100000) {
        return false;
    }
    *out_number = (unsigned)number;
    return true;
}

static bool take_option(int option, struct options *options, struct message *message)
{
    switch (option) {
    case 'c':
        options->config = optarg;
        return true;
    case 'm':
        options->machine.memory = optarg;
        return true;
    case 'p':
        options->machine.cpu = optarg;
        return true;
    case 'M':
        options->machine.machine_type = optarg;
        return true;
    case 'r':
        options->machine.raw = true;
        return true;
    case 'n':
        return parse_number(optarg, &options->machine.cpus) ||
               message_add(message, "--cpus: expected a number, found '%s'", optarg);
    case 't':
        return parse_number(optarg, &options->machine.silence_s) ||
               message_add(message, "--timeout: expected seconds, found '%s'", optarg);
    default:
        return message_add(message, "tools/run --help lists the options");
    }
}

static bool parse_options(int argc, char **argv, struct options *options, struct message *message)
{
    static const struct option known[] = {
        {"config", required_argument, NULL, 'c'},  {"memory", required_argument, NULL, 'm'},
        {"cpu", required_argument, NULL, 'p'},     {"machine", required_argument, NULL, 'M'},
        {"raw", no_argument, NULL, 'r'},           {"cpus", required_argument, NULL, 'n'},
        {"timeout", required_argument, NULL, 't'}, {NULL, 0, NULL, 0}};
    int option;
    *options = (struct options){.kernel = "hello", .machine.silence_s = 60};
    while ((option = getopt_long(argc, argv, "+", known, NULL)) != -1) {
        if (!take_option(option, options, message)) {
            return false;
        }
    }
    bool behind_dashes = optind > 1 && strcmp(argv[optind - 1], "--") == 0;
    if (optind < argc && !behind_dashes) {
        options->kernel = argv[optind++];
        if (optind < argc && strcmp(argv[optind], "--") == 0) {
            optind++;
        } else if (optind < argc) {
            return message_add(message, "one kernel at a time; QEMU's arguments stand behind --");
        }
    }
    options->machine.extra = (const char *const *)argv + optind;
    return true;
}

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash == NULL ? path : slash + 1;
}

static int is_sample(const struct dirent *entry)
{
    AUTO_STRING config =
        string_format("%s/sample-kernels/%s/loader.cfg", BATON_SOURCE_DIR, entry->d_name);
    return file_exists(config);
}

static void list_samples(struct message *message)
{
    struct dirent **entries = NULL;
    int count = scandir(BATON_SOURCE_DIR "/sample-kernels", &entries, is_sample, alphasort);
    message_add(message, "The sample kernels:");
    for (int i = 0; i < count; i++) {
        message_add(message, "  %s", entries[i]->d_name);
        free(entries[i]);
    }
    free(entries);
}

/* loader.cfg: the one asked for, the sample's own, or three words. */
static bool choose_config(struct job *job)
{
    const char *kernel = job->options.kernel;
    AUTO_STRING sample = string_format("%s/sample-kernels/%s/loader.cfg", BATON_SOURCE_DIR, kernel);
    if (strchr(kernel, '/') == NULL && file_exists(sample)) {
        job->config_name = string_copy(job->options.config == NULL ? sample : job->options.config);
        return file_read(job->config_name, &job->message, &job->config_text);
    }
    if (!file_exists(kernel)) {
        message_add(&job->message, "%s is neither a sample kernel nor a file", kernel);
        list_samples(&job->message);
        return false;
    }
    job->kernel_file = string_copy(kernel);
    if (job->options.config != NULL) {
        job->config_name = string_copy(job->options.config);
        return file_read(job->config_name, &job->message, &job->config_text);
    }
    job->config_name = string_copy("loader.cfg");
    AUTO_STRING text = string_format("kernel = /boot/%s\n", base_name(kernel));
    bytes_add(&job->config_text, text, strlen(text));
    return true;
}

/* The loader would say the same, some seconds later. */
static bool check_config(struct job *job)
{
    static char text[4096];
    struct text file = {bytes_text(&job->config_text), job->config_text.size};
    if (config_parse(file, text_of(job->config_name), &job->config) == STATUS_OK) {
        return true;
    }
    for (uint32_t i = 0; i < job->config.diagnostic_count; i++) {
        struct writer writer = writer_on(text, sizeof(text));
        failure_write(&writer, &job->config.diagnostics[i]);
        message_add(&job->message, "%s", text);
    }
    return false;
}

/* With slashes, as disk_file has it. */
static char *path_in_image(const struct job *job)
{
    struct text kernel = job->config.entries[job->config.default_entry].kernel;
    char *path = malloc(PATH_MAX_BYTES);
    if (path == NULL || path_canonical(kernel, path) != NULL) {
        abort();
    }
    for (char *c = path; *c != '\0'; c++) {
        *c = *c == '\\' ? '/' : *c;
    }
    return path;
}

static bool make_disk(struct job *job, const char *disk)
{
    AUTO_STRING loader = string_format("%s/BOOTX64.EFI", BATON_BUILD_DIR);
    AUTO_STRING path = path_in_image(job);
    if (job->kernel_file == NULL) {
        job->kernel_file = string_format("%s/kernels/%s", BATON_BUILD_DIR, base_name(path));
    }
    const struct disk_file files[] = {
        {.path = "/EFI/BOOT/BOOTX64.EFI", .host = loader},
        {.path = "/loader.cfg",
         .data = bytes_text(&job->config_text),
         .size = job->config_text.size},
        {.path = path, .host = job->kernel_file},
    };
    return disk_make(disk, files, sizeof(files) / sizeof(files[0]), &job->message);
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

static bool show(void *context, const char *text, size_t size)
{
    struct job *job = context;
    fwrite(text, 1, size, stdout);
    fflush(stdout);
    bytes_add(&job->serial, text, size);
    return !loader_gave_up(&job->serial);
}

/* Kernels like to say everything twice: only what did not come over the serial port is shown. */
static void show_debug_line(struct job *job)
{
    if (strstr(bytes_text(&job->serial), bytes_text(&job->debug_line)) == NULL) {
        puts(bytes_text(&job->debug_line));
        fflush(stdout);
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

static void say_end(const struct job *job, const struct machine_run *run)
{
    bool new_line = run->serial.size > 0 && run->serial.data[run->serial.size - 1] != '\n';
    printf("%s%s", new_line ? "\n" : "", message_text(&run->message));
    if (run->outcome == MACHINE_STOPPED) {
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

static int boot_disk(struct job *job, const char *disk)
{
    struct machine machine = job->options.machine;
    struct ovmf ovmf = {0};
    const char *type = machine.machine_type == NULL ? "q35" : machine.machine_type;
    if (!ovmf_find(type, OVMF_ANY, &job->message, &ovmf)) {
        return EXIT_CANNOT;
    }
    machine.ovmf = &ovmf;
    machine.disk = disk;
    machine.interrupted = &interrupted;
    machine.output = show;
    machine.debug_output = show_debug;
    machine.context = job;
    struct machine_run run;
    machine_boot(&machine, &run);
    show_debug_line(job);
    say_end(job, &run);
    int status = exit_status(run.outcome);
    machine_run_free(&run);
    ovmf_free(&ovmf);
    return status;
}

static int run(struct job *job)
{
    if (!choose_config(job)) {
        return EXIT_CANNOT;
    }
    if (!check_config(job)) {
        return EXIT_LOADER;
    }
    if (!folder_make_temporary(&job->message, &job->folder)) {
        return EXIT_CANNOT;
    }
    AUTO_STRING disk = string_format("%s/disk", job->folder);
    int status = make_disk(job, disk) ? boot_disk(job, disk) : EXIT_CANNOT;
    folder_remove(job->folder);
    return status;
}

int main(int argc, char **argv)
{
    static struct job job;
    struct sigaction action = {.sa_handler = on_interrupt};
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGPIPE, &action, NULL);
    int status = parse_options(argc, argv, &job.options, &job.message) ? run(&job) : EXIT_CANNOT;
    fputs(message_text(&job.message), stderr);
    message_free(&job.message);
    bytes_free(&job.config_text);
    bytes_free(&job.serial);
    bytes_free(&job.debug_line);
    free(job.config_name);
    free(job.kernel_file);
    free(job.folder);
    return status;
}
