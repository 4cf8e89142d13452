/* loader.cfg: any text at all. */
#include "core/config/config.h"
#include "core/base/packed.h"

#include "core/base/path.h"
#include "fuzz.h"

#include <bootinfo.h>

#define PATH TEXT("\\loader.cfg")

static const struct text MARK = TEXT("\xEF\xBB\xBF");

struct parsed {
    struct text file;
    struct config *config;
    enum status status;
};

static bool begins_with(struct text text, struct text bytes)
{
    return text.size >= bytes.size && memcmp(text.bytes, bytes.bytes, bytes.size) == 0;
}

/* Line number of file, found without the parser's help; false: there are not so many. */
static bool line_at(struct text file, uint32_t number, struct text *out_line)
{
    if (begins_with(file, MARK)) {
        file = text_after(file, MARK.size);
    }
    while (file.size > 0) {
        const char *end = memchr(file.bytes, '\n', file.size);
        size_t size = end == NULL ? file.size : (size_t)(end - file.bytes);
        if (--number == 0) {
            bool carriage_return = end != NULL && size > 0 && file.bytes[size - 1] == '\r';
            *out_line = (struct text){file.bytes, size - (carriage_return ? 1 : 0)};
            return true;
        }
        size += end == NULL ? 0 : 1;
        file = text_after(file, size);
    }
    return false;
}

static uint32_t line_count(struct text file)
{
    uint32_t count = 1;
    for (size_t i = 0; i < file.size; i++) {
        count += file.bytes[i] == '\n';
    }
    return count;
}

static void check_place(const struct failure *diagnostic, struct text file)
{
    struct text line;
    CHECK(line_at(file, diagnostic->line, &line));
    CHECK(line.bytes == diagnostic->source.bytes && line.size == diagnostic->source.size);
    size_t characters = text_characters(line);
    CHECK(diagnostic->column >= 1 && diagnostic->column <= characters + 1);
    CHECK(diagnostic->width <= characters + 1 - diagnostic->column);
    CHECK(is_within(diagnostic->found, line));
}

