#include "boot/config.h"

#include "boot/measure.h"
#include "core/base/packed.h"
#include "platform/console.h"
#include "platform/machine.h"

#include <string.h>

#define PLACES 3

/* The path to try at place; false: there is none, or it was tried already. */
static bool candidate(const char *loader_path, int place, char *path)
{
    static const char *const fixed[PLACES] = {NULL, "\\loader.cfg", "\\boot\\loader.cfg"};
    char beside[PATH_MAX_BYTES];
    if (!path_sibling(text_of(loader_path), TEXT("loader.cfg"), beside)) {
        beside[0] = '\0';
    }
    const char *chosen = place == 0 ? beside : fixed[place];
    if (chosen[0] == '\0' || (place > 0 && strcmp(chosen, beside) == 0)) {
        return false;
    }
    memcpy(path, chosen, strlen(chosen) + 1);
    return true;
}

static enum status open_at(struct session *session, const char *path, struct file *file)
{
    return file_open(&session->volume, text_of(path), CONFIG_SIZE_MAX, &session->failure, file);
}

/* That path, and no other. */
static enum status open_named(struct session *session, struct loader_config *loader_config,
                              struct text path, struct file *file)
{
    const char *wrong = path_canonical(path, loader_config->path);
    if (wrong != NULL) {
        session->failure.found = path;
        return fail_hint(&session->failure, STATUS_CONFIG_BAD_PATH, wrong);
    }
    return open_at(session, loader_config->path, file);
}

static void write_wrong_path(struct writer *writer, const struct volume *volume)
{
    if (volume->raw_path[0] == '\0') {
        write_packed(writer, packed_warnings, WARNING_NO_PATH);
        return;
    }
    write_packed(writer, packed_warnings, WARNING_OWN_PATH);
    log_path(writer, text_of(volume->raw_path));
    write_packed(writer, packed_warnings, WARNING_CANNOT_BE_USED);
    write_string(writer, volume->path_wrong);
}

static enum status open_config(struct session *session, struct loader_config *loader_config,
                               struct file *file)
{
    struct writer searched = writer_on(loader_config->searched, sizeof(loader_config->searched));
    const struct trust *trust = &session->volume.trust;
    struct text named = loader_config->options.config;
    if (trust->archive.size > 0 && (trust->locked || named.size == 0)) {
        if (named.size > 0) {
            write_packed(log_begin(&session->log, "security"), packed_warnings,
                         WARNING_OPTION_IGNORED);
            log_end(&session->log, LOG_NORMAL);
        }
        return open_named(session, loader_config, TEXT("/loader.cfg"), file);
    }
    TRY(volume_open(&session->volume, &session->failure));
    if (named.size > 0) {
        return open_named(session, loader_config, named, file);
    }
    for (int place = 0; place < PLACES; place++) {
        if (!candidate(session->volume.loader_path, place, loader_config->path)) {
            continue;
        }
        enum status status = open_at(session, loader_config->path, file);
        if (status != STATUS_FILE_NOT_FOUND) {
            return status;
        }
        write_string(&searched, searched.used == 0 ? "" : ", ");
        write_string(&searched, loader_config->path);
        session->failure.path = (struct text){NULL, 0};
    }
    if (session->volume.path_wrong != NULL) {
        write_string(&searched, " (");
        write_wrong_path(&searched, &session->volume);
        write_string(&searched, ")");
    }
    session->failure.found = writer_text(&searched);
    return fail_with(&session->failure, STATUS_CONFIG_NOT_FOUND);
}

static enum status read_text(struct session *session, struct file *file, struct config **out_config,
                             struct text *out_text)
{
    session->volume.trust.config_sealed = file->origin.memory != NULL;
    struct failure *failure = &session->failure;
    uint64_t address = 0;
    TRY(pages_take(&session->pages, pages_for(sizeof(struct config) + file->size, "loader.cfg"),
                   failure, &address));
    struct config *config = (struct config *)address;
    char *bytes = (char *)(config + 1);
    TRY(file_read(file, failure, bytes, file->size));
    TRY(file_finish(file, failure));
    *out_config = config;
    *out_text = (struct text){bytes, file->size};
    return STATUS_OK;
}

/* The parsed config and the text it points into share one allocation. */
static enum status parse(struct session *session, struct loader_config *loader_config,
                         struct file *file)
{
    struct text text;
    TRY(open_config(session, loader_config, file));
    enum status status = read_text(session, file, &loader_config->config, &text);
    if (status != STATUS_OK) {
        file_close(file);
        return status;
    }
    return config_parse(text, text_of(loader_config->path), loader_config->config);
}

static enum status choose_entry(struct session *session, struct loader_config *loader_config)
{
    const struct config *config = loader_config->config;
    struct text name = loader_config->options.entry;
    struct failure *failure = &session->failure;
    loader_config->entry = &config->entries[config->default_entry];
    if (name.size == 0) {
        return STATUS_OK;
    }
    loader_config->entry = config_find(config, name);
    if (loader_config->entry == NULL) {
        loader_config->entry = config_find_any_case(config, name);
    }
    if (loader_config->entry == NULL) {
        failure->path = text_of(loader_config->path);
        failure->found = name;
        failure->guess = config_guess(config, name);
        return fail_hint(failure, STATUS_CONFIG_NO_SUCH_ENTRY, "the load option entry=");
    }
    return STATUS_OK;
}

