/* UEFI load options: what boot managers and the UEFI shell pass to the loader. Pure. */
#ifndef BATON_LOAD_OPTIONS_H
#define BATON_LOAD_OPTIONS_H

#include "core/base/text.h"

#define LOAD_OPTIONS_MAX 2048 /* bytes that are looked at */

/* Empty: not given. The texts point into the load options. */
struct load_options {
    struct text entry;
    struct text config;
    struct text unclear; /* the first word that names one of them and is not understood */
};

/* The text of size bytes as firmware has them, up to a NUL: UTF-8, or UTF-16 of either byte order,
 * with a mark or without. Where that names no option, but the bytes do somewhere, a word
 * '?entry...' or '?config...' is appended, which load_options_parse finds unclear. buffer has room
 * for the NUL, too; what has no room is cut off. */
struct text load_options_decode(const void *bytes, size_t size, char *buffer, size_t capacity);

struct load_options load_options_parse(struct text text);

#endif
