/* Appends text and numbers to a buffer, and never overruns it. */
#ifndef BATON_WRITER_H
#define BATON_WRITER_H

#include "core/base/text.h"

/* Appends to buffer; what does not fit is dropped. buffer ends in NUL at all times. */
struct writer {
    char *buffer;
    size_t capacity; /* with the NUL; at least 1 */
    size_t used;     /* without the NUL */
};

struct writer writer_on(char *buffer, size_t capacity);
struct text writer_text(const struct writer *writer);

/* Of a number below 16. */
char digit_of(uint64_t value);

void write_char(struct writer *writer, char c);
void write_text(struct writer *writer, struct text text);
void write_string(struct writer *writer, const char *nul_terminated);
/* In any base to 16; group: so many digits lie between commas, 0: none do. */
void write_digits(struct writer *writer, uint64_t value, unsigned base, unsigned group);
void write_decimal(struct writer *writer, uint64_t value);
/* With 0x in front, without leading zeros. */
void write_hex(struct writer *writer, uint64_t value);
/* "64 KiB" where it is a whole number of units, else "65,537 bytes". */
void write_size(struct writer *writer, uint64_t bytes);
/* Appends text with a '?' for each control character and each byte that is no UTF-8, and a blank
 * for a tab: nothing that a file contains can control the terminal. The result has as many
 * characters as text_characters counts. */
void write_quoted(struct writer *writer, struct text text);

#endif
