#include "run_options.h"

#include <stdlib.h>
#include <string.h>

enum {
    OPTION_CONFIG = 'c',
    OPTION_MEMORY = 'm',
    OPTION_TIMEOUT = 't',
    OPTION_CPUS = 0x100,
    OPTION_CPU,
    OPTION_MACHINE,
    OPTION_SCREENSHOT,
    OPTION_GDB,
    OPTION_RAW,
    OPTION_HALT_IS,
    OPTION_EXPECT,
    OPTION_FAIL_ON,
    OPTION_FIRMWARE,
    OPTION_SECURE,
};

enum { TIMEOUT_S = 60 };

static const struct command_option options[] = {
    {OPTION_CONFIG, "config", "FILE",
     "use this loader.cfg (default: the sample's own, or \"kernel = /boot/KERNEL\")"},
    {OPTION_MEMORY, "memory", "SIZE", "RAM (default: 256M)"},
    {OPTION_CPUS, "cpus", "NUMBER", "CPUs (default: 1)"},
    {OPTION_CPU, "cpu", "MODEL", "CPU model of QEMU (default: max)"},
    {OPTION_MACHINE, "machine", "TYPE", "q35 or pc (default: q35)"},
    {OPTION_FIRMWARE, "firmware", "SIZE", "firmware of that size: 2M or 4M (default: any)"},
    {OPTION_SECURE, "secure", NULL,
     "boot with Secure Boot on and a TPM: throw-away keys, a sealed and signed loader (q35 only; "
     "needs openssl, efitools, sbsigntool, swtpm)"},
    {OPTION_TIMEOUT, "timeout", "SECONDS",
     "give up after so long without serial output, from the loader's first line on; 0: never "
     "(default: 60; never while you type)"},
    {OPTION_EXPECT, "expect", "TEXT",
     "success as soon as TEXT has come over the serial port or the debug console; given several "
     "times, all of them"},
    {OPTION_FAIL_ON, "fail-on", "TEXT", "failure as soon as TEXT has come"},
    {OPTION_HALT_IS, "halt-is", "WHAT",
     "success or failure: what it means that the kernel halts for good (default: failure)"},
    {OPTION_SCREENSHOT, "screenshot", "FILE",
     "write a picture (PNG) of the screen as it was at the end"},
    {OPTION_GDB, "gdb", "[=WHERE]",
     "halt before the first instruction, for gdb, with the symbols of loader and kernel; starts "
     "gdb where standard input is a terminal. WHERE is a TCP port of this machine or a socket "
     "(default: build/gdb.socket); gdb's commands are in build/gdb.txt"},
    {OPTION_RAW, "raw", NULL, "pass the firmware's escape sequences on to the terminal"},
    {0, NULL, NULL, NULL},
};

const struct command command_run = {
    .name = "run",
    .operands = "[KERNEL] [-- QEMU-ARGUMENTS]",
    .summary = "boot a kernel in QEMU and say how it ended",
    .details =
        "Boots KERNEL in QEMU under UEFI firmware; shows what comes over the serial port and the "
        "debug console (port 0xE9). KERNEL is a kernel file: a raw image or an ELF file; in a "
        "clone of Baton also the name of a sample (a folder in sample-kernels; default: hello). "
        "Where the loader's fault page appears, functions and source lines are added to it, from "
        "the ELF file or the one beside the raw image (k.elf beside k.bin).\n"
        "\n"
        "Kernels and modules that loader.cfg names are taken, by their file names, from the "
        "command line, from the folder of loader.cfg, or from the kernel's.\n"
        "\n"
        "What you type goes to the kernel's serial port: Ctrl-A x ends the machine, Ctrl-A c "
        "changes to QEMU's monitor and back, Ctrl-A Ctrl-A is one Ctrl-A. What comes through a "
        "pipe goes there too, once the kernel has the machine.\n"
        "\n"
        "A kernel ends the machine by writing 0x10 (success) or 0x11 (failure) to I/O port 0xF4. "
        "One that halts for good is noticed after two seconds.\n"
        "\n"
        "Exit status:\n"
        "  0    success\n"
        "  1    failure\n"
        "  2    nothing was run: the command line, or something is missing here\n"
        "  3    the kernel met a fault\n"
        "  4    the machine was reset (a triple fault is explained)\n"
        "  5    time-out, or the kernel halted\n"
        "  6    the firmware caught an exception\n"
        "  7    the loader gave up, or would\n"
        "  8    another value was written to port 0xF4\n"
        "  130  interrupted\n"
        "\n"
        "OVMF_CODE and OVMF_VARS name another firmware, QEMU another qemu-system-x86_64.\n",
    .options = options,
    .run = run_main,
};

