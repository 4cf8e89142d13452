/* Strings that are packed when the loader is built (loader/pack/strings.c): they take half of
 * the bytes in BOOTX64.EFI (docs/decisions/0009). A list of them lies one string after the other,
 * each with a 0 after it. Unpacking takes no memory but the writer's, and asks no firmware. */
#ifndef BATON_PACKED_H
#define BATON_PACKED_H

#include "core/base/writer.h"

/* The n-th, from 0, of strings that lie one after the other, each ended by NUL; packed or not. */
const char *string_at(const char *strings, uint32_t n);

#define PACKED_CODES 159 /* 128 to 255, then 1 to 31: no string has these bytes */
#define PACKED_DEPTH 24  /* codes that a code can lead through */

/* What each code stands for: two bytes, each of which may be a code that was made before. */
extern const unsigned char packed_pairs[2 * PACKED_CODES];

/* For a list X(name, words): enum { LIST(PACKED_CODE) } are the numbers of its strings. */
#define PACKED_CODE(name, words) name,

/* Appends the n-th string of a list, from 0. */
void write_packed(struct writer *writer, const unsigned char *list, uint32_t n);

/* The same of one string, given where it begins. */
void write_unpacked(struct writer *writer, const char *packed);

/* The n-th string of a list as a text for write_phrase, and for nothing else: its size is
 * PACKED_SIZE, whatever the string has. */
#define PACKED_SIZE SIZE_MAX
struct text packed_text(const unsigned char *list, uint32_t n);
/* Appends what packed_text gave; any other text is quoted. */
void write_phrase(struct writer *writer, struct text text);

#endif
