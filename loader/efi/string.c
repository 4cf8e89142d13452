/* The part of a C library that compilers and zlib need. memcpy and memset are in arch/. */
#define BATON_STRING_FUNCTIONS
#include <stdint.h>
#include <string.h>

void *memmove(void *target, const void *source, size_t size)
{
    char *to = target;
    const char *from = source;
    if (to <= from || to >= from + size) {
        return memcpy(target, source, size);
    }
    while (size-- > 0) {
        to[size] = from[size];
    }
    return target;
}

int memcmp(const void *a, const void *b, size_t size)
{
    const unsigned char *left = a;
    const unsigned char *right = b;
    uint64_t words[2];
    uint32_t halves[2];
    size_t i = 0;
    for (; size - i >= sizeof(words[0]); i += sizeof(words[0])) {
        __builtin_memcpy(&words[0], left + i, sizeof(words[0]));
        __builtin_memcpy(&words[1], right + i, sizeof(words[1]));
        if (words[0] != words[1]) {
            break;
        }
    }
    if (size - i >= sizeof(halves[0])) {
        __builtin_memcpy(&halves[0], left + i, sizeof(halves[0]));
        __builtin_memcpy(&halves[1], right + i, sizeof(halves[1]));
        i += halves[0] == halves[1] ? sizeof(halves[0]) : 0;
    }
    for (; i < size; i++) {
        if (left[i] != right[i]) {
            return left[i] - right[i];
        }
    }
    return 0;
}

size_t strlen(const char *string)
{
    size_t size = 0;
    while (string[size] != '\0') {
        size++;
    }
    return size;
}

int strcmp(const char *a, const char *b)
{
    while (*a != '\0' && *a == *b) {
        a++;
        b++;
    }
    return (unsigned char)*a - (unsigned char)*b;
}

/* zlib's default allocator, which is linked but never called: inflate.c brings its own. */
void *malloc(size_t size);
void free(void *memory);

void *malloc(size_t size)
{
    (void)size;
    return NULL;
}

void free(void *memory)
{
    (void)memory;
}
