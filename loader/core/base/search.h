/* Looking for words in an image. */
#ifndef BATON_SEARCH_H
#define BATON_SEARCH_H

#include "core/base/bytes.h"

/* The first offset among from, from + 8, from + 16, ... whose 8 bytes are in bytes, and begin with
 * the word even or end with the word odd, in little-endian order; bytes.size: there is no such
 * offset. from is at most bytes.size. */
uint64_t search_words(struct bytes bytes, uint64_t from, uint32_t even, uint32_t odd);

#endif
