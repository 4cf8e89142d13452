#include "arguments.h"

#include <stdlib.h>
#include <string.h>

/* Appends the argument, which arguments_free frees. */
static void take(struct arguments *arguments, char *argument)
{
    char **argv = realloc(arguments->argv, (arguments->count + 2) * sizeof(*argv));
    if (argv == NULL) {
        abort();
    }
    argv[arguments->count++] = argument;
    argv[arguments->count] = NULL;
    arguments->argv = argv;
}

void arguments_add(struct arguments *arguments, const char *argument)
{
    take(arguments, string_copy(argument));
}

void arguments_add_pair(struct arguments *arguments, const char *option, char *value)
{
    arguments_add(arguments, option);
    take(arguments, value);
}

void arguments_add_words(struct arguments *arguments, const char *const *words)
{
    for (size_t i = 0; words != NULL && words[i] != NULL; i++) {
        arguments_add(arguments, words[i]);
    }
}

char *comma_safe(const char *value)
{
    struct bytes safe = {0};
    for (const char *c = value; *c != '\0'; c++) {
        bytes_add(&safe, c, 1);
        if (*c == ',') {
            bytes_add(&safe, c, 1);
        }
    }
    char *copy = string_copy(bytes_text(&safe));
    bytes_free(&safe);
    return copy;
}

static void add_flash(struct arguments *arguments, int unit, const char *format, const char *path)
{
    AUTO_STRING file = comma_safe(path);
    arguments_add_pair(arguments, "-drive",
                       string_format("if=pflash,unit=%d,format=%s,readonly=%s,file=%s", unit,
                                     format, unit == 0 ? "on" : "off", file));
}

static const char *or_default(const char *value, const char *fallback)
{
    return value == NULL ? fallback : value;
}

bool machine_is_controlled(const struct machine *machine)
{
    return machine->screenshot != NULL || machine->examine || machine->notice_halt;
}

/* QEMU has one log: a user who wants it for something else gets it. */
static bool wants_log(const char *const *words)
{
    for (size_t i = 0; words != NULL && words[i] != NULL; i++) {
        if (strcmp(words[i], "-d") == 0 || strcmp(words[i], "-D") == 0) {
            return true;
        }
    }
    return false;
}

/* A machine that ends takes its screen and its registers along: it is to stand still instead. */
static void add_control(struct arguments *arguments, const char *log, bool logs)
{
    arguments_add(arguments, "-no-shutdown");
    arguments_add_pair(arguments, "-chardev",
                       string_format("socket,id=control,fd=%d", CONTROL_DESCRIPTOR));
    arguments_add_pair(arguments, "-mon", string_copy("chardev=control,mode=control"));
    if (logs) {
        arguments_add_pair(arguments, "-d", string_copy("cpu_reset"));
        arguments_add_pair(arguments, "-D", string_copy(log));
    }
}

static void add_exit(struct arguments *arguments, const struct machine *machine)
{
    if (machine->screenshot == NULL) {
        arguments_add_pair(arguments, "-device",
                           string_copy("isa-debug-exit,iobase=0xf4,iosize=4"));
        return;
    }
    arguments_add_pair(arguments, "-chardev",
                       string_format("socket,id=exit,fd=%d", EXIT_DESCRIPTOR));
    arguments_add_pair(arguments, "-device", string_copy("isa-debugcon,iobase=0xf4,chardev=exit"));
}

static void add_gdb(struct arguments *arguments, const char *where)
{
    AUTO_STRING socket = comma_safe(where);
    bool port = strspn(where, "0123456789") == strlen(where);
    arguments_add(arguments, "-S");
    arguments_add_pair(arguments, "-gdb",
                       port ? string_format("tcp:localhost:%s,server=on,wait=off", where)
                            : string_format("unix:%s,server=on,wait=off", socket));
}

/* Standard input and output. At a terminal QEMU's monitor shares them: Ctrl-A c changes over. */
static void add_serial(struct arguments *arguments, const struct machine *machine)
{
    bool shared = machine->input != NULL && machine->input->terminal;
    arguments_add_pair(arguments, "-chardev",
                       string_format("stdio,id=com1,signal=off%s", shared ? ",mux=on" : ""));
    arguments_add_pair(arguments, "-serial", string_copy("chardev:com1"));
    if (shared) {
        arguments_add_pair(arguments, "-mon", string_copy("chardev=com1,mode=readline"));
    }
}

void arguments_for(const struct machine *machine, const struct machine_files *files,
                   struct arguments *out_arguments)
{
    static const char *const fixed[] = {"-nodefaults", "-no-reboot", "-accel", "tcg", "-display",
                                        "none",        "-vga",       "std",    NULL};
    struct arguments arguments = {0};
    AUTO_STRING disk = comma_safe(machine->disk);
    AUTO_STRING debug_file = comma_safe(files->debugcon);
    arguments_add(&arguments, or_default(getenv("QEMU"), "qemu-system-x86_64"));
    arguments_add_words(&arguments, fixed);
    add_serial(&arguments, machine);
    arguments_add_pair(&arguments, "-M", string_copy(or_default(machine->machine_type, "q35")));
    arguments_add_pair(&arguments, "-cpu", string_copy(or_default(machine->cpu, "max")));
    arguments_add_pair(&arguments, "-m", string_copy(or_default(machine->memory, "256M")));
    arguments_add_pair(&arguments, "-smp",
                       string_format("%u", machine->cpus == 0 ? 1 : machine->cpus));
    add_flash(&arguments, 0, machine->ovmf->code_format, machine->ovmf->code);
    add_flash(&arguments, 1, machine->ovmf->vars_format, files->vars);
    arguments_add_pair(&arguments, "-drive", string_format("format=raw,file=%s", disk));
    arguments_add_pair(&arguments, "-chardev", string_format("file,id=debug,path=%s", debug_file));
    arguments_add_pair(&arguments, "-device",
                       string_copy("isa-debugcon,iobase=0xe9,chardev=debug"));
    add_exit(&arguments, machine);
    if (machine_is_controlled(machine)) {
        add_control(&arguments, files->log, !wants_log(machine->extra));
    }
    if (machine->gdb != NULL) {
        add_gdb(&arguments, machine->gdb);
    }
    arguments_add_words(&arguments, machine->extra);
    *out_arguments = arguments;
}

void arguments_free(struct arguments *arguments)
{
    for (size_t i = 0; i < arguments->count; i++) {
        free(arguments->argv[i]);
    }
    free(arguments->argv);
    *arguments = (struct arguments){0};
}
