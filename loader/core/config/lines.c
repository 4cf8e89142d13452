/* Lines of loader.cfg and their parts. */
#include "core/config/parser.h"

bool config_is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static struct text trim_start(struct text text)
{
    while (text.size > 0 && config_is_blank(text.bytes[0])) {
        text.bytes++;
        text.size--;
    }
    return text;
}

static struct text trim_end(struct text text)
{
    while (text.size > 0 && config_is_blank(text.bytes[text.size - 1])) {
        text.size--;
    }
    return text;
}

struct text config_trim(struct text text)
{
    return trim_start(trim_end(text));
}

struct text config_take_line(struct text *rest, size_t *out_plain)
{
    size_t size = text_plain(*rest);
    *out_plain = size;
    while (size < rest->size && rest->bytes[size] != '\n') {
        size++;
    }
    bool ended = size < rest->size;
    bool carriage_return = ended && size > 0 && rest->bytes[size - 1] == '\r';
    struct text line = {rest->bytes, size - (carriage_return ? 1 : 0)};
    size_t taken = size + (ended ? 1 : 0);
    *rest = text_after(*rest, taken);
    return line;
}

bool config_split(struct text line, struct text *out_name, struct text *out_value)
{
    size_t equals = 0;
    while (equals < line.size && line.bytes[equals] != '=') {
        equals++;
    }
    *out_name = trim_end((struct text){line.bytes, equals});
    if (equals == line.size || out_name->size == 0) {
        *out_name = equals == line.size ? line : (struct text){line.bytes + equals, 1};
        return false;
    }
    *out_value = trim_start(text_after(line, equals + 1));
    return true;
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
