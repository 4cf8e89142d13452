/* The sentences and advices of STATUS_LIST, packed when the loader is built
 * (loader/pack/sentences.c): they take half of the bytes in BOOTX64.EFI (docs/decisions/0009). */
#ifndef BATON_SENTENCE_H
#define BATON_SENTENCE_H

#include "core/base/status.h"

#define SENTENCE_ROOM  512 /* bytes */
#define SENTENCE_CODES 159 /* 128 to 255, then 1 to 31: no sentence has these bytes */

enum sentence_kind { SENTENCE, ADVICE };

/* What each code stands for: two bytes, each of which may be a code that was made before. */
extern const unsigned char sentence_pairs[2 * SENTENCE_CODES];
/* The sentence and the advice of each status, one after the other, each with a 0 after it. */
extern const unsigned char sentences[];

/* Writes what STATUS_LIST has for status to out, with a 0 after it. */
void sentence_unpack(enum status status, enum sentence_kind kind, char out[SENTENCE_ROOM]);

#endif
