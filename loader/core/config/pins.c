/* Pins: "sha256 = DIGEST PATH", any number of lines before the first section. */
#include "core/base/path.h"
#include "core/config/parser.h"
#include "core/config/scalars.h"

#define DIGITS ((size_t)2 * CONFIG_DIGEST_SIZE)

/* 16 and above: this is no digit. */
static unsigned digit_value(char c)
{
    unsigned value = (unsigned char)c - '0';
    unsigned letter = (unsigned)(unsigned char)(c | 0x20) - 'a';
    return value > 9 && letter < 6 ? letter + 10 : value > 9 ? 16 : value;
}

static bool parse_digest(struct text digits, uint8_t *out_digest)
{
    unsigned byte = 0;
    for (size_t i = 0; i < DIGITS; i++) {
        unsigned value = digits.size == DIGITS ? digit_value(digits.bytes[i]) : 16;
        if (value > 15) {
            return false;
        }
        byte = byte << 4 | value;
        out_digest[i / 2] = (uint8_t)byte;
    }
    return true;
}

/* Not inlined: where two paths of 1 KiB are in one frame, it is large for a firmware's stack. */
__attribute__((noinline)) static bool is_of(struct text path, const char *wanted)
{
    char canonical[PATH_MAX_BYTES];
    return path_canonical(path, canonical) == NULL && path_is_same(canonical, wanted);
}

const struct config_pin *config_find_pin(const struct config *config, const char *path)
{
    for (uint32_t i = 0; i < config->pin_count; i++) {
        if (is_of(config->pins[i].path, path)) {
            return &config->pins[i];
        }
    }
    return NULL;
}

void config_parse_pin(struct config_parser *parser, struct text value)
{
    struct config *config = parser->config;
    struct config_pin *pin = &config->pins[config->pin_count];
    char canonical[PATH_MAX_BYTES];
    struct text digits = value;
    struct text path;
    if (config->pin_count == CONFIG_PINS_MAX) {
        config_diagnose_value(parser, STATUS_CONFIG_OUT_OF_RANGE, value, "at most 64 such lines");
        return;
    }
    const char *wrong = config_split_module(value, &digits, &path);
    if (wrong != NULL || !parse_digest(digits, pin->digest)) {
        config_diagnose_value(parser, STATUS_CONFIG_BAD_WORD, digits, "64 hexadecimal digits");
        return;
    }
    wrong = path_canonical(path, canonical);
    if (wrong != NULL) {
        config_diagnose_value(parser, STATUS_CONFIG_BAD_PATH, path.size > 0 ? path : value, wrong);
        return;
    }
    const struct config_pin *first = config_find_pin(config, canonical);
    if (first != NULL) {
        config_diagnose(parser, STATUS_CONFIG_DUPLICATE_KEY, path)->number[0] = first->line;
        return;
    }
    pin->path = path;
    pin->line = parser->line;
    pin->source = parser->source;
    config->pin_count++;
}

/* Whether an entry's kernel or one of its modules is that file. */
static bool is_used(const struct config *config, const struct entry *entry, const char *path)
{
    struct config_cursor cursor = {.line = 0};
    struct config_module module = {.path = entry->kernel};
    bool more = true;
    while (more && !is_of(module.path, path)) {
        more = config_next_module(config, entry, &cursor, &module);
    }
    return more;
}

static void check_pin(struct config_parser *parser, const struct config_pin *pin)
{
    const struct config *config = parser->config;
    char path[PATH_MAX_BYTES];
    uint32_t entry = 0;
    const char *wrong = path_canonical(pin->path, path);
    while (entry < config->entry_count && wrong == NULL &&
           !is_used(config, &config->entries[entry], path)) {
        entry++;
    }
    if (entry == config->entry_count) {
        const struct config_place place = {pin->line, pin->source, pin->path};
        config_diagnose_at(parser, STATUS_CONFIG_PIN_UNUSED, place);
    }
}

/* Where another line is wrong, it may be the one that names the file. */
void config_check_pins(struct config_parser *parser)
{
    const struct config *config = parser->config;
    uint32_t count = config->diagnostic_count == 0 ? config->pin_count : 0;
    for (uint32_t i = 0; i < count; i++) {
        check_pin(parser, &config->pins[i]);
    }
}
