#include "core/config/value.h"

#define GUESS_SIZE_MAX 32 /* bytes; nothing longer is guessed */

static unsigned digit_value(char c)
{
    if (c >= '0' && c <= '9') {
        return (unsigned)(c - '0');
    }
    char lower = lower_case(c);
    return lower >= 'a' && lower <= 'f' ? (unsigned)(lower - 'a') + 10 : 16;
}

/* 16: there is no digit. */
static unsigned digit_at(struct text text, size_t at)
{
    return at < text.size ? digit_value(text.bytes[at]) : 16;
}

bool config_is_digit_at(struct text text, size_t at, unsigned base)
{
    return digit_at(text, at) < base;
}

/* The number of bits that K, M, G (or KiB and so on) shift by; -1: text is none of these. */
static int suffix_shift(struct text suffix)
{
    if (suffix.size == 0) {
        return 0;
    }
    if (suffix.size == 3 && lower_case(suffix.bytes[1]) == 'i' &&
        lower_case(suffix.bytes[2]) == 'b') {
        suffix.size = 1;
    }
    if (suffix.size != 1) {
        return -1;
    }
    char letter = lower_case(suffix.bytes[0]);
    return letter == 'k' ? 10 : letter == 'm' ? 20 : letter == 'g' ? 30 : -1;
}

enum status config_number(struct text text, uint64_t *out_number)
{
    bool hex = text.size > 2 && text.bytes[0] == '0' && lower_case(text.bytes[1]) == 'x';
    unsigned base = hex ? 16 : 10;
    size_t at = hex ? 2 : 0;
    bool overflow = false;
    uint64_t number = 0;
    unsigned digit = digit_at(text, at);
    if (digit >= base) {
        return STATUS_CONFIG_BAD_NUMBER;
    }
    for (; digit < base; digit = digit_at(text, at)) {
        overflow |= __builtin_mul_overflow(number, (uint64_t)base, &number);
        overflow |= __builtin_add_overflow(number, digit, &number);
        at++;
        if (at < text.size && text.bytes[at] == '_' && config_is_digit_at(text, at + 1, base)) {
            at++;
        }
    }
    int shift = suffix_shift(text_after(text, at));
    if (shift < 0) {
        return STATUS_CONFIG_BAD_NUMBER;
    }
    overflow |= __builtin_mul_overflow(number, UINT64_C(1) << shift, &number);
    if (overflow) {
        return STATUS_CONFIG_OVERFLOW;
    }
    *out_number = number;
    return STATUS_OK;
}

static uint32_t least(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

/* Restricted Damerau-Levenshtein distance (a swap of neighbours counts one), case ignored.
 * Both texts have GUESS_SIZE_MAX bytes at most. Three rows of the matrix are enough for a swap. */
static uint32_t edit_distance(struct text a, struct text b)
{
    uint32_t rows[3][GUESS_SIZE_MAX + 1];
    for (uint32_t j = 0; j <= b.size; j++) {
        rows[0][j] = j;
    }
    for (uint32_t i = 1; i <= a.size; i++) {
        uint32_t *row = rows[i % 3];
        const uint32_t *above = rows[(i + 2) % 3];
        row[0] = i;
        for (uint32_t j = 1; j <= b.size; j++) {
            char here = lower_case(a.bytes[i - 1]);
            uint32_t change = here == lower_case(b.bytes[j - 1]) ? 0 : 1;
            row[j] = least(above[j - 1] + change, least(above[j], row[j - 1]) + 1);
            if (i > 1 && j > 1 && here == lower_case(b.bytes[j - 2]) &&
                lower_case(a.bytes[i - 2]) == lower_case(b.bytes[j - 1])) {
                row[j] = least(row[j], rows[(i + 1) % 3][j - 2] + 1);
            }
        }
    }
    return rows[a.size % 3][b.size];
}

struct guess guess_for(struct text written)
{
    /* One typing error, one more for every four bytes, three at most: 'kernal' is taken for kernel,
     * 'on' not for none. */
    uint32_t slips_max = written.size < 8 ? 1 + (uint32_t)(written.size / 4) : 3;
    return (struct guess){.written = written, .distance = slips_max + 1};
}

void guess_offer(struct guess *guess, struct text candidate)
{
    if (guess->written.size > GUESS_SIZE_MAX || candidate.size > GUESS_SIZE_MAX) {
        return;
    }
    uint32_t distance = edit_distance(guess->written, candidate);
    if (distance < guess->distance) {
        guess->best = candidate;
        guess->distance = distance;
    }
}
