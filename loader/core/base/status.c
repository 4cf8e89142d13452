#include "core/base/status.h"

#include "core/base/names.h"
#include "core/base/packed.h"
#include "core/base/span.h"

#include <string.h>

#define SOURCE_SHOWN  100 /* characters of a source line */
#define SOURCE_BEFORE 40  /* of these before the column, where the line is cut */
#define FOUND_SHOWN   60  /* characters of {found}, where the source line is shown as well */
#define INDENT        "      "

/* Bytes of the first characters of text, as many of them as it has. */
static size_t size_of_first(struct text text, size_t characters)
{
    size_t bytes = 0;
    while (characters > 0 && bytes < text.size) {
        bytes += text_step(text_after(text, bytes));
        characters--;
    }
    return bytes;
}

static void write_found(struct writer *writer, const struct failure *failure)
{
    struct text found = failure->found;
    size_t shown = failure->line == 0 ? found.size : size_of_first(found, FOUND_SHOWN);
    write_quoted(writer, (struct text){found.bytes, shown});
    write_string(writer, shown < found.size ? "..." : "");
}

void write_firmware(struct writer *writer, enum firmware firmware)
{
    size_t before = writer->used;
    if (firmware <= FIRMWARE_COMPROMISED_DATA) {
        write_packed(writer, packed_firmware_names, (uint32_t)firmware);
    }
    if (writer->used != before) {
        return;
    }
    write_string(writer, "EFI status ");
    write_hex(writer, (uint64_t)firmware);
}

static void write_occupants(struct writer *writer, const struct failure *failure)
{
    for (uint32_t i = 0; i < failure->occupant_count && i < OCCUPANTS_MAX; i++) {
        const struct occupant *occupant = &failure->occupants[i];
        uint64_t page_count = page_count_of(occupant->size);
        write_string(writer, "\n" INDENT);
        write_hex(writer, occupant->base);
        write_char(writer, '-');
        write_hex(writer, occupant->base + occupant->size - 1);
        write_char(writer, ' ');
        write_memory_type(writer, occupant->type);
        write_string(writer, " (");
        write_decimal(writer, page_count);
        write_string(writer, page_count == 1 ? " page)" : " pages)");
    }
    if (failure->occupant_count > OCCUPANTS_MAX) {
        write_string(writer, "\n" INDENT "and ");
        write_decimal(writer, failure->occupant_count - OCCUPANTS_MAX);
        write_string(writer, " more");
    }
}

static void write_guess(struct writer *writer, struct text guess)
{
    if (guess.size > 0) {
        write_string(writer, "; did you mean '");
        write_quoted(writer, guess);
        write_string(writer, "'?");
    }
}

/* {0}, {0:x} or {0:s}. */
static void write_number(struct writer *writer, struct text form, uint64_t number)
{
    int shape = form.size == 3 ? form.bytes[2] : 'd';
    if (shape == 'x') {
        write_hex(writer, number);
    } else if (shape == 's') {
        write_size(writer, number);
    } else {
        write_decimal(writer, number);
    }
}

static void write_fact(struct writer *writer, const struct failure *failure, struct text name)
{
    if (name.bytes[0] <= '3') { /* a digit: all other names are words */
        write_number(writer, name, failure->number[name.bytes[0] - '0']);
    } else if (text_equal(name, TEXT("found"))) {
        write_found(writer, failure);
    } else if (text_equal(name, TEXT("hint"))) {
        write_phrase(writer, failure->hint);
    } else if (text_equal(name, TEXT("next"))) {
        write_phrase(writer, failure->next);
    } else if (text_equal(name, TEXT("guess"))) {
        write_guess(writer, failure->guess);
    } else if (text_equal(name, TEXT("firmware"))) {
        write_firmware(writer, failure->firmware);
    } else if (text_equal(name, TEXT("occupants"))) {
        write_occupants(writer, failure);
    }
}

static void expand(struct writer *writer, const char *sentence, const struct failure *failure)
{
    for (const char *at = sentence; *at != '\0'; at++) {
        if (*at != '{') {
            write_char(writer, *at);
            continue;
        }
        struct text name = {at + 1, 0};
        while (name.bytes[name.size] != '}') {
            name.size++;
        }
        write_fact(writer, failure, name);
        at = name.bytes + name.size;
    }
}

/* "loader.cfg:12:1: error: ", as editors parse it. */
static void write_place(struct writer *writer, const struct failure *failure)
{
    if (failure->path.size == 0) {
        write_string(writer, "baton");
    }
    write_quoted(writer, failure->path);
    if (failure->line != 0) {
        write_char(writer, ':');
        write_decimal(writer, failure->line);
    }
    if (failure->line != 0 && failure->column != 0) {
        write_char(writer, ':');
        write_decimal(writer, failure->column);
    }
    write_string(writer, ": error: ");
    if (failure->subject.size > 0) {
        write_quoted(writer, failure->subject);
        write_string(writer, ": ");
    }
}

static void write_repeated(struct writer *writer, char c, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        write_char(writer, c);
    }
}

/* first: the first character shown, from 0; shown: how many. */
static void write_carets(struct writer *writer, const struct failure *failure, size_t first,
                         size_t shown)
{
    size_t offset = failure->column - 1 - first;
    size_t width = least(failure->width, shown - least(offset, shown));
    write_string(writer, INDENT "| ");
    write_repeated(writer, ' ', offset + (first > 0 ? strlen("...") : 0));
    write_char(writer, '^');
    write_repeated(writer, '~', width - least(width, 1));
    write_char(writer, '\n');
}

static void write_excerpt(struct writer *writer, const struct failure *failure)
{
    size_t total = text_characters(failure->source);
    size_t shown = least(total, SOURCE_SHOWN);
    size_t first = failure->column - least(failure->column, SOURCE_BEFORE);
    first = least(first, total - shown);
    size_t begin = size_of_first(failure->source, first);
    size_t end = size_of_first(failure->source, first + shown);

    char digits[24];
    struct writer number = writer_on(digits, sizeof(digits));
    write_decimal(&number, failure->line);
    write_repeated(writer, ' ', 5 - least(number.used, 5));
    write_text(writer, writer_text(&number));
    write_string(writer, " | ");
    write_string(writer, first > 0 ? "..." : "");
    write_quoted(writer, (struct text){failure->source.bytes + begin, end - begin});
    write_string(writer, first + shown < total ? "...\n" : "\n");
    if (failure->column != 0) {
        write_carets(writer, failure, first, shown);
    }
}

void failure_write(struct writer *writer, const struct failure *failure)
{
    char buffer[SENTENCE_ROOM];
    struct writer text = writer_on(buffer, sizeof(buffer));
    if (failure->status == STATUS_OK) {
        return;
    }
    write_place(writer, failure);
    write_packed(&text, packed_sentences, 2 * (uint32_t)failure->status);
    expand(writer, buffer, failure);
    write_char(writer, '\n');
    if (failure->line != 0 && failure->source.bytes != NULL) {
        write_excerpt(writer, failure);
    }
    text = writer_on(buffer, sizeof(buffer));
    write_packed(&text, packed_sentences, 2 * (uint32_t)failure->status + 1);
    write_string(writer, INDENT);
    expand(writer, buffer, failure);
    write_char(writer, '\n');
}
