/* Sealing: loader.cfg and what it names become a section of the loader, which is signed then. */
#include "secure.h"

#include "core/base/path.h"
#include "core/trust/archive.h"
#include "vm/files.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SIZE_MAX_SEALED (UINT64_C(256) << 20) /* firmware hashes slowly, and keeps two copies */
#define FILES_MAX       4096

struct seal {
    const struct secure_options *options;
    struct message *message;
    struct config *config;
    struct bytes pins;      /* lines to add to loader.cfg */
    char *paths[FILES_MAX]; /* canonical, each file once, in order */
    size_t count;
    struct bytes archive;
};

static bool is_outside(const struct secure_options *options, const char *canonical)
{
    const struct text path = text_of(canonical);
    for (size_t i = 0; options->outside != NULL && options->outside[i] != NULL; i++) {
        const struct text outside = text_of(options->outside[i]);
        if (path_is_same(&outside, &path)) {
            return true;
        }
    }
    return false;
}

static bool note_path(void *context, const char *canonical)
{
    struct seal *seal = context;
    const struct text path = text_of(canonical);
    const struct text config = TEXT("\\loader.cfg");
    if (path_is_same(&config, &path)) {
        return true; /* it is sealed in any case */
    }
    for (size_t i = 0; i < seal->count; i++) {
        const struct text known = text_of(seal->paths[i]);
        if (path_is_same(&known, &path)) {
            return true;
        }
    }
    if (seal->count == FILES_MAX) {
        return message_add(seal->message, "loader.cfg names more than %d files", FILES_MAX);
    }
    seal->paths[seal->count++] = string_copy(canonical);
    return true;
}

