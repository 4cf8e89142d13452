/* Looking for a word in an image. */
#ifndef BATON_SEARCH_H
#define BATON_SEARCH_H

#include "core/base/bytes.h"

/* The first offset among from, from + step, from + 2 * step, ... where all of word is, in
 * little-endian order; bytes.size: it is at none of them. */
uint64_t search_word(struct bytes bytes, uint64_t from, uint64_t step, uint32_t word);

#endif
