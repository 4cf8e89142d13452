#include "measure.h"

#include "peers.h"
#include "process.h"
#include "vm/files.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

bool measure_prepare(const struct bench *bench, const struct bench_case *const *cases, size_t count,
                     struct message *message)
{
    for (size_t i = 0; i < count; i++) {
        if (!peer_prepare(bench, cases[i], message) || !emulator_save(bench, cases[i], message)) {
            return message_add(message, "%s cannot be measured", cases[i]->name);
        }
    }
    return true;
}

/* hooked: count the firmware's services, instead of all else. */
static void boot(const struct bench *bench, const struct bench_case *one,
                 const struct peer_files *files, bool hooked, struct figures *figures)
{
    struct message message = {0};
    struct emulator_run run = {0};
    figures->good = false;
    if (!emulator_run(bench, one, files->files, files->count, hooked, &message, &run)) {
        snprintf(figures->reason, sizeof(figures->reason), "%s", message_text(&message));
    } else if (hooked) {
        figures_read_calls(one, &run, figures);
    } else {
        figures_read(one, &run, figures);
        figures->loader_size = (uint64_t)file_size(peer_loader(files));
    }
    emulator_run_free(&run);
    message_free(&message);
}

static void measure_case(const struct bench *bench, const struct bench_case *one, bool calls,
                         struct figures *figures)
{
    static struct peer_files files;
    peer_list(bench, one, &files);
    boot(bench, one, &files, false, figures);
    if (calls && figures->good) {
        boot(bench, one, &files, true, figures);
    }
    peer_files_free(&files);
}

/* What the workers and the harness share. */
struct work {
    const struct bench *bench;
    const struct bench_case *const *cases;
    size_t count;
    size_t *next; /* the first case that was not begun yet */
    struct figures *figures;
    bool calls;
};

static void work_off(const struct work *work)
{
    for (size_t i; (i = __atomic_fetch_add(work->next, 1, __ATOMIC_RELAXED)) < work->count;) {
        struct figures *figures = &work->figures[i];
        snprintf(figures->reason, sizeof(figures->reason), "its worker ended early");
        measure_case(work->bench, work->cases[i], work->calls, figures);
        fprintf(stderr, "%s%s\n", work->cases[i]->name, figures->good ? "" : ": FAILED");
    }
}

/* Waits for all of them. */
static void run_workers(const struct work *work, unsigned jobs)
{
    pid_t self = getpid();
    for (unsigned job = 0; job < jobs && job < work->count; job++) {
        pid_t worker = fork();
        if (worker < 0) {
            perror("no further worker: fork");
            break;
        }
        if (worker == 0) {
            process_end_with(self);
            work_off(work);
            _exit(0);
        }
    }
    while (wait(NULL) > 0) {
    }
}

const struct figures *measure(const struct bench *bench, const struct bench_case *const *cases,
                              size_t count, unsigned jobs, bool calls)
{
    /* Then the number of the next case. */
    size_t size = count * sizeof(struct figures) + sizeof(size_t);
    struct figures *figures =
        mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (figures == MAP_FAILED) {
        perror("mmap");
        return NULL;
    }
    for (size_t i = 0; i < count; i++) {
        snprintf(figures[i].reason, sizeof(figures[i].reason), "no worker took it");
    }
    struct work work = {bench, cases, count, (size_t *)(void *)(figures + count), figures, calls};
    run_workers(&work, jobs);
    return figures;
}
