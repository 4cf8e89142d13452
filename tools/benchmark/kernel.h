/* The kernel that every loader loads, in the format it takes. Its payload and the sum the kernel
 * checks are the same ones every time. */
#ifndef BATON_BENCHMARK_KERNEL_H
#define BATON_BENCHMARK_KERNEL_H

#include "cases.h"
#include "vm/message.h"

/* Where the kernel is built: its first bytes, and the EFI application for FORMAT_EFI. */
struct kernel_parts {
    const char *head;
    const char *efi_stub;
};

/* Of all that decides what kernel_write and module_write write, but the case: the parts, this
 * program, zlib. 0: message says what cannot be read. */
uint64_t kernel_hash(const struct kernel_parts *parts, struct message *message);
/* Writes the file. Its modules are as module_write makes them. */
bool kernel_write(const char *path, const struct bench_case *one, const struct kernel_parts *parts,
                  struct message *message);
bool module_write(const char *path, uint64_t size, struct message *message);

#endif
