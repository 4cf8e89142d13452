#include "job.h"
#include "place.h"
#include "report.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int status_of(enum machine_outcome outcome)
{
    switch (outcome) {
    case MACHINE_PASSED:
    case MACHINE_LEFT:
        return JOB_PASSED;
    case MACHINE_FAILED:
        return JOB_FAILED;
    case MACHINE_RESET:
        return JOB_RESET;
    case MACHINE_TIMED_OUT:
    case MACHINE_SILENT:
    case MACHINE_HALTED:
        return JOB_TIME_OUT;
    case MACHINE_CRASHED:
        return JOB_CRASH;
    case MACHINE_STOPPED:
        return JOB_LOADER;
    case MACHINE_INTERRUPTED:
        return JOB_INTERRUPTED;
    case MACHINE_EXITED:
        return JOB_OTHER;
    default:
        return JOB_CANNOT;
    }
}

/* A kernel that got over its fault and ended the machine itself has the last word. */
static bool ended_by_fault(struct job *job, enum machine_outcome outcome)
{
    bool seen = job->page.seen || job->debug_page.seen;
    return seen && (outcome == MACHINE_STOPPED || outcome == MACHINE_SILENT ||
                    outcome == MACHINE_RESET || outcome == MACHINE_HALTED);
}

/* The instruction pointer of the CPU that was in the kernel, else of the first one. */
static uint64_t last_instruction(struct job *job, const char *registers, uint64_t *out_offset)
{
    uint64_t first = 0;
    for (const char *at = strstr(registers, "IP="); at != NULL; at = strstr(at + 1, "IP=")) {
        uint64_t address = strtoull(at + strlen("IP="), NULL, 16);
        if (symbols_offset(&job->project.symbols, address, out_offset)) {
            return address;
        }
        first = first == 0 ? address : first;
    }
    *out_offset = UINT64_MAX;
    return first;
}

/* "null at crash.c:16 (kernel+0x22b)" with its line of source below it in out_source; or as
 * much as is known. back: the instruction is the one before. */
static char *name_place(struct job *job, const char *registers, unsigned back, char **out_source)
{
    uint64_t offset;
    uint64_t address = last_instruction(job, registers, &offset);
    struct place place;
    *out_source = NULL;
    if (offset == UINT64_MAX) {
        return string_format("0x%llx, outside of the kernel", (unsigned long long)address);
    }
    if (!place_find(&job->project.symbols, offset - (offset < back ? 0 : back), &place)) {
        return string_format("kernel+0x%llx", (unsigned long long)offset);
    }
    size_t user = place_of_user(&place);
    bool known = place.data == NULL;
    AUTO_STRING words = known ? place_words(&place, user < place.count ? user : 0) : NULL;
    *out_source = place_source(&place);
    char *named =
        string_format("kernel+0x%llx, %s", (unsigned long long)offset, known ? words : place.data);
    place_free(&place);
    return named;
}

static void say_triple_fault(struct job *job, const struct machine_run *run)
{
    const char *registers = bytes_text(&run->registers);
    const char *vectors = strstr(registers, "\nFCW=");
    char *source;
    AUTO_STRING place = name_place(job, registers, 0, &source);
    report_note("baton run: the CPU reset itself (triple fault) at %s", place);
    if (source != NULL) {
        report_note("%s", source);
        string_free(&source);
    }
    int length = vectors == NULL ? (int)strlen(registers) : (int)(vectors - registers);
    report_note("It met a fault there, and no handler for it that works. Its registers:\n%.*s",
                length, registers);
}

/* hlt leaves the instruction pointer after itself; a jump to itself does not. */
static void say_halt(struct job *job, const struct machine_run *run)
{
    static const char *const how[] = {
        [HALT_NONE] = "",
        [HALT_DEAF] = "hlt with interrupts off",
        [HALT_WAITING] = "hlt, and every interrupt is masked",
        [HALT_LOOP] = "an endless loop of one instruction with interrupts off",
    };
    char *source;
    AUTO_STRING place =
        name_place(job, bytes_text(&run->registers), run->halt == HALT_LOOP ? 0 : 1, &source);
    report_note("baton run: the kernel has halted at %s (%s)", place, how[run->halt]);
    if (source != NULL) {
        report_note("%s", source);
        string_free(&source);
    }
    if (!job->options.halt_is_success && job->options.expected.count == 0) {
        report_note(
            "If that is its regular end: --halt-is success, or write 0x10 to I/O port 0xF4");
    }
}

static void say_missing_texts(const struct job_texts *texts)
{
    for (size_t i = 0; i < texts->count; i++) {
        if (!texts->seen[i]) {
            report_note("baton run: expected and not seen: %s", texts->texts[i]);
        }
    }
}

static void say_outcome(struct job *job, const struct machine_run *run)
{
    switch (run->outcome) {
    case MACHINE_HALTED:
        say_halt(job, run);
        break;
    case MACHINE_STOPPED:
        report_note("baton run: the loader could not boot the kernel");
        break;
    case MACHINE_SILENT:
        report_note("baton run: no serial output for %u seconds; --timeout waits longer",
                    job->options.machine.silence_s);
        break;
    case MACHINE_EXITED:
        report_note("baton run: QEMU ended with status %d", run->status);
        break;
    default:
        report_note("baton run: %s", machine_outcome_words(run->outcome));
    }
}

static void say_end(struct job *job, const struct machine_run *run)
{
    if (run->serial.size > 0 && run->serial.data[run->serial.size - 1] != '\n') {
        putchar('\n');
    }
    report_message(&run->message);
    if (job->decided_by != NULL) {
        report_note("baton run: failed, since this was seen: %s", job->decided_by);
    } else if (job_saw_all(&job->options.expected)) {
        report_note("baton run: all that was expected has been seen");
    } else if (ended_by_fault(job, run->outcome)) {
        report_note("baton run: the kernel met a fault");
    } else if (run->outcome == MACHINE_RESET && run->triple_fault) {
        say_triple_fault(job, run);
    } else {
        say_outcome(job, run);
    }
}

int job_end(struct job *job, const struct machine_run *run)
{
    say_end(job, run);
    if (job->decided_by != NULL) {
        return JOB_FAILED;
    }
    if (job_saw_all(&job->options.expected)) {
        return JOB_PASSED;
    }
    say_missing_texts(&job->options.expected);
    if (ended_by_fault(job, run->outcome)) {
        return JOB_FAULT;
    }
    int status = status_of(run->outcome);
    if (run->outcome == MACHINE_HALTED && job->options.halt_is_success) {
        status = JOB_PASSED;
    }
    return status == JOB_PASSED && job->options.expected.count > 0 ? JOB_FAILED : status;
}
