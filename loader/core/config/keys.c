/* Every key of loader.cfg is a line in the table below. */
#include "abi/bootinfo.h"
#include "core/base/path.h"
#include "core/config/parser.h"
#include "core/config/scalars.h"
#include "core/config/value.h"

#include <string.h>

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

static bool begins_with_digit(struct text value)
{
    return value.bytes[0] >= '0' && value.bytes[0] <= '9';
}

static void check_path(struct config_parser *parser, struct text value)
{
    char canonical[PATH_MAX_BYTES];
    const char *wrong = path_canonical(value, canonical);
    if (wrong != NULL) {
        config_diagnose_value(parser, STATUS_CONFIG_BAD_PATH, value, wrong);
    }
}

static void parse_kernel(struct config_parser *parser, struct text value)
{
    check_path(parser, value);
    parser->entry->kernel = value;
}

static void parse_adapter(struct config_parser *parser, struct text value)
{
    if (!config_is_path(value) && value.size > CONFIG_ADAPTER_NAME_MAX) {
        config_diagnose_form(parser, STATUS_CONFIG_BAD_PATH, value, FORM_ADAPTER);
    } else {
        check_path(parser, value);
    }
    parser->entry->adapter = value;
}

static void parse_address(struct config_parser *parser, struct text value)
{
    static const struct config_range range = {0, UINT64_MAX, FORM_ADDRESS, FORM_NONE};
    config_parse_number(parser, value, &range, &parser->entry->address);
}

static void parse_stack(struct config_parser *parser, struct text value)
{
    static const struct config_range range = {4096, CONFIG_STACK_MAX, FORM_SIZE_64K,
                                              FORM_LIMITS_STACK};
    config_parse_number(parser, value, &range, &parser->entry->stack);
}

static void parse_memory(struct config_parser *parser, struct text value)
{
    static const struct config_range range = {1, UINT64_MAX, FORM_SIZE_8M, FORM_LIMITS_MEMORY};
    config_parse_number(parser, value, &range, &parser->entry->memory);
}

static void parse_cmdline(struct config_parser *parser, struct text value)
{
    parser->entry->cmdline = value;
}

static void parse_compression(struct config_parser *parser, struct text value)
{
    _Static_assert(COMPRESSION_AUTO == 0 && COMPRESSION_NONE == 1 && COMPRESSION_GZIP == 2 &&
                       COMPRESSION_ZLIB == 3,
                   "in the order of the words");
    uint32_t index;
    if (config_parse_word(parser, value, "auto none gzip zlib", FORM_COMPRESSION, &index)) {
        parser->entry->compression = (enum compression)index;
    }
}

static void parse_format(struct config_parser *parser, struct text value)
{
    _Static_assert(FORMAT_AUTO == 0 && FORMAT_RAW == 1 && FORMAT_ELF == 2,
                   "in the order of the words");
    uint32_t index;
    if (config_parse_word(parser, value, "auto raw elf", FORM_FORMAT, &index)) {
        parser->entry->format = (enum kernel_format)index;
    }
}

static void parse_low(struct config_parser *parser, struct text value)
{
    uint32_t index;
    if (config_parse_word(parser, value, "no yes", FORM_LOW, &index)) {
        parser->entry->low = index != 0;
    }
}

/* Splits "1.2"; "2" alone is minor version 2 of the major version that this loader has. */
static enum status split_version(struct text value, uint64_t *out_major, uint64_t *out_minor)
{
    struct text major = {value.bytes, 0};
    for (size_t i = 0; i < value.size; i++) {
        if (value.bytes[i] == '.' && i > 0 && major.size == 0) {
            major.size = i;
        } else if (!begins_with_digit(text_after(value, i))) {
            return STATUS_CONFIG_BAD_WORD;
        }
    }
    struct text minor = value;
    *out_major = BOOTINFO_VERSION_MAJOR;
    if (major.size > 0) {
        minor = text_after(value, major.size + 1);
        TRY(config_number(major, out_major));
    }
    return minor.size == 0 ? STATUS_CONFIG_BAD_WORD : config_number(minor, out_minor);
}

