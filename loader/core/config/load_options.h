/* UEFI load options: what boot managers and the UEFI shell pass to the loader. Pure. */
#ifndef BATON_LOAD_OPTIONS_H
#define BATON_LOAD_OPTIONS_H

#include "core/base/text.h"

#define LOAD_OPTIONS_MAX  65536 /* bytes that are searched: no variable of EDK2 holds more */
#define LOAD_OPTIONS_READ 2048  /* that are understood, at the beginning of them */

/* Empty: not given. The texts point into the load options. */
struct load_options {
    struct text entry;
    struct text config;
    struct text unclear; /* the first word that names one of them and is not understood */
};

/* The text of size bytes as firmware has them, up to a NUL: UTF-8, or UTF-16 of either byte order,
 * with a mark or without, and at most LOAD_OPTIONS_READ bytes. Where that names no option, but the
 * bytes do somewhere, or those beyond it do, a word '?entry...' or '?config...' is appended, which
 * load_options_parse finds unclear. buffer has room for the NUL, too; what has no room is cut
 * off. */
struct text load_options_decode(const void *bytes, size_t size, char *buffer, size_t capacity);

struct load_options load_options_parse(struct text text);

#endif
