/* A place in a kernel in words: functions, files, lines, and the line of the source. */
#ifndef BATON_TOOL_PLACE_H
#define BATON_TOOL_PLACE_H

#include "symbols.h"

/* A function and where in its file it was. */
struct frame {
    char *function;
    char *file; /* as the debug information names it; NULL: unknown */
    unsigned line;
};

struct place {
    struct frame *frames; /* the innermost first: each was inlined into the next */
    size_t count;         /* 0: data */
    char *data;           /* "driver_table+0x8 (.data): data, not code"; NULL: code */
};

/* False: nobody knows a name. offset: in the raw image. */
bool place_find(struct symbols *symbols, uint64_t offset, struct place *out_place);
/* "function at file.c:42" of one frame, files as seen from the folder the user is in. Freed by
 * the caller. */
char *place_words(const struct place *place, size_t frame);
/* The first frame that is the user's: its file is there, and in no folder of the system's or of a
 * package manager's. count where none is. */
size_t place_of_user(const struct place *place);
/* That frame's line of the source, with its number; NULL: no such frame. */
char *place_source(const struct place *place);
void place_free(struct place *place);

#endif
