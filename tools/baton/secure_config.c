/* loader.cfg as the loader itself reads it. */
#include "secure.h"

#include "arch.h"
#include "core/base/path.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool refuse(const struct config *config, struct message *message)
{
    for (uint32_t i = 0; i < config->diagnostic_count; i++) {
        static char words[4096];
        struct writer writer = writer_on(words, sizeof(words));
        failure_write(&writer, &config->diagnostics[i]);
        if (writer.used > 0 && words[writer.used - 1] == '\n') {
            words[writer.used - 1] = '\0';
        }
        message_add(message, "%s", words);
    }
    return false;
}

bool secure_config_parse(struct text text, const char *name, struct message *message,
                         struct secure_config *out_config)
{
    bytes_add(&out_config->text, text.bytes, text.size);
    out_config->config = malloc(sizeof(*out_config->config));
    if (out_config->config == NULL) {
        return message_add(message, "out of memory");
    }
    struct text copy = {bytes_text(&out_config->text), text.size};
    enum status status = config_parse(copy, text_of(name), out_config->config);
    return status == STATUS_OK || refuse(out_config->config, message);
}

void secure_config_free(struct secure_config *config)
{
    bytes_free(&config->text);
    free(config->config);
    config->config = NULL;
}

static bool use_path(struct text path, bool (*use)(void *, const char *), void *context)
{
    char canonical[PATH_MAX_BYTES];
    return path_canonical(path, canonical) == NULL && use(context, canonical);
}

bool secure_config_each_file(const struct config *config,
                             bool (*use)(void *context, const char *canonical), void *context)
{
    bool good = true;
    for (uint32_t i = 0; i < config->entry_count && good; i++) {
        const struct entry *entry = &config->entries[i];
        struct config_cursor cursor = {.line = 0};
        struct config_module module;
        good = use_path(entry->kernel, use, context);
        while (good && config_next_module(config, entry, &cursor, &module)) {
            good = use_path(module.path, use, context);
        }
    }
    return good;
}

char *secure_host_path(const char *root, const char *canonical)
{
    char *path = string_format("%s%s", root, canonical);
    for (char *at = path + strlen(root); *at != '\0'; at++) {
        *at = (char)(*at == '\\' ? '/' : *at);
    }
    return path;
}

void secure_digest(struct text bytes, char out_digits[65])
{
    uint8_t digest[SHA256_SIZE];
    sha256(arch_sha256_block(), bytes.bytes, bytes.size, digest);
    for (size_t i = 0; i < SHA256_SIZE; i++) {
        (void)snprintf(out_digits + 2 * i, 3, "%02x", digest[i]);
    }
}
