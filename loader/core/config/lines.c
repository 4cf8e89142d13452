/* Lines of loader.cfg and their parts. */
#include "core/config/parser.h"

bool config_is_blank(char c)
{
    return c == ' ' || c == '\t';
}

/* The first byte from begin on that is no blank; end: there is none. */
static inline __attribute__((always_inline)) const char *skip_blanks(const char *begin,
                                                                     const char *end)
{
    while (begin < end && *begin <= ' ' && config_is_blank(*begin)) {
        begin++;
    }
    return begin;
}

/* The end of what is left without the blanks before end. */
static inline __attribute__((always_inline)) const char *drop_blanks(const char *begin,
                                                                     const char *end)
{
    while (begin < end && end[-1] <= ' ' && config_is_blank(end[-1])) {
        end--;
    }
    return end;
}

static inline struct text between(const char *begin, const char *end)
{
    return (struct text){begin, (size_t)(end - begin)};
}

struct text config_trim(struct text text)
{
    const char *end = text.bytes + text.size;
    const char *begin = skip_blanks(text.bytes, end);
    return between(begin, drop_blanks(begin, end));
}

/* Takes the next line off rest, its end included, which is no part of line->source. */
static void take_source(struct text *rest, struct config_line *line)
{
    size_t size = text_plain(*rest);
    line->plain = size;
    while (size < rest->size && rest->bytes[size] != '\n') {
        size++;
    }
    size_t taken = size < rest->size ? size + 1 : size;
    bool carriage_return = taken > size && size > 0 && rest->bytes[size - 1] == '\r';
    line->source = (struct text){rest->bytes, size - (carriage_return ? 1 : 0)};
    *rest = text_after(*rest, taken);
}

void config_take_line(struct text *rest, struct config_line *line)
{
    take_source(rest, line);
    const char *end = line->source.bytes + line->source.size;
    const char *begin = skip_blanks(line->source.bytes, end);
    end = drop_blanks(begin, end);
    line->text = between(begin, end);
    if (begin == end || *begin == '#' || *begin == ';') {
        line->kind = CONFIG_LINE_NOTHING;
        return;
    }
    if (*begin == '[') {
        line->kind = CONFIG_LINE_HEADER;
        return;
    }
    const char *equals = begin;
    while (equals < end && *equals != '=') {
        equals++;
    }
    line->kind = equals < end ? CONFIG_LINE_VALUE : CONFIG_LINE_OTHER;
    line->name = between(begin, drop_blanks(begin, equals));
    if (line->kind == CONFIG_LINE_VALUE) {
        line->value = between(skip_blanks(equals + 1, end), end);
    }
}

struct text config_line_around(struct text file, struct text part)
{
    const char *begin = part.bytes;
    const char *end = part.bytes + part.size;
    const char *file_end = file.bytes + file.size;
    while (begin > file.bytes && begin[-1] != '\n') {
        begin--;
    }
    while (end < file_end && *end != '\n' && *end != '\r') {
        end++;
    }
    return (struct text){begin, (size_t)(end - begin)};
}

bool config_is_path(struct text value)
{
    while (value.size > 0 && value.bytes[0] != '/' && value.bytes[0] != '\\') {
        value = text_after(value, 1);
    }
    return value.size > 0;
}
