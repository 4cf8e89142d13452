/* The file, its lines and its sections. The keys are in keys.c. */
#include "core/config/config.h"

#include "core/base/apart.h"
#include "core/config/parser.h"

#include <string.h>

static const struct entry entry_defaults = {
    .name = {"", 0},
    .kernel = {"", 0},
    .cmdline = {"", 0},
    .stack = CONFIG_DEFAULT_STACK,
    .read_chunk = CONFIG_DEFAULT_READ_CHUNK,
    .compression = COMPRESSION_AUTO,
};

static struct failure *diagnose_file(struct config_parser *parser, enum status status)
{
    return config_diagnose_at(parser, status, (struct config_place){0});
}

static bool is_entry_name(struct text name)
{
    static const struct ascii_set letters = {
        {UINT64_C(0x3FF) << '0' | UINT64_C(3) << '-', /* 0 to 9, - and . */
         UINT64_C(0x3FFFFFF) << ('A' - 64) | UINT64_C(0x3FFFFFF) << ('a' - 64) |
             UINT64_C(1) << ('_' - 64)}};
    size_t size = 0;
    while (size < name.size && is_in_set(&letters, name.bytes[size])) {
        size++;
    }
    return size == name.size && size > 0 && size <= CONFIG_NAME_MAX;
}

/* Finds what follows the word "entry" in a header, the closing bracket included. False: it is no
 * entry's header. */
static bool after_entry_word(struct text header, struct text *out_rest)
{
    const struct text word = TEXT("entry");
    struct text inside = config_trim(text_after(header, 1));
    if (!text_begins_with(inside, word)) {
        return false;
    }
    struct text rest = text_after(inside, word.size);
    if (rest.size > 0 && !config_is_blank(rest.bytes[0]) && rest.bytes[0] != ']') {
        return false;
    }
    *out_rest = rest;
    return true;
}

static bool check_name(struct config_parser *parser, struct text header, struct text rest,
                       struct text *out_name, uint32_t *out_slot)
{
    bool closed = rest.size > 0 && rest.bytes[rest.size - 1] == ']';
    struct text name = config_trim((struct text){rest.bytes, rest.size - (closed ? 1 : 0)});
    if (!closed || !is_entry_name(name)) {
        struct text part = closed && name.size > 0 ? name : header;
        config_diagnose(parser, STATUS_CONFIG_BAD_SECTION, part)->found = header;
        return false;
    }
    const struct entry *same;
    *out_slot = config_find_slot(parser->config, name, &same);
    if (same != NULL) {
        config_diagnose(parser, STATUS_CONFIG_DUPLICATE_ENTRY, name)->number[0] = same->header_line;
        return false;
    }
    *out_name = name;
    return true;
}

static struct entry *add_entry(struct config_parser *parser, struct text header, struct text rest)
{
    struct config *config = parser->config;
    struct text name;
    uint32_t slot;
    if (!check_name(parser, header, rest, &name, &slot)) {
        return NULL;
    }
    if (config->entry_count == CONFIG_ENTRIES_MAX) {
        if (!parser->too_many_entries) {
            config_diagnose(parser, STATUS_CONFIG_TOO_MANY_ENTRIES, header)->number[0] =
                CONFIG_ENTRIES_MAX;
        }
        parser->too_many_entries = true;
        return NULL;
    }
    struct entry *entry = &config->entries[config->entry_count++];
    *entry = parser->defaults;
    entry->name = name;
    entry->header_line = parser->line;
    entry->next = config->last_of[slot];
    config->last_of[slot] = config->entry_count;
    return entry;
}

static void close_section(struct config_parser *parser)
{
    const struct entry *entry = parser->entry;
    if (parser->section.line == 0 || entry == NULL || entry == parser->refused) {
        return;
    }
    if (entry->line[ENTRY_KERNEL] == 0 && !parser->kernel_unclear) {
        config_diagnose_at(parser, STATUS_CONFIG_NO_KERNEL, parser->section);
    }
}

/* Until the header proves to be an entry's, the keys below it belong to no entry. */
static void open_section(struct config_parser *parser, struct text header)
{
    close_section(parser);
    if (parser->section.line == 0) {
        parser->kernel_unclear_in_defaults = parser->kernel_unclear;
    }
    parser->kernel_unclear = parser->kernel_unclear_in_defaults;
    parser->section = (struct config_place){parser->line, parser->source, header};
    parser->entry = NULL;
}

static void parse_section(struct config_parser *parser, struct text header)
{
    struct text rest;
    open_section(parser, header);
    if (!after_entry_word(header, &rest)) {
        config_diagnose(parser, STATUS_CONFIG_BAD_SECTION, header);
        parser->sections_unclear = true;
        return;
    }
    parser->entry = add_entry(parser, header, rest);
    if (parser->entry == NULL) {
        parser->sections_unclear = true;
        *parser->refused = parser->defaults;
        parser->entry = parser->refused;
    }
}

