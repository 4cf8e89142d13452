#include "report.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define RED   "\033[1;31m"
#define PLAIN "\033[0m"
#define WIPE  "\r\033[K"

enum { PROGRESS_AFTER_MS = 1000 };

bool report_colours(int descriptor)
{
    const char *term = getenv("TERM");
    const char *none = getenv("NO_COLOR"); /* https://no-color.org */
    return isatty(descriptor) && (none == NULL || none[0] == '\0') && term != NULL &&
           strcmp(term, "dumb") != 0;
}

/* The word that colours are for, in a line of an error. */
static void show_line(const char *line, size_t length, bool colours)
{
    static const char mark[] = "error:";
    const char *found = memmem(line, length, mark, strlen(mark));
    if (!colours || found == NULL) {
        fprintf(stderr, "%.*s\n", (int)length, line);
        return;
    }
    size_t before = (size_t)(found - line);
    const char *after = found + strlen(mark);
    fprintf(stderr, "%.*s" RED "%s" PLAIN "%.*s\n", (int)before, line, mark,
            (int)(length - before - strlen(mark)), after);
}

void report_message(const struct message *message)
{
    const char *text = message_text(message);
    bool colours = report_colours(STDERR_FILENO);
    fflush(stdout);
    while (*text != '\0') {
        size_t length = strcspn(text, "\n");
        show_line(text, length, colours);
        text += length;
        text += *text == '\n';
    }
}

void report_error(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    AUTO_STRING text = string_format_list(format, arguments);
    va_end(arguments);
    bool colours = report_colours(STDERR_FILENO);
    fflush(stdout);
    fprintf(stderr, "%s%s%s\n", colours ? RED : "", text, colours ? PLAIN : "");
}

void report_note(const char *format, ...)
{
    va_list arguments;
    fflush(stdout);
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fputc('\n', stderr);
}

static long long now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (long long)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void progress_show(struct progress *progress, const char *format, ...)
{
    va_list arguments;
    long long now = now_ms();
    progress->began_ms = progress->began_ms == 0 ? now : progress->began_ms;
    if (now - progress->began_ms < PROGRESS_AFTER_MS || !report_colours(STDERR_FILENO)) {
        return;
    }
    fputs(WIPE, stderr);
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fflush(stderr);
    progress->shown = true;
}

void progress_end(struct progress *progress)
{
    if (progress->shown) {
        fputs(WIPE, stderr);
    }
    *progress = (struct progress){0};
}
