/* Lines and sections of loader.cfg. Its keys are in config_keys.c. */
#include "core/config/config.h"

#include "abi/bootinfo.h"
#include "core/config/parser.h"

#include <string.h>

static const struct entry entry_defaults = {
    .name = {"", 0},
    .kernel = {"", 0},
    .cmdline = {"", 0},
    .address = CONFIG_DEFAULT_ADDRESS,
    .stack = CONFIG_DEFAULT_STACK,
    .read_chunk = CONFIG_DEFAULT_READ_CHUNK,
    .compression = COMPRESSION_AUTO,
    .abi_major = BOOTINFO_VERSION_MAJOR,
};

bool config_is_blank(char c)
{
    return c == ' ' || c == '\t';
}

struct text config_trim(struct text text)
{
    while (text.size > 0 && config_is_blank(text.bytes[0])) {
        text = (struct text){text.bytes + 1, text.size - 1};
    }
    while (text.size > 0 && config_is_blank(text.bytes[text.size - 1])) {
        text.size--;
    }
    return text;
}

/* A place among the diagnostics of the lines before, or none: then it goes to the omitted. */
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

struct failure *config_complain_at(struct config_parser *parser, enum status status,
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

struct failure *config_complain(struct config_parser *parser, enum status status, struct text part)
{
    return config_complain_at(parser, status,
                              (struct config_place){parser->line, parser->source, part});
}

static struct failure *complain_of_file(struct config_parser *parser, enum status status)
{
    return config_complain_at(parser, status, (struct config_place){0});
}

static uint32_t line_of(const struct config_parser *parser, const char *byte)
{
    uint32_t line = 1;
    for (const char *at = parser->file.bytes; at < byte; at++) {
        line += *at == '\n';
    }
    return line;
}

static bool is_entry_name(struct text name)
{
    for (size_t i = 0; i < name.size; i++) {
        char c = name.bytes[i];
        bool letter = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
        bool digit = c >= '0' && c <= '9';
        if (!letter && !digit && c != '.' && c != '_' && c != '-') {
            return false;
        }
    }
    return name.size > 0 && name.size <= CONFIG_NAME_MAX;
}

/* What follows the word "entry" in a header, its bracket included; false: it is none of an entry. */
static bool behind_entry_word(struct text header, struct text *out_rest)
{
    const struct text word = TEXT("entry");
    struct text inside = config_trim((struct text){header.bytes + 1, header.size - 1});
    if (inside.size < word.size || memcmp(inside.bytes, word.bytes, word.size) != 0) {
        return false;
    }
    struct text rest = {inside.bytes + word.size, inside.size - word.size};
    if (rest.size > 0 && !config_is_blank(rest.bytes[0]) && rest.bytes[0] != ']') {
        return false;
    }
    *out_rest = config_trim(rest);
    return true;
}

static bool check_name(struct config_parser *parser, struct text header, struct text rest,
                       struct text *out_name)
{
    bool closed = rest.size > 0 && rest.bytes[rest.size - 1] == ']';
    struct text name = config_trim((struct text){rest.bytes, rest.size - (closed ? 1 : 0)});
    if (!closed || !is_entry_name(name)) {
        struct text part = closed && name.size > 0 ? name : header;
        config_complain(parser, STATUS_CONFIG_BAD_SECTION, part)->found = header;
        return false;
    }
    const struct entry *same = config_find(parser->config, name);
    if (same != NULL) {
        config_complain(parser, STATUS_CONFIG_DUPLICATE_ENTRY, name)->number[0] =
            line_of(parser, same->name.bytes);
        return false;
    }
    *out_name = name;
    return true;
}

static struct entry *add_entry(struct config_parser *parser, struct text header, struct text rest)
{
    struct config *config = parser->config;
    struct text name;
    if (!check_name(parser, header, rest, &name)) {
        return NULL;
    }
    if (config->entry_count == CONFIG_ENTRIES_MAX) {
        if (!parser->too_many_entries) {
            config_complain(parser, STATUS_CONFIG_TOO_MANY_ENTRIES, header)->number[0] =
                CONFIG_ENTRIES_MAX;
        }
        parser->too_many_entries = true;
        return NULL;
    }
    struct entry *entry = &config->entries[config->entry_count++];
    *entry = parser->defaults;
    entry->name = name;
    return entry;
}

static void close_section(struct config_parser *parser)
{
    const struct entry *entry = parser->entry;
    if (parser->section.line == 0 || entry == NULL || entry == parser->refused) {
        return;
    }
    if (entry->line[ENTRY_KERNEL] == 0 && !parser->kernel_unclear) {
        config_complain_at(parser, STATUS_CONFIG_NO_KERNEL, parser->section);
    }
}

/* Until the header proves to be that of an entry, the keys below it are nobody's. */
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
    if (!behind_entry_word(header, &rest)) {
        config_complain(parser, STATUS_CONFIG_BAD_SECTION, header);
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

struct text config_take_line(struct text *rest)
{
    size_t size = 0;
    while (size < rest->size && rest->bytes[size] != '\n') {
        size++;
    }
    bool ended = size < rest->size;
    bool carriage_return = ended && size > 0 && rest->bytes[size - 1] == '\r';
    struct text line = {rest->bytes, size - (carriage_return ? 1 : 0)};
    size_t taken = size + (ended ? 1 : 0);
    *rest = (struct text){rest->bytes + taken, rest->size - taken};
    return line;
}

/* The bytes of the first character that text must not have, or none left. */
static struct text find_bad_byte(struct text text)
{
    while (text.size > 0) {
        uint32_t character = (unsigned char)text.bytes[0];
        size_t size = character < 0x80 ? 1 : text_decode(text, &character);
        if (size == 0 || (character_is_control(character) && character != '\t')) {
            break;
        }
        text = (struct text){text.bytes + size, text.size - size};
    }
    return text;
}

static bool check_line(struct config_parser *parser)
{
    struct text source = parser->source;
    if (source.size > CONFIG_LINE_MAX) {
        struct text excess = {source.bytes + CONFIG_LINE_MAX, source.size - CONFIG_LINE_MAX};
        struct failure *failure = config_complain(parser, STATUS_CONFIG_LINE_TOO_LONG, excess);
        failure->number[0] = source.size;
        failure->number[1] = CONFIG_LINE_MAX;
        return false;
    }
    struct text bad = find_bad_byte(source);
    if (bad.size == 0) {
        return true;
    }
    bool lone_cr = bad.bytes[0] == '\r';
    config_complain(parser, lone_cr ? STATUS_CONFIG_LONE_CR : STATUS_CONFIG_BAD_BYTE,
                    (struct text){bad.bytes, 1})
        ->number[0] = (unsigned char)bad.bytes[0];
    return false;
}

static void parse_line(struct config_parser *parser)
{
    struct text line = config_trim(parser->source);
    bool is_header = line.size > 0 && line.bytes[0] == '[';
    if (!check_line(parser)) {
        if (is_header) {
            open_section(parser, line);
        }
        parser->sections_unclear |= is_header;
        parser->kernel_unclear |= !is_header;
        return;
    }
    if (line.size == 0 || line.bytes[0] == '#' || line.bytes[0] == ';') {
        return;
    }
    if (is_header) {
        parse_section(parser, line);
    } else if (parser->entry != NULL) {
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
            complain_of_file(parser, STATUS_CONFIG_NO_KERNEL)->found = TEXT("this file");
        }
    }
    config_check_names(parser);
}

static bool begins_with(struct text text, struct text bytes)
{
    return text.size >= bytes.size && memcmp(text.bytes, bytes.bytes, bytes.size) == 0;
}

static void parse_file(struct config_parser *parser)
{
    const struct text utf8_mark = TEXT("\xEF\xBB\xBF");
    struct text rest = parser->file;
    if (rest.size > CONFIG_SIZE_MAX) {
        struct failure *failure = complain_of_file(parser, STATUS_CONFIG_TOO_LARGE);
        failure->number[0] = rest.size;
        failure->number[1] = CONFIG_SIZE_MAX;
        return;
    }
    if (begins_with(rest, TEXT("\xFF\xFE")) || begins_with(rest, TEXT("\xFE\xFF"))) {
        complain_of_file(parser, STATUS_CONFIG_UTF16);
        return;
    }
    if (begins_with(rest, utf8_mark)) {
        rest = (struct text){rest.bytes + utf8_mark.size, rest.size - utf8_mark.size};
        parser->file = rest;
    }
    parser->config->file = rest;
    while (rest.size > 0) {
        parser->line++;
        parser->source = config_take_line(&rest);
        parse_line(parser);
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
    config->file = (struct text){"", 0};
    config->entry_count = 0;
    config->default_entry = 0;
    config->serial = CONFIG_SERIAL_AUTO;
    config->serial_port = 0;
    config->log = LOG_NORMAL;
    config->timeout = 0;
    config->diagnostic_count = 0;
    config->omitted_count = 0;
    parse_file(&parser);
    return config->diagnostic_count == 0 ? STATUS_OK : config->diagnostics[0].status;
}
