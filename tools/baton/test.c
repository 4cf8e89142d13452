/* baton test: kernels against machines, each a "baton run" of its own, some at a time. */
#include "test.h"

#include "command.h"
#include "data.h"
#include "project.h"
#include "report.h"
#include "vm/files.h"
#include "vm/ovmf.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
    OPTION_JOBS = 'j',
    OPTION_CONFIG = 'c',
    OPTION_TIMEOUT = 't',
    OPTION_MATRIX = 0x100,
    OPTION_JUNIT,
    OPTION_EXPECT,
    OPTION_FAIL_ON,
    OPTION_HALT_IS,
};

enum { AT_ONCE = 2, AT_ONCE_MAX = 64 };

/* The first one alone without --matrix. */
static const struct test_machine machines[] = {
    {"256M", {NULL}},
    {"3G", {"--memory", "3G"}},
    {"4 CPUs", {"--cpus", "4"}},
    {"qemu64", {"--cpu", "qemu64"}},
    {"pc", {"--machine", "pc"}},
    {"2 MiB firmware", {"--firmware", "2M"}},
};

static const struct command_option options[] = {
    {OPTION_MATRIX, "matrix", NULL,
     "on six machines: 256 MiB, 3 GiB, 4 CPUs, the CPU qemu64, the machine pc, a firmware of 2 MiB "
     "(default: the first)"},
    {OPTION_JUNIT, "junit", "FILE", "write the results for CI systems"},
    {OPTION_JOBS, "jobs", "NUMBER", "machines at a time (default: 2)"},
    {OPTION_CONFIG, "config", "FILE",
     "use this loader.cfg (default: k.cfg beside k.elf, else none)"},
    {OPTION_TIMEOUT, "timeout", "SECONDS", "as for baton run"},
    {OPTION_EXPECT, "expect", "TEXT", "as for baton run"},
    {OPTION_FAIL_ON, "fail-on", "TEXT", "as for baton run"},
    {OPTION_HALT_IS, "halt-is", "WHAT", "as for baton run"},
    {0, NULL, NULL, NULL},
};

static int test_main(const struct command *command, int argc, char **argv);

const struct command command_test = {
    .name = "test",
    .operands = "FOLDER|KERNEL... [-- QEMU-ARGUMENTS]",
    .summary = "boot kernels on several machines, and show a table",
    .details =
        "Boots every KERNEL, and every .elf and .bin file of a FOLDER (k.bin only where there "
        "is no k.elf), as 'baton run' does it, and shows which ended with success.\n"
        "\n"
        "Exit status: 0 all passed, 1 some did not, 2 nothing ran.\n",
    .options = options,
    .run = test_main,
};

static volatile sig_atomic_t stopped;

static void on_stop(int signal)
{
    (void)signal;
    stopped = 1;
}

static long long now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (long long)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void add_kernel(struct test_plan *plan, char *path)
{
    char **kernels = realloc(plan->kernels, (plan->kernel_count + 1) * sizeof(*kernels));
    if (kernels == NULL) {
        abort();
    }
    kernels[plan->kernel_count++] = path;
    plan->kernels = kernels;
}

static bool ends_in(const char *name, const char *ending)
{
    size_t length = strlen(name);
    size_t cut = strlen(ending);
    return length > cut && strcmp(name + length - cut, ending) == 0;
}

/* "a/k" and ".elf" of "a/k.bin": "a/k.elf". */
static char *sibling(const char *path, const char *ending)
{
    const char *dot = strrchr(path, '.');
    int length = dot == NULL ? (int)strlen(path) : (int)(dot - path);
    return string_format("%.*s%s", length, path, ending);
}

static bool add_folder(struct test_plan *plan, const char *folder, struct message *message)
{
    struct dirent **entries = NULL;
    int count = scandir(folder, &entries, NULL, alphasort);
    if (count < 0) {
        return message_add(message, "%s: %s", folder, strerror(errno));
    }
    size_t before = plan->kernel_count;
    for (int i = 0; i < count; i++) {
        AUTO_STRING path = string_format("%s/%s", folder, entries[i]->d_name);
        AUTO_STRING elf = sibling(path, ".elf");
        if (ends_in(path, ".elf") || (ends_in(path, ".bin") && !file_exists(elf))) {
            add_kernel(plan, string_copy(path));
        }
        free(entries[i]);
    }
    free(entries);
    return plan->kernel_count > before ||
           message_add(message, "%s: no .elf and no .bin file in there", folder);
}