static bool parse_number(const char *text, unsigned *out_number)
{
    char *end;
    unsigned long number = strtoul(text, &end, 10);
    if (end == text || *end != '\0' || text[0] == '-' || number > 100000) {
        return false;
    }
    *out_number = (unsigned)number;
    return true;
}

static bool add_text(struct job_texts *texts, const char *text)
{
    if (texts->count == JOB_TEXTS_MAX || text[0] == '\0') {
        return false;
    }
    texts->texts[texts->count++] = text;
    return true;
}

static bool take_machine(int id, const char *value, struct machine *machine)
{
    switch (id) {
    case OPTION_MEMORY:
        machine->memory = value;
        return true;
    case OPTION_CPU:
        machine->cpu = value;
        return true;
    case OPTION_MACHINE:
        machine->machine_type = value;
        return strcmp(value, "q35") == 0 || strcmp(value, "pc") == 0;
    case OPTION_SCREENSHOT:
        machine->screenshot = value;
        return true;
    case OPTION_RAW:
        machine->raw = true;
        return true;
    default:
        return parse_number(value, &machine->cpus) && machine->cpus > 0;
    }
}

/* False: the value makes no sense. */
static bool take(int id, const char *value, struct job_options *out)
{
    switch (id) {
    case OPTION_CONFIG:
        out->config = value;
        return true;
    case OPTION_TIMEOUT:
        out->timeout_given = true;
        return parse_number(value, &out->machine.silence_s);
    case OPTION_EXPECT:
        return add_text(&out->expected, value);
    case OPTION_FAIL_ON:
        return add_text(&out->failing, value);
    case OPTION_HALT_IS:
        out->halt_is_success = strcmp(value, "success") == 0;
        return out->halt_is_success || strcmp(value, "failure") == 0;
    case OPTION_FIRMWARE:
        out->firmware = strcmp(value, "2M") == 0 ? OVMF_2M : OVMF_4M;
        return out->firmware == OVMF_2M || strcmp(value, "4M") == 0;
    case OPTION_SECURE:
        out->secure = true;
        return true;
    case OPTION_GDB:
        out->gdb = true;
        out->gdb_at = value;
        return true;
    default:
        return take_machine(id, value, &out->machine);
    }
}

/* What does not go together with --secure, whose firmware needs SMM; NULL: nothing. */
static const char *against_secure(const struct job_options *given)
{
    if (!given->secure) {
        return NULL;
    }
    if (given->machine.machine_type != NULL && strcmp(given->machine.machine_type, "q35") != 0) {
        return "--secure needs the machine q35";
    }
    if (given->firmware != OVMF_ANY) {
        return "--secure and --firmware do not go together: there is one firmware with Secure Boot";
    }
    return given->gdb ? "--secure and --gdb do not go together: gdb needs a boot before to find "
                        "the loader"
                      : NULL;
}

int run_options_parse(const struct command *command, int argc, char **argv,
                      struct job_options *out_options)
{
    struct command_line line = command_line(command, argc, argv);
    struct job_options given = {.machine.silence_s = TIMEOUT_S};
    int id;
    while ((id = command_next(&line)) != COMMAND_END) {
        if (id == COMMAND_WRONG || id == COMMAND_HELP) {
            return id == COMMAND_HELP ? EXIT_GOOD : EXIT_CANNOT;
        }
        if (id == COMMAND_OPERAND && given.kernel != NULL) {
            return command_misused(command,
                                   "one kernel at a time, not '%s' as well; QEMU's "
                                   "arguments stand behind --",
                                   line.value);
        }
        if (id == COMMAND_OPERAND) {
            given.kernel = line.value;
        } else if (!take(id, line.value, &given)) {
            return command_misused(command, "'%s' is no value for --%s", line.value,
                                   command_option_name(command, id));
        }
    }
    const char *wrong = against_secure(&given);
    if (wrong != NULL) {
        return command_misused(command, "%s", wrong);
    }
    if (given.kernel == NULL && !project_is_sample("hello")) {
        return command_misused(command, "expected a kernel");
    }
    given.kernel = given.kernel == NULL ? "hello" : given.kernel;
    given.machine.extra = line.rest;
    *out_options = given;
    return RUN_OPTIONS_GOOD;
}