static int by_path(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static bool read_file(struct seal *seal, const char *canonical, struct bytes *out_bytes)
{
    AUTO_STRING path = secure_host_path(seal->options->root, canonical);
    return file_read(path, seal->message, out_bytes) &&
           (out_bytes->size > 0 || message_add(seal->message, "%s: the file is empty", path));
}

static bool check_pin(struct seal *seal, const char *canonical, const struct config_pin *pin,
                      const char *digits)
{
    return text_equal_any_case(text_of(digits), pin->digits) ||
           message_add(seal->message,
                       "loader.cfg:%u: the SHA-256 of %s is %s, not the one in this line",
                       pin->line, canonical, digits);
}

/* Outside: its digest goes into loader.cfg. Else the file itself goes into the archive. */
static bool take(struct seal *seal, const char *canonical)
{
    const struct text wanted = text_of(canonical);
    const struct config_pin *pin = config_find_pin(seal->config, &wanted);
    struct bytes file = {0};
    char digits[65];
    bool pinned = pin != NULL;
    bool good = read_file(seal, canonical, &file);
    struct text bytes = {bytes_text(&file), file.size};
    if (good && (pinned || is_outside(seal->options, canonical))) {
        secure_digest(bytes, digits);
        AUTO_STRING line = string_format("sha256 = %s  %s\n", digits, canonical);
        good = !pinned || check_pin(seal, canonical, pin, digits);
        bytes_add(&seal->pins, line, pinned ? 0 : strlen(line));
    } else if (good) {
        AUTO_STRING name = secure_host_path("", canonical);
        good = secure_archive_add(&seal->archive, name + 1, bytes, seal->message);
    }
    bytes_free(&file);
    return good;
}

/* Pins come first: they have to stand before the first section. */
static bool add_config(struct seal *seal, const struct bytes *original)
{
    struct bytes text = {0};
    struct secure_config parsed = {.config = NULL};
    bytes_add(&text, bytes_text(&seal->pins), seal->pins.size);
    bytes_add(&text, bytes_text(original), original->size);
    struct text whole = {bytes_text(&text), text.size};
    bool good = secure_config_parse(whole, "sealed loader.cfg", seal->message, &parsed) &&
                secure_archive_add(&seal->archive, "loader.cfg", whole, seal->message);
    secure_config_free(&parsed);
    bytes_free(&text);
    return good;
}

static bool fill_archive(struct seal *seal, const struct bytes *config)
{
    struct bytes files;
    bool good = secure_config_each_file(seal->config, note_path, seal);
    qsort(seal->paths, seal->count, sizeof(seal->paths[0]), by_path);
    for (size_t i = 0; i < seal->count && good; i++) {
        good = take(seal, seal->paths[i]);
    }
    files = seal->archive;
    seal->archive = (struct bytes){0};
    good = good && add_config(seal, config);
    if (good) {
        bytes_add(&seal->archive, bytes_text(&files), files.size);
        secure_archive_end(&seal->archive);
    }
    bytes_free(&files);
    struct text archive = {bytes_text(&seal->archive), seal->archive.size};
    if (good && archive.size > SIZE_MAX_SEALED) {
        return message_add(
            seal->message,
            "loader.cfg and its files have %zu bytes together; at most 256 MiB can be "
            "sealed. Leave large modules outside: 'baton secure seal --outside PATH'",
            archive.size);
    }
    return good && (archive_is_sound(archive) ||
                    message_add(seal->message, "the archive would be refused by the loader"));
}

bool secure_sign_image(const char *keys, const char *from, const char *to, struct message *message)
{
    AUTO_STRING key = string_format("%s/db.key", keys);
    AUTO_STRING certificate = string_format("%s/db.crt", keys);
    const char *const sign_argv[] = {"sbsign",   "--key", key,  "--cert", certificate,
                                     "--output", to,      from, NULL};
    const char *const verify_argv[] = {"sbverify", "--cert", certificate, to, NULL};
    return program_run(sign_argv, message) && program_run(verify_argv, message);
}

/* What was written is what was meant. */
static bool read_back(const struct seal *seal)
{
    struct bytes file = {0};
    struct text archive = {NULL, 0};
    bool good = file_read(seal->options->output, seal->message, &file) &&
                secure_pe_archive((struct text){bytes_text(&file), file.size}, &archive) &&
                archive.size == seal->archive.size &&
                memcmp(archive.bytes, seal->archive.data, archive.size) == 0;
    bytes_free(&file);
    return good ||
           message_add(seal->message, "%s does not hold what was sealed", seal->options->output);
}

static bool write_sealed(const struct seal *seal)
{
    struct message *message = seal->message;
    struct bytes loader = {0};
    struct bytes sealed = {0};
    AUTO_STRING scratch = string_format("%s.unsigned", seal->options->output);
    struct text archive = {bytes_text(&seal->archive), seal->archive.size};
    bool good = file_read(seal->options->loader, message, &loader) &&
                secure_pe_seal((struct text){bytes_text(&loader), loader.size}, archive, message,
                               &sealed) &&
                file_write(scratch, sealed.data, sealed.size, message) &&
                secure_sign_image(seal->options->keys, scratch, seal->options->output, message) &&
                read_back(seal);
    remove(scratch);
    bytes_free(&loader);
    bytes_free(&sealed);
    return good;
}

bool secure_seal(const struct secure_options *options, struct message *message)
{
    static struct seal seal;
    struct secure_config parsed = {.config = NULL};
    struct bytes config = {0};
    AUTO_STRING config_path = string_format("%s/loader.cfg", options->root);
    seal = (struct seal){.options = options, .message = message};
    bool good = file_read(config_path, message, &config) &&
                secure_config_parse((struct text){bytes_text(&config), config.size}, config_path,
                                    message, &parsed);
    seal.config = parsed.config;
    good = good && fill_archive(&seal, &config) && write_sealed(&seal);
    for (size_t i = 0; i < seal.count; i++) {
        free(seal.paths[i]);
    }
    secure_config_free(&parsed);
    bytes_free(&config);
    bytes_free(&seal.pins);
    bytes_free(&seal.archive);
    return good;
}
