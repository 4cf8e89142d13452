/* The modules of an entry: "module = /path arguments", any number of lines. */
#include "core/base/path.h"
#include "core/config/parser.h"

/* Splits value into a path, up to the first blank or in quotes, and the rest. NULL on success, else
 * what is wrong, as a phrase for CONFIG_BAD_PATH. */
static const char *split_module(struct text value, struct text *out_path, struct text *out_rest)
{
    bool quoted = value.bytes[0] == '"';
    size_t begin = quoted ? 1 : 0;
    size_t end = begin;
    while (end < value.size &&
           (quoted ? value.bytes[end] != '"' : !config_is_blank(value.bytes[end]))) {
        end++;
    }
    if (quoted && end == value.size) {
        return "its closing quote is missing";
    }
    size_t path_end = end + begin; /* the closing quote included */
    if (path_end < value.size && !config_is_blank(value.bytes[path_end])) {
        return "expected a blank after the closing quote";
    }
    *out_path = (struct text){value.bytes + begin, end - begin};
    *out_rest = config_trim(text_after(value, path_end));
    return NULL;
}

void config_parse_module(struct config_parser *parser, struct text value)
{
    char canonical[PATH_MAX_BYTES];
    struct text path = value;
    struct text arguments;
    const char *wrong = split_module(value, &path, &arguments);
    if (wrong == NULL) {
        wrong = path_canonical(path, canonical);
    }
    if (wrong != NULL) {
        config_diagnose(parser, STATUS_CONFIG_BAD_PATH, path.size > 0 ? path : value)->hint =
            text_of(wrong);
    }
    parser->entry->module_count++;
}

/* The kernel that the adapter is for, compressed or not. */
static struct config_module foreign_kernel(const struct config *config, const struct entry *entry)
{
    enum compression compression = entry->foreign_compression;
    return (struct config_module){
        .path = entry->foreign,
        .arguments = TEXT("kernel"),
        .gzip = compression != COMPRESSION_NONE,
        .gzip_or = compression == COMPRESSION_AUTO,
        .line = entry->line[ENTRY_KERNEL],
        .source = config_line_around(config->file, entry->foreign),
    };
}

bool config_next_module(const struct config *config, const struct entry *entry,
                        struct config_cursor *cursor, struct config_module *out_module)
{
    if (!cursor->begun) { /* the lines before the first section are for all entries */
        *cursor = (struct config_cursor){.rest = config->file, .begun = true, .applies = true};
        if (entry->foreign.size > 0) {
            *out_module = foreign_kernel(config, entry);
            return true;
        }
    }
    while (cursor->rest.size > 0) {
        struct config_line line;
        config_take_line(&cursor->rest, &line);
        cursor->line++;
        if (line.kind == CONFIG_LINE_HEADER) {
            cursor->applies = cursor->line == entry->header_line;
        } else if (cursor->applies && line.kind == CONFIG_LINE_VALUE) {
            bool gzip = text_equal(line.name, TEXT("module-gz"));
            struct config_module module = {
                .gzip = gzip, .line = cursor->line, .source = line.source};
            if ((gzip || text_equal(line.name, TEXT("module"))) && line.value.size > 0 &&
                split_module(line.value, &module.path, &module.arguments) == NULL) {
                *out_module = module;
                return true;
            }
        }
    }
    return false;
}
