#include "project.h"

#include "core/base/path.h"
#include "data.h"
#include "project_files.h"
#include "vm/files.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash == NULL ? path : slash + 1;
}

static char *sample_config(const char *name)
{
    const char *source = data_source_folder();
    return source == NULL ? NULL : string_format("%s/sample-kernels/%s/loader.cfg", source, name);
}

bool project_is_sample(const char *name)
{
    AUTO_STRING config = sample_config(name);
    return config != NULL && strchr(name, '/') == NULL && file_exists(config);
}

static int has_config(const struct dirent *entry)
{
    return project_is_sample(entry->d_name);
}

static void list_samples(struct message *message)
{
    struct dirent **entries = NULL;
    if (data_source_folder() == NULL) {
        return;
    }
    AUTO_STRING folder = string_format("%s/sample-kernels", data_source_folder());
    int count = scandir(folder, &entries, has_config, alphasort);
    message_add(message, "The sample kernels:");
    for (int i = 0; i < count; i++) {
        message_add(message, "  %s", entries[i]->d_name);
        free(entries[i]);
    }
    free(entries);
}

/* A name for an entry from that of a file: letters, digits, '.', '_' and '-'. */
static char *entry_name(const char *file)
{
    char *name = string_copy(base_name(file));
    for (char *c = name; *c != '\0'; c++) {
        bool known = (*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z') ||
                     (*c >= '0' && *c <= '9') || *c == '.' || *c == '_' || *c == '-';
        *c = known ? *c : '_';
    }
    return name;
}

static void generate_config(const struct project_request *request, struct project *project)
{
    project->config_name = string_copy("loader.cfg");
    project->generated = true;
    for (size_t i = 0; i < request->kernel_count; i++) {
        AUTO_STRING name = entry_name(request->kernels[i]);
        AUTO_STRING section = request->kernel_count == 1
                                  ? string_copy("")
                                  : string_format("%s[entry %s]\n", i == 0 ? "" : "\n", name);
        AUTO_STRING text =
            string_format("%skernel = /boot/%s\n", section, base_name(request->kernels[i]));
        bytes_add(&project->config_text, text, strlen(text));
    }
}

/* loader.cfg: the one asked for, the sample's own, or a line for each kernel. */
static bool choose_config(const struct project_request *request, bool sample,
                          struct message *message, struct project *project)
{
    if (request->config == NULL && !sample) {
        generate_config(request, project);
        return true;
    }
    project->config_name =
        request->config != NULL ? string_copy(request->config) : sample_config(request->kernels[0]);
    return file_read(project->config_name, message, &project->config_text);
}

static bool parse_config(struct message *message, struct project *project)
{
    static char text[4096];
    struct text file = {bytes_text(&project->config_text), project->config_text.size};
    struct config *config = calloc(1, sizeof(*config));
    if (config == NULL) {
        abort();
    }
    project->config = config;
    if (config_parse(file, text_of(project->config_name), config) == STATUS_OK) {
        return true;
    }
    for (uint32_t i = 0; i < config->diagnostic_count; i++) {
        struct writer writer = writer_on(text, sizeof(text));
        failure_write(&writer, &config->diagnostics[i]);
        message_add(message, "%s", text);
    }
    return false;
}

void project_point(struct message *message, const char *name, struct text file, struct text where,
                   const char *what)
{
    const char *line = where.bytes;
    unsigned number = 1;
    while (line > file.bytes && line[-1] != '\n') {
        line--;
    }
    for (const char *c = file.bytes; c < line; c++) {
        number += *c == '\n';
    }
    size_t rest = (size_t)(file.bytes + file.size - line);
    const char *end = memchr(line, '\n', rest);
    int length = (int)(end == NULL ? rest : (size_t)(end - line));
    size_t column = text_characters((struct text){line, (size_t)(where.bytes - line)});
    AUTO_STRING carets = string_copy("");
    for (size_t i = text_characters(where); i > 0; i--) {
        char *longer = string_format("%s%c", carets, carets[0] == '\0' ? '^' : '~');
        string_free(&carets);
        carets = longer;
    }
    message_add(message, "%s:%u:%zu: error: %s", name, number, column + 1, what);
    message_add(message, "%5u | %.*s", number, length, line);
    message_add(message, "      | %*s%s", (int)column, "", carets);
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
static bool find_symbols(const char *kernel, struct message *message, struct symbols *out_symbols)
{
    if (symbols_is_elf(kernel)) {
        return symbols_open(kernel, message, out_symbols);
    }
    AUTO_STRING inflated = without(kernel, ".gz");
    AUTO_STRING base = without(inflated, ".bin");
    AUTO_STRING stem = without(base, ".elf");
    AUTO_STRING elf = string_format("%s.elf", stem);
    struct message ignored = {0};
    if (file_exists(elf)) {
        symbols_open(elf, &ignored, out_symbols);
    }
    message_free(&ignored);
    return true;
}

static bool kernels_are_there(const struct project_request *request, bool sample,
                              struct message *message)
{
    for (size_t i = 0; i < request->kernel_count && !sample; i++) {
        const char *kernel = request->kernels[i];
        if (folder_exists(kernel)) {
            return message_add(message, "%s is a folder; expected a kernel's file", kernel);
        }
        if (!file_exists(kernel)) {
            message_add(message, "%s is neither a sample kernel nor a file", kernel);
            list_samples(message);
            return false;
        }
    }
    return true;
}

enum project_status project_find(const struct project_request *request, struct message *message,
                                 struct project *project)
{
    bool sample = request->kernel_count == 1 && project_is_sample(request->kernels[0]);
    if (!kernels_are_there(request, sample, message) ||
        !choose_config(request, sample, message, project)) {
        return PROJECT_MISSING;
    }
    if (!parse_config(message, project) || !project_collect(request, sample, message, project)) {
        return PROJECT_REFUSED;
    }
    bool named = project->kernel == NULL || project->kernel->host == NULL ||
                 find_symbols(project->kernel->host, message, &project->symbols);
    return named ? PROJECT_FOUND : PROJECT_REFUSED;
}

void project_free(struct project *project)
{
    bytes_free(&project->config_text);
    string_free(&project->config_name);
    free(project->config);
    for (size_t i = 0; i < project->count; i++) {
        string_free(&project->files[i].host);
        string_free(&project->files[i].path);
    }
    free(project->files);
    symbols_free(&project->symbols);
    *project = (struct project){0};
}
