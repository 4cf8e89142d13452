#include "kernel.h"

#include "core/base/path.h"
#include "vm/files.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

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
static char *path_in_image(struct text written)
{
    char *path = malloc(PATH_MAX_BYTES);
    if (path == NULL || path_canonical(written, path)) {
        abort();
    }
    for (char *c = path; *c != '\0'; c++) {
        *c = *c == '\\' ? '/' : *c;
    }
    return path;
}

/* FAT does not tell a from A. */
static bool is_on_disk(const struct kernel *kernel, const char *path)
{
    bool found = strcasecmp(path, "/loader.cfg") == 0 || strcasecmp(path, kernel->path) == 0;
    for (size_t i = 0; i < kernel->module_count; i++) {
        found = found || strcasecmp(path, kernel->modules[i].path) == 0;
    }
    return found;
}

static void note_modules(const struct config *config, const struct entry *entry,
                         struct kernel *kernel)
{
    struct config_cursor cursor = {.line = 0};
    struct config_module module;
    kernel->modules = calloc(entry->module_count + 1, sizeof(kernel->modules[0]));
    if (kernel->modules == NULL) {
        abort();
    }
    while (config_next_module(config, entry, &cursor, &module)) {
        char *path = path_in_image(module.path);
        if (is_on_disk(kernel, path)) {
            free(path);
        } else {
            kernel->modules[kernel->module_count++].path = path;
        }
    }
}

static bool read_config(struct message *message, struct kernel *kernel)
{
    static char text[4096];
    static struct config config;
    struct text file = {bytes_text(&kernel->config_text), kernel->config_text.size};
    if (config_parse(file, text_of(kernel->config_name), &config) == STATUS_OK) {
        const struct entry *entry = &config.entries[config.default_entry];
        kernel->path = path_in_image(entry->kernel);
        note_modules(&config, entry, kernel);
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

/* A file of that name in the folder of file, or NULL. */
static char *find_beside(const char *file, const char *name)
{
    const char *slash = strrchr(file, '/');
    int length = slash == NULL ? 0 : (int)(slash + 1 - file);
    char *path = string_format("%.*s%s", length, file, name);
    if (!file_exists(path)) {
        string_free(&path);
    }
    return path;
}

/* Modules lie beside loader.cfg or beside the kernel. What is missing, the loader tells. */
static void find_modules(struct kernel *kernel)
{
    for (size_t i = 0; i < kernel->module_count; i++) {
        struct kernel_module *module = &kernel->modules[i];
        const char *name = base_name(module->path);
        module->host = find_beside(kernel->config_name, name);
        if (module->host == NULL) {
            module->host = find_beside(kernel->file, name);
        }
    }
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
    find_modules(kernel);
    return KERNEL_FOUND;
}

bool kernel_make_disk(const struct kernel *kernel, const struct bytes *config, const char *disk,
                      struct message *message)
{
    AUTO_STRING loader = string_format("%s/BOOTX64.EFI", BATON_BUILD_DIR);
    struct disk_file *files = calloc(3 + kernel->module_count, sizeof(files[0]));
    size_t count = 0;
    if (files == NULL) {
        abort();
    }
    files[count++] = (struct disk_file){.path = "/EFI/BOOT/BOOTX64.EFI", .host = loader};
    files[count++] =
        (struct disk_file){.path = "/loader.cfg", .data = bytes_text(config), .size = config->size};
    files[count++] = (struct disk_file){.path = kernel->path, .host = kernel->file};
    for (size_t i = 0; i < kernel->module_count; i++) {
        const struct kernel_module *module = &kernel->modules[i];
        if (module->host != NULL) {
            files[count++] = (struct disk_file){.path = module->path, .host = module->host};
        }
    }
    bool made = disk_make(disk, files, count, message);
    free(files);
    return made;
}

void kernel_free(struct kernel *kernel)
{
    bytes_free(&kernel->config_text);
    string_free(&kernel->config_name);
    string_free(&kernel->file);
    string_free(&kernel->path);
    for (size_t i = 0; i < kernel->module_count; i++) {
        string_free(&kernel->modules[i].host);
        string_free(&kernel->modules[i].path);
    }
    free(kernel->modules);
    symbols_free(&kernel->symbols);
}
