/* What the benchmark works with, and the folders where it finds and keeps files. */
#ifndef BATON_BENCHMARK_BENCH_H
#define BATON_BENCHMARK_BENCH_H

#include "vm/ovmf.h"

#include <stdint.h>

struct bench {
    const char *build;   /* the folder the project was built in */
    const char *loader;  /* the BOOTX64.EFI under test */
    const char *work;    /* kernels, saved machines; kept from one run to the next */
    const char *console; /* QEMU's -vga: "std", or "none" where only the serial console is on */
    struct ovmf ovmf;
    char *qemu;         /* the program */
    char *qemu_version; /* "7.2.22" */
    uint64_t firmware;  /* a hash of the firmware's code */
    uint64_t made;      /* a hash of what makes kernels and modules: kernel_hash */
    bool unsupported;   /* bench_begin found a QEMU that the plugin does not work with */
};

/* FNV-1a: to tell files apart, no more. */
uint64_t hash_bytes(uint64_t hash, const void *bytes, size_t size);
#define HASH_START UINT64_C(0xCBF29CE484222325)
/* 0 where it cannot be read: message says why. */
uint64_t hash_file(uint64_t hash, const char *path, struct message *message);

/* Finds QEMU and the firmware, and refuses a QEMU that the plugin does not work with. bench_end
 * frees what was found, after a failure too. */
bool bench_begin(struct bench *bench, struct message *message);
void bench_end(struct bench *bench);
/* A program of the benchmark in the build's folder; freed by the caller. */
char *bench_built(const struct bench *bench, const char *name);
char *bench_work(const struct bench *bench, const char *name);

#endif
