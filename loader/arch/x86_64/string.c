/* memcpy and memset, each one instruction of this CPU. The others are in efi/string.c. */
#define BATON_STRING_FUNCTIONS
#include <string.h>

void *memcpy(void *restrict target, const void *restrict source, size_t size)
{
    void *at = target;
    __asm__ volatile("rep movsb" : "+D"(at), "+S"(source), "+c"(size) : : "memory");
    return target;
}

void *memset(void *target, int value, size_t size)
{
    void *at = target;
    __asm__ volatile("rep stosb" : "+D"(at), "+c"(size) : "a"(value) : "memory");
    return target;
}
