#include "measure.h"

#include "peers.h"
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

static void boot(const struct bench *bench, const struct bench_case *one, bool calls,
                 struct figures *figures)
{
    static struct peer_files files;
    struct message message = {0};
    struct emulator_run run = {0};
    peer_list(bench, one, &files);
    if (!emulator_run(bench, one, files.files, files.count, false, &message, &run)) {
        snprintf(figures->reason, sizeof(figures->reason), "%s", message_text(&message));
    } else {
        figures_read(one, &run, figures);
        figures->loader_size = (uint64_t)file_size(peer_loader(&files));
        emulator_run_free(&run);
    }
    if (calls && figures->good &&
        emulator_run(bench, one, files.files, files.count, true, &message, &run)) {
        figures_read_calls(&run, figures);
        emulator_run_free(&run);
    }
    message_free(&message);
    peer_files_free(&files);
}

const struct figures *measure(const struct bench *bench, const struct bench_case *const *cases,
                              size_t count, unsigned jobs, bool calls)
{
    /* The last one counts which case is next. */
    size_t size = count * sizeof(struct figures) + sizeof(size_t);
    struct figures *figures =
        mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (figures == MAP_FAILED) {
        return NULL;
    }
    size_t *next = (size_t *)(void *)(figures + count);
    for (unsigned job = 0; job < jobs; job++) {
        if (fork() != 0) {
            continue;
        }
        for (size_t i; (i = __atomic_fetch_add(next, 1, __ATOMIC_RELAXED)) < count;) {
            boot(bench, cases[i], calls, &figures[i]);
            fprintf(stderr, "%s%s\n", cases[i]->name, figures[i].good ? "" : ": FAILED");
        }
        _exit(0);
    }
    while (wait(NULL) > 0) {
    }
    return figures;
}