static void parse_abi(struct config_parser *parser, struct text value)
{
    uint64_t major = 0;
    uint64_t minor = 0;
    enum status status = split_version(value, &major, &minor);
    if (status != STATUS_OK) {
        config_diagnose_form(parser, status, value, FORM_ABI);
    } else if (major < BOOTINFO_VERSION_MAJOR) {
        config_diagnose_form(parser, STATUS_CONFIG_OUT_OF_RANGE, value, FORM_LIMITS_ABI);
    } else if (major > BOOTINFO_VERSION_MAJOR || minor > BOOTINFO_VERSION_MINOR) {
        struct failure *failure = config_diagnose(parser, STATUS_CONFIG_ABI_TOO_NEW, value);
        failure->number[0] = major;
        failure->number[1] = minor;
        failure->number[2] = BOOTINFO_VERSION_MAJOR;
        failure->number[3] = BOOTINFO_VERSION_MINOR;
    } else {
        parser->entry->abi_minor = (uint32_t)minor;
    }
}

static void parse_read_chunk(struct config_parser *parser, struct text value)
{
    static const struct config_range range = {4096, UINT64_C(1) << 30, FORM_READ_CHUNK,
                                              FORM_LIMITS_READ_CHUNK};
    uint32_t index;
    if (begins_with_digit(value)) {
        config_parse_number(parser, value, &range, &parser->entry->read_chunk);
    } else if (config_parse_word(parser, value, "auto whole", FORM_READ_CHUNK, &index)) {
        parser->entry->read_chunk = index == 0 ? CONFIG_READ_CHUNK_AUTO : CONFIG_READ_CHUNK_WHOLE;
    }
}

/* Takes the number from "reboot after 10". False: value has another form. */
static bool split_delay(struct text value, struct text *out_seconds)
{
    const struct text words = TEXT("reboot after ");
    if (value.size == words.size || !text_begins_with(value, words)) {
        return false;
    }
    *out_seconds = text_after(value, words.size);
    return true;
}

static void parse_on_fault(struct config_parser *parser, struct text value)
{
    static const struct config_range range = {0, CONFIG_REBOOT_SECONDS_MAX, FORM_SECONDS,
                                              FORM_LIMITS_REBOOT};
    _Static_assert(ON_FAULT_HALT == 0 && ON_FAULT_REBOOT == 1 && ON_FAULT_NONE == 2,
                   "in the order of the words");
    struct on_fault *on_fault = &parser->entry->on_fault;
    struct text delay;
    uint32_t index;
    if (split_delay(value, &delay)) {
        uint64_t seconds = 0;
        config_parse_number(parser, delay, &range, &seconds);
        *on_fault = (struct on_fault){ON_FAULT_REBOOT, (uint32_t)seconds};
    } else if (config_parse_word(parser, value, "halt reboot none", FORM_ON_FAULT, &index)) {
        *on_fault = (struct on_fault){(enum on_fault_kind)index, 0};
    }
}

static void parse_direct_map(struct config_parser *parser, struct text value)
{
    static const struct config_range range = {UINT64_C(0xFF00000000000000), UINT64_MAX,
                                              FORM_DIRECT_MAP, FORM_LIMITS_DIRECT_MAP};
    config_parse_number(parser, value, &range, &parser->entry->direct_map);
}

/* Splits "1920x1080" or "1024x768x32". False: value has another form. */
static bool split_mode(struct text value, struct screen_wish *out_wish)
{
    uint32_t parts[3] = {0};
    size_t part = 0;
    for (size_t i = 0; i < value.size; i++) {
        if (begins_with_digit(text_after(value, i))) {
            parts[part] = 10 * parts[part] + (uint32_t)(value.bytes[i] - '0');
        } else if (value.bytes[i] == 'x' && part < 2) {
            part++;
        } else {
            return false;
        }
        if (parts[part] > CONFIG_SCREEN_MAX) {
            return false;
        }
    }
    *out_wish = (struct screen_wish){CONFIG_SCREEN_MODE, parts[0], parts[1], parts[2]};
    /* A part without digits is 0 as well. */
    return parts[0] > 0 && parts[1] > 0 && (part < 2 || parts[2] > 0);
}

static void parse_framebuffer(struct config_parser *parser, struct text value)
{
    _Static_assert(CONFIG_SCREEN_AUTO == 0 && CONFIG_SCREEN_NONE == 1, "in the order of the words");
    struct screen_wish *wish = &parser->entry->screen;
    struct screen_wish mode;
    uint32_t index;
    if (split_mode(value, &mode)) {
        *wish = mode;
    } else if (config_parse_word(parser, value, "auto none", FORM_FRAMEBUFFER, &index)) {
        *wish = (struct screen_wish){.kind = (enum config_screen)index};
    }
}

