/* What the tool itself says: to stderr, in colour where that is a terminal. */
#ifndef BATON_TOOL_REPORT_H
#define BATON_TOOL_REPORT_H

#include "vm/message.h"

/* "PLACE: error: ..." is shown with "error:" in red, whoever wrote it. */
void report_message(const struct message *message);
/* "WHO: WHAT" as a line, as an error. format begins with who speaks. */
void report_error(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* The same as plain text, after everything that stdout was given. */
void report_note(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* On what takes longer than a second: "..." and how far, on a terminal only. Starts as {0}. */
struct progress {
    long long began_ms;
    bool shown;
};

void progress_show(struct progress *progress, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void progress_end(struct progress *progress);

/* Whether text to the descriptor may have colours: a terminal, not a dumb one, no NO_COLOR. */
bool report_colours(int descriptor);

#endif
