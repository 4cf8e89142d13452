#include "kernel.h"

#include "../../loader/core/path.h"
#include "vm/files.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash == NULL ? path : slash + 1;
}

static int is_sample(const struct dirent *entry)
{
    AUTO_STRING config =
        string_format("%s/sample-kernels/%s/loader.cfg", BATON_SOURCE_DIR, entry->d_name);
    return file_exists(config);
}

static void list_samples(struct message *message)
{
    struct dirent **entries = NULL;
    int count = scandir(BATON_SOURCE_DIR "/sample-kernels", &entries, is_sample, alphasort);
    message_add(message, "The sample kernels:");
    for (int i = 0; i < count; i++) {
        message_add(message, "  %s", entries[i]->d_name);
        free(entries[i]);
    }
    free(entries);
}

static bool is_sample_name(const char *name)
{
    AUTO_STRING config = string_format("%s/sample-kernels/%s/loader.cfg", BATON_SOURCE_DIR, name);
    return strchr(name, '/') == NULL && file_exists(config);
}

/* loader.cfg: the one asked for, the sample's own, or three words. */
static bool choose_config(const struct options *options, const char *file_name,
                          struct message *message, struct kernel *kernel)
{
    if (options->config == NULL && file_name != NULL) {
        kernel->config_name = string_copy("loader.cfg");
        AUTO_STRING text = string_format("kernel = /boot/%s\n", file_name);
        bytes_add(&kernel->config_text, text, strlen(text));
        return true;
    }
    kernel->config_name =
        options->config != NULL
            ? string_copy(options->config)
            : string_format("%s/sample-kernels/%s/loader.cfg", BATON_SOURCE_DIR, options->kernel);
    return file_read(kernel->config_name, message, &kernel->config_text);
}

/* With slashes, as disk_file has it. */
static char *path_in_image(const struct config *config)
{
    char *path = malloc(PATH_MAX_BYTES);
    if (path == NULL || path_canonical(config->entries[config->default_entry].kernel, path)) {
        abort();
    }
    for (char *c = path; *c != '\0'; c++) {
        *c = *c == '\\' ? '/' : *c;
    }
    return path;
}

static bool read_config(struct message *message, struct kernel *kernel)
{
    static char text[4096];
    static struct config config;
    struct text file = {bytes_text(&kernel->config_text), kernel->config_text.size};
    if (config_parse(file, text_of(kernel->config_name), &config) == STATUS_OK) {
        kernel->path = path_in_image(&config);
        return true;
    }
    for (uint32_t i = 0; i < config.diagnostic_count; i++) {
        struct writer writer = writer_on(text, sizeof(text));
        failure_write(&writer, &config.diagnostics[i]);
        message_add(message, "%s", text);
    }
    return false;
}

/* "a/k.bin" and ".bin": "a/k"; without that ending as it is. */
static char *without(const char *name, const char *ending)
{
    size_t length = strlen(name);
    size_t cut = strlen(ending);
    bool ends = length > cut && strcmp(name + length - cut, ending) == 0;
    return string_format("%.*s", (int)(ends ? length - cut : length), name);
}

/* The ELF file itself, or the one beside: k.elf beside k.bin, k.bin.gz or k.elf.gz. */
static void find_symbols(struct kernel *kernel)
{
    AUTO_STRING inflated = without(kernel->file, ".gz");
    AUTO_STRING base = without(inflated, ".bin");
    AUTO_STRING stem = without(base, ".elf");
    AUTO_STRING elf = string_format("%s.elf", stem);
    struct message ignored = {0};
    if (file_exists(elf)) {
        symbols_open(elf, &ignored, &kernel->symbols);
    }
    message_free(&ignored);
}

/* The file the user named. */
static bool take_file(const char *name, struct message *message, struct kernel *kernel)
{
    kernel->file = string_copy(name);
    if (symbols_is_elf(name)) {
        return symbols_open(name, message, &kernel->symbols);
    }
    find_symbols(kernel);
    return true;
}

enum kernel_status kernel_find(const struct options *options, struct message *message,
                               struct kernel *kernel)
{
    bool sample = is_sample_name(options->kernel);
    if (!sample && !file_exists(options->kernel)) {
        message_add(message, "%s is neither a sample kernel nor a file", options->kernel);
        list_samples(message);
        return KERNEL_MISSING;
    }
    if (!sample && !take_file(options->kernel, message, kernel)) {
        return KERNEL_MISSING;
    }
    if (!choose_config(options, sample ? NULL : base_name(kernel->file), message, kernel)) {
        return KERNEL_MISSING;
    }
    if (!read_config(message, kernel)) {
        return KERNEL_REFUSED;
    }
    if (sample) {
        kernel->file = string_format("%s/kernels/%s", BATON_BUILD_DIR, base_name(kernel->path));
        find_symbols(kernel);
    }
    return KERNEL_FOUND;
}

bool kernel_make_disk(const struct kernel *kernel, const struct bytes *config, const char *disk,
                      struct message *message)
{
    AUTO_STRING loader = string_format("%s/BOOTX64.EFI", BATON_BUILD_DIR);
    const struct disk_file files[] = {
        {.path = "/EFI/BOOT/BOOTX64.EFI", .host = loader},
        {.path = "/loader.cfg", .data = bytes_text(config), .size = config->size},
        {.path = kernel->path, .host = kernel->file},
    };
    return disk_make(disk, files, sizeof(files) / sizeof(files[0]), message);
}

void kernel_free(struct kernel *kernel)
{
    bytes_free(&kernel->config_text);
    string_free(&kernel->config_name);
    string_free(&kernel->file);
    string_free(&kernel->path);
    symbols_free(&kernel->symbols);
}
