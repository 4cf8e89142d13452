/* Puts a raw kernel into another format, in place. */
#ifndef BATON_BENCHMARK_CONTAINER_H
#define BATON_BENCHMARK_CONTAINER_H

#include "vm/message.h"

#include <stdint.h>

/* ELF64 with one segment, readable, writable and executable. */
void elf_wrap(struct bytes *kernel, uint64_t address, uint64_t entry);
/* The EFI application stub with the kernel as its last section. */
bool efi_wrap(struct bytes *kernel, const char *stub, struct message *message);

#endif
