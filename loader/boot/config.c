/* Finds loader.cfg, reads it and picks the entry. The language itself is config.c. */
#include "boot/boot.h"

#include <string.h>

#define PLACES 3

static const struct text config_name = {"loader.cfg", sizeof("loader.cfg") - 1};

/* The place-th path to try; false: none, or one that was tried already. */
static bool candidate(const struct boot *boot, int place, char *path)
{
    static const char *const fixed[PLACES] = {NULL, "\\loader.cfg", "\\boot\\loader.cfg"};
    char beside[PATH_MAX_BYTES];
    if (!path_sibling(text_of(boot->loader_path), config_name, beside)) {
        beside[0] = '\0';
    }
    const char *chosen = place == 0 ? beside : fixed[place];
    if (chosen[0] == '\0' || (place > 0 && strcmp(chosen, beside) == 0)) {
        return false;
    }
    memcpy(path, chosen, strlen(chosen) + 1);
    return true;
}

/* The path that a load option names, and no other. */
static enum status open_named(struct boot *boot, struct file *file)
{
    struct text path = boot->options.config;
    const char *wrong = path_canonical(path, boot->config_path);
    if (wrong != NULL) {
        boot->failure.found = path;
        boot->failure.hint = text_of(wrong);
        return fail(boot, STATUS_CONFIG_BAD_PATH);
    }
    return file_open(boot, text_of(boot->config_path), CONFIG_SIZE_MAX, file);
}

static enum status open_config(struct boot *boot, struct file *file)
{
    if (boot->options.config.size > 0) {
        return open_named(boot, file);
    }
    struct writer tried = writer_on(boot->scratch, sizeof(boot->scratch));
    for (int place = 0; place < PLACES; place++) {
        if (!candidate(boot, place, boot->config_path)) {
            continue;
        }
        enum status status = file_open(boot, text_of(boot->config_path), CONFIG_SIZE_MAX, file);
        if (status != STATUS_FILE_NOT_FOUND) {
            return status;
        }
        write_string(&tried, tried.used == 0 ? "" : ", ");
        write_string(&tried, boot->config_path);
        boot->failure.path = (struct text){NULL, 0};
    }
    boot->failure.found = writer_text(&tried);
    return fail(boot, STATUS_CONFIG_NOT_FOUND);
}

/* The parsed config and the text it points into share one allocation. */
static enum status read_config(struct boot *boot, struct file *file)
{
    uint64_t address = 0;
    struct memory_request request = {
        .type = BOOTINFO_MEMORY_USABLE,
        .page_count = page_count_of(sizeof(struct config) + file->size),
        .what = "loader.cfg",
    };
    enum status status = memory_reserve(boot, request, &address);
    if (status != STATUS_OK) {
        file_close(file);
        return status;
    }
    struct config *config = (struct config *)address;
    char *bytes = (char *)(config + 1);
    status = file_read(boot, file, bytes, file->size);
    if (status != STATUS_OK) {
        file_close(file);
        return status;
    }
    TRY(file_finish(boot, file));
    boot->config = config;
    struct text text = {bytes, file->size};
    status = config_parse(text, text_of(boot->config_path), config);
    return status == STATUS_OK ? status : fail(boot, status);
}

static void log_config(struct boot *boot)
{
    char buffer[256];
    struct writer line = writer_on(buffer, sizeof(buffer));
    log_path(&line, text_of(boot->config_path));
    if (boot->entry->name.size > 0) {
        write_string(&line, ", entry '");
        write_text(&line, boot->entry->name);
        write_string(&line, "'");
    }
    log_stage(&boot->log, "config", &line);
}

enum status config_open_volume(struct boot *boot)
{
    if (boot->volume_open) {
        return STATUS_OK;
    }
    boot->failure.firmware = plat_volume_open(boot->loader_path);
    if (boot->failure.firmware != FIRMWARE_OK) {
        return fail(boot, STATUS_VOLUME_NOT_FOUND);
    }
    boot->volume_open = true;
    return STATUS_OK;
}

static enum status choose_entry(struct boot *boot)
{
    const struct config *config = boot->config;
    struct text name = boot->options.entry;
    boot->entry = &config->entries[config->default_entry];
    if (name.size == 0) {
        return STATUS_OK;
    }
    boot->entry = config_find(config, name);
    if (boot->entry == NULL) {
        boot->failure.path = text_of(boot->config_path);
        boot->failure.found = name;
        boot->failure.hint = TEXT("the load option entry=");
        boot->failure.guess = config_guess(config, name);
        return fail(boot, STATUS_CONFIG_NO_SUCH_ENTRY);
    }
    return STATUS_OK;
}

enum status config_read(struct boot *boot)
{
    struct file file = {.size = 0};
    boot->options = load_options_parse(plat_options());
    TRY(config_open_volume(boot));
    TRY(open_config(boot, &file));
    TRY(read_config(boot, &file));
    TRY(choose_entry(boot));
    boot->log.shown = boot->config->log;
    plat_serial_open(boot->config->serial, boot->config->serial_port, &boot->serial);
    if (boot->log.shown >= LOG_NORMAL) {
        plat_say(TEXT(BATON_NAME "\n"));
    }
    log_config(boot);
    log_machine(&boot->log, &boot->machine, boot->serial.base);
    return STATUS_OK;
}
