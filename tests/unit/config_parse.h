/* What the tests of config.c share: a file in, a word for each diagnostic out. */
#ifndef BATON_CONFIG_PARSE_H
#define BATON_CONFIG_PARSE_H

#include "suite.h"

#include "core/base/packed.h"
#include "core/config/config.h"

#include <string.h>

#define COUNT_OF(array) (int)(sizeof(array) / sizeof((array)[0]))
#define FILE_OF(literal)             \
    {                                \
        literal, sizeof(literal) - 1 \
    }

/* The file is copied to a block of its exact size, so that the sanitizer reports a read past its
 * end; config begins as garbage, because config_parse does not rely on a cleared one. */
static struct config config;
static char *copy;

static inline enum status parse_bytes(struct text file)
{
    free(copy);
    copy = malloc(file.size == 0 ? 1 : file.size);
    memcpy(copy, file.bytes, file.size);
    memset(&config, 0xA5, sizeof(config));
    return config_parse((struct text){copy, file.size}, TEXT("loader.cfg"), &config);
}

static inline enum status parse(const char *file)
{
    return parse_bytes(text_of(file));
}

static inline void forget(void)
{
    free(copy);
    copy = NULL;
}

static inline bool says(struct text text, const char *expected)
{
    return text_equal(text, text_of(expected));
}

/* A line for each diagnostic: STATUS line:column+width 'found' (hint) ? guess */
static inline const char *diagnosis(void)
{
    static char buffer[8192];
    struct writer writer = writer_on(buffer, sizeof(buffer));
    for (uint32_t i = 0; i < config.diagnostic_count; i++) {
        const struct failure *failure = &config.diagnostics[i];
        char line[512];
        (void)snprintf(line, sizeof(line), "%s%s %u:%u+%u '%.*s'", i == 0 ? "" : "\n",
                       status_name(failure->status) + strlen("CONFIG_"), failure->line,
                       failure->column, failure->width, (int)failure->found.size,
                       failure->found.bytes);
        write_string(&writer, line);
        if (failure->hint.size > 0) {
            write_string(&writer, " (");
            write_phrase(&writer, failure->hint);
            write_string(&writer, ")");
        }
        if (failure->guess.size > 0) {
            write_string(&writer, " ? ");
            write_text(&writer, failure->guess);
        }
    }
    return buffer;
}

static inline const char *messages(void)
{
    static char buffer[32768];
    struct writer writer = writer_on(buffer, sizeof(buffer));
    for (uint32_t i = 0; i < config.diagnostic_count; i++) {
        failure_write(&writer, &config.diagnostics[i]);
    }
    return buffer;
}

#endif
