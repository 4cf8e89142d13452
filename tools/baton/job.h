/* One boot of "baton run" or "baton test": what was asked for, what has been seen. */
#ifndef BATON_TOOL_JOB_H
#define BATON_TOOL_JOB_H

#include "fault_page.h"
#include "project.h"
#include "vm/machine.h"

enum { JOB_TEXTS_MAX = 16 };

/* Texts that decide a run. */
struct job_texts {
    const char *texts[JOB_TEXTS_MAX];
    bool seen[JOB_TEXTS_MAX];
    size_t count;
};

struct job_options {
    const char *kernel; /* the name of a sample, or a file */
    const char *config; /* NULL: the sample's own, or a generated one */
    bool secure;        /* Secure Boot and a TPM */
    bool gdb;
    const char *gdb_at; /* a port or a socket; NULL: build/gdb.socket */
    bool halt_is_success;
    struct job_texts expected; /* success once all were seen */
    struct job_texts failing;  /* failure once one was seen */
    bool timeout_given;
    enum ovmf_size firmware;
    struct machine machine;
};

enum job_exit {
    JOB_PASSED = 0,
    JOB_FAILED = 1,
    JOB_CANNOT = 2,
    JOB_FAULT = 3,
    JOB_RESET = 4,
    JOB_TIME_OUT = 5,
    JOB_CRASH = 6,
    JOB_LOADER = 7,
    JOB_OTHER = 8,
    JOB_INTERRUPTED = 130,
};

/* Starts as {0}. */
struct job {
    struct job_options options;
    struct project project;
    char *folder;
    struct message message;
    struct bytes serial;          /* all that came */
    struct bytes debug_line;      /* the debug console's last line, as far as it came */
    struct fault_page page;       /* on the serial port */
    struct fault_page debug_page; /* on the debug console, where the serial port did not have it */
    bool page_began;
    bool loader_began;      /* it, or the firmware that starts it, has said something */
    bool loader_left;       /* the kernel has the machine, or will in a moment */
    bool kernel_spoke;      /* after that */
    const char *decided_by; /* the text of options.failing that was seen, or NULL */
};

/* job_watch.c: for struct machine; context is the job. */
bool job_output(void *context, const char *text, size_t size);
void job_debug_output(void *context, const char *text, size_t size);
/* The debug console's last line, which may have no end. */
void job_debug_rest(struct job *job);
/* Whether all of the texts, of which there is at least one, were seen. */
bool job_saw_all(const struct job_texts *texts);

/* job_end.c: says how it ended; its exit status. */
int job_end(struct job *job, const struct machine_run *run);

void job_free(struct job *job);

#endif