static void parse_fallback(struct config_parser *parser, struct text value)
{
    parser->entry->fallback = value;
    parser->entry->fallback_inherited = parser->section.line == 0;
}

static void parse_tries(struct config_parser *parser, struct text value)
{
    static const struct config_range range = {1, 255, FORM_TRIES, FORM_LIMITS_TRIES};
    uint64_t tries = 0;
    config_parse_number(parser, value, &range, &tries);
    parser->entry->tries = (uint32_t)tries;
}

static void parse_timeout(struct config_parser *parser, struct text value)
{
    static const struct config_range range = {0, CONFIG_TIMEOUT_MAX, FORM_TIMEOUT,
                                              FORM_LIMITS_TIMEOUT};
    uint64_t seconds = CONFIG_TIMEOUT_NEVER;
    uint32_t index;
    if (begins_with_digit(value)) {
        config_parse_number(parser, value, &range, &seconds);
    } else if (!config_parse_word(parser, value, "no", (enum form)range.form, &index)) {
        return;
    }
    parser->config->timeout = (uint32_t)seconds;
}

static void parse_default(struct config_parser *parser, struct text value)
{
    parser->chosen = (struct config_place){parser->line, parser->source, value};
}

static void parse_serial(struct config_parser *parser, struct text value)
{
    /* The 16550 has eight registers: the last port to begin at is 0xfff8. */
    static const struct config_range range = {1, 0xFFF8, FORM_SERIAL, FORM_LIMITS_SERIAL};
    _Static_assert(CONFIG_SERIAL_AUTO == 0 && CONFIG_SERIAL_NONE == 1, "in the order of the words");
    uint32_t index;
    if (begins_with_digit(value)) {
        uint64_t port = 0;
        config_parse_number(parser, value, &range, &port);
        parser->config->serial = CONFIG_SERIAL_PORT;
        parser->config->serial_port = (uint16_t)port;
    } else if (config_parse_word(parser, value, "auto none", (enum form)range.form, &index)) {
        parser->config->serial = (enum config_serial)index;
    }
}

static void parse_log(struct config_parser *parser, struct text value)
{
    _Static_assert(LOG_QUIET == 0 && LOG_NORMAL == 1 && LOG_VERBOSE == 2,
                   "in the order of the words");
    uint32_t index;
    if (config_parse_word(parser, value, "quiet normal verbose", FORM_LOG, &index)) {
        parser->config->log = (enum log_level)index;
    }
}

static void parse_measure(struct config_parser *parser, struct text value)
{
    uint32_t index;
    if (config_parse_word(parser, value, "no yes required", FORM_MEASURE, &index)) {
        parser->config->measure = (enum config_measure)(CONFIG_MEASURE_NO + index);
    }
}

enum scope {
    SCOPE_ENTRY, /* in a section: for its entry; before the first section: for all entries */
    SCOPE_LIST,  /* the same, any number of times */
    /* Those of an entry are above, those of the whole file below. */
    SCOPE_FILE,      /* before the first section only */
    SCOPE_FILE_LIST, /* the same, any number of times */
};

struct key {
    void (*parse)(struct config_parser *parser, struct text value);
    uint8_t scope;
    uint8_t index; /* enum entry_key or enum file_key, by scope */
    bool may_be_empty;
    uint8_t size; /* of the name */
    char name[12];
};

#define KEY(name, scope, index, may_be_empty, parse)              \
    {                                                             \
        parse, scope, index, may_be_empty, sizeof(name) - 1, name \
    }

