/* UEFI load options: words such as entry=NAME, whoever wrote them. Firmware puts other things
 * there, too (a device path, a description, garbage): what is not known is nobody's mistake, unless
 * it looks as if it were meant for the loader. */
#include "core/config/load_options.h"

#include "core/base/apart.h"
#include "core/base/path.h"
#include "core/base/span.h"
#include "core/base/writer.h"

#include <string.h>

/* The bytes up to a NUL if they are UTF-8, two at least and none of them a control character:
 * in UTF-16 the second byte is a NUL. Else no bytes. */
static struct text utf_8_of(const uint8_t *bytes, size_t size)
{
    const struct text none = {NULL, 0};
    struct text text = {(const char *)bytes, 0};
    while (text.size < size && bytes[text.size] != 0) {
        text.size++;
    }
    for (struct text rest = text; rest.size > 0;) {
        uint32_t character = 0;
        size_t step = text_decode(rest, &character);
        bool blank = character == '\t' || character == '\r' || character == '\n';
        if (step == 0 || (!blank && character_is_control(character))) {
            return none;
        }
        rest = text_after(rest, step);
    }
    return text.size >= 2 ? text : none;
}

static void write_units(struct writer *writer, const uint8_t *bytes, size_t size)
{
    bool big = size >= 2 && bytes[0] == 0xFE && bytes[1] == 0xFF;
    bool marked = big || (size >= 2 && bytes[0] == 0xFF && bytes[1] == 0xFE);
    big = big || (size >= 2 && bytes[0] == 0 && bytes[1] != 0);
    for (size_t i = marked ? 2 : 0; i + 1 < size; i += 2) {
        char piece[4];
        uint16_t unit =
            (uint16_t)(big ? bytes[i] << 8 | bytes[i + 1] : bytes[i] | bytes[i + 1] << 8);
        if (unit == 0) {
            return;
        }
        path_from_ucs2(&unit, 1, piece, sizeof(piece));
        write_string(writer, piece);
    }
}

static const struct text entry_key = TEXT_INIT("entry");
static const struct text config_key = TEXT_INIT("config");

/* stride: bytes from one character to the next. */
static bool begins_with(const char *bytes, size_t size, size_t stride, struct text key)
{
    size_t i = 0;
    while (i < key.size && i * stride < size && lower_case(bytes[i * stride]) == key.bytes[i]) {
        i++;
    }
    return i == key.size;
}

/* Where a key begins, size: nowhere. */
static size_t find_key(const char *bytes, size_t size, size_t stride)
{
    size_t at = 0;
    while (at < size && !begins_with(bytes + at, size - at, stride, entry_key) &&
           !begins_with(bytes + at, size - at, stride, config_key)) {
        at++;
    }
    return at;
}

static bool holds_key(struct text text)
{
    return find_key(text.bytes, text.size, 1) < text.size;
}

/* A key after a NUL or among other things begins no option: it becomes a word that is not
 * understood. */
static void write_hidden(struct writer *writer, const char *bytes, size_t size)
{
    for (size_t stride = 1; stride <= 2; stride++) {
        size_t at = find_key(bytes, size, stride);
        write_string(writer, at < size ? " ?" : "");
        for (; at < size && bytes[at] > ' ' && bytes[at] <= '~'; at += stride) {
            write_char(writer, bytes[at]);
        }
    }
}

struct text load_options_decode(const void *bytes, size_t size, char *buffer, size_t capacity)
{
    static const uint8_t utf8_mark[] = {0xEF, 0xBB, 0xBF};
    const uint8_t *from = bytes;
    struct writer writer = writer_on(buffer, capacity);
    if (size >= sizeof(utf8_mark) && memcmp(from, utf8_mark, sizeof(utf8_mark)) == 0) {
        from += sizeof(utf8_mark);
        size -= sizeof(utf8_mark);
    }
    size_t read = least(size, LOAD_OPTIONS_READ);
    struct text utf_8 = utf_8_of(from, read);
    if (utf_8.size > 0) {
        write_text(&writer, utf_8);
    } else {
        write_units(&writer, from, read);
    }
    if (!holds_key(writer_text(&writer))) {
        read = 0;
    }
    write_hidden(&writer, (const char *)from + read, size - read);
    return writer_text(&writer);
}

static bool is_blank(char c)
{
    return c <= ' ' && c >= 0;
}

static bool is_quote(char c)
{
    return c == '"' || c == '\'';
}

static struct text skip_blanks(struct text text)
{
    while (text.size > 0 && is_blank(text.bytes[0])) {
        text = text_after(text, 1);
    }
    return text;
}

/* What comes up to the quote, or where that is 0 up to a blank, or up to the end. */
static struct text part_of(struct text text, char quote)
{
    size_t size = 0;
    while (size < text.size &&
           (quote != 0 ? text.bytes[size] != quote : !is_blank(text.bytes[size]))) {
        size++;
    }
    return (struct text){text.bytes, size};
}

static bool holds(struct text text, struct text part)
{
    while (text.size >= part.size && !begins_with(text.bytes, text.size, 1, part)) {
        text = text_after(text, 1);
    }
    return text.size >= part.size;
}

/* key=, with blanks around the sign: what follows it; size 0 and no bytes where it is not there. */
static struct text behind_key(struct text text, struct text key)
{
    const struct text nothing = {NULL, 0};
    if (!begins_with(text.bytes, text.size, 1, key)) {
        return nothing;
    }
    text = skip_blanks(text_after(text, key.size));
    return text.size > 0 && text.bytes[0] == '=' ? skip_blanks(text_after(text, 1)) : nothing;
}

/* The value of key=value at the beginning of text, which quote has begun; empty: there is none. */
static struct text value_of(struct text text, struct text key, char quote)
{
    struct text value = behind_key(text, key);
    bool other =
        behind_key(value, entry_key).bytes != NULL || behind_key(value, config_key).bytes != NULL;
    if (value.size == 0 || other) {
        return (struct text){NULL, 0};
    }
    if (is_quote(value.bytes[0])) {
        return part_of(text_after(value, 1), value.bytes[0]);
    }
    return part_of(value, quote);
}

static struct text rest_behind(struct text text, struct text part)
{
    size_t used = (size_t)(part.bytes - text.bytes) + part.size;
    text = text_after(text, used);
    while (text.size > 0 && is_quote(text.bytes[0])) {
        text = text_after(text, 1);
    }
    return text;
}

/* The shell's first word is the loader itself, wherever that lies. */
static bool names_program(struct text word)
{
    return holds(word, TEXT(".efi")) && !holds(word, TEXT("="));
}

/* One option or word off text, which does not begin with a blank. */
static struct text take(struct text text, struct load_options *options)
{
    bool quoted = is_quote(text.bytes[0]);
    struct text inner = quoted ? text_after(text, 1) : text;
    char quote = 0;
    if (quoted) {
        quote = text.bytes[0];
    }
    struct text entry = value_of(inner, entry_key, quote);
    struct text config = value_of(inner, config_key, quote);
    struct text word = part_of(inner, quote);
    if (entry.size > 0) {
        options->entry = entry;
        return rest_behind(text, entry);
    }
    if (config.size > 0) {
        options->config = config;
        return rest_behind(text, config);
    }
    if (options->unclear.size == 0 && !names_program(word) && holds_key(word)) {
        options->unclear = word;
    }
    return rest_behind(text, word);
}

APART struct load_options load_options_parse(struct text text)
{
    struct load_options options = {.entry = {NULL, 0}};
    for (text = skip_blanks(text); text.size > 0; text = skip_blanks(text)) {
        text = take(text, &options);
    }
    return options;
}
