/* The four functions that compilers call on their own, -ffreestanding or not. */
#ifndef BATON_MEMORY_H
#define BATON_MEMORY_H

#include <stddef.h>

void *memcpy(void *restrict target, const void *restrict source, size_t size);
void *memmove(void *target, const void *source, size_t size);
void *memset(void *target, int value, size_t size);
int memcmp(const void *left, const void *right, size_t size);

#endif
