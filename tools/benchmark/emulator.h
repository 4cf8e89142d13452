/* QEMU as a machine that repeats exactly: -icount, and the plugin's free disk. Saved while
 * efi/chain.c waits, and let go on from there with another disk. */
#ifndef BATON_BENCHMARK_EMULATOR_H
#define BATON_BENCHMARK_EMULATOR_H

#include "bench.h"
#include "cases.h"
#include "vm/disk.h"

/* What a run gave; freed with emulator_run_free. */
struct emulator_run {
    struct bytes debug;  /* of the debug console */
    struct bytes serial; /* of the serial port */
    struct bytes plugin;
    struct bytes output; /* QEMU's own */
    int status;          /* QEMU's exit status; -1: it was killed, or ran too long */
};

/* Every disk has this size: the saved machine has seen one. */
#define EMULATOR_DISK_SIZE (UINT64_C(640) << 20)

/* Boots the firmware as far as efi/chain.c and saves the machine; nothing where that was done
 * before, or where the disk's controller cannot be saved (NVMe). Takes a minute. */
bool emulator_save(const struct bench *bench, const struct bench_case *one,
                   struct message *message);
/* One boot. hooked: count the firmware's services too. */
bool emulator_run(const struct bench *bench, const struct bench_case *one,
                  const struct disk_file *files, size_t file_count, bool hooked,
                  struct message *message, struct emulator_run *out_run);
void emulator_run_free(struct emulator_run *run);

#endif
