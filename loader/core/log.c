#include "boot.h"

#define STAGE_COLUMN 11

void log_begin(struct log *log)
{
    log->writer = writer_on(log->buffer, sizeof(log->buffer));
    log->shown = LOG_NORMAL;
}

void log_line(struct log *log, enum log_level level, struct text line)
{
    size_t start = log->writer.used;
    write_text(&log->writer, line);
    write_char(&log->writer, '\n');
    if (log->shown >= level) {
        plat_say((struct text){log->buffer + start, log->writer.used - start});
    }
}

void log_stage(struct log *log, const char *stage, struct writer *line)
{
    char buffer[512];
    struct writer writer = writer_on(buffer, sizeof(buffer));
    write_string(&writer, stage);
    while (writer.used < STAGE_COLUMN) {
        write_char(&writer, ' ');
    }
    write_text(&writer, writer_text(line));
    log_line(log, LOG_NORMAL, writer_text(&writer));
}
