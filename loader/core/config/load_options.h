/* UEFI load options: what boot managers and the UEFI shell pass to the loader. Pure. */
#ifndef BATON_LOAD_OPTIONS_H
#define BATON_LOAD_OPTIONS_H

#include "core/base/text.h"

/* Empty: not given. The texts point into the load options. */
struct load_options {
    struct text entry;
    struct text config;
};

struct load_options load_options_parse(struct text text);

#endif
