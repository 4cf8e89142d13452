/* What baton new puts into a folder. */
#ifndef BATON_TOOL_NEW_H
#define BATON_TOOL_NEW_H

#include "vm/message.h"

struct new_file {
    const char *from; /* below templates/, or one of baton's own files; NULL: the list ends */
    const char *to;   /* below the project */
    bool data;        /* baton's own: copied as it is */
};

/* "@NAME@" in a template. */
struct new_value {
    const char *name;
    char *text;
};

enum { NEW_FILES_MAX = 20, NEW_VALUES_MAX = 16 };

struct new_project {
    const char *name;
    const char *language; /* in words */
    const char *next;     /* the command that builds and boots it */
    const char *rules;    /* a template that becomes @RULES@ or @OPTIONS@; NULL: none */
    struct new_file files[NEW_FILES_MAX + 1];
    struct new_value values[NEW_VALUES_MAX];
    size_t value_count;
};

/* new_kinds.c: files and values for a language and a build system. False: there is no such
 * pair. */
bool new_choose(const char *language, const char *build, struct message *message,
                struct new_project *project);
/* Reads project->rules. */
bool new_rules(struct new_project *project, struct message *message);
/* Both are copied or kept by reference: name is. */
void new_value(struct new_project *project, const char *name, const char *text);
void new_free(struct new_project *project);

/* new.c: a template with its values filled in. */
bool new_read(const struct new_project *project, const char *from, struct message *message,
              struct bytes *out);

#endif
