#include "boot/boot.h"

#define STAGE_COLUMN   11
#define LOG_FOR_STAGES 1024 /* bytes that messages leave to the lines of the next entry */

void log_begin(struct log *log)
{
    log->writer = writer_on(log->buffer, sizeof(log->buffer));
    log->shown = LOG_NORMAL;
}

/* What does not fit is shown all the same: errors of many entries may have filled the log. */
static bool has_room(const struct log *log, size_t size)
{
    return size < log->writer.capacity - log->writer.used;
}

void log_message(struct log *log, struct text message)
{
    plat_say(message);
    if (has_room(log, message.size + LOG_FOR_STAGES)) {
        write_text(&log->writer, message);
    }
}

void log_line(struct log *log, enum log_level level, struct text line)
{
    if (!has_room(log, line.size + 1)) {
        if (log->shown >= level) {
            plat_say(line);
            plat_say(TEXT("\n"));
        }
        return;
    }
    size_t start = log->writer.used;
    write_text(&log->writer, line);
    write_char(&log->writer, '\n');
    if (log->shown >= level) {
        plat_say((struct text){log->buffer + start, log->writer.used - start});
    }
}

void log_path(struct writer *line, struct text path)
{
    if (path.size > LOG_PATH_SHOWN) {
        write_string(line, "...");
        path.bytes += path.size - LOG_PATH_SHOWN;
        path.size = LOG_PATH_SHOWN;
        while (path.size > 0 && ((uint8_t)path.bytes[0] & 0xC0) == 0x80) {
            path.bytes++;
            path.size--;
        }
    }
    write_text(line, path);
}

static void write_stage(struct log *log, enum log_level level, const char *stage,
                        const struct writer *line)
{
    char buffer[512];
    struct writer writer = writer_on(buffer, sizeof(buffer));
    write_string(&writer, stage);
    while (writer.used < STAGE_COLUMN) {
        write_char(&writer, ' ');
    }
    write_text(&writer, writer_text(line));
    log_line(log, level, writer_text(&writer));
}

void log_stage(struct log *log, const char *stage, const struct writer *line)
{
    write_stage(log, LOG_NORMAL, stage, line);
}

static void write_fact(struct writer *line, const char *name, uint64_t value)
{
    write_string(line, line->used == 0 ? "" : ", ");
    write_string(line, name);
    write_string(line, " ");
    write_hex(line, value);
}

void log_machine(struct log *log, const struct machine *machine, uint64_t serial)
{
    char buffer[256];
    struct writer line = writer_on(buffer, sizeof(buffer));
    write_fact(&line, "loader at", machine->loader_image.address);
    write_fact(&line, "EFI system table", machine->efi_system_table);
    write_fact(&line, "RSDP", machine->acpi_rsdp);
    write_fact(&line, "SMBIOS", machine->smbios);
    write_fact(&line, "serial port", serial);
    write_stage(log, LOG_VERBOSE, "machine", &line);
    for (uint32_t i = 0; i < machine->framebuffer_count; i++) {
        const struct BootInfoFramebuffer *screen = &machine->framebuffers[i];
        line = writer_on(buffer, sizeof(buffer));
        write_decimal(&line, screen->width);
        write_string(&line, "x");
        write_decimal(&line, screen->height);
        write_string(&line, "x");
        write_decimal(&line, screen->bits_per_pixel);
        write_fact(&line, "at", screen->address);
        write_stage(log, LOG_VERBOSE, "screen", &line);
    }
}
