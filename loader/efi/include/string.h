/* The part of <string.h> that the loader uses; efi/string.c has it. */
#ifndef BATON_STRING_H
#define BATON_STRING_H

#include <stddef.h>

void *memcpy(void *restrict target, const void *restrict source, size_t size);
void *memmove(void *target, const void *source, size_t size);
void *memset(void *target, int value, size_t size);
int memcmp(const void *a, const void *b, size_t size);
size_t strlen(const char *string);
int strcmp(const char *a, const char *b);

/* Without these, -ffreestanding makes a call of every use, even of a load of 4 bytes: CRC-32
 * took a third longer (docs/speed.md). Where the size is not known the compiler still calls the
 * functions. */
#ifndef BATON_STRING_FUNCTIONS
#define memcpy(target, source, size) __builtin_memcpy(target, source, size)
#define memset(target, value, size)  __builtin_memset(target, value, size)
#define memcmp(a, b, size)           __builtin_memcmp(a, b, size)
#define strlen(string)               __builtin_strlen(string)
#endif

#endif
