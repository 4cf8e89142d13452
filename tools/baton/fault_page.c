#include "fault_page.h"

#include "place.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PLACE        "kernel+0x"
#define BREAKPOINT   3
#define OVERFLOW     4
#define SOURCE_BELOW "        " /* under the kernel+0x of the line that begins with "at" */

static const char *const last_lines[] = {
    "halted (on_fault = ",
    "resetting in ",
    "A second fault, while the first one was being reported",
};

static bool begins(const char *line, const char *start)
{
    return strncmp(line, start, strlen(start)) == 0;
}

/* The instruction itself; all else are return addresses, which may be the next function's
 * first. */
static bool is_instruction(const struct fault_page *page, const char *line)
{
    bool current = begins(line, "at ") || begins(line, "  #0 ");
    return current && page->vector != BREAKPOINT && page->vector != OVERFLOW;
}

/* What was inlined goes below, a line each: the chain of a Rust program is long. */
static void show_frames(const struct place *place)
{
    for (size_t i = 0; i < place->count; i++) {
        AUTO_STRING words = place_words(place, i);
        printf(i == 0 ? "  %s" : "\n" SOURCE_BELOW "  inlined into %s", words);
    }
}

static void show_place(struct fault_page *page, const char *line, const struct place *place)
{
    if (place->data != NULL) {
        printf("  %s", place->data);
        page->in_data = page->in_data || begins(line, "at ");
        return;
    }
    show_frames(place);
    page->has_caller = page->has_caller || begins(line, "  #1 ");
    AUTO_STRING source = begins(line, "at ") ? place_source(place) : NULL;
    if (source != NULL) {
        printf("\n" SOURCE_BELOW "%s", source);
    }
    if (page->on_stack && page->in_data && !page->has_caller) {
        printf("  <- the jump came from here, if it was a call");
        page->on_stack = false;
    }
}

static void add_names(struct fault_page *page, const char *line)
{
    const char *start = line;
    while ((start = strstr(start, PLACE)) != NULL) {
        struct place place;
        char *end;
        uint64_t offset = strtoull(start + strlen(PLACE), &end, 16);
        offset -= is_instruction(page, line) || offset == 0 ? 0 : 1;
        start = end;
        if (place_find(page->symbols, offset, &place)) {
            show_place(page, line, &place);
            place_free(&place);
        }
    }
    page->in_data = page->in_data || (begins(line, "at ") && strstr(line, PLACE) == NULL);
    page->on_stack = page->on_stack || begins(line, "stack at ");
}

static void look_at_start(struct fault_page *page, const char *line)
{
    static const char vector[] = "vector ";
    const char *number = strstr(line, vector);
    if (begins(line, "FAULT: ") && number != NULL) {
        page->inside = page->seen = true;
        page->vector = (unsigned)strtoul(number + strlen(vector), NULL, 10);
    }
}

static void look_at_end(struct fault_page *page, const char *line)
{
    for (size_t i = 0; i < sizeof(last_lines) / sizeof(last_lines[0]); i++) {
        if (page->seen && begins(line, last_lines[i])) {
            page->inside = false;
            page->ended = true;
        }
    }
}

static void end_line(struct fault_page *page)
{
    const char *line = bytes_text(&page->line);
    look_at_start(page, line);
    if (page->inside) {
        add_names(page, line);
    }
    fputs(page->returns ? "\r\n" : "\n", stdout);
    look_at_end(page, line);
    page->returns = false;
    bytes_free(&page->line);
}

static void show_character(struct fault_page *page, char c)
{
    if (c == '\n') {
        end_line(page);
        return;
    }
    if (page->returns) {
        putchar('\r');
        bytes_free(&page->line);
    }
    page->returns = c == '\r';
    if (c != '\r') {
        putchar(c);
        bytes_add(&page->line, &c, 1);
    }
}

void fault_page_show(struct fault_page *page, const char *text, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        show_character(page, text[i]);
    }
    fflush(stdout);
}

void fault_page_free(struct fault_page *page)
{
    bytes_free(&page->line);
}
