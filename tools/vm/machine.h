/* A virtual machine: QEMU with UEFI firmware, from its start to its end. */
#ifndef BATON_VM_MACHINE_H
#define BATON_VM_MACHINE_H

#include "ovmf.h"

#include <signal.h>

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
    const char *const *extra; /* more arguments for QEMU, ended by NULL [none] */
    const struct machine_typing *typing;
    const char *gdb_socket; /* halt before the first instruction, gdb at this path [neither] */
    const char *screenshot; /* PNG of the screen at the end [none] */
    bool examine;           /* fill triple_fault and registers of machine_run */
    /* Once true, LAST_WORDS_MS without serial output end the run as output would. */
    const bool *last_words;
    bool raw;                                 /* leave escape sequences in the serial output */
    const volatile sig_atomic_t *interrupted; /* end the run once this is not 0 [never] */
    /* Serial output as it comes. False ends the run. [kept in machine_run only] */
    bool (*output)(void *context, const char *text, size_t size);
    /* Debug console output, at moments when no serial output comes, and at the end. [none] */
    void (*debug_output)(void *context, const char *text, size_t size);
    void *context;
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
    MACHINE_ERROR,       /* QEMU could not run it: see message */
};

struct machine_run {
    enum machine_outcome outcome;
    int status;             /* QEMU's exit status; -1: none */
    struct bytes serial;    /* everything from COM1 */
    struct bytes debugcon;  /* everything from port 0xE9 */
    bool triple_fault;      /* why it was reset: the CPU could not even report a fault */
    struct bytes registers; /* of every CPU when it was reset, as QEMU's monitor shows them */
    struct message message;
};

/* $QEMU, else qemu-system-x86_64, under TCG: without network and screen, COM1 and the debug console
 * kept, isa-debug-exit (or what acts like it) at 0xF4, the firmware's variables a copy that is
 * forgotten. Only the QEMU started here is ever killed. *out_run is written in any case and freed
 * by the caller. */
void machine_boot(const struct machine *machine, struct machine_run *out_run);
void machine_run_free(struct machine_run *run);

/* "passed", "the machine reset" and the like. */
const char *machine_outcome_words(enum machine_outcome outcome);

#endif
