/* The log: a line for each stage. BootInfo.log has all of them, also those that the user is not
 * shown. */
#ifndef BATON_LOG_H
#define BATON_LOG_H

#include "core/base/warnings.h"
#include "core/base/writer.h"
#include "core/config/config.h"

#define LOG_SIZE       4096
#define LOG_LINE_SIZE  512
#define LOG_PATH_SHOWN 160 /* bytes */

struct log {
    char buffer[LOG_SIZE];
    struct writer writer;
    char line_buffer[LOG_LINE_SIZE];
    struct writer line; /* the one that log_begin has begun */
    enum log_level level;
    /* Something went wrong, or the user has chosen: lines are shown on the screen as well. */
    bool on_screen;
};

void log_open(struct log *log);
/* Begins a line "stage      ..."; the caller writes the rest of it to the result. */
struct writer *log_begin(struct log *log, const char *stage);
/* Ends the line, and shows it if level is not above log->level: on the serial port, and on the
 * screen if log->level is LOG_VERBOSE or log->on_screen is set. */
void log_end(struct log *log, enum log_level level);
/* A line about something that the firmware names and that cannot be: its address in between. */
void log_wrong(struct log *log, enum warning what, uint64_t address, enum warning why);
/* A message that is shown whatever log->level says; all lines after it are on the screen, too. */
void log_message(struct log *log, struct text message);
/* The end of a path, at most LOG_PATH_SHOWN bytes of it, whole characters. */
void log_path(struct writer *line, struct text path);

#endif