/* The rest of text from the first character that it must not have; empty: it has none. */
static struct text find_bad_byte(struct text text)
{
    while (text.size > 0) {
        uint32_t character = (unsigned char)text.bytes[0];
        size_t size = character < 0x80 ? 1 : text_decode(text, &character);
        if (size == 0 || (character_is_control(character) && character != '\t')) {
            break;
        }
        text = text_after(text, size);
    }
    return text;
}

static bool check_line(struct config_parser *parser, const struct config_line *line)
{
    struct text source = parser->source;
    if (source.size > CONFIG_LINE_MAX) {
        struct text excess = text_after(source, CONFIG_LINE_MAX);
        struct failure *failure = config_diagnose(parser, STATUS_CONFIG_LINE_TOO_LONG, excess);
        failure->number[0] = source.size;
        failure->number[1] = CONFIG_LINE_MAX;
        return false;
    }
    struct text bad = find_bad_byte(text_after(source, line->plain));
    if (bad.size == 0) {
        return true;
    }
    bool lone_cr = bad.bytes[0] == '\r';
    config_diagnose(parser, lone_cr ? STATUS_CONFIG_LONE_CR : STATUS_CONFIG_BAD_BYTE,
                    (struct text){bad.bytes, 1})
        ->number[0] = (unsigned char)bad.bytes[0];
    return false;
}

static void parse_line(struct config_parser *parser, const struct config_line *line)
{
    bool is_header = line->kind == CONFIG_LINE_HEADER;
    if (!check_line(parser, line)) {
        if (is_header) {
            open_section(parser, line->text);
        }
        parser->sections_unclear |= is_header;
        parser->kernel_unclear |= !is_header;
    } else if (is_header) {
        parse_section(parser, line->text);
    } else if (line->kind != CONFIG_LINE_NOTHING && parser->entry != NULL) {
        config_assign(parser, line);
    }
}

static void finish(struct config_parser *parser)
{
    struct config *config = parser->config;
    close_section(parser);
    if (parser->section.line == 0) {
        config->entries[0] = parser->defaults;
        config->entry_count = 1;
        if (parser->defaults.line[ENTRY_KERNEL] == 0 && !parser->kernel_unclear) {
            diagnose_file(parser, STATUS_CONFIG_NO_KERNEL)->found = TEXT("this file");
        }
    }
    config_check_names(parser);
    config_put_adapters(config);
    config_check_pins(parser);
}

APART static void parse_file(struct config_parser *parser)
{
    const struct text utf8_mark = TEXT("\xEF\xBB\xBF");
    struct text rest = parser->file;
    struct config_line line;
    if (rest.size > CONFIG_SIZE_MAX) {
        struct failure *failure = diagnose_file(parser, STATUS_CONFIG_TOO_LARGE);
        failure->number[0] = rest.size;
        failure->number[1] = CONFIG_SIZE_MAX;
        return;
    }
    if (text_begins_with(rest, TEXT("\xFF\xFE")) || text_begins_with(rest, TEXT("\xFE\xFF"))) {
        diagnose_file(parser, STATUS_CONFIG_UTF16);
        return;
    }
    if (text_begins_with(rest, utf8_mark)) {
        rest = text_after(rest, utf8_mark.size);
        parser->file = rest;
    }
    parser->config->file = rest;
    while (rest.size > 0) {
        parser->line++;
        config_take_line(&rest, &line);
        parser->source = line.source;
        parse_line(parser, &line);
    }
    finish(parser);
}

enum status config_parse(struct text file, struct text path, struct config *config)
{
    struct entry refused;
    struct failure omitted;
    struct config_parser parser = {
        .config = config,
        .path = path,
        .file = file,
        .entry = &parser.defaults,
        .defaults = entry_defaults,
        .refused = &refused,
        .omitted = &omitted,
    };
    config->path = path;
    config->file = (struct text){"", 0};
    config->entry_count = 0;
    memset(config->last_of, 0, sizeof(config->last_of));
    config->default_entry = 0;
    config->serial = CONFIG_SERIAL_AUTO;
    config->serial_port = 0;
    config->log = LOG_NORMAL;
    config->measure = CONFIG_MEASURE_AUTO;
    config->pin_count = 0;
    config->timeout = 0;
    config->diagnostic_count = 0;
    config->omitted_count = 0;
    parse_file(&parser);
    return config->diagnostic_count == 0 ? STATUS_OK : config->diagnostics[0].status;
}
