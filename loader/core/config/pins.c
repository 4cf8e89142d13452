/* Pins: "sha256 = DIGEST PATH", any number of lines before the first section. */
#include "core/base/path.h"
#include "core/config/parser.h"
#include "core/config/scalars.h"
#include "core/config/value.h"

struct config_pin *config_find_pin(struct config *config, const struct text *path)
{
    for (uint32_t i = 0; i < config->pin_count; i++) {
        if (path_is_same(&config->pins[i].path, path)) {
            return &config->pins[i];
        }
    }
    return NULL;
}

/* The digits, one blank or more, the path. */
void config_parse_pin(struct config_parser *parser, struct text value)
{
    struct config *config = parser->config;
    size_t count = 0;
    while (config_is_digit_at(value, count, 16)) {
        count++;
    }
    struct text path = config_trim(text_after(value, count));
    bool blank = path.bytes != value.bytes + count;
    if (count != CONFIG_DIGEST_DIGITS || !blank || config->pin_count == CONFIG_PINS_MAX) {
        config_diagnose_form(parser, STATUS_CONFIG_BAD_WORD, value, FORM_SHA256);
        return;
    }
    config->pins[config->pin_count++] = (struct config_pin){
        .digits = {value.bytes, count},
        .path = path,
        .line = parser->line,
    };
}

static void mark_used(struct config *config, const struct entry *entry)
{
    struct config_cursor cursor = {.line = 0};
    struct config_module module = {.path = entry->kernel};
    do {
        struct config_pin *pin = config_find_pin(config, &module.path);
        if (pin != NULL) {
            pin->used = true;
        }
    } while (config_next_module(config, entry, &cursor, &module));
}

/* A second pin of a file is not found, and a path that path_canonical refuses names none. Where
 * another line is wrong, it may be the one that names the file. */
void config_check_pins(struct config_parser *parser)
{
    struct config *config = parser->config;
    if (config->pin_count == 0 || config->diagnostic_count > 0) {
        return;
    }
    for (uint32_t i = 0; i < config->entry_count; i++) {
        mark_used(config, &config->entries[i]);
    }
    const struct config_pin *pin = config->pins;
    for (uint32_t left = config->pin_count; left > 0; left--, pin++) {
        if (!pin->used) {
            struct text source = config_line_around(parser->file, pin->path);
            config_diagnose_at(parser, STATUS_CONFIG_PIN_UNUSED,
                               (struct config_place){pin->line, source, pin->path});
        }
    }
}
