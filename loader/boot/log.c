#include "boot/log.h"

#include "core/base/packed.h"
#include "core/base/span.h"

#include "platform/console.h"

#define STAGE_COLUMN   11
#define KEPT_FOR_ENTRY 1024 /* bytes */

void log_open(struct log *log)
{
    log->writer = writer_on(log->buffer, sizeof(log->buffer));
    log->level = LOG_NORMAL;
}

static bool has_room(const struct log *log, size_t size)
{
    return size < log->writer.capacity - log->writer.used;
}

/* KEPT_FOR_ENTRY bytes of the log stay free, so that long errors cannot push out the stage lines of
 * the entry that boots. What does not fit is shown all the same. */
void log_message(struct log *log, struct text message)
{
    plat_say(message);
    log->on_screen = true;
    if (has_room(log, message.size + KEPT_FOR_ENTRY)) {
        write_text(&log->writer, message);
    }
}

struct writer *log_begin(struct log *log, const char *stage)
{
    static const char blanks[] = "           ";
    _Static_assert(sizeof(blanks) == STAGE_COLUMN + 1, "as wide as the column");
    log->line = writer_on(log->line_buffer, sizeof(log->line_buffer) - 1);
    write_string(&log->line, stage);
    size_t used = least(log->line.used, STAGE_COLUMN);
    write_text(&log->line, (struct text){blanks, STAGE_COLUMN - used});
    return &log->line;
}

void log_end(struct log *log, enum log_level level)
{
    log->line.capacity = sizeof(log->line_buffer);
    write_char(&log->line, '\n');
    struct text line = writer_text(&log->line);
    if (has_room(log, line.size)) {
        write_text(&log->writer, line);
    }
    if (log->level < level) {
        return;
    }
    if (log->on_screen || log->level == LOG_VERBOSE) {
        plat_say(line);
    } else {
        plat_note(line);
    }
}

void log_wrong(struct log *log, enum warning what, uint64_t address, enum warning why)
{
    struct writer *line = log_begin(log, "machine");
    write_packed(line, packed_warnings, what);
    write_hex(line, address);
    write_packed(line, packed_warnings, why);
    log_end(log, LOG_NORMAL);
}

void log_path(struct writer *line, struct text path)
{
    if (path.size > LOG_PATH_SHOWN) {
        write_string(line, "...");
        path = text_after(path, path.size - LOG_PATH_SHOWN);
        while (path.size > 0 && byte_continues_character(path.bytes[0])) {
            path = text_after(path, 1);
        }
    }
    write_text(line, path);
}
