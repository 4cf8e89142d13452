/* Kernels and other files for tests. Each call makes a new buffer, which stays until the process
 * ends. */
#ifndef BATON_TEST_KERNELS_H
#define BATON_TEST_KERNELS_H

#include "boot/boot.h"

/* size bytes that look like code, with no run repeated; no kernel header. */
struct text kernel_raw(uint64_t size);
/* The same with this header, its magic, version and size filled in where they are 0, at offset. */
struct text kernel_with_header(uint64_t size, struct BootInfoKernelHeader header, uint64_t offset);
struct text kernel_gzip(struct text image);
struct text kernel_zlib(struct text image);
/* One file after the other. */
struct text kernel_joined(struct text first, struct text second);
/* As a gzip file of two members, the second from byte first on. */
struct text kernel_members(struct text image, uint64_t first);
/* The first size bytes of file, and file with one byte changed. */
struct text kernel_cut(struct text file, uint64_t size);
struct text kernel_damaged(struct text file, uint64_t offset);

#endif