static void log_config(struct log *log, const struct volume *volume,
                       const struct loader_config *loader_config)
{
    struct text name = loader_config->entry->name;
    struct writer *line = log_begin(log, "config");
    log_path(line, text_of(loader_config->path));
    write_string(line, volume->trust.config_sealed ? ", sealed" : "");
    if (name.size > 0) {
        write_string(line, ", entry '");
        write_text(line, name);
        write_string(line, "'");
    }
    log_end(log, LOG_NORMAL);
    if (volume->path_wrong != NULL && loader_config->options.config.size == 0) {
        write_wrong_path(log_begin(log, "config"), volume);
        log_end(log, LOG_NORMAL);
    }
}

static void write_fact(struct writer *line, const char *name, uint64_t value)
{
    write_string(line, name);
    write_string(line, " ");
    write_hex(line, value);
}

static void log_wrongs(struct log *log, const struct wrong *wrong)
{
    if (wrong->serial != 0) {
        log_wrong(log, WARNING_SERIAL, wrong->serial, WARNING_NOT_USED);
    }
    if (wrong->screen != 0) {
        log_wrong(log, WARNING_FRAMEBUFFER, wrong->screen, WARNING_UNREACHABLE);
    }
    if (wrong->edid != 0) {
        log_wrong(log, WARNING_EDID, wrong->edid, WARNING_DAMAGED);
    }
}

static void log_machine(struct session *session)
{
    const struct machine *machine = &session->machine;
    firmware_tables_log(&session->log, &session->tables);
    log_wrongs(&session->log, &session->wrong);
    struct writer *line = NULL;
    if (machine->framebuffers_left_out != 0) {
        line = log_begin(&session->log, "screen");
        write_decimal(line, machine->framebuffers_left_out);
        write_string(line, " more: left out");
        log_end(&session->log, LOG_NORMAL);
    }
    line = log_begin(&session->log, "machine");
    write_fact(line, "loader at", machine->loader_image.address);
    write_fact(line, ", EFI system table", machine->efi_system_table);
    write_fact(line, ", RSDP", machine->acpi_rsdp);
    write_fact(line, ", SMBIOS", machine->smbios);
    write_fact(line, ", serial port", session->serial.info.base);
    log_end(&session->log, LOG_VERBOSE);
    for (uint32_t i = 0; i < machine->framebuffer_count; i++) {
        const struct BootInfoFramebuffer *screen = &machine->framebuffers[i];
        line = log_begin(&session->log, "screen");
        write_decimal(line, screen->width);
        write_string(line, "x");
        write_decimal(line, screen->height);
        write_string(line, "x");
        write_decimal(line, screen->bits_per_pixel);
        write_fact(line, ", at", screen->address);
        log_end(&session->log, LOG_VERBOSE);
    }
}

/* The default entry would boot, and nobody would know why. */
static void report_unclear(struct session *session, struct text option)
{
    struct writer message = writer_on(session->message, sizeof(session->message));
    write_packed(&message, packed_warnings, WARNING_OPTION);
    log_path(&message, option);
    write_packed(&message, packed_warnings, WARNING_OPTION_UNKNOWN);
    write_char(&message, '\n');
    log_message(&session->log, writer_text(&message));
}

/* Only the file itself says whether it is to be measured; its text lies after config. */
static enum status measure_config(struct session *session, struct config *config, struct file *file)
{
    struct trust *trust = &session->volume.trust;
    trust_begin_measuring(trust, config);
    TRY(measure_file(file, &session->failure, config + 1, "config"));
    return trust_check_measured(trust, &session->failure);
}

enum status config_read(struct session *session, struct loader_config *loader_config)
{
    struct trust *trust = &session->volume.trust;
    struct file file;
    loader_config->options = load_options_parse(plat_options());
    if (loader_config->options.unclear.size > 0) {
        report_unclear(session, loader_config->options.unclear);
    }
    TRY(trust_begin(trust, session->machine.secure_boot, &session->failure));
    TRY(parse(session, loader_config, &file));
    TRY(choose_entry(session, loader_config));
    struct config *config = loader_config->config;
    session->log.level = config->log;
    plat_serial_open(config->serial, config->serial_port, &session->serial);
    if (session->log.level >= LOG_NORMAL) {
        plat_say(TEXT(BATON_NAME "\n"));
    }
    log_config(&session->log, &session->volume, loader_config);
    log_machine(session);
    return measure_config(session, config, &file);
}

void config_show_errors(struct session *session, const struct loader_config *loader_config)
{
    const struct config *config = loader_config->config;
    uint32_t count = config != NULL ? config->diagnostic_count : 0;
    for (uint32_t i = 0; i < count; i++) {
        (void)session_show(session, &config->diagnostics[i]);
    }
    if (count == 0) {
        (void)session_show(session, &session->failure);
    } else if (config->omitted_count > 0) {
        struct writer message = writer_on(session->message, sizeof(session->message));
        write_string(&message, "... and ");
        write_decimal(&message, config->omitted_count);
        write_string(&message, " more errors\n");
        plat_say(writer_text(&message));
    }
}
