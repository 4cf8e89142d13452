/* Errors of loader.cfg, kept in the order of its lines. */
#include "core/config/parser.h"

#include <string.h>

/* Opens a slot in the order of the lines. If the list is full, the diagnostic of the highest
 * line is dropped and counted as omitted: that may be the new one. */
static struct failure *make_room(struct config_parser *parser, uint32_t line)
{
    struct config *config = parser->config;
    uint32_t at = config->diagnostic_count;
    while (at > 0 && config->diagnostics[at - 1].line > line) {
        at--;
    }
    if (config->diagnostic_count == CONFIG_DIAGNOSTICS_MAX) {
        config->omitted_count++;
        if (at == CONFIG_DIAGNOSTICS_MAX) {
            return parser->omitted;
        }
        config->diagnostic_count--;
    }
    memmove(&config->diagnostics[at + 1], &config->diagnostics[at],
            (config->diagnostic_count - at) * sizeof(config->diagnostics[0]));
    config->diagnostic_count++;
    return &config->diagnostics[at];
}

struct failure *config_diagnose_at(struct config_parser *parser, enum status status,
                                   struct config_place place)
{
    struct failure *failure = make_room(parser, place.line);
    memset(failure, 0, sizeof(*failure));
    failure->status = status;
    failure->path = parser->path;
    failure->line = place.line;
    failure->source = place.source;
    failure->found = place.part;
    if (place.line != 0) {
        size_t before = (size_t)(place.part.bytes - place.source.bytes);
        struct text left = {place.source.bytes, before};
        failure->column = 1 + (uint32_t)text_characters(left);
        failure->width = (uint32_t)text_characters(place.part);
    }
    return failure;
}

struct failure *config_diagnose(struct config_parser *parser, enum status status, struct text part)
{
    return config_diagnose_at(parser, status,
                              (struct config_place){parser->line, parser->source, part});
}
