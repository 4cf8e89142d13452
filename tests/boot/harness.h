/* What the boot tests share: a machine, a disk with the loader and some files, one boot. */
#ifndef BATON_BOOT_TEST_H
#define BATON_BOOT_TEST_H

#include "suite.h"
#include "vm/disk.h"
#include "vm/machine.h"

enum { BOOT_TIMEOUT_S = 120, BOOT_FILES_MAX = 256, TEST_TIMEOUT_S = 2 * BOOT_TIMEOUT_S };

/* The files of a disk. The texts belong to the caller. */
struct boot_files {
    struct disk_file files[BOOT_FILES_MAX];
    size_t count;
};

/* A disk with the loader on it, where firmware looks for it, and nothing else. */
void boot_begin(struct boot_files *files);
void boot_add(struct boot_files *files, struct disk_file file);
/* build/kernels/NAME as /boot/NAME. */
void boot_add_kernel(struct boot_files *files, const char *name);

/* The path of something in the build's folder, or in the source; freed by the caller. */
char *boot_built(const char *name);
char *boot_source(const char *name);

/* Makes the disk and boots it; machine.ovmf NULL: any firmware. Fails the test where there is no
 * QEMU or no firmware, and where the boot changed a byte of the disk. */
void boot_run(const struct boot_files *files, struct machine machine, struct machine_run *out_run);
/* The same with the sample kernel NAME and its own loader.cfg. */
void boot_sample(const char *name, struct machine machine, struct machine_run *out_run);

/* Fails the test, and shows all output, where the run did not end so or text lacks part. */
void boot_expect(const struct machine_run *run, enum machine_outcome outcome);
void boot_expect_text(const struct machine_run *run, const char *part);
void boot_expect_no_text(const struct machine_run *run, const char *part);
/* To the test's output: what is too long for a message of Check. */
void boot_show(const char *title, const char *text);

/* For machine.output, with a struct bytes as context: ends the run where the loader gives up. */
bool boot_until_given_up(void *context, const char *text, size_t size);

/* The judge's TAP on the serial port and the debug console: a plan, all its points, none failed. */
void boot_expect_tap(const struct machine_run *run);
/* The same on the debug console alone. */
void boot_expect_console_tap(const struct machine_run *run);

#endif
