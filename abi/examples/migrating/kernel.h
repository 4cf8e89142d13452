/* What the kernel wants to know, whoever loads it. */
#include <stdint.h>

struct facts {
    const char *protocol;
    const char *loader;
    uint64_t usable; /* bytes */
};

_Noreturn void kernel(const struct facts *facts);
