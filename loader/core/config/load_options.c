/* UEFI load options: words such as entry=NAME, whoever wrote them. Firmware puts other things
 * there, too (a device path, a description, garbage): what is not known is nobody's mistake, unless
 * it looks as if it were meant for the loader. */
#include "core/config/load_options.h"

#include "core/base/path.h"
#include "core/base/writer.h"

#include <string.h>

/* At least two printable characters, up to a NUL or the end: in UTF-16 the second byte is a NUL. */
static bool is_ascii(const uint8_t *bytes, size_t size)
{
    size_t i = 0;
    for (; i < size && bytes[i] != 0; i++) {
        bool blank = bytes[i] == '\t' || bytes[i] == '\r' || bytes[i] == '\n';
        if (!blank && (bytes[i] < ' ' || bytes[i] > '~')) {
            return false;
        }
    }
    return i >= 2;
}

static void write_units(struct writer *writer, const uint8_t *bytes, size_t size)
{
    bool swapped = size >= 2 && bytes[0] == 0xFE && bytes[1] == 0xFF;
    bool marked = swapped || (size >= 2 && bytes[0] == 0xFF && bytes[1] == 0xFE);
    for (size_t i = marked ? 2 : 0; i + 1 < size; i += 2) {
        char piece[4];
        uint16_t unit =
            (uint16_t)(swapped ? bytes[i] << 8 | bytes[i + 1] : bytes[i] | bytes[i + 1] << 8);
        if (unit == 0) {
            return;
        }
        path_from_ucs2(&unit, 1, piece, sizeof(piece));
        write_string(writer, piece);
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
    if (is_ascii(from, size)) {
        for (size_t i = 0; i < size && from[i] != 0; i++) {
            write_char(&writer, (char)from[i]);
        }
    } else {
        write_units(&writer, from, size);
    }
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

static bool begins_with(struct text text, struct text key)
{
    size_t i = 0;
    while (i < key.size && i < text.size && lower_case(text.bytes[i]) == key.bytes[i]) {
        i++;
    }
    return i == key.size;
}

static bool holds(struct text text, struct text key)
{
    for (; text.size >= key.size; text = text_after(text, 1)) {
        if (begins_with(text, key)) {
            return true;
        }
    }
    return false;
}

/* key=, with blanks around the sign: what follows it; size 0 and no bytes where it is not there. */
static struct text behind_key(struct text text, struct text key)
{
    const struct text nothing = {NULL, 0};
    if (!begins_with(text, key)) {
        return nothing;
    }
    text = skip_blanks(text_after(text, key.size));
    return text.size > 0 && text.bytes[0] == '=' ? skip_blanks(text_after(text, 1)) : nothing;
}

static const struct text entry_key = TEXT_INIT("entry");
static const struct text config_key = TEXT_INIT("config");

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
    if (options->unclear.size == 0 && !names_program(word) &&
        (holds(word, entry_key) || holds(word, config_key))) {
        options->unclear = word;
    }
    return rest_behind(text, word);
}

struct load_options load_options_parse(struct text text)
{
    struct load_options options = {.entry = {NULL, 0}};
    for (text = skip_blanks(text); text.size > 0; text = skip_blanks(text)) {
        text = take(text, &options);
    }
    return options;
}