static const struct key keys[] = {
    KEY("kernel", SCOPE_ENTRY, ENTRY_KERNEL, false, parse_kernel),
    KEY("address", SCOPE_ENTRY, ENTRY_ADDRESS, false, parse_address),
    KEY("stack", SCOPE_ENTRY, ENTRY_STACK, false, parse_stack),
    KEY("memory", SCOPE_ENTRY, ENTRY_MEMORY, false, parse_memory),
    KEY("cmdline", SCOPE_ENTRY, ENTRY_CMDLINE, true, parse_cmdline),
    KEY("compression", SCOPE_ENTRY, ENTRY_COMPRESSION, false, parse_compression),
    KEY("abi", SCOPE_ENTRY, ENTRY_ABI, false, parse_abi),
    KEY("read_chunk", SCOPE_ENTRY, ENTRY_READ_CHUNK, false, parse_read_chunk),
    KEY("on_fault", SCOPE_ENTRY, ENTRY_ON_FAULT, false, parse_on_fault),
    KEY("direct_map", SCOPE_ENTRY, ENTRY_DIRECT_MAP, false, parse_direct_map),
    KEY("module", SCOPE_LIST, ENTRY_MODULE, false, config_parse_module),
    KEY("module-gz", SCOPE_LIST, ENTRY_MODULE_GZ, false, config_parse_module),
    KEY("framebuffer", SCOPE_ENTRY, ENTRY_FRAMEBUFFER, false, parse_framebuffer),
    KEY("fallback", SCOPE_ENTRY, ENTRY_FALLBACK, false, parse_fallback),
    KEY("tries", SCOPE_ENTRY, ENTRY_TRIES, false, parse_tries),
    KEY("adapter", SCOPE_ENTRY, ENTRY_ADAPTER, false, parse_adapter),
    KEY("format", SCOPE_ENTRY, ENTRY_FORMAT, false, parse_format),
    KEY("low", SCOPE_ENTRY, ENTRY_LOW, false, parse_low),
    KEY("default", SCOPE_FILE, FILE_DEFAULT, false, parse_default),
    KEY("serial", SCOPE_FILE, FILE_SERIAL, false, parse_serial),
    KEY("log", SCOPE_FILE, FILE_LOG, false, parse_log),
    KEY("timeout", SCOPE_FILE, FILE_TIMEOUT, false, parse_timeout),
    KEY("measure", SCOPE_FILE, FILE_MEASURE, false, parse_measure),
    KEY("sha256", SCOPE_FILE_LIST, FILE_SHA256, false, config_parse_pin),
};

_Static_assert(COUNT_OF(keys) == (size_t)ENTRY_KEY_COUNT + (size_t)FILE_KEY_COUNT,
               "every key has a line in the table");

/* name is not empty. Its size and first letter leave two keys at most to compare it with. */
static const struct key *find_key(struct text name)
{
    for (size_t i = 0; i < COUNT_OF(keys); i++) {
        const struct key *key = &keys[i];
        if (key->size == name.size && key->name[0] == name.bytes[0] &&
            memcmp(key->name, name.bytes, name.size) == 0) {
            return key;
        }
    }
    return NULL;
}

static void diagnose_unknown_key(struct config_parser *parser, struct text name)
{
    struct guess guess = guess_for(name);
    for (size_t i = 0; i < COUNT_OF(keys); i++) {
        if (keys[i].scope < SCOPE_FILE || parser->section.line == 0) {
            guess_offer(&guess, (struct text){keys[i].name, keys[i].size});
        }
    }
    config_diagnose(parser, STATUS_CONFIG_UNKNOWN_KEY, name)->guess = guess.best;
    parser->kernel_unclear |= text_equal(guess.best, TEXT("kernel"));
}

static void assign(struct config_parser *parser, const struct key *key, struct text name,
                   struct text value)
{
    bool in_entry = key->scope < SCOPE_FILE;
    bool is_list = key->scope == SCOPE_LIST || key->scope == SCOPE_FILE_LIST;
    uint32_t *line = in_entry ? parser->entry->line : parser->file_key_line;
    line += key->index;
    if (!in_entry && parser->section.line != 0) {
        config_diagnose(parser, STATUS_CONFIG_GLOBAL_KEY, name);
        return;
    }
    /* A line above the section only sets a default, which the entry's own line replaces. */
    if (!is_list && *line > parser->section.line) {
        config_diagnose(parser, STATUS_CONFIG_DUPLICATE_KEY, name)->number[0] = *line;
        return;
    }
    *line = parser->line;
    if (value.size == 0 && !key->may_be_empty) {
        config_diagnose(parser, STATUS_CONFIG_EMPTY_VALUE, value)->found = name;
        return;
    }
    key->parse(parser, value);
}

void config_assign(struct config_parser *parser, const struct config_line *line)
{
    struct text name = line->name;
    if (line->kind == CONFIG_LINE_OTHER || name.size == 0) {
        bool no_key = line->kind == CONFIG_LINE_VALUE;
        config_diagnose(parser, no_key ? STATUS_CONFIG_EMPTY_KEY : STATUS_CONFIG_EXPECTED_EQUALS,
                        no_key ? (struct text){line->text.bytes, 1} : name);
        parser->kernel_unclear = true;
        return;
    }
    const struct key *key = find_key(name);
    if (key == NULL) {
        diagnose_unknown_key(parser, name);
        return;
    }
    assign(parser, key, name, line->value);
}
