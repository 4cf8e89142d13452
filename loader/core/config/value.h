/* Numbers in loader.cfg, and which word a misspelt one was meant to be. */
#ifndef BATON_CONFIG_VALUE_H
#define BATON_CONFIG_VALUE_H

#include "core/base/status.h"

/* Decimal or 0x hexadecimal, '_' between digits, then nothing or K, M, G, KiB, MiB or GiB in either
 * case. CONFIG_BAD_NUMBER where text has another form, CONFIG_OVERFLOW above 64 bits. */
MUST_CHECK enum status config_number(struct text text, uint64_t *out_number);

/* Whether a digit of that base, 16 at most, is there. */
bool config_is_digit_at(struct text text, size_t at, unsigned base);

/* The candidate that comes nearest to what was written, if any is near enough to be meant. */
struct guess {
    struct text written;
    struct text best; /* empty: none so far */
    uint32_t distance;
};

struct guess guess_for(struct text written);
void guess_offer(struct guess *guess, struct text candidate);

#endif
