/* What one boot cost, from StartImage of the loader to the kernel's first instruction. */
#ifndef BATON_BENCHMARK_FIGURES_H
#define BATON_BENCHMARK_FIGURES_H

#include "emulator.h"
#include "marks.h"

enum { REASON_SIZE = 2048 };

/* Holds no pointers: workers write it to memory they share with the harness. */
struct figures {
    bool good;                /* it was booted, and the kernel found all as it should be */
    char reason[REASON_SIZE]; /* where not: why */
    uint64_t instructions;    /* without those that repeat */
    uint64_t own;             /* of them, in the loader's own image; the rest is the firmware's */
    uint64_t rep_starts;      /* of instructions that repeat */
    uint64_t rep_bytes;       /* that they moved or filled */
    uint64_t requests;        /* to the disk */
    uint64_t load_ns;         /* LoadImage before it: an instruction or a repetition is 1 ns */
    uint64_t held;            /* bytes of loader and info block in BootInfo's map; 0: unknown */
    uint64_t loader_size;     /* bytes of the loader's file */
    uint64_t services;        /* calls of boot services; 0: not counted */
    uint64_t calls[MARK_CALLS_MOST]; /* of each service; 0: not counted */
};

void figures_read(const struct bench_case *one, const struct emulator_run *run,
                  struct figures *out_figures);
/* From a second run, with the services hooked. */
void figures_read_calls(const struct bench_case *one, const struct emulator_run *run,
                        struct figures *figures);
/* "GetMemoryMap", "File.Open"; NULL: no such service. */
const char *service_name(unsigned call);

#endif
