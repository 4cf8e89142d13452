/* The disk of a case: a loader as /peer.efi, what it reads, the kernel. */
#ifndef BATON_BENCHMARK_PEERS_H
#define BATON_BENCHMARK_PEERS_H

#include "bench.h"
#include "cases.h"
#include "vm/disk.h"

enum { PEER_FILES_MOST = 256 };

struct peer_files {
    struct disk_file files[PEER_FILES_MOST];
    char *owned[2 * PEER_FILES_MOST]; /* the strings among them */
    size_t count;
    size_t owned_count;
};

/* Makes what the case needs in the folder of work, where it is not there yet. */
bool peer_prepare(const struct bench *bench, const struct bench_case *one, struct message *message);
/* The files of the case's disk, after peer_prepare. */
void peer_list(const struct bench *bench, const struct bench_case *one,
               struct peer_files *out_files);
void peer_files_free(struct peer_files *files);
/* The loader's own file. */
const char *peer_loader(const struct peer_files *files);

#endif