static void exec_run(const struct test_plan *plan, const struct test_case *test)
{
    const char *argv[TEST_ARGUMENTS_MAX + 8] = {data_program(), "run"};
    size_t count = 2;
    AUTO_STRING config = sibling(test->kernel, ".cfg");
    for (size_t i = 0; i < 3 && test->machine->arguments[i] != NULL; i++) {
        argv[count++] = test->machine->arguments[i];
    }
    if (file_exists(config)) {
        argv[count++] = "--config";
        argv[count++] = config;
    }
    size_t i = 0;
    for (; plan->more[i] != NULL && strcmp(plan->more[i], "--") != 0; i++) {
        argv[count++] = plan->more[i];
    }
    argv[count++] = test->kernel;
    for (; plan->more[i] != NULL; i++) {
        argv[count++] = plan->more[i];
    }
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    execv(argv[0], (char *const *)argv);
    fprintf(stderr, "%s: %s\n", argv[0], strerror(errno));
}

static void start(const struct test_plan *plan, struct test_case *test)
{
    int nothing = open("/dev/null", O_RDONLY | O_CLOEXEC);
    int log = open(test->log, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    test->began = now_ms();
    test->process = fork();
    if (test->process == 0) {
        dup2(nothing, STDIN_FILENO);
        dup2(log, STDOUT_FILENO);
        dup2(log, STDERR_FILENO);
        exec_run(plan, test);
        _exit(127);
    }
    close(nothing);
    close(log);
    test->result = test->process > 0 ? TEST_RUNNING : TEST_FAILED;
}

static void finish(struct test_plan *plan, pid_t process, int status)
{
    for (size_t i = 0; i < plan->kernel_count * plan->machine_count; i++) {
        struct test_case *test = &plan->cases[i];
        if (test->result != TEST_RUNNING || test->process != process) {
            continue;
        }
        test->status = WIFEXITED(status) ? WEXITSTATUS(status) : 130;
        test->result = test->status == 0 ? TEST_PASSED : TEST_FAILED;
        test->seconds = (double)(now_ms() - test->began) / 1000;
        return;
    }
}

static void stop_all(const struct test_plan *plan)
{
    for (size_t i = 0; i < plan->kernel_count * plan->machine_count; i++) {
        if (plan->cases[i].result == TEST_RUNNING) {
            kill(plan->cases[i].process, SIGTERM);
        }
    }
}

static void run_all(struct test_plan *plan)
{
    size_t total = plan->kernel_count * plan->machine_count;
    size_t next = 0;
    size_t running = 0;
    size_t done = 0;
    struct progress progress = {0};
    while (running > 0 || (next < total && stopped == 0)) {
        while (running < plan->at_once && next < total && stopped == 0) {
            start(plan, &plan->cases[next]);
            running += plan->cases[next++].result == TEST_RUNNING;
        }
        int status;
        progress_show(&progress, "%zu of %zu done ...", done, total);
        pid_t process = waitpid(-1, &status, 0);
        if (process > 0) {
            finish(plan, process, status);
            running--;
            done++;
        } else if (stopped != 0) {
            stop_all(plan);
        }
    }
    progress_end(&progress);
}

static bool prepare(struct test_plan *plan, struct message *message)
{
    size_t total = plan->kernel_count * plan->machine_count;
    plan->cases = calloc(total, sizeof(plan->cases[0]));
    if (plan->cases == NULL || !folder_make_temporary(message, &plan->folder)) {
        return false;
    }
    for (size_t i = 0; i < total; i++) {
        plan->cases[i] = (struct test_case){
            .kernel = plan->kernels[i / plan->machine_count],
            .machine = &plan->machines[i % plan->machine_count],
            .status = 130,
            .log = string_format("%s/%zu", plan->folder, i),
        };
    }
    return true;
}

static int judge(const struct test_plan *plan, const char *junit, struct message *message)
{
    size_t failed = 0;
    size_t total = plan->kernel_count * plan->machine_count;
    for (size_t i = 0; i < total; i++) {
        failed += plan->cases[i].result != TEST_PASSED;
    }
    test_show_table(plan);
    test_show_failures(plan);
    printf("\n%zu passed, %zu failed\n", total - failed, failed);
    if (junit != NULL && !test_write_junit(plan, junit, message)) {
        return EXIT_CANNOT;
    }
    return failed == 0 ? EXIT_GOOD : EXIT_BAD;
}

static void free_plan(struct test_plan *plan)
{
    for (size_t i = 0; i < plan->kernel_count; i++) {
        free(plan->kernels[i]);
    }
    for (size_t i = 0; plan->folder != NULL && i < plan->kernel_count * plan->machine_count; i++) {
        free(plan->cases[i].log);
    }
    if (plan->folder != NULL) {
        folder_remove(plan->folder);
    }
    free(plan->kernels);
    free(plan->cases);
    free(plan->folder);
}

struct test_request {
    const char *junit;
    const char *more[TEST_ARGUMENTS_MAX + 1];
    size_t more_count;
};

static bool take_operand(const char *name, struct test_plan *plan, struct message *message)
{
    if (folder_exists(name)) {
        return add_folder(plan, name, message);
    }
    add_kernel(plan, string_copy(name));
    return file_exists(name) || project_is_sample(name) ||
           message_add(message, "%s: no such file", name);
}

static bool take_more(struct test_request *request, const char *word)
{
    if (request->more_count == TEST_ARGUMENTS_MAX) {
        return false;
    }
    request->more[request->more_count++] = word;
    return true;
}

static bool take_jobs(const char *value, unsigned *out_jobs)
{
    char *end;
    unsigned long jobs = strtoul(value, &end, 10);
    *out_jobs = (unsigned)jobs;
    return *end == '\0' && end != value && jobs >= 1 && jobs <= AT_ONCE_MAX;
}

/* False: the message, if there is one, says why. */
static bool take(int id, const struct command_line *line, struct test_plan *plan,
                 struct test_request *request, struct message *message)
{
    static char names[TEST_ARGUMENTS_MAX][24];
    switch (id) {
    case COMMAND_OPERAND:
        return take_operand(line->value, plan, message);
    case OPTION_MATRIX:
        plan->machine_count = sizeof(machines) / sizeof(machines[0]);
        return true;
    case OPTION_JUNIT:
        request->junit = line->value;
        return true;
    case OPTION_JOBS:
        return take_jobs(line->value, &plan->at_once) ||
               message_add(message, "baton test: '%s' is no value for --jobs", line->value);
    default:
        break;
    }
    if (request->more_count >= TEST_ARGUMENTS_MAX - 1) {
        return message_add(message, "baton test: too many options");
    }
    char *name = names[request->more_count];
    snprintf(name, sizeof(names[0]), "--%s", command_option_name(line->command, id));
    return take_more(request, name) && take_more(request, line->value);
}

/* The last machine has a firmware that not every distribution brings along. */
static void leave_out_missing(struct test_plan *plan)
{
    struct ovmf ovmf = {0};
    struct message ignored = {0};
    if (plan->machine_count > 1 && !ovmf_find("q35", OVMF_2M, &ignored, &ovmf)) {
        plan->machine_count--;
        report_note("baton test: no firmware of 2 MiB is here; that machine is left out");
    }
    ovmf_free(&ovmf);
    message_free(&ignored);
}

static int test_all(struct test_plan *plan, struct test_request *request, struct message *message)
{
    struct sigaction action = {.sa_handler = on_stop};
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    plan->more = request->more;
    leave_out_missing(plan);
    if (!prepare(plan, message)) {
        return EXIT_CANNOT;
    }
    run_all(plan);
    return judge(plan, request->junit, message);
}

static int test_main(const struct command *command, int argc, char **argv)
{
    static struct test_request request;
    struct test_plan plan = {.machines = machines, .machine_count = 1, .at_once = AT_ONCE};
    struct command_line line = command_line(command, argc, argv);
    struct message message = {0};
    int status = EXIT_GOOD;
    int id;
    while ((id = command_next(&line)) != COMMAND_END && status == EXIT_GOOD) {
        if (id == COMMAND_HELP || id == COMMAND_WRONG) {
            free_plan(&plan);
            return id == COMMAND_HELP ? EXIT_GOOD : EXIT_CANNOT;
        }
        status = take(id, &line, &plan, &request, &message) ? EXIT_GOOD : EXIT_CANNOT;
    }
    for (size_t i = 0; line.rest != NULL && line.rest[i] != NULL && status == EXIT_GOOD; i++) {
        bool fits = (i > 0 || take_more(&request, "--")) && take_more(&request, line.rest[i]);
        status = fits ? EXIT_GOOD : command_misused(command, "too many arguments for QEMU");
    }
    if (status == EXIT_GOOD && plan.kernel_count == 0) {
        status = command_misused(command, "expected a folder or kernels");
    } else if (status == EXIT_GOOD) {
        status = test_all(&plan, &request, &message);
    }
    report_message(&message);
    message_free(&message);
    free_plan(&plan);
    return status;
}
