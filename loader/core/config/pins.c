/* Pins: "sha256 = DIGEST PATH", any number of lines before the first section. They are found in the
 * text again, as modules are. */
#include "core/base/path.h"
#include "core/config/parser.h"

#define DIGITS ((size_t)2 * CONFIG_DIGEST_SIZE)

static bool digit_value(char c, uint8_t *out_value)
{
    if (c >= '0' && c <= '9') {
        *out_value = (uint8_t)(c - '0');
        return true;
    }
    c = (char)(c | 0x20);
    *out_value = (uint8_t)(c - 'a' + 10);
    return c >= 'a' && c <= 'f';
}

static bool parse_digest(struct text digits, uint8_t *out_digest)
{
    for (size_t i = 0; i < digits.size; i++) {
        uint8_t value = 0;
        if (!digit_value(digits.bytes[i], &value)) {
            return false;
        }
        if (i < DIGITS) {
            out_digest[i / 2] = (uint8_t)(i % 2 == 0 ? value << 4 : out_digest[i / 2] | value);
        }
    }
    return digits.size == DIGITS;
}

/* The digest ends at the first blank; all that follows is the path. */
static struct text split_pin(struct text value, struct text *out_path)
{
    size_t size = 0;
    while (size < value.size && !config_is_blank(value.bytes[size])) {
        size++;
    }
    *out_path = config_trim((struct text){value.bytes + size, value.size - size});
    return (struct text){value.bytes, size};
}

void config_parse_pin(struct config_parser *parser, struct text value)
{
    char canonical[PATH_MAX_BYTES];
    uint8_t digest[CONFIG_DIGEST_SIZE];
    struct text path;
    struct text digits = split_pin(value, &path);
    if (!parse_digest(digits, digest)) {
        config_diagnose(parser, STATUS_CONFIG_BAD_DIGEST, digits);
        return;
    }
    const char *wrong = path_canonical(path, canonical);
    if (wrong != NULL) {
        config_diagnose(parser, STATUS_CONFIG_BAD_PATH, path.size > 0 ? path : value)->hint =
            text_of(wrong);
        return;
    }
    parser->config->pin_count++;
}

/* The next line of the file, trimmed, in keys and values where it has them. */
static bool next_line(struct config_cursor *cursor, struct text *out_name, struct text *out_value)
{
    struct text source = config_take_line(&cursor->rest);
    cursor->line++;
    cursor->source = source;
    struct text line = config_trim(source);
    return line.size > 0 && line.bytes[0] != '[' && line.bytes[0] != '#' && line.bytes[0] != ';' &&
           config_split(line, out_name, out_value);
}

static bool next_pin(struct config_cursor *cursor, struct config_pin *out_pin)
{
    struct text name;
    struct text value;
    while (cursor->rest.size > 0) {
        if (next_line(cursor, &name, &value) && text_equal(name, TEXT("sha256")) &&
            parse_digest(split_pin(value, &out_pin->path), out_pin->digest)) {
            out_pin->line = cursor->line;
            out_pin->source = cursor->source;
            return true;
        }
    }
    return false;
}

/* Not inlined: where two paths of 1 KiB are in one frame, it is large for a firmware's stack. */
__attribute__((noinline)) static bool is_of(struct text path, const char *wanted)
{
    char canonical[PATH_MAX_BYTES];
    return path_canonical(path, canonical) == NULL && path_is_same(canonical, wanted);
}

bool config_find_pin(const struct config *config, const char *path, struct config_pin *out_pin)
{
    struct config_cursor cursor = {.rest = config->file};
    bool found = false;
    while (config->pin_count > 0 && !found && next_pin(&cursor, out_pin)) {
        found = is_of(out_pin->path, path);
    }
    return found;
}

/* Whether a line of any entry names the file. */
static bool is_used(const struct config *config, const char *path)
{
    struct config_cursor cursor = {.rest = config->file};
    struct text name;
    struct text value;
    struct text rest;
    while (cursor.rest.size > 0) {
        if (!next_line(&cursor, &name, &value)) {
            continue;
        }
        bool module = text_equal(name, TEXT("module")) || text_equal(name, TEXT("module-gz"));
        struct text named = value;
        if (module && (value.size == 0 || config_split_module(value, &named, &rest) != NULL)) {
            continue;
        }
        if ((module || text_equal(name, TEXT("kernel"))) && is_of(named, path)) {
            return true;
        }
    }
    return false;
}

static void check_pin(struct config_parser *parser, const struct config_pin *pin)
{
    const struct config_place place = {pin->line, pin->source, pin->path};
    char path[PATH_MAX_BYTES];
    struct config_pin first;
    if (path_canonical(pin->path, path) != NULL || !config_find_pin(parser->config, path, &first)) {
        return;
    }
    if (first.line != pin->line) {
        config_diagnose_at(parser, STATUS_CONFIG_PIN_CONFLICT, place)->number[0] = first.line;
    } else if (!is_used(parser->config, path)) {
        config_diagnose_at(parser, STATUS_CONFIG_PIN_UNUSED, place);
    }
}

/* Where another line is wrong, it may be the one that names the file. */
void config_check_pins(struct config_parser *parser)
{
    struct config_cursor cursor = {.rest = parser->config->file};
    struct config_pin pin;
    if (parser->config->diagnostic_count > 0) {
        return;
    }
    while (parser->config->pin_count > 0 && next_pin(&cursor, &pin)) {
        check_pin(parser, &pin);
    }
}
