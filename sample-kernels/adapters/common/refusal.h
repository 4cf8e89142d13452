/* Why a foreign kernel cannot be booted. */
#ifndef ADAPTER_REFUSAL_H
#define ADAPTER_REFUSAL_H

#include "bootinfo.h"

struct refusal {
    const char *text; /* NULL: it can; else what was expected, and ends with what 'found' is */
    uint64_t found;
};

static inline struct refusal refused(const char *text, uint64_t found)
{
    struct refusal refusal = {text, found};
    return refusal;
}

static inline struct refusal accepted(void)
{
    return refused(NULL, 0);
}

/* Passes a refusal up. */
#define ACCEPT(expression)                         \
    do {                                           \
        struct refusal refusal_got = (expression); \
        if (refusal_got.text != NULL) {            \
            return refusal_got;                    \
        }                                          \
    } while (0)

/* Prints "ADAPTER: NAME: TEXT 0xFOUND" and ends the kernel; an empty name is left out. */
void refuse(const char *adapter, struct BootInfoSpan name, struct refusal refusal)
    __attribute__((noreturn));

#endif
