/* Names of entries, as 'default', 'fallback' and the load option entry= give them. */
#include "core/config/parser.h"
#include "core/config/value.h"

static uint32_t hash_of(struct text name)
{
    uint32_t hash = 0;
    for (size_t i = 0; i < name.size; i++) {
        hash = hash * 31 + (unsigned char)name.bytes[i];
    }
    return hash % CONFIG_HASHES;
}

uint32_t config_find_slot(const struct config *config, struct text name, const struct entry **out)
{
    uint32_t slot = hash_of(name);
    const struct entry *entry = NULL;
    uint32_t at = config->last_of[slot];
    for (; at != 0; at = entry->next) {
        entry = &config->entries[at - 1];
        if (text_equal(entry->name, name)) {
            break;
        }
    }
    *out = at != 0 ? entry : NULL;
    return slot;
}

const struct entry *config_find(const struct config *config, struct text name)
{
    const struct entry *entry;
    (void)config_find_slot(config, name, &entry);
    return entry;
}

const struct entry *config_find_any_case(const struct config *config, struct text name)
{
    const struct entry *found = NULL;
    for (uint32_t i = 0; i < config->entry_count; i++) {
        if (text_equal_any_case(config->entries[i].name, name)) {
            if (found != NULL) {
                return NULL;
            }
            found = &config->entries[i];
        }
    }
    return found;
}

struct text config_guess(const struct config *config, struct text name)
{
    struct guess guess = guess_for(name);
    for (uint32_t i = 0; i < config->entry_count; i++) {
        guess_offer(&guess, config->entries[i].name);
    }
    return guess.best;
}

/* A fallback given above the first section applies to every entry. The entry that it names cannot
 * fall back to itself: it has none. */
const struct entry *config_fallback(const struct config *config, const struct entry *entry)
{
    const struct entry *fallback =
        entry->fallback.size == 0 ? NULL : config_find(config, entry->fallback);
    return fallback == entry && entry->fallback_inherited ? NULL : fallback;
}

static void diagnose_no_entry(struct config_parser *parser, struct config_place place,
                              const char *key)
{
    struct text guess = config_guess(parser->config, place.part);
    struct failure *failure = config_diagnose_at(parser, STATUS_CONFIG_NO_SUCH_ENTRY, place);
    failure->hint = text_of(key);
    failure->guess = guess;
}

static void check_default(struct config_parser *parser)
{
    struct config *config = parser->config;
    if (parser->chosen.line == 0) {
        return;
    }
    const struct entry *entry = config_find(config, parser->chosen.part);
    if (entry != NULL) {
        config->default_entry = (uint32_t)(entry - config->entries);
    } else if (!parser->sections_unclear) {
        diagnose_no_entry(parser, parser->chosen, "default");
    }
}

static struct config_place place_of(const struct config_parser *parser, const struct entry *entry)
{
    struct text part = entry->fallback;
    struct text source = config_line_around(parser->file, part);
    return (struct config_place){entry->line[ENTRY_FALLBACK], source, part};
}

/* A cycle is reported once, at its last entry. */
static bool closes_cycle(const struct config *config, const struct entry *entry)
{
    const struct entry *at = entry;
    for (uint32_t steps = 0; steps < config->entry_count; steps++) {
        at = config_fallback(config, at);
        if (at == NULL || at > entry) {
            return false;
        }
        if (at == entry) {
            return true;
        }
    }
    return false;
}

/* Whether an earlier entry has inherited the same line, so that its error is reported already. */
static bool is_reported(const struct config *config, const struct entry *entry)
{
    for (const struct entry *other = config->entries; other < entry; other++) {
        if (other->line[ENTRY_FALLBACK] == entry->line[ENTRY_FALLBACK]) {
            return true;
        }
    }
    return false;
}

/* Whether the entry has a line 'fallback =' that was refused, and kept the fallback that it had. */
static bool is_refused(const struct entry *entry)
{
    return entry->header_line != 0 && entry->fallback_inherited &&
           entry->line[ENTRY_FALLBACK] > entry->header_line;
}

static void check_fallback(struct config_parser *parser, const struct entry *entry)
{
    struct config *config = parser->config;
    if (entry->fallback.size == 0 || is_refused(entry)) {
        return;
    }
    if (config_find(config, entry->fallback) == NULL) {
        if (!parser->sections_unclear && !is_reported(config, entry)) {
            diagnose_no_entry(parser, place_of(parser, entry), "fallback");
        }
    } else if (closes_cycle(config, entry)) {
        config_diagnose_at(parser, STATUS_CONFIG_FALLBACK_CYCLE, place_of(parser, entry))->hint =
            entry->name;
    }
}

/* The adapter is booted, and the file of 'kernel' is its first module. entry stays where it is: the
 * adapter's path is kept in it. */
static void put_adapter(struct entry *entry)
{
    struct writer path = writer_on(entry->adapter_path, sizeof(entry->adapter_path));
    write_string(&path, CONFIG_ADAPTER_FOLDER);
    write_text(&path, entry->adapter);
    write_string(&path, ".bin");
    entry->foreign = entry->kernel;
    entry->foreign_compression = entry->compression;
    entry->kernel = config_is_path(entry->adapter) ? entry->adapter : writer_text(&path);
    entry->compression = COMPRESSION_AUTO;
    entry->format = FORMAT_AUTO;
    entry->module_count++;
}

void config_put_adapters(struct config *config)
{
    for (uint32_t i = 0; i < config->entry_count; i++) {
        if (config->entries[i].adapter.size > 0) {
            put_adapter(&config->entries[i]);
        }
    }
}

void config_check_names(struct config_parser *parser)
{
    check_default(parser);
    for (uint32_t i = 0; i < parser->config->entry_count; i++) {
        check_fallback(parser, &parser->config->entries[i]);
    }
}
