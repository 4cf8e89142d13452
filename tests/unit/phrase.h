/* What a phrase of struct failure says, packed or not. */
#ifndef BATON_TEST_PHRASE_H
#define BATON_TEST_PHRASE_H

#include "core/base/packed.h"

#include <string.h>

static inline bool phrase_begins_with(struct text phrase, const char *start)
{
    char words[256];
    struct writer writer = writer_on(words, sizeof(words));
    write_phrase(&writer, phrase);
    return strncmp(words, start, strlen(start)) == 0;
}

static inline bool phrase_is(struct text phrase, const char *expected)
{
    char words[256];
    struct writer writer = writer_on(words, sizeof(words));
    write_phrase(&writer, phrase);
    return strcmp(words, expected) == 0;
}

#endif
