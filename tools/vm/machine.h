/* A virtual machine: QEMU with UEFI firmware, from its start to its end. */
#ifndef BATON_VM_MACHINE_H
#define BATON_VM_MACHINE_H

#include "ovmf.h"

#include <signal.h>

/* Keys for the serial port, as they come. */
struct machine_input {
    int descriptor;
    bool terminal;     /* Ctrl-A x ends the run, Ctrl-A c is for QEMU's monitor (docs: "mux-based
                        * backends" of QEMU's manual); else every byte is for the guest */
    const bool *ready; /* nothing is read before this is true [at once] */
    /* Or before this is true and a second went by without serial output [only ready counts] */
    const bool *probable;
};

/* Text to send to the serial port once some other text has been seen there. */
struct machine_typing {
    const char *after; /* NULL: the list ends here */
    const char *keys;
};

/* What to run. Fields that are 0 or NULL have the default in brackets. */
struct machine {
    const struct ovmf *ovmf;
    const char *disk; /* raw image; written to only by the guest */
    const char *vars; /* the firmware's variables, kept; made where it is missing [forgotten] */
    const char *machine_type; /* "q35" or "pc" [q35] */
    const char *cpu;          /* [max] */
    const char *memory;       /* as QEMU takes it [256M] */
    unsigned cpus;            /* [1] */
    unsigned timeout_s;       /* of the whole run [no limit] */
    unsigned silence_s;       /* without serial output [no limit] */
    /* silence_s counts once this is true. Before, the firmware has two minutes. [from the start] */
    const bool *begun;
    const struct machine_input *input; /* [none] */
    bool notice_halt; /* end the run where no CPU can go on: MACHINE_HALTED, registers filled */
    const char *const *extra; /* more arguments for QEMU, NULL after the last [none] */
    const struct machine_typing *typing;
    const char *gdb; /* halt before the first instruction; gdb at this port or socket [neither] */
    const char *screenshot; /* PNG of the screen at the end [none] */
    bool examine;           /* fill triple_fault and registers of machine_run */
    /* Once true, LAST_WORDS_MS without serial output end the run as output would. */
    const bool *last_words;
    bool raw;                                 /* leave escape sequences in the serial output */
    const bool *raw_now;                      /* the same, once true [never] */
    const volatile sig_atomic_t *interrupted; /* end the run once this is not 0 [never] */
    /* Serial output as it comes. False ends the run. [kept in machine_run only] */
    bool (*output)(void *context, const char *text, size_t size);
    /* Debug console output, at moments when no serial output comes, and at the end. [none] */
    void (*debug_output)(void *context, const char *text, size_t size);
    void *context;
};

/* How a machine stands still. */
enum machine_halt {
    HALT_NONE,
    HALT_DEAF,    /* hlt with interrupts off */
    HALT_WAITING, /* hlt, and every interrupt is masked */
    HALT_LOOP,    /* interrupts off, in an instruction that jumps to itself */
};

enum machine_outcome {
    MACHINE_PASSED,      /* the guest wrote 0x10 to isa-debug-exit: QEMU's status is 33 */
    MACHINE_FAILED,      /* 0x11: 35 */
    MACHINE_EXITED,      /* another value, or QEMU died of a signal: see status */
    MACHINE_RESET,       /* the guest reset the machine or switched it off */
    MACHINE_TIMED_OUT,   /* timeout_s */
    MACHINE_SILENT,      /* silence_s */
    MACHINE_CRASHED,     /* the firmware caught an exception, in the loader or in itself */
    MACHINE_STOPPED,     /* output or last_words said so */
    MACHINE_INTERRUPTED, /* interrupted said so */
    MACHINE_HALTED,      /* notice_halt: see halt */
    MACHINE_LEFT,        /* Ctrl-A x */
    MACHINE_ERROR,       /* QEMU could not run it: see message */
};

struct machine_run {
    enum machine_outcome outcome;
    int status;             /* QEMU's exit status; -1: none */
    struct bytes serial;    /* everything from COM1 */
    struct bytes debugcon;  /* everything from port 0xE9 */
    bool triple_fault;      /* why it was reset: the CPU could not even report a fault */
    enum machine_halt halt; /* for MACHINE_HALTED */
    struct bytes registers; /* of every CPU when it was reset or had halted, as QEMU's monitor shows
                             * them */
    struct message message;
};

/* $QEMU, else qemu-system-x86_64, under TCG: without network and screen, COM1 and the debug
 * console kept, isa-debug-exit (or what acts like it) at 0xF4, the firmware's variables a copy
 * that is forgotten. Only the QEMU started here is ever killed. *out_run is written in any
 * case and freed by the caller. */
void machine_boot(const struct machine *machine, struct machine_run *out_run);
void machine_run_free(struct machine_run *run);

/* "passed", "the machine reset" and the like. */
const char *machine_outcome_words(enum machine_outcome outcome);

#endif
