/* What the fuzz targets share: checks that stop the fuzzer, and values made of its bytes. */
#ifndef BATON_FUZZ_H
#define BATON_FUZZ_H

#include "core/base/status.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The target: libFuzzer calls it with each input, in a new buffer. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define CHECK(condition)                                                            \
    do {                                                                            \
        if (!(condition)) {                                                         \
            fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #condition); \
            abort();                                                                \
        }                                                                           \
    } while (0)

/* Memory that has not been written to. */
#define UNTOUCHED 0xA5

/* An input as a row of choices; zeros follow its end. */
struct choices {
    const uint8_t *next;
    size_t left;
};

/* The next size bytes (8 at most) as a little-endian number. */
uint64_t choose(struct choices *choices, size_t size);
/* 0 to count - 1, by one byte. */
size_t choose_below(struct choices *choices, size_t count);
/* Mostly numbers at which something changes: powers of two, limits, and their neighbours. */
uint64_t choose_number(struct choices *choices);
/* All that is left. */
struct text choose_rest(struct choices *choices);

/* From malloc, size bytes of UNTOUCHED. */
void *untouched(size_t size);
bool is_untouched(const void *bytes, size_t size);

/* inner lies in outer. */
bool is_within(struct text inner, struct text outer);
/* UTF-8 without control characters. */
bool is_clean(struct text text);

/* The message is whole, has no control character in it, and is not written past its buffer. */
void check_message(const struct failure *failure);

#endif