static void check_diagnostics(const struct parsed *parsed)
{
    const struct config *config = parsed->config;
    CHECK(config->diagnostic_count <= CONFIG_DIAGNOSTICS_MAX);
    CHECK(config->omitted_count == 0 || config->diagnostic_count == CONFIG_DIAGNOSTICS_MAX);
    CHECK(parsed->status ==
          (config->diagnostic_count == 0 ? STATUS_OK : config->diagnostics[0].status));
    for (uint32_t i = 0; i < config->diagnostic_count; i++) {
        const struct failure *diagnostic = &config->diagnostics[i];
        CHECK(text_equal(diagnostic->path, PATH));
        CHECK(i == 0 || diagnostic->line > diagnostic[-1].line);
        if (diagnostic->line != 0) {
            check_place(diagnostic, parsed->file);
        }
        if (diagnostic->status == STATUS_CONFIG_DUPLICATE_KEY ||
            diagnostic->status == STATUS_CONFIG_DUPLICATE_ENTRY) {
            CHECK(diagnostic->number[0] >= 1 && diagnostic->number[0] < diagnostic->line);
        }
    }
    CHECK(is_untouched(&config->entries[config->entry_count],
                       (CONFIG_ENTRIES_MAX - config->entry_count) * sizeof(struct entry)));
    CHECK(
        is_untouched(&config->diagnostics[config->diagnostic_count],
                     (CONFIG_DIAGNOSTICS_MAX - config->diagnostic_count) * sizeof(struct failure)));
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

/* A piece of a line, as people see it. */
static void check_value(struct text value, struct text file)
{
    CHECK(value.size == 0 || is_within(value, file));
    CHECK(value.size == 0 || (!is_blank(value.bytes[0]) && !is_blank(value.bytes[value.size - 1])));
    for (struct text rest = value; rest.size > 0;) {
        uint32_t character;
        size_t size = text_decode(rest, &character);
        CHECK(size > 0 && (character == '\t' || !character_is_control(character)));
        rest = text_after(rest, size);
    }
}

static void check_path(struct text path)
{
    char *canonical = malloc(PATH_MAX_BYTES);
    CHECK(path_canonical(path, canonical) == NULL);
    free(canonical);
}

/* What is booted: the file of 'kernel', or an adapter. An adapter that has only a name in
 * loader.cfg has its path in the entry itself. */
static void check_kernel(const struct entry *entry, struct text file)
{
    const struct text made = {entry->adapter_path, sizeof(entry->adapter_path)};
    check_path(entry->kernel);
    if (entry->adapter.size == 0) {
        check_value(entry->kernel, file);
        CHECK(entry->foreign.size == 0);
        return;
    }
    check_value(entry->adapter, file);
    check_value(entry->foreign, file);
    check_path(entry->foreign);
    CHECK(entry->line[ENTRY_ADAPTER] != 0 && entry->module_count > 0);
    CHECK(is_within(entry->kernel, made) || text_equal(entry->kernel, entry->adapter));
}

static void check_entry(const struct entry *entry, struct text file, uint32_t lines)
{
    check_value(entry->name, file);
    check_value(entry->cmdline, file);
    check_kernel(entry, file);
    CHECK(entry->stack >= 4096 && entry->stack <= CONFIG_STACK_MAX);
    CHECK(entry->read_chunk == CONFIG_READ_CHUNK_WHOLE ||
          entry->read_chunk == CONFIG_READ_CHUNK_AUTO ||
          (entry->read_chunk >= 4096 && entry->read_chunk <= UINT64_C(1) << 30));
    CHECK(entry->compression <= COMPRESSION_ZLIB);
    CHECK(entry->abi_minor <= BOOTINFO_VERSION_MINOR);
    CHECK(entry->line[ENTRY_ABI] != 0 || entry->abi_minor == 0);
    for (int key = 0; key < ENTRY_KEY_COUNT; key++) {
        CHECK(entry->line[key] <= lines);
    }
    CHECK(entry->line[ENTRY_KERNEL] != 0);
    CHECK((entry->line[ENTRY_MEMORY] != 0) == (entry->memory != 0));
    CHECK(entry->line[ENTRY_ADDRESS] != 0 || entry->address == 0);
    CHECK(entry->line[ENTRY_STACK] != 0 || entry->stack == CONFIG_DEFAULT_STACK);
    CHECK(entry->line[ENTRY_READ_CHUNK] != 0 || entry->read_chunk == CONFIG_DEFAULT_READ_CHUNK);
    CHECK(entry->line[ENTRY_COMPRESSION] != 0 || entry->compression == COMPRESSION_AUTO);
    CHECK(entry->line[ENTRY_COMPRESSION] != 0 || entry->foreign_compression == COMPRESSION_AUTO ||
          entry->adapter.size == 0);
    CHECK(entry->line[ENTRY_CMDLINE] != 0 || entry->cmdline.size == 0);
}

/* An adapter gets the kernel that it is for as its first module. */
static void check_foreign(const struct entry *entry, const struct config_module *module)
{
    CHECK(text_equal(module->path, entry->foreign));
    CHECK(text_equal(module->arguments, TEXT("kernel")));
    CHECK(module->line == entry->line[ENTRY_KERNEL]);
}

/* As many as were counted, in the order of the lines. */
static void check_modules(const struct config *config, const struct entry *entry, struct text file)
{
    struct config_cursor cursor = {.line = 0};
    struct config_module module;
    uint32_t count = 0;
    uint32_t line = 0;
    while (config_next_module(config, entry, &cursor, &module)) {
        count++;
        if (count == 1 && entry->adapter.size > 0) {
            check_foreign(entry, &module);
            continue;
        }
        check_value(module.path, file);
        check_value(module.arguments, file);
        check_path(module.path);
        CHECK(module.line > line);
        line = module.line;
    }
    CHECK(count == entry->module_count);
}

static void check_success(const struct parsed *parsed)
{
    const struct config *config = parsed->config;
    CHECK(config->entry_count >= 1 && config->entry_count <= CONFIG_ENTRIES_MAX);
    CHECK(config->default_entry < config->entry_count);
    const uint32_t lines = line_count(parsed->file);
    CHECK(config->log <= LOG_VERBOSE && config->serial <= CONFIG_SERIAL_PORT);
    CHECK((config->serial == CONFIG_SERIAL_PORT) == (config->serial_port != 0));
    CHECK(config->serial_port <= 0xFFF8);
    for (uint32_t i = 0; i < config->entry_count; i++) {
        const struct entry *entry = &config->entries[i];
        check_entry(entry, parsed->file, lines);
        check_modules(config, entry, parsed->file);
        CHECK(entry->name.size > 0 || config->entry_count == 1);
        for (uint32_t j = 0; j < i; j++) {
            CHECK(!text_equal(entry->name, config->entries[j].name));
        }
    }
}

static void check_same_entry(const struct entry *a, const struct entry *b)
{
    CHECK(text_equal(a->name, b->name) && text_equal(a->kernel, b->kernel));
    CHECK(text_equal(a->cmdline, b->cmdline));
    size_t numbers = offsetof(struct entry, address);
    CHECK(memcmp((const char *)a + numbers, (const char *)b + numbers,
                 offsetof(struct entry, line) + sizeof(a->line) - numbers) == 0);
}

/* A packed phrase is the same only where it is the same string of the list. */
static bool same_phrase(struct text a, struct text b)
{
    bool packed = a.size == PACKED_SIZE;
    return packed ? b.size == PACKED_SIZE && a.bytes == b.bytes : text_equal(a, b);
}

static void check_same(const struct config *a, const struct config *b)
{
    CHECK(a->entry_count == b->entry_count && a->default_entry == b->default_entry);
    CHECK(a->serial == b->serial && a->serial_port == b->serial_port && a->log == b->log);
    CHECK(a->diagnostic_count == b->diagnostic_count && a->omitted_count == b->omitted_count);
    for (uint32_t i = 0; i < a->entry_count; i++) {
        check_same_entry(&a->entries[i], &b->entries[i]);
    }
    for (uint32_t i = 0; i < a->diagnostic_count; i++) {
        const struct failure *left = &a->diagnostics[i];
        const struct failure *right = &b->diagnostics[i];
        CHECK(left->status == right->status && left->line == right->line);
        CHECK(left->column == right->column && left->width == right->width);
        CHECK(text_equal(left->source, right->source) && text_equal(left->found, right->found));
        CHECK(same_phrase(left->hint, right->hint) && text_equal(left->guess, right->guess));
        CHECK(memcmp(left->number, right->number, sizeof(left->number)) == 0);
    }
}

static struct parsed parse(struct text file)
{
    struct parsed parsed = {.file = file, .config = untouched(sizeof(struct config))};
    parsed.status = config_parse(file, PATH, parsed.config);
    check_diagnostics(&parsed);
    if (parsed.status == STATUS_OK) {
        check_success(&parsed);
    }
    return parsed;
}

/* The same with a mark in front and CR LF as its line ends, in out of enough bytes. */
static struct text as_notepad_saves_it(struct text file, char *out)
{
    memcpy(out, MARK.bytes, MARK.size);
    size_t size = MARK.size;
    for (size_t i = 0; i < file.size; i++) {
        if (file.bytes[i] == '\n') {
            out[size++] = '\r';
        }
        out[size++] = file.bytes[i];
    }
    return (struct text){out, size};
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct text file = {(const char *)data, size};
    struct parsed parsed = parse(file);
    for (uint32_t i = 0; i < parsed.config->diagnostic_count; i++) {
        check_message(&parsed.config->diagnostics[i]);
    }
    bool marked = size > 1 && (data[0] >= 0xFE || begins_with(file, MARK));
    if (size < CONFIG_SIZE_MAX / 2 && !marked && (size == 0 || memchr(data, '\r', size) == NULL)) {
        char *other = malloc(2 * size + MARK.size);
        struct parsed again = parse(as_notepad_saves_it(file, other));
        check_same(parsed.config, again.config);
        free(again.config);
        free(other);
    }
    free(parsed.config);
    return 0;
}
